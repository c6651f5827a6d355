package storage

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/energy"
)

// recordDays records a row every ten minutes of each of n days from the first on, flushing when a day is over.
func (h *home) recordDays(first time.Time, n int) {
	for d := range n {
		start := first.AddDate(0, 0, d)
		h.clock.set(start.Add(day - time.Second))
		for i := range 144 {
			h.Record(start.Add(time.Duration(i)*10*time.Minute), map[string]float64{"grid": float64(d*1000 + i%7), "solar": -0.1 * float64(i)})
		}
		h.flush()
	}
}

func firstDay() time.Time { return time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC) }

func TestRetention_KeepsRowsForDaysAndQuarterHoursForLonger(t *testing.T) {
	h := openHome(t, func(o *Options) { o.RawDays, o.RollupDays = 3, 6 })
	h.recordDays(firstDay(), 10)
	rows := strings.Fields(h.readings("grid", ever()))
	if len(rows) != 3*144 || !strings.HasPrefix(rows[0], "08T00:00:00") {
		t.Errorf("%d rows from %s on, want three days", len(rows), rows[0])
	}
	rollups := h.rollups("grid", ever())
	// Six stored days and today, which is not over.
	if first := rollups[0].Slot.Start; !first.Equal(firstDay().AddDate(0, 0, 3)) || len(rollups) != 7*96 {
		t.Errorf("%d quarter hours from %v on", len(rollups), first)
	}
}

func TestRollup_IsTheSameFromRowsAndAfterTheyAreGone(t *testing.T) {
	h := openHome(t, func(o *Options) { o.RawDays = 2 })
	within := energy.Span(firstDay(), day)
	h.recordDays(firstDay(), 1)
	fromRows := map[string][]Rollup{}
	for _, channel := range []string{"grid", "solar"} {
		fromRows[channel] = h.rollups(channel, within)
	}
	h.recordDays(firstDay().AddDate(0, 0, 1), 3)
	if got := h.readings("grid", within); got != "" {
		t.Fatalf("rows are still there: %s", got)
	}
	for channel, want := range fromRows {
		if got := h.rollups(channel, within); len(got) != 96 || !slices.Equal(got, want) {
			t.Errorf("%s: after its rows went\n got %v\nwant %v", channel, got, want)
		}
	}
}

func TestRollup_CountsALateRowOnce(t *testing.T) {
	h := openHome(t, func(o *Options) { o.RawDays = 3 })
	h.recordDays(firstDay(), 2) // the first day is over and rolled up
	late := map[string]float64{"grid": 500}
	for range 3 { // however often it is told
		h.Record(firstDay().Add(time.Minute), late)
		h.flush()
	}
	r := h.rollups("grid", energy.Span(firstDay(), quarter))
	if len(r) != 1 || r[0].Count != 3 || r[0].Max != 500 || r[0].Sum != 501 {
		t.Errorf("quarter hour with a late row: %+v", r)
	}
}

func TestRetention_RefusesRowsOfADayThatIsGone(t *testing.T) {
	h := openHome(t, func(o *Options) { o.RawDays = 2 })
	h.recordDays(firstDay(), 4)
	within := energy.Span(firstDay(), day)
	before := h.rollups("grid", within)
	h.Record(firstDay().Add(time.Minute), map[string]float64{"grid": 500})
	for _, when := range []string{"pending", "flushed"} {
		if got := h.rollups("grid", within); !slices.Equal(got, before) {
			t.Errorf("%s: quarter hours changed by a row without its day", when)
		}
		if got := h.readings("grid", within); got != "" {
			t.Errorf("%s: %s", when, got)
		}
		h.flush()
	}
	if got := h.Stats().Dropped; got != 1 {
		t.Errorf("%d rows counted as dropped", got)
	}
}

func TestRetention_SurvivesAClockThatJumps(t *testing.T) {
	h := openHome(t, func(o *Options) { o.RawDays = 4 })
	h.recordDays(firstDay(), 3)
	want := h.readings("grid", energy.Span(firstDay(), 3*day))
	for _, jump := range []time.Time{time.Unix(0, 0), firstDay().AddDate(20, 0, 0)} {
		h.clock.set(jump)
		h.Record(jump, map[string]float64{"grid": 1})
		h.flush()
	}
	h.clock.set(firstDay().AddDate(0, 0, 3))
	if got := h.readings("grid", energy.Span(firstDay(), 3*day)); got != want {
		t.Errorf("rows after two jumps of the clock: %d of %d bytes", len(got), len(want))
	}
}

func TestRetention_SumsUpADayBeforeItGoesWhateverTheClockSays(t *testing.T) {
	h := openHome(t, func(o *Options) { o.RawDays = 2 })
	h.clock.set(time.Unix(0, 0)) // so no day is ever over
	for d := range 5 {
		h.Record(firstDay().AddDate(0, 0, d), map[string]float64{"grid": float64(d)})
	}
	h.flush()
	if got := h.rollups("grid", ever()); len(got) != 5 || got[0].Sum != 0 || got[4].Sum != 4 {
		t.Errorf("quarter hours of five days: %v", got)
	}
}

func TestJournal_KeepsItsDaysAndBytes(t *testing.T) {
	h := openHome(t, func(o *Options) {
		o.Journals = map[string]Limit{"decisions": {Days: 2}, "plans": {Bytes: 1000}}
	})
	for i := range 30 {
		at := firstDay().Add(time.Duration(i) * 4 * time.Hour) // six a day
		h.append("decisions", at, fmt.Sprint("d", i))
		h.append("plans", at, fmt.Sprintf("p%02d%s", i, strings.Repeat(".", 97)))
		h.append("others", at, fmt.Sprint("o", i))
		h.flush()
	}
	if got := strings.Fields(h.journal("decisions", ever())); len(got) != 12 || got[0] != "d18" {
		t.Errorf("decisions: %v, want those of two days", got)
	}
	plans := strings.Fields(h.journal("plans", ever()))
	// 100 bytes and 21 of frame and key each: eight fit into 1000.
	if len(plans) != 8 || !strings.HasPrefix(plans[0], "p22") || !strings.HasPrefix(plans[7], "p29") {
		t.Errorf("plans: %d from %.3s on, want the newest eight", len(plans), plans[0])
	}
	if got := strings.Fields(h.journal("others", ever())); len(got) != 30 {
		t.Errorf("others: %d of 30", len(got))
	}
}

func TestJournal_KeepsOrderAcrossSessions(t *testing.T) {
	h := openHome(t, nil)
	var want []string
	for i := range 12 {
		text := fmt.Sprint("r", i)
		h.append("decisions", noon(), text) // all in the same millisecond
		want = append(want, text)
		if i%3 == 0 {
			h.reopen()
		}
	}
	if got := h.journal("decisions", ever()); got != strings.Join(want, " ") {
		t.Errorf("got %s", got)
	}
}
