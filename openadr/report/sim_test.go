package report

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
	"hearth/openadr"
)

// drawAsk draws an event with whole-minute times around midnight, and one descriptor.
func drawAsk(t *rapid.T) Ask {
	draw := func(from, to int, name string) int { return rapid.IntRange(from, to).Draw(t, name) }
	minutes := func(from, to int, name string) time.Duration {
		return time.Duration(draw(from, to, name)) * time.Minute
	}
	d := defaults("USAGE")
	d.StartInterval, d.NumIntervals = draw(-1, 6, "start"), max(draw(-2, 5, "number"), -1)
	d.Frequency, d.Repeat = draw(-1, 4, "frequency"), draw(-1, 4, "repeat")
	d.IsHistorical = rapid.Bool().Draw(t, "historical")
	e := openadr.Event{Metadata: openadr.Metadata{ID: "e"}, ReportDescriptors: []openadr.ReportDescriptor{d}}
	e.IntervalPeriod = openadr.Period(midnight.Add(minutes(-60, 60, "from")), minutes(0, 40, "length"))
	if rapid.Bool().Draw(t, "has duration") {
		length := openadr.DurationOf(minutes(0, 200, "duration"))
		if draw(0, 2, "for ever") == 0 {
			length = openadr.Duration{Infinite: true}
		}
		e.Duration = &length
	}
	for range draw(0, 5, "intervals") {
		row := openadr.Interval{ID: int32(draw(0, 3, "id"))}
		switch draw(0, 5, "own period") {
		case 0:
			row.IntervalPeriod = openadr.Period(midnight.Add(minutes(-60, 90, "own start")), minutes(0, 60, "own length"))
		case 1:
			length := openadr.DurationOf(minutes(0, 60, "own length"))
			row.IntervalPeriod = &openadr.IntervalPeriod{Duration: &length}
		}
		e.Intervals = append(e.Intervals, row)
	}
	return askOf(e, time.Time{})
}

// simStart and simEnd are what the simulation goes through, minute by minute.
const simStart, simEnd = -70, 400

// unrolled is every row of an event, by position, as the plainest reading has it; nil where none is.
func unrolled(a Ask) (positions []*energy.Interval, round int) {
	length := time.Duration(a.Event.IntervalPeriod.Duration.Seconds) * time.Second
	first, _ := a.Event.IntervalPeriod.Start.Time()
	var base []energy.Interval
	for _, r := range a.Rows {
		base = append(base, r.Interval)
	}
	if len(base) == 0 && length == 0 {
		return nil, 0
	}
	last := first
	for i, r := range base {
		if i == 0 || r.Start.Before(first) {
			first = r.Start
		}
	}
	for i, r := range base {
		if i == 0 || r.End.After(last) {
			last = r.End
		}
	}
	limit, isLonger := time.Time{}, false
	if d := a.Event.Duration; d != nil && !d.IsZero() {
		isLonger = d.Infinite
		if !d.Infinite {
			limit = first.Add(time.Duration(d.Seconds) * time.Second)
			isLonger = limit.After(last)
		}
	}
	add := func(i energy.Interval) {
		switch {
		case !limit.IsZero() && !i.Start.Before(limit):
			positions = append(positions, nil)
			return
		case !limit.IsZero() && i.End.After(limit):
			i.End = limit
		}
		positions = append(positions, &i)
	}
	far := midnight.Add((simEnd + 900) * time.Minute)
	if len(base) == 0 {
		for at := first; at.Before(far); at = at.Add(length) {
			add(energy.Span(at, length))
		}
		round = 1
		if !limit.IsZero() {
			for round = 0; positions[round] != nil; {
				round++
			}
		}
		return positions, round
	}
	if !isLonger || !last.After(first) { // once
		for _, r := range base {
			if limit.IsZero() || r.Start.Before(limit) {
				add(r)
			}
		}
		return positions, len(positions)
	}
	for shift := time.Duration(0); first.Add(shift).Before(far); shift += last.Sub(first) {
		for _, r := range base {
			add(energy.Interval{Start: r.Start.Add(shift), End: r.End.Add(shift)})
		}
	}
	return positions, len(base)
}

// plainWindow is a window of the simulation.
type plainWindow struct {
	due  time.Time
	rows []energy.Interval
}

// plainWindows is the note's table, word for word, over rows written out.
func plainWindows(a Ask) (out []plainWindow) {
	d := a.Event.ReportDescriptors[0]
	positions, round := unrolled(a)
	if d.NumIntervals == 0 || d.Repeat == 0 || len(positions) == 0 {
		return nil
	}
	isLoop := len(a.Rows) > 0 && len(positions) > len(a.Rows)
	start, number, step, repeat := d.StartInterval, d.NumIntervals, d.Frequency, d.Repeat
	if step == 0 {
		step, repeat = 1, -1
		if start == -1 {
			start = 0
		}
		if number == -1 {
			number = 1
		}
	}
	if number == -1 {
		number = round
	}
	if start == -1 && d.IsHistorical {
		start = round - 1
	} else if start == -1 {
		start = 0
	}
	if step == -1 && isLoop {
		step = round
	} else if step == -1 {
		step = number
	}
	for k := 0; repeat == -1 || k < repeat; k++ {
		anchor := start + k*step
		if anchor >= len(positions) {
			break
		}
		if positions[anchor] == nil {
			continue
		}
		var w plainWindow
		for p := range positions {
			isIn := p >= anchor && p < anchor+number
			if d.IsHistorical {
				isIn = p <= anchor && p > anchor-number
			}
			if r := positions[p]; isIn && r != nil {
				if w.rows = append(w.rows, *r); d.IsHistorical && r.End.After(w.due) {
					w.due = r.End
				} else if !d.IsHistorical && (len(w.rows) == 1 || r.Start.Before(w.due)) {
					w.due = r.Start
				}
			}
		}
		out = append(out, w)
	}
	return out
}

func (w plainWindow) isOver(now time.Time) bool {
	last := w.rows[0].End
	for _, r := range w.rows {
		if r.End.After(last) {
			last = r.End
		}
	}
	return last.After(w.due) && !last.After(now)
}

// plainDue is what the simulation reports at now, when it last did so for until.
func plainDue(a Ask, windows []plainWindow, until, now time.Time) map[string]bool {
	var newest time.Time
	for _, w := range windows {
		if !w.due.After(now) && w.due.After(newest) {
			newest = w.due
		}
	}
	out := map[string]bool{}
	for _, w := range windows {
		if w.due.Equal(newest) && newest.After(until) && (a.Event.ReportDescriptors[0].IsHistorical || !w.isOver(now)) {
			out[fmt.Sprint(w.due, w.rows)] = true
		}
	}
	return out
}

func spans(w Window) (out []energy.Interval) {
	for _, r := range w.Rows {
		out = append(out, r.Interval)
	}
	return out
}
