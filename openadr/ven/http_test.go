package ven_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hearth/energy"
	"hearth/openadr"
	"hearth/openadr/ven"
	"hearth/openadr/vtn"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var now = time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC)

type still struct{}

func (still) Now() time.Time                                   { return now }
func (still) Sleep(ctx context.Context, d time.Duration) error { return ctx.Err() }

type store struct {
	sync.Map
}

func (s *store) Get(key string) ([]byte, bool, error) {
	v, ok := s.Load(key)
	b, _ := v.([]byte)
	return b, ok, nil
}

func (s *store) Put(key string, value []byte) error {
	s.Store(key, value)
	return nil
}

// home starts a VTN with days of six-hourly prices and a VEN that follows it over HTTP.
func home(t *testing.T, days int) (*vtn.VTN, *ven.VEN) {
	t.Helper()
	v := vtn.New(vtn.Config{ClientID: "home", ClientSecret: "s"})
	if err := v.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.Close() })
	p := v.PutProgram(openadr.Program{ProgramName: "dynamic", PayloadDescriptors: []openadr.PayloadDescriptor{
		{ObjectType: openadr.ObjectEventDescriptor, PayloadType: openadr.PayloadPrice, Units: "KWH", Currency: "EUR"},
	}})
	for d := range days {
		v.Put(day(t, p.ID, d))
	}
	client, err := openadr.New(openadr.Config{BaseURL: v.URL(), ClientID: "home", ClientSecret: "s", Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	parts := ven.Parts{Client: client, Store: &store{}, Clock: still{}, Log: slog.New(slog.DiscardHandler)}
	return v, ven.New(ven.Config{Name: "utility", Programs: []string{"dynamic"}}, parts)
}

func day(t *testing.T, program string, d int) openadr.Event {
	t.Helper()
	e := openadr.Event{
		Metadata: openadr.Metadata{ID: fmt.Sprint("day-", d)}, ProgramID: program,
		IntervalPeriod: openadr.Period(now.AddDate(0, 0, d), 6*time.Hour),
	}
	for i := range 4 {
		price, err := openadr.NewValuesMap(openadr.PayloadPrice, energy.PriceOf(0.2+float64(i)/1000))
		if err != nil {
			t.Fatal(err)
		}
		e.Intervals = append(e.Intervals, openadr.Interval{ID: int32(i), Payloads: []openadr.ValuesMap{price}})
	}
	return e
}

func TestVEN_KeepsTheLastPricesWhateverTheVTNAnswers(t *testing.T) {
	secondPage := func(r *http.Request) bool { return r.URL.Path == "/events" && r.URL.Query().Get("skip") == "50" }
	all := func(r *http.Request) bool { return r.URL.Path == "/events" || r.URL.Path == "/programs" }
	for name, c := range map[string]struct {
		fault vtn.Fault
		on    func(*http.Request) bool
		kind  openadr.Kind // of the error; empty for the faults of content
	}{
		"web page":         {vtn.HTML, all, openadr.HTML},
		"nothing at all":   {vtn.Empty, all, openadr.Empty},
		"half a page":      {vtn.HalfPage, all, openadr.Truncated},
		"20 MB":            {vtn.Huge, all, openadr.TooLarge},
		"401":              {vtn.NoAccess, all, openadr.Unauthorized},
		"500":              {vtn.Broken, all, openadr.Unavailable},
		"503":              {vtn.Busy, all, openadr.Unavailable},
		"429":              {vtn.TooMany, all, openadr.Unavailable},
		"page 2 of 3":      {vtn.Broken, secondPage, openadr.Unavailable},
		"half of page 2":   {vtn.HalfPage, secondPage, openadr.Truncated},
		"empty list":       {vtn.NothingThere, all, ""},
		"prices as words":  {vtn.Words, nil, ""},
		"words on page 2":  {vtn.Words, secondPage, ""},
		"web page, page 2": {vtn.HTML, secondPage, openadr.HTML},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, home := home(t, 101)
			if err := home.Poll(t.Context()); err != nil {
				t.Fatal(err)
			}
			want := home.Signals(now)
			if got := len(want.ImportPrice.Points); got != 7*4+1 || want.ImportPrice.Currency != "EUR" || want.Err != "" {
				t.Fatalf("before: %d prices in %s, %q", got, want.ImportPrice.Currency, want.Err)
			}
			v.Break(c.fault, c.on)
			err := home.Poll(t.Context())
			if openadr.KindOf(err) != c.kind {
				t.Errorf("got %v, want kind %q", err, c.kind)
			}
			got := home.Signals(now)
			if !reflect.DeepEqual(got.ImportPrice, want.ImportPrice) || got.Revision != want.Revision {
				t.Errorf("%d prices, revision %d; want %d, %d", len(got.ImportPrice.Points), got.Revision, len(want.ImportPrice.Points), want.Revision)
			}
			if got.Err == "" && len(got.Rejected) == 0 {
				t.Error("nothing is said about it")
			}
			v.Heal()
			if err := home.Poll(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := home.Signals(now); got.Err != "" || len(got.Rejected) != 0 || got.Revision != want.Revision {
				t.Errorf("after healing: %q, %v, revision %d", got.Err, got.Rejected, got.Revision)
			}
		})
	}
}

func TestVEN_FollowsWhatTheVTNPublishesAndWithdraws(t *testing.T) {
	v, home := home(t, 1)
	price := func() string {
		t.Helper()
		if err := home.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
		if p, ok := home.Signals(now).ImportPrice.At(now); ok {
			return p.String()
		}
		return "-"
	}
	if got := price(); got != "0.2" {
		t.Errorf("price %s", got)
	}
	urgent := day(t, home.Signals(now).Programs[0].ID, 0)
	urgent.ID, urgent.Priority, urgent.Intervals = "urgent", new(int), urgent.Intervals[3:4]
	v.Put(urgent)
	if got := price(); got != "0.203" {
		t.Errorf("with an event of priority 0: %s", got)
	}
	v.Delete("urgent")
	if got := price(); got != "0.2" {
		t.Errorf("after its withdrawal: %s", got)
	}
}

func TestVEN_SignalsMayBeReadWhileItPolls(t *testing.T) {
	_, home := home(t, 3)
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			if err := home.Poll(t.Context()); err != nil {
				t.Error(err)
			}
		})
		group.Go(func() {
			for i := range 50 {
				_ = home.Signals(now.Add(time.Duration(i) * time.Hour))
			}
		})
	}
	group.Wait()
	if got := home.Signals(now); len(got.ImportPrice.Points) != 3*4 {
		t.Errorf("%d prices", len(got.ImportPrice.Points))
	}
}

// A VTN need not keep an order, nor the same one from poll to poll.
func TestVEN_OrderOfTheListMeansNothing(t *testing.T) {
	v, home := home(t, 20)
	if err := home.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := home.Signals(now)
	v.Break(vtn.Reordered, nil)
	for range 5 {
		if err := home.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := home.Signals(now); !reflect.DeepEqual(got.ImportPrice, want.ImportPrice) || got.Revision != want.Revision {
			t.Errorf("revision %d, want %d; %d prices, want %d", got.Revision, want.Revision, len(got.ImportPrice.Points), len(want.ImportPrice.Points))
		}
	}
}
