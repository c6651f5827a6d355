package report

import (
	"time"

	"hearth/openadr"
)

// schedule is the windows of an ask, counted from 0. Window k ends with the position first + k*every, or
// begins with it when it is a forecast.
type schedule struct {
	*course
	descriptor        openadr.ReportDescriptor
	pace              time.Duration
	isForecast        bool
	first, num, every int64
	last              int64 // the greatest k; -1: without end
}

func (a Ask) schedule() (*schedule, error) {
	d, err := a.descriptor()
	if err != nil {
		return nil, err
	}
	if d.StartInterval < -1 || d.NumIntervals < -1 || d.NumIntervals == 0 || d.Frequency < -1 || d.Repeat < -1 || d.Repeat == 0 {
		return nil, a.fault("start %d, number %d, frequency %d, repeat %d ask for nothing",
			d.StartInterval, d.NumIntervals, d.Frequency, d.Repeat)
	}
	c, err := a.course(d)
	if err != nil {
		return nil, err
	}
	s := &schedule{
		course: c, descriptor: d, pace: a.pace(), isForecast: !d.IsHistorical,
		first: int64(d.StartInterval), num: int64(d.NumIntervals), every: int64(d.Frequency), last: int64(d.Repeat) - 1,
	}
	if s.every == 0 { // whenever we like: each row once
		s.every, s.last = 1, -1
		s.first, s.num = max(s.first, 0), max(s.num, 1)
	}
	if s.num < 0 {
		s.num = c.count
	}
	if s.first < 0 && !s.isForecast {
		s.first = c.count - 1
	}
	s.first = max(s.first, 0) // a forecast of all is sent before them (UG 7.5)
	if s.every < 0 && c.period > 0 {
		s.every = c.count
	} else if s.every < 0 {
		s.every = s.num
	}
	if d.Repeat == -1 {
		s.last = -1
	}
	if len(c.rows) > 0 && c.period == 0 {
		s.num = min(s.num, max(c.count, 1))
	}
	if s.num > maxRows {
		return nil, a.fault("%d intervals in one report, more than %d", s.num, maxRows)
	}
	return s, nil
}

// newest finds the newest instant at which something became due, and what did. It walks back from now, and
// no further than it must: a loop that runs since years costs nothing.
func (s *schedule) newest(now time.Time) (at time.Time, numbers []int64) {
	until := now
	if !s.limit.IsZero() && s.limit.Before(until) {
		until = s.limit
	}
	reach := s.upTo(until)
	if reach < s.first {
		return at, nil
	}
	k := (reach - s.first) / s.every
	if s.last >= 0 {
		k = min(k, s.last)
	}
	for ; k >= 0; k-- {
		if !s.isOrdered && len(numbers) > 0 && s.roundEnd(s.first+k*s.every).Before(at) {
			break
		}
		due, isThere := s.due(k)
		switch {
		case !isThere || due.After(now):
			continue
		case len(numbers) == 0 || due.After(at):
			at, numbers = due, []int64{k}
		case due.Equal(at):
			numbers = append(numbers, k)
		case s.isOrdered:
			return at, numbers
		}
	}
	return at, numbers
}

// due is when window k is; false when there is none, or it never ends.
func (s *schedule) due(k int64) (time.Time, bool) {
	anchor, isThere := s.at(s.first + k*s.every)
	if !isThere || anchor.IsEndless && !s.isForecast {
		return time.Time{}, false
	}
	if s.isOrdered {
		if s.isForecast {
			return anchor.Start, true
		}
		return anchor.End, true
	}
	at := anchor.End
	if s.isForecast {
		at = anchor.Start
	}
	for _, r := range s.rows(k) {
		switch {
		case s.isForecast && r.Start.Before(at):
			at = r.Start
		case !s.isForecast && r.IsEndless:
			return time.Time{}, false
		case !s.isForecast && r.End.After(at):
			at = r.End
		}
	}
	return at, true
}

// rows are the event's in window k, which is there.
func (s *schedule) rows(k int64) []Row {
	from := s.first + k*s.every
	to := from + s.num - 1
	if !s.isForecast {
		from, to = max(from-s.num+1, 0), from
	}
	rows := make([]Row, 0, to-from+1)
	for p := from; p <= to; p++ {
		if r, ok := s.at(p); ok {
			rows = append(rows, r)
		}
	}
	return rows
}
