package report

import (
	"fmt"
	"slices"
	"time"
)

// Window is what one report tells of.
type Window struct {
	Name       string    // of the report: the same for the same window, however often it is asked for
	Due        time.Time // when it may be sent, and not before
	IsForecast bool      // of what will be
	Rows       []Row     // of the report, in its order
}

// Sent is what was reported of one [Ask]. The zero value is nothing.
type Sent struct {
	Until time.Time `json:"until"` // when the newest reported window was due
}

// With is Sent after the window was queued.
func (s Sent) With(w Window) Sent {
	if w.Due.After(s.Until) {
		s.Until = w.Due
	}
	return s
}

// Due gives the windows to report now: the newest that is due, unless it was sent; several only where they
// became due at the same instant. Older ones are passed over. The descriptor says which windows there are:
//
//	rows of the event            [0--)[1--)[2--)[3--)[4--)[5--)
//	all defaults                 [============================)!   at the end
//	historical false            ![============================)    at the start
//	start 3                      [==================)!             up to it and with it
//	start 3, num 2                         [========)!
//	start 3, num 2, forecast                       ![========)     from it on
//	start 1, num 2, every 2, 3x  [========)!                       its end begins again:
//	                                       [========)!
//	                                                 [========)!
//	frequency 0                  [---)!                            each row once, for we may choose
//	                                  [---)! ...
//
// These follow the schema; the drawings of UG 7.5 contradict each other. Numbers beyond the ends of the event
// are left out of a window, and a window that ends, or begins, beyond them does not exist. Positions of a
// loop run on; there, a frequency of -1 is once per round. Repeat counts reports, so a loop with 1 gives one.
//
// A window is due when the last of its rows has ended, a forecast when the first begins. A forecast of which
// all rows are over is none. Rows of our own (OPEN_INTERVALS, and finer ones under the id of their row with
// SUB_INTERVALS) have the ask's pace.
func Due(a Ask, sent Sent, now time.Time) []Window {
	s, err := a.schedule()
	if err == nil {
		_, err = a.terms()
	}
	if err != nil || now.Year() < firstYear || now.Year() > lastYear {
		return nil
	}
	at, numbers := s.newest(now)
	if len(numbers) == 0 || !at.After(sent.Until) {
		return nil
	}
	var out []Window
	for _, k := range numbers {
		rows := s.rows(k)
		if s.isForecast && isOver(rows, at, now) {
			continue
		}
		rows = s.shape(rows)
		name := fmt.Sprintf("%s %s %016x", s.descriptor.PayloadType, at.Format(time.RFC3339), a.hash(rows))
		if !slices.ContainsFunc(out, func(w Window) bool { return w.Name == name }) {
			out = append(out, Window{name, at, s.isForecast, rows})
		}
	}
	return out
}

// isOver says that a forecast comes too late. A mark without length is never over.
func isOver(rows []Row, due, now time.Time) bool {
	last := lastEnd(rows)
	return last.After(due) && !last.After(now)
}

func lastEnd(rows []Row) time.Time {
	last := rows[0].End
	for _, r := range rows {
		if r.End.After(last) {
			last = r.End
		}
	}
	return last
}
