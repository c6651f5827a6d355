package sunspec

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hearth/energy"
	"hearth/sim/slave"
)

func TestResolve_StartsByTheMapKeptWhenTheDeviceIsSilent(t *testing.T) {
	before := mustWalk(t, loadDump(t, "fronius-gen24"))
	silent := &memory{bank: slave.Bank{}, silent: errSilent}
	made, err := Resolve(t.Context(), silent, before, Options{Part: Battery})
	if err != nil || made.Profile == nil || !strings.Contains(made.Remarks[0], "made of the map kept") {
		t.Fatalf("%+v, %v", made, err)
	}
	if _, err := Resolve(t.Context(), silent, Map{}, Options{Part: Battery}); !errors.Is(err, errSilent) {
		t.Fatalf("never walked: %v", err)
	}
}

func TestResolve_NeverUsesTheMapOfWhatIsThereNoLonger(t *testing.T) {
	before := mustWalk(t, loadDump(t, "fronius-gen24"))
	for name, c := range map[string]struct {
		bank slave.Bank
		want error
	}{
		"another device": {loadDump(t, "fronius-float").bank(), ErrOtherDevice},
		"no marker":      {slave.Bank{}, ErrNotSunSpec},
	} {
		if made, err := Resolve(t.Context(), &memory{bank: c.bank}, before, Options{Part: Battery}); !errors.Is(err, c.want) || made.Profile != nil {
			t.Errorf("%s: %+v, %v", name, made, err)
		}
	}
}

func TestResolve_FollowsModelsThatMoved(t *testing.T) {
	before := mustWalk(t, loadDump(t, "fronius-gen24"))
	old, _, err := before.Profile(Options{Part: Battery})
	if err != nil {
		t.Fatal(err)
	}
	made, err := Resolve(t.Context(), &memory{bank: moved(t).bank()}, before, Options{Part: Battery})
	if err != nil || len(made.Changes) == 0 {
		t.Fatalf("%q, %v", made.Changes, err)
	}
	for i, p := range made.Profile.Points {
		if p.Addr != old.Points[i].Addr+12 {
			t.Errorf("%s at %d, it was at %d", p.Name, p.Addr, old.Points[i].Addr)
		}
	}
}

// plant is a device that comes, goes and is updated.
type plant struct {
	mu     sync.Mutex
	online bool
	bank   slave.Bank
	err    error
	walks  int
}

func (p *plant) set(online bool, bank slave.Bank, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.online, p.bank, p.err = online, bank, err
}

func (p *plant) Online() energy.Reading[bool] {
	p.mu.Lock()
	defer p.mu.Unlock()
	return energy.Reading[bool]{Value: p.online, At: time.Now(), Valid: true}
}

func (p *plant) Read(_ context.Context, addr, count uint16) ([]uint16, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if addr == bases[0] {
		p.walks++
	}
	if p.err != nil {
		return nil, p.err
	}
	return p.bank.Read(addr, count)
}

// wall is the clock of the bubble a test runs in.
type wall struct{}

func (wall) Now() time.Time { return time.Now() }

func (wall) Sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

type steady struct{}

func (steady) Next(err error) time.Duration {
	if err == nil {
		return 0
	}
	return 10 * time.Second
}

func newWatch(t *testing.T, p *plant, log *strings.Builder) *Watch {
	t.Helper()
	return &Watch{Name: "it", Known: mustWalk(t, loadDump(t, "fronius-gen24")), Options: Options{Part: Battery}, Reader: p,
		Online: p.Online, Clock: wall{}, Pace: steady{}, Log: slog.New(slog.NewTextHandler(log, nil))}
}

func TestWatch_ConfirmsTheMapAtEachConnectionUntilItChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old, updated := loadDump(t, "fronius-gen24").bank(), moved(t).bank()
		p := &plant{bank: old}
		var log strings.Builder
		w := newWatch(t, p, &log)
		var made *Made
		ended := make(chan struct{})
		go func() {
			made = w.Run(t.Context())
			close(ended)
		}()
		expect := func(what string, want error, walks int) {
			t.Helper()
			time.Sleep(5 * time.Second)
			synctest.Wait()
			if err := w.Ready(); !errors.Is(err, want) || p.walks != walks {
				t.Fatalf("%s: %v, %d walks", what, err, p.walks)
			}
		}
		expect("not there yet", ErrUnconfirmed, 0)
		p.set(true, old, nil)
		if w.Ready() == nil {
			t.Fatal("ready before anybody looked")
		}
		expect("there", nil, 1)
		expect("still there", nil, 1)
		p.set(false, nil, errSilent)
		if w.Ready() == nil {
			t.Fatal("ready while the device is away")
		}
		expect("away", ErrUnconfirmed, 1)
		p.set(true, old, nil)
		expect("back as it was", nil, 2)
		p.set(false, nil, errSilent)
		expect("away again", ErrUnconfirmed, 2)
		p.set(true, updated, nil)
		expect("updated", ErrUnconfirmed, 3)
		<-ended
		if made == nil || len(made.Changes) == 0 || made.Profile == nil || made.Map.Identity.Version != "1.31.0-1" ||
			!strings.Contains(log.String(), "model 124#1 is at 40355, it was at 40343") {
			t.Errorf("%+v\n%s", made, log.String())
		}
	})
}

func TestWatch_NeverConfirmsWhatItCannotWalkAndComplainsOnce(t *testing.T) {
	gone := loadDump(t, "fronius-gen24")
	gone.Models = gone.Models[:6]
	for name, bank := range map[string]slave.Bank{
		"another device":     loadDump(t, "fronius-float").bank(),
		"the battery's gone": gone.bank(),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &plant{online: true, bank: bank}
				var log strings.Builder
				w := newWatch(t, p, &log)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				go func() {
					if made := w.Run(ctx); made != nil {
						t.Errorf("taken: %+v", made)
					}
				}()
				time.Sleep(time.Minute)
				synctest.Wait()
				if w.Ready() == nil || p.walks < 3 || p.walks > 7 || strings.Count(log.String(), "level=WARN") != 1 {
					t.Fatalf("%v, %d walks\n%s", w.Ready(), p.walks, log.String())
				}
				p.set(true, loadDump(t, "fronius-gen24").bank(), nil)
				time.Sleep(11 * time.Second)
				synctest.Wait()
				if err := w.Ready(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestParseOptions_NamesEveryMistake(t *testing.T) {
	o, err := ParseOptions(map[string]string{"unit": "200", "part": "meter", "instance": "2", "sign": "-1", "grid_charge": "yes", "timer": "dead"})
	if want := (Options{200, Meter, 2, -1, true, true}); err != nil || o != want {
		t.Fatalf("%+v, %v", o, err)
	}
	if o, err := ParseOptions(nil); err != nil || o != (Options{Unit: 1}) {
		t.Fatalf("%+v, %v", o, err)
	}
	_, err = ParseOptions(map[string]string{"unit": "0", "part": "roof", "instance": "x", "sign": "0", "grid_charge": "1", "timer": "", "models": "103"})
	want := `param grid_charge: "1": want yes or no
param instance: "x": want a number from 1 to 64
param models: "103": no such parameter; there are unit, part, instance, sign, grid_charge and timer
param part: "roof": want inverter, solar, battery or meter
param sign: "0": want 1 or -1
param timer: "": want dead or works
param unit: "0": want a number from 1 to 255`
	if err == nil || err.Error() != want {
		t.Fatal(err)
	}
	if _, err := ParseOptions(map[string]string{"unit": "250"}); err == nil {
		t.Error("unit 250 is reserved")
	}
}
