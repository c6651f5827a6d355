package enrol

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hearth/openadr"
	"hearth/openadr/vtn"
)

func TestKeeper_KnowsItsPlaceWithoutANetwork(t *testing.T) {
	_, s := open(t, openadr.Dialect31)
	store := &memory{}
	k := keeper(dial(t, s, openadr.Dialect31, "home"), store)
	if _, isKnown := k.Place(); isKnown {
		t.Error("a place before the first look")
	}
	for range 3 {
		if _, err := k.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if store.puts != 1 {
		t.Errorf("%d writes to the store, want 1", store.puts)
	}
	want, _ := k.Place()
	want.Resources["wallbox"] = "changed by the caller"
	again := keeper(nil, store)
	if err := again.Restore(); err != nil {
		t.Fatal(err)
	}
	got, isKnown := again.Place()
	if inside, _ := k.Place(); !isKnown || !got.isSame(inside) || got.Resources["wallbox"] == "changed by the caller" {
		t.Errorf("%+v, want %+v", got, inside)
	}
}

func TestKeeper_RestoreSaysWhatItCannotRead(t *testing.T) {
	for name, blob := range map[string]string{"garbage": "{", "another version": `{"version":2}`} {
		k := keeper(nil, &memory{values: map[string][]byte{"openadr/utility/place": []byte(blob)}})
		if err := k.Restore(); err == nil || !strings.HasPrefix(err.Error(), "restore place at utility: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := keeper(nil, &memory{}).Restore(); err != nil {
		t.Error(err)
	}
}

// A full disk is no reason not to enrol, and the place is kept when there is room again.
func TestKeeper_KeepsThePlaceWhenTheStoreTakesItAgain(t *testing.T) {
	_, s := open(t, openadr.Dialect31)
	store := &memory{err: errAnything}
	k := keeper(dial(t, s, openadr.Dialect31, "home"), store)
	if _, err := k.Look(t.Context()); err != nil || !errors.Is(k.Err(), errAnything) {
		t.Errorf("%v, %v", err, k.Err())
	}
	store.err = nil
	if _, err := k.Look(t.Context()); err != nil || k.Err() != nil || store.puts != 2 || len(store.values) != 1 {
		t.Errorf("%v, %v, %d writes", err, k.Err(), store.puts)
	}
}

// realtime is a Clock for synctest bubbles.
type realtime struct{}

func (realtime) Sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// daily waits a day after a good look, a minute after a bad one.
type daily struct{}

func (daily) Next(err error) time.Duration {
	if err != nil {
		return time.Minute
	}
	return 24 * time.Hour
}

// inMemory calls a VTN without a socket, which a bubble cannot wait for.
type inMemory struct {
	Client
	err  func() error
	at   []time.Duration
	from time.Time
	vens []openadr.VENObject
}

func (o *inMemory) VENs(_ context.Context, name string) (openadr.List[openadr.VENObject], error) {
	o.at = append(o.at, time.Since(o.from))
	var list openadr.List[openadr.VENObject]
	for _, v := range o.vens {
		if name == "" || v.Name == name {
			list.Items = append(list.Items, v)
		}
	}
	return list, o.err()
}

func (o *inMemory) CreateVEN(_ context.Context, v openadr.VENObject) (openadr.VENObject, error) {
	v.ID = "ven-1"
	o.vens = append(o.vens, v)
	return v, nil
}

func TestKeeper_LooksDailyAndSoonerAfterFailuresAndSaysEachChangeOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		steps := []error{
			&openadr.Error{Op: "get vens", Kind: openadr.Unavailable}, &openadr.Error{Op: "get vens", Kind: openadr.Unavailable},
			nil, nil, &openadr.Error{Op: "get vens", Kind: openadr.NotFound}, nil,
		}
		o := &inMemory{from: time.Now()}
		o.err = func() (err error) {
			if len(steps) > 0 {
				err, steps = steps[0], steps[1:]
			}
			return err
		}
		var text strings.Builder
		log := slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == "ven" {
				return slog.Attr{}
			}
			return a
		}}))
		k := New(Config{Name: "utility", Wish: Wish{Name: "house"}}, Parts{Client: o, Store: &memory{}, Clock: realtime{}, Pace: daily{}, Log: log})
		ctx, stop := context.WithCancelCause(t.Context())
		done := make(chan error)
		go func() { done <- k.Run(ctx) }()
		time.Sleep(74 * time.Hour)
		stop(errAnything)
		if err := <-done; !errors.Is(err, errAnything) {
			t.Errorf("ended with %v", err)
		}
		day, minute := 24*time.Hour, time.Minute
		if want := []time.Duration{0, minute, 2 * minute, 2*minute + day, 2*minute + 2*day, 2*minute + 3*day}; !slices.Equal(o.at, want) {
			t.Errorf("looked at %v, want %v", o.at, want)
		}
		want := `level=WARN msg="not enrolled" err="enrol house: get vens: unavailable"
level=INFO msg="told the vtn" change="create ven house"
level=INFO msg=enrolled name=house resources=0
level=INFO msg="vtn takes no registration" err="enrol house: the VTN takes no registration from us: get vens: not found"
level=INFO msg=enrolled name=house resources=0
`
		if text.String() != want {
			t.Errorf("logged\n%s", text.String())
		}
	})
}

// The faults that the VTN can play by itself, over a real socket.
func TestKeeper_ComesThroughTheFaultsOfTheVTN(t *testing.T) {
	for _, d := range dialects {
		v := fresh(d)
		if err := v.Start("127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = v.Close() })
		c, err := openadr.New(openadr.Config{BaseURL: v.URL(), Dialect: d, ClientID: "home", ClientSecret: "s", Timeout: time.Second / 4})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		k := keeper(c, &memory{})
		reads := func(r *http.Request) bool { return r.Method == http.MethodGet }
		writes := func(r *http.Request) bool { return r.Method != http.MethodGet && r.URL.Path != "/auth/token" }
		for _, f := range []vtn.Fault{
			vtn.Silent, vtn.HTML, vtn.Empty, vtn.HalfPage, vtn.NothingThere, vtn.Huge, vtn.Words, vtn.NoAccess, vtn.Broken, vtn.Busy,
		} {
			for i, on := range []func(*http.Request) bool{reads, writes} {
				if f == vtn.Silent && i > 0 {
					continue // net/http does not notice that a client has gone whose body nobody reads
				}
				v.Break(f, on)
				_, _ = k.Look(t.Context())
				if n := len(v.VENs()); n > 1 {
					t.Fatalf("%s: %d vens after %s", d, n, f)
				}
			}
		}
		v.Heal()
		if _, err := k.Look(t.Context()); err != nil {
			t.Fatalf("%s: %v", d, err)
		}
		place, _ := k.Place()
		wantOnce(t, v, house(), place)
	}
}
