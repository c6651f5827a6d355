package keep

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// The hour of publication is what the clock on the wall shows, on days of 23 and 25 hours too.
func TestPace_KnowsTheHourOnDaysOfEveryLength(t *testing.T) {
	for name, days := range map[string][]string{
		"Europe/Berlin":    {"2026-03-29", "2026-10-25", "2026-07-01"},
		"America/New_York": {"2026-03-08", "2026-11-01"},
	} {
		p := pace{about: feeds.About{Zone: zone(t, name), Publishes: feeds.Publication{At: 12*time.Hour + 45*time.Minute}}, seed: "x"}
		for _, day := range days {
			at, err := time.ParseInLocation(time.DateTime, day+" 12:45:00", p.about.Zone)
			if err != nil {
				t.Fatal(err)
			}
			for _, within := range []time.Duration{-11 * time.Hour, 0, 10 * time.Hour} {
				if late := p.published(at.Add(within)).Sub(at); late < 0 || late > spread {
					t.Errorf("%s %s: %v late", name, day, late)
				}
			}
			known := feeds.Values{Import: prices(energy.Day(at, p.about.Zone).Start, p.wanted(at).End, energy.Final, 1)}
			now := at.Add(time.Hour)
			next := p.next(now, past{At: now}, known)
			tomorrow := energy.Day(energy.Day(at, p.about.Zone).End, p.about.Zone)
			if got := next.In(p.about.Zone); !tomorrow.Contains(next) || got.Hour() != 12 || got.Minute() < 45 || got.Minute() > 55 {
				t.Errorf("%s %s: next at %v", name, day, got)
			}
		}
	}
}

func TestPace_Next(t *testing.T) {
	daily := feeds.About{Zone: time.UTC, Publishes: feeds.Publication{At: 13 * time.Hour, Every: 5 * time.Minute}}
	often := feeds.About{Zone: time.UTC, Publishes: feeds.Publication{Every: 10 * time.Minute}}
	resting := often
	resting.Rest = time.Hour
	midnight := noon.Add(-12 * time.Hour)
	today := feeds.Values{Import: prices(midnight, midnight.Add(24*time.Hour), energy.Final, 1)}
	both := feeds.Values{Import: prices(midnight, midnight.Add(48*time.Hour), energy.Final, 1)}
	loose := feeds.Values{Import: prices(midnight, midnight.Add(48*time.Hour), energy.Preliminary, 1)}
	patience := &feeds.Failure{Kind: feeds.Temporary, After: noon.Add(2 * time.Hour), Err: errors.New("later")}
	nonsense := &feeds.Failure{Kind: feeds.NotYet, After: noon.AddDate(1, 0, 0), Err: errors.New("next year")}
	for _, c := range []struct {
		name     string
		about    feeds.About
		now      time.Duration // after noon
		last     past
		known    feeds.Values
		from, to time.Duration // after noon
	}{
		{"never asked", daily, 0, past{}, feeds.Values{}, 0, 0},
		{"never asked, with stored values", daily, 0, past{}, both, 0, 0},
		{"the clock was set back", daily, 0, past{At: noon.Add(24 * time.Hour)}, both, 0, 0},
		{"before the hour", daily, 0, past{At: noon}, today, time.Hour, 70 * time.Minute},
		{"before the hour, today is missing", daily, -8 * time.Hour, past{At: noon.Add(-8 * time.Hour)}, feeds.Values{}, -7 * time.Hour, -7 * time.Hour},
		{"after the hour, asked before", daily, 2 * time.Hour, past{At: noon}, both, time.Hour, 70 * time.Minute},
		{"after the hour, not there", daily, 2 * time.Hour, past{At: noon.Add(2 * time.Hour)}, today, 125 * time.Minute, 125 * time.Minute},
		{"after the hour, there", daily, 2 * time.Hour, past{At: noon.Add(2 * time.Hour)}, both, 25 * time.Hour, 25*time.Hour + spread},
		{"after the hour, preliminary", daily, 6 * time.Hour, past{At: noon.Add(6 * time.Hour)}, loose, 7 * time.Hour, 7 * time.Hour},
		{"late in the day, not there", daily, 6 * time.Hour, past{At: noon.Add(6 * time.Hour)}, today, 7 * time.Hour, 7 * time.Hour},
		{"often", often, 0, past{At: noon}, both, 10 * time.Minute, 11 * time.Minute},
		{"rests", resting, 0, past{At: noon}, both, time.Hour, time.Hour},
		{"first failure", often, 0, past{At: noon, Err: errors.New("x"), Failures: 1}, both, 22 * time.Second, 30 * time.Second},
		{"third failure", often, 0, past{At: noon, Err: errors.New("x"), Failures: 3}, both, 90 * time.Second, 2 * time.Minute},
		{"hundredth failure", often, 0, past{At: noon, Err: errors.New("x"), Failures: 100}, both, 45 * time.Minute, time.Hour},
		{"misconfigured", often, 0, past{At: noon, Err: feeds.Fail(feeds.Misconfigured, "x")}, both, time.Hour, time.Hour},
		{"asked for patience", often, 0, past{At: noon, Err: patience, Failures: 1}, both, 2 * time.Hour, 2 * time.Hour},
		{"asked for nonsense", often, 0, past{At: noon, Err: nonsense}, both, 10 * time.Minute, 11 * time.Minute},
		{"says nothing of itself", feeds.About{Zone: time.UTC}, 0, past{At: noon}, both, time.Hour, 66 * time.Minute},
		{"is confused", feeds.About{Zone: time.UTC, Publishes: feeds.Publication{Every: -time.Hour}}, 0, past{At: noon}, both, leastRest, leastRest},
	} {
		got := pace{c.about, "exchange\x00home"}.next(noon.Add(c.now), c.last, c.known).Sub(noon)
		if got < c.from || got > c.to {
			t.Errorf("%s: %v after noon, want %v to %v", c.name, got, c.from, c.to)
		}
	}
}

// Installations share the minutes after the hour evenly, and each has its own place in them.
func TestPace_SpreadsInstallations(t *testing.T) {
	var tenths [10]int
	for i := range 10_000 {
		p := pace{seed: fmt.Sprint("exchange\x00home", i)}
		f := p.fraction(0)
		if f < 0 || f >= 1 || f != p.fraction(0) {
			t.Fatalf("%v", f)
		}
		tenths[int(f*10)]++
	}
	for i, n := range tenths {
		if n < 850 || n > 1150 {
			t.Errorf("%d of 10000 in the tenth %d", n, i)
		}
	}
	if a, b := (pace{seed: "a"}), (pace{seed: "b"}); a.fraction(0) == b.fraction(0) || a.fraction(0) == a.fraction(1) {
		t.Error("the fraction depends on less than it should")
	}
}

func TestPace_AsksForWhatIsMissing(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	now := time.Date(2026, 3, 29, 10, 0, 0, 0, berlin) // 23 hours long
	day := func(n int) time.Time { return time.Date(2026, 3, 29+n, 0, 0, 0, 0, berlin) }
	early := feeds.Values{Export: prices(day(-1), day(0), energy.Preliminary, 1)}
	for name, c := range map[string]struct {
		about      feeds.About
		known      feeds.Values
		start, end time.Time
	}{
		"present":     {feeds.About{}, feeds.Values{}, day(0), day(1)},
		"tomorrow":    {feeds.About{Ahead: 24 * time.Hour}, feeds.Values{}, day(0), day(2)},
		"counted":     {feeds.About{Kinds: []feeds.Kind{feeds.Taken}}, feeds.Values{}, day(-1), day(1)},
		"preliminary": {feeds.About{}, early, day(-1), day(1)},
	} {
		c.about.Zone = berlin
		if got := (pace{about: c.about}).span(now, c.known); !got.Start.Equal(c.start) || !got.End.Equal(c.end) {
			t.Errorf("%s: %v, want %v to %v", name, got, c.start, c.end)
		}
	}
}

// What a meter has counted is complete when the day before is there.
func TestPace_CountedIsOfTheDayBefore(t *testing.T) {
	p := pace{about: feeds.About{Zone: time.UTC, Publishes: feeds.Publication{At: 6 * time.Hour, Every: time.Minute}}}
	midnight := noon.Add(-12 * time.Hour)
	counted := func(to time.Time) feeds.Values {
		return feeds.Values{Taken: energy.Map(prices(midnight.Add(-24*time.Hour), to, energy.Final, 1), func(energy.Price) energy.WattHours { return 1 })}
	}
	if next := p.next(noon, past{At: noon}, counted(midnight)); next.Sub(midnight) < 30*time.Hour {
		t.Errorf("all is there, and the next is %v", next)
	}
	if next := p.next(noon, past{At: noon}, counted(midnight.Add(-time.Hour))); next.Sub(noon) > time.Hour {
		t.Errorf("an hour is missing, and the next is %v", next)
	}
}

// What is preliminary beyond the next day is no reason to ask again before more comes out.
func TestPace_AForecastOfTheWeekIsNoReasonToAskOn(t *testing.T) {
	p := pace{about: feeds.About{Zone: time.UTC, Publishes: feeds.Publication{At: 6 * time.Hour, Every: time.Minute}}}
	midnight := noon.Add(-12 * time.Hour)
	week := func(final time.Duration) feeds.Values {
		v := feeds.Values{Import: prices(midnight, midnight.Add(final), energy.Final, 1)}
		v.Import.Points = append(v.Import.Points, prices(midnight.Add(final), midnight.Add(7*24*time.Hour), energy.Preliminary, 1).Points...)
		return v
	}
	if next := p.next(noon, past{At: noon}, week(48*time.Hour)); next.Sub(midnight) < 30*time.Hour {
		t.Errorf("all of tomorrow is final, and the next is %v", next)
	}
	if next := p.next(noon, past{At: noon}, week(47*time.Hour)); next.Sub(noon) > time.Hour {
		t.Errorf("an hour of tomorrow is preliminary, and the next is %v", next)
	}
}
