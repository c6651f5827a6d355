package report

import (
	"time"

	"hearth/energy"
	"hearth/openadr"
)

// shape makes the rows of the report of those of the event.
func (s *schedule) shape(rows []Row) []Row {
	switch {
	case isOpen(s.descriptor):
		first := rows[0].Start
		for _, r := range rows {
			if r.Start.Before(first) {
				first = r.Start
			}
		}
		whole := Row{Interval: energy.Interval{Start: first, End: lastEnd(rows)}}
		if cut := split([]Row{whole}, s.pace); len(cut) > 0 {
			rows = cut
		}
	case s.descriptor.ReportIntervals == openadr.SubIntervals:
		if cut := split(rows, s.pace); len(cut) > 0 {
			rows = cut
		}
	}
	if isOpen(s.descriptor) || len(s.course.rows) == 0 { // ids are ours
		for i := range rows {
			rows[i].ID = int32(i)
		}
	}
	return rows
}

// split cuts rows at a pace from their start on; none if that is too many.
func split(rows []Row, pace time.Duration) []Row {
	var out []Row
	for _, r := range rows {
		g := energy.Grid{Interval: r.Interval, Step: pace}
		if r.Length() <= pace {
			out = append(out, r)
			continue
		}
		if r.Length()/pace >= time.Duration(maxRows-len(out)) {
			return nil
		}
		for i := range g.Count() {
			part := r
			part.Interval = g.Slot(i)
			out = append(out, part)
		}
	}
	return out
}
