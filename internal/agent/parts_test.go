package agent

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/devices"
	"hearth/energy"
	"hearth/internal/agent/decide"
	"hearth/internal/config"
)

var noon = time.Date(2026, 5, 12, 12, 0, 0, 0, time.UTC)

type askedToWait struct{ d time.Duration }

func (askedToWait) Error() string               { return "too many requests" }
func (a askedToWait) RetryAfter() time.Duration { return a.d }

func TestPace_IsRegularAfterSuccessAndSlowerAfterEachFailure(t *testing.T) {
	broken := errors.New("broken")
	rapid.Check(t, func(t *rapid.T) {
		p := newPace(5 * time.Minute)
		if d := p.Next(nil); d < 270*time.Second || d > 330*time.Second {
			t.Fatalf("regular wait is %v", d)
		}
		most := 3 * time.Second // 2 s and half of it random
		for range rapid.IntRange(1, 20).Draw(t, "failures") {
			d := p.Next(broken)
			if d < time.Second || d > most || d > 450*time.Second {
				t.Fatalf("wait is %v, want at most %v", d, most)
			}
			most *= 2
		}
		if d := p.Next(nil); d < 270*time.Second || d > 330*time.Second {
			t.Fatalf("after success the wait is %v", d)
		}
		if d := p.Next(broken); d > 3*time.Second {
			t.Fatalf("a new trouble begins with %v", d)
		}
	})
}

func TestPace_HonoursRetryAfterWithinReason(t *testing.T) {
	if d := newPace(time.Minute).Next(askedToWait{20 * time.Minute}); d < 20*time.Minute {
		t.Errorf("waits %v", d)
	}
	if d := newPace(time.Minute).Next(askedToWait{1000 * time.Hour}); d > longestWait {
		t.Errorf("waits %v", d)
	}
	if d := newPace(time.Minute).Next(askedToWait{}); d < time.Second {
		t.Errorf("waits %v: a server that asks for nothing gets no storm", d)
	}
}

func TestPace_SpreadsHomesThatStartedTogether(t *testing.T) {
	seen := map[time.Duration]bool{}
	for range 50 {
		seen[newPace(time.Minute).Next(errors.New("outage"))] = true
	}
	if len(seen) < 40 {
		t.Errorf("50 homes wait for %d different times", len(seen))
	}
}

func TestSanity_BelievesNoClockFromThePast(t *testing.T) {
	s := sanity{floor: BuiltAfter, lastSeen: BuiltAfter.AddDate(0, 3, 0)}
	for now, isSane := range map[time.Time]bool{
		time.Unix(0, 0):              false, // no clock of its own
		BuiltAfter.Add(-time.Second): false,
		BuiltAfter.AddDate(0, 2, 0):  false, // before what the store has seen
		BuiltAfter.AddDate(0, 3, 0):  true,
		BuiltAfter.AddDate(5, 0, 0):  true,
	} {
		if err := s.judge(now); (err == nil) != isSane {
			t.Errorf("%v: %v", now, err)
		}
	}
}

func TestHistory_HoldsMeansOfQuarterHours(t *testing.T) {
	h := history{}
	for minute := range 40 {
		h.add("x", noon.Add(time.Duration(minute)*time.Minute), energy.Watts(minute))
	}
	got := h.series("x")
	if err := got.Validate(); err != nil || len(got.Points) != 3 {
		t.Fatalf("%v, %+v", err, got.Points)
	}
	for i, want := range []energy.Watts{7, 22, 34.5} { // the last quarter as far as it has come
		if got.Points[i].Value != want || !got.Points[i].Start.Equal(noon.Add(time.Duration(i)*quarter)) {
			t.Errorf("quarter %d: %+v, want %v", i, got.Points[i], want)
		}
	}
	if s := h.series("unknown"); len(s.Points) != 0 {
		t.Errorf("%+v", s)
	}
}

func TestHistory_StaysASeriesWhateverTheClockDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, now := history{}, noon
		for range rapid.IntRange(1, 200).Draw(t, "n") {
			now = now.Add(time.Duration(rapid.IntRange(-100, 200).Draw(t, "step")) * time.Minute)
			h.add("x", now, 1)
		}
		if err := h.series("x").Validate(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestHistory_SharesNothingWithWhatItGave(t *testing.T) {
	h := history{}
	for minute := range 20 {
		h.add("x", noon.Add(time.Duration(minute)*time.Minute), 5)
	}
	before := h.series("x")
	h.add("x", noon.Add(time.Hour), 900)
	if before.Points[1].Value != 5 {
		t.Error("a series that was handed out has changed")
	}
}

func counts(in, out energy.WattHours, at time.Time) map[string]devices.Observation {
	return map[string]devices.Observation{"grid": {Imported: energy.Read(in, at), Exported: energy.Read(out, at)}}
}

// metered is an agent with nothing but a grid meter.
func metered(t *testing.T, zone string) *Agent {
	t.Helper()
	z, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	cfg := &config.Config{Home: config.Home{Zone: z, Currency: "EUR"}, Devices: []config.Device{{Name: "grid", Kind: config.Grid, MaxAge: 5 * time.Minute}}}
	return &Agent{cfg: cfg, grid: "grid", log: slog.New(slog.DiscardHandler), edge: edges{}}
}

func flatSignals(buy, sell energy.Price, carbon energy.GramsPerKWh) decide.Signals {
	span := energy.Span(noon.AddDate(0, 0, -3), 10*24*time.Hour)
	return decide.Signals{ImportPrice: flat(&buy, span, "EUR"), ExportPrice: flat(&sell, span, "EUR"), Carbon: flat(&carbon, span, "")}
}

func TestDay_CountsEnergyMoneyAndCarbon(t *testing.T) {
	a, s := metered(t, "Europe/Berlin"), flatSignals(energy.PriceOf(0.3), energy.PriceOf(0.1), 400)
	a.count(noon, counts(1000, 500, noon), s)
	a.count(noon.Add(time.Minute), counts(2000, 500, noon.Add(time.Minute)), s)
	a.count(noon.Add(2*time.Minute), counts(2000, 2500, noon.Add(2*time.Minute)), s)
	if d := a.day; d.Imported != 1000 || d.Exported != 2000 || d.Cost != energy.MoneyOf(0.3-0.2) || d.Carbon != 400 || d.Unpriced != 0 {
		t.Errorf("%+v", d)
	}
	// A new meter begins at zero: what it has not seen is not invented, and nothing is counted back.
	a.count(noon.Add(3*time.Minute), counts(0, 0, noon.Add(3*time.Minute)), s)
	a.count(noon.Add(4*time.Minute), counts(10, 0, noon.Add(4*time.Minute)), s)
	if a.day.Imported != 1010 {
		t.Errorf("imported %v", a.day.Imported)
	}
}

func TestDay_BeginsAtLocalMidnight(t *testing.T) {
	a, s := metered(t, "America/New_York"), flatSignals(1, 1, 1)
	late := time.Date(2026, 5, 13, 3, 59, 0, 0, time.UTC) // 23:59 in New York
	a.count(late, counts(0, 0, late), s)
	a.count(late.Add(30*time.Second), counts(100, 0, late.Add(30*time.Second)), s)
	if a.day.Imported != 100 {
		t.Errorf("%+v", a.day)
	}
	a.count(late.Add(2*time.Minute), counts(150, 0, late.Add(2*time.Minute)), s)
	if a.day.Imported != 50 || a.day.Start.In(a.cfg.Home.Zone).Hour() != 0 {
		t.Errorf("%+v", a.day)
	}
}

func TestDay_WithoutPriceCountsNoMoney(t *testing.T) {
	a := metered(t, "UTC")
	a.count(noon, counts(0, 0, noon), decide.Signals{})
	a.count(noon.Add(time.Minute), counts(500, 0, noon.Add(time.Minute)), decide.Signals{})
	if d := a.day; d.Cost != 0 || d.Unpriced != 500 || d.Imported != 500 {
		t.Errorf("%+v", d)
	}
}

func TestDay_IntegratesPowerOfAMeterWithoutCounters(t *testing.T) {
	a, s := metered(t, "UTC"), flatSignals(energy.PriceOf(0.3), 0, 0)
	power := func(w energy.Watts, at time.Time) map[string]devices.Observation {
		return map[string]devices.Observation{"grid": {Power: energy.Read(w, at)}}
	}
	a.count(noon, power(1000, noon), s)
	a.count(noon.Add(time.Minute), power(-6000, noon.Add(time.Minute)), s)
	a.count(noon.Add(2*time.Minute), power(6000, noon.Add(2*time.Minute)), s)
	a.count(noon.Add(time.Hour), power(6000, noon.Add(time.Hour)), s) // an hour of silence is not filled in
	if d := a.day; d.Imported != 100 || d.Exported != 100 {
		t.Errorf("%+v", d)
	}
}

func TestEdges_SayEachChangeOnce(t *testing.T) {
	var out bytes.Buffer
	log, e := slog.New(slog.NewTextHandler(&out, nil)), edges{}
	for _, holds := range []bool{false, true, true, true, false, false, true} {
		e.warn(log, "k", holds, "broken")
	}
	if got := strings.Count(out.String(), "msg=broken"); got != 2 {
		t.Errorf("%d beginnings:\n%s", got, &out)
	}
	if got := strings.Count(out.String(), "over: broken"); got != 1 {
		t.Errorf("%d ends:\n%s", got, &out)
	}
}
