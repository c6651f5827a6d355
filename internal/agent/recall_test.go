package agent

import (
	"context"
	"iter"
	"log/slog"
	"testing"
	"time"

	"hearth/devices"
	"hearth/energy"
	"hearth/internal/agent/decide"
	"hearth/internal/config"
	"hearth/storage"
)

// After a restart the agent goes on where it was: the day's counts, the tasks, the means of what was measured,
// what the guards know; and no command is replayed.
func TestRecall_GoesOnWhereItStopped(t *testing.T) {
	d := cheapLater(t, gridSpec(), boilerSpec(), ovenSpec())
	d.cycle(0)
	d.fakes["grid"].say(func(o *devices.Observation) { o.Imported.Value += 3000 })
	d.fakes["oven"].say(func(o *devices.Observation) { o.Power.Value = 1900 })
	for range 20 {
		d.cycle(time.Minute)
	}
	before, history := d.agent.Home(), d.agent.ledger.Power("grid").Points
	memory, why := d.agent.memory, d.device("oven").Why
	d.agent.remember(d.clock.Now())
	d.fakes["boiler"].commands()
	d.fakes["oven"].commands()
	d.open().cycle(10 * time.Second)
	after := d.agent.Home()
	if *after.Today.Imported != 3000 || *after.Today.Cost != *before.Today.Cost || *after.Today.Cost == 0 {
		t.Errorf("today %v at %v, was %v", *after.Today.Imported, *after.Today.Cost, *before.Today.Cost)
	}
	if got := d.agent.memory["oven"]; !got.Began.Equal(memory["oven"].Began) || got.Began.IsZero() || d.device("oven").Why != why {
		t.Errorf("oven %+v, was %+v; %s", got, memory["oven"], d.device("oven").Why)
	}
	for i, p := range d.agent.ledger.Power("grid").Points {
		if p.Value != history[i].Value || !p.Start.Equal(history[i].Start) {
			t.Errorf("quarter %d: %+v, was %+v", i, p, history[i])
		}
	}
	if got := d.fakes["boiler"].commands() + d.fakes["oven"].commands(); got != "" {
		t.Errorf("told %q again", got)
	}
}

func TestRecall_BelievesNoClockBeforeTheLastOne(t *testing.T) {
	d := atDesk(t, gridSpec(), boilerSpec())
	d.open().cycle(0)
	if d.fakes["boiler"].commands() == "" {
		t.Error("the boiler is told nothing at all")
	}
	d.clock.Move(-24 * time.Hour)
	d.open().cycle(0)
	if h, told := d.health(clockPart), d.fakes["boiler"].commands(); h.OK || told != "" && told != "off" { // its safe state, where it is owed
		t.Errorf("told %q: %+v", told, h)
	}
}

// State that is damaged, or of another version, is said and left out whole: half of it would be worse than none.
func TestRecall_BeginsWithoutWhatIsNotReadable(t *testing.T) {
	for name, c := range map[string]struct{ key, text string }{
		"not JSON": {memoryKey, "{"}, "another type": {memoryKey, `"words"`}, "in part": {memoryKey, `{"boiler":{"is_done":true,"ran":1,"since":"yesterday"}}`},
		"a day in part": {dayKey, `{"imported":77777,"start":5}`}, "a clock": {lastSeenKey, `"tomorrow"`},
		"a guard in part": {guardKey + "boiler", `{"hold":{"rule":"override","until":"2099-01-01T00:00:00Z"},"since":"never"}`},
	} {
		t.Run(name, func(t *testing.T) {
			d := atDesk(t, gridSpec(), boilerSpec())
			store, err := storage.Open(t.Context(), d.cfg.Storage, storage.Options{Clock: d.clock, Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			if err := store.Put(c.key, []byte(c.text)); err != nil {
				t.Fatal(err)
			}
			if err := store.Close(); err != nil {
				t.Fatal(err)
			}
			d.open()
			if d.says("level=WARN", "stored state is not readable", "key="+c.key) != 1 {
				t.Error("it is not said")
			}
			if len(d.agent.memory) != 0 || d.agent.ledger.Day.Imported != 0 || !d.agent.sanity.lastSeen.IsZero() {
				t.Errorf("%+v %+v %+v", d.agent.memory, d.agent.ledger.Day, d.agent.sanity)
			}
			d.cycle(0)
			if got := d.fakes["boiler"].commands(); got == "" || d.device("boiler").State == "held" {
				t.Errorf("the boiler is told %q: %+v", got, d.device("boiler"))
			}
			d.open() // what was kept since is readable
			if n := d.says("stored state is not readable"); n != 1 {
				t.Errorf("said %d times", n)
			}
		})
	}
}

func TestSeed_IsAsIfItHadBeenMeasured(t *testing.T) {
	d := atDesk(t, gridSpec(), boilerSpec())
	rows := func(yield func(time.Time, map[string]energy.Watts) bool) {
		for at := noon.Add(-26 * time.Hour); at.Before(noon); at = at.Add(5 * time.Minute) {
			row := map[string]energy.Watts{"boiler": 2000, "grid": 2400}
			if at.Before(noon.Add(-25 * time.Hour)) {
				delete(row, "grid")
			}
			if !yield(at, row) {
				return
			}
		}
	}
	seed := func(ctx context.Context, rows iter.Seq2[time.Time, map[string]energy.Watts]) error {
		return Seed(ctx, Options{Config: d.cfg, Clock: d.clock, Log: slog.New(slog.DiscardHandler)}, rows)
	}
	if err := seed(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	d.open()
	base := d.agent.ledger.Base().Points
	if len(base) != 100 || base[0].Value != 400 || !base[0].Start.Equal(noon.Add(-25*time.Hour)) {
		t.Errorf("%d quarters of base load: %+v", len(base), base[:1])
	}
	if got := d.agent.ledger.Power("boiler").Points; len(got) != 104 || got[50].Value != 2000 {
		t.Errorf("%d quarters of the boiler", len(got))
	}
	if s := d.agent.expect(decide.Signals{}, noon); len(s.BaseLoad.Points) != 48 || s.BaseLoad.Points[5].Value != 400 {
		t.Errorf("expected base load %+v", s.BaseLoad.Points)
	}
	// The store belongs to the agent that is open.
	if err := seed(t.Context(), func(func(time.Time, map[string]energy.Watts) bool) { t.Error("rows were asked for") }); err == nil {
		t.Error("two at a time")
	}
}

func TestSeed_WithoutAGridMeterSaysNothingOfTheHouse(t *testing.T) {
	d := atDesk(t, config.Device{Name: "boiler", Kind: config.Load, MaxAge: time.Minute, Load: boilerSpec().Load})
	err := Seed(t.Context(), Options{Config: d.cfg, Clock: d.clock, Log: slog.New(slog.DiscardHandler)}, func(yield func(time.Time, map[string]energy.Watts) bool) {
		yield(noon.Add(-time.Hour), map[string]energy.Watts{"boiler": 2000})
	})
	if err != nil {
		t.Fatal(err)
	}
	d.open()
	if got := d.agent.ledger.Base().Points; len(got) != 0 {
		t.Errorf("%+v", got)
	}
}
