package digiwatt

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
	feed "hearth/feeds/digiwatt"
)

// A period and the one before it are days that follow on each other, as long as they should be by the wall.
func TestCalendar_PeriodsFollowOnEachOther(t *testing.T) {
	zone := rome(t)
	rapid.Check(t, func(r *rapid.T) {
		now := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 3*366*24*60).Draw(r, "minute")) * time.Minute)
		days := func(i energy.Interval) (n int) {
			for at := i.Start; at.Before(i.End); at = energy.Day(at, zone).End {
				n++
			}
			return n
		}
		for name, want := range map[feed.Period]int{feed.Yesterday: 1, feed.LastSevenDays: 7, feed.LastWeek: 7} {
			span, before, isKnown := calendar{now, zone}.period(string(name))
			if !isKnown || days(span) != want || days(before) != want || !before.End.Equal(span.Start) || span.End.After(now) {
				r.Fatalf("%s of %v: %v after %v", name, now, span, before)
			}
		}
		for _, name := range []feed.Period{feed.ThisWeek, feed.ThisMonth} {
			span, before, _ := calendar{now, zone}.period(string(name))
			if !span.End.Equal(now) || before.Length() > span.Length() || before.End.After(span.Start) || span.Start.In(zone).Hour() != 0 {
				r.Fatalf("%s of %v: %v after %v", name, now, span, before)
			}
		}
	})
}

// A minute is in a best window where its share and those around it, for an hour at least, are in the highest quarter.
func TestBest_AreTheGreenestRuns(t *testing.T) {
	at := local(t, "2026-05-12 10:07")
	s := open(t, at, nil)
	rapid.Check(t, func(r *rapid.T) {
		steps := rapid.SliceOfN(rapid.IntRange(0, 5), 48, 48).Draw(r, "shares")
		share := func(i int) float64 { return float64(steps[i/30]) / 10 }
		s.cfg.Share = func(t time.Time) float64 { return share(int(t.Sub(at) / time.Minute)) }
		var all []float64
		for i := range 24 * 60 {
			all = append(all, share(i))
		}
		least := slices.Sorted(slices.Values(all))[18*60]
		isBest := func(i int) bool {
			first, last := i, i
			for first > 0 && all[first-1] >= least {
				first--
			}
			for last < len(all) && all[last] >= least {
				last++
			}
			return last-first >= 60
		}
		windows := s.best()
		for i := range all {
			minute := at.Add(time.Duration(i) * time.Minute)
			isIn := slices.ContainsFunc(windows, func(w energy.Interval) bool { return w.Contains(minute) })
			if isIn != (all[i] >= least && isBest(i)) {
				r.Fatalf("minute %d has %v, the least is %v: %v in %v", i, all[i], least, isIn, windows)
			}
		}
	})
}
