package digiwatt

import (
	"net/http"
	"slices"
	"time"

	"hearth/energy"
)

// window is one of the best, as it is written.
type window struct {
	Start string `json:"start"`
	Stop  string `json:"stop"`
}

// greenness is the hours of today and tomorrow, and the best windows of the coming day.
func (s *Server) greenness(*http.Request) (any, int) {
	b, best := block{[]any{}, []string{"renewable_fraction"}, [][]float64{}}, []window{}
	if s.cfg.Share == nil {
		return document{"best_windows": best, "time_series": b}, http.StatusOK
	}
	today := energy.Day(s.cfg.Now(), s.cfg.Zone)
	for at := today.Start; at.Before(energy.Day(today.End, s.cfg.Zone).End); at = at.Add(time.Hour) {
		b.Index, b.Data = append(b.Index, yearDayMonth(at)), append(b.Data, []float64{s.cfg.Share(at)})
	}
	for _, w := range s.best() {
		best = append(best, window{yearDayMonth(w.Start), yearDayMonth(w.End)})
	}
	return document{"best_windows": best, "time_series": b}, http.StatusOK
}

// leastWindow is the shortest that is worth telling.
const leastWindow = time.Hour

// best are the runs, to the minute, in which the share is in the highest quarter of the coming day.
func (s *Server) best() []energy.Interval {
	day := energy.NewGrid(s.cfg.Now().Truncate(time.Minute), time.Minute, 24*60)
	shares := make([]float64, day.Count())
	for i := range shares {
		shares[i] = s.cfg.Share(day.Slot(i).Start)
	}
	sorted := slices.Sorted(slices.Values(shares))
	least := sorted[len(sorted)*3/4]
	var all []energy.Interval
	for i := 0; i < len(shares); i++ {
		first := i
		for i < len(shares) && shares[i] >= least {
			i++
		}
		if w := energy.Span(day.Slot(first).Start, time.Duration(i-first)*time.Minute); w.Length() >= leastWindow {
			all = append(all, w)
		}
	}
	return all
}

// weeks are the four that end today, oldest first.
func (c calendar) weeks() []energy.Interval {
	_, _, today := c.now.In(c.zone).Date()
	var all []energy.Interval
	for n := -4; n < 0; n++ {
		all = append(all, energy.Interval{Start: c.midnight(0, today+7*n), End: c.midnight(0, today+7*n+7)})
	}
	return all
}

// The parts of its energy that an appliance is told to save.
const (
	savedOfUses  = 0.2
	savedOfTotal = 0.15
)

// saving compares four weeks with the four before. The last day of a week is one of it, and days are written with the
// month before the day, unlike elsewhere.
func (s *Server) saving(r *http.Request) (any, int) {
	weeks := s.calendar().weeks()
	span := energy.Interval{Start: weeks[0].Start, End: weeks[3].End}
	before := energy.Interval{Start: span.Start.Add(-span.Length()), End: span.Start}
	all := []document{}
	for _, a := range s.cfg.Appliances {
		took := a.energy(span)
		d := document{"appliance": a.Name}
		if a.Uses != nil {
			n, m := a.Uses(span), a.Uses(before)
			d["usages_number"] = document{"user": n, "average": m}
			d["single_use_consumption"] = document{"user": per(took, n), "average": per(a.energy(before), m)}
			d["consumption"] = document{"actual": took, "saving": tenths(took * savedOfUses)}
		} else {
			d["total_consumption"] = document{"user": took, "average": a.energy(before)}
			d["consumption"] = document{"actual": took, "saving": tenths(took * savedOfTotal)}
		}
		if a.Name == "standby" {
			d["history"] = document{"threshold": tenths(took / 4), "consumptions_history": s.history(a, weeks)}
		}
		all = append(all, d)
	}
	_, sum := s.energies(span)
	return document{"account_number": r.PathValue("account"), "consumption": sum, "saving_data": all}, http.StatusOK
}

func (s *Server) history(a Appliance, weeks []energy.Interval) []document {
	var all []document
	for _, w := range weeks {
		all = append(all, document{"start": s.day(w.Start), "stop": s.day(w.End.Add(-time.Minute)), "value": a.energy(w)})
	}
	return all
}

// day is a local day as if its midnight were that of UTC.
func (s *Server) day(at time.Time) string {
	year, month, day := at.In(s.cfg.Zone).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Format("2006-01-02T15:04:05Z")
}

// per is what each of some uses took; nothing where there were none.
func per(took float64, uses int) any {
	if uses == 0 {
		return nil
	}
	return tenths(took / float64(uses))
}
