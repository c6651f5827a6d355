package digiwatt

import (
	"math"
	"net/http"
	"time"

	"hearth/energy"
)

// yearDayMonth is how most times are written: the day before the month.
func yearDayMonth(t time.Time) string {
	return t.UTC().Format("2006") + t.UTC().Format("-02-01T15:04:05Z")
}

// block is a table as the vendor writes it.
type block struct {
	Index   []any       `json:"index"`
	Columns []string    `json:"columns"`
	Data    [][]float64 `json:"data"`
}

type document map[string]any

func (s *Server) calendar() calendar { return calendar{s.cfg.Now(), s.cfg.Zone} }

func (s *Server) names() []string {
	all := []string{}
	for _, a := range s.cfg.Appliances {
		all = append(all, a.Name)
	}
	return all
}

// power is what an appliance takes at a time, to the tenth of a watt.
func (a Appliance) power(at time.Time) float64 {
	if a.Power != nil {
		return tenths(float64(a.Power(at)))
	}
	minute := energy.Span(at.Truncate(time.Minute), time.Minute)
	return tenths(float64(a.Energy(minute).Mean(time.Minute)))
}

// energy is what an appliance took, to the tenth of a watt hour; a part of a minute counts as that.
func (a Appliance) energy(span energy.Interval) float64 { return tenths(float64(a.took(span))) }

func (a Appliance) took(span energy.Interval) energy.WattHours {
	if span.IsEmpty() {
		return 0
	}
	if a.Energy != nil {
		return a.Energy(span)
	}
	sum := energy.WattHours(0)
	for at := span.Start; at.Before(span.End); at = at.Add(time.Minute) {
		sum += a.Power(at).Over(min(time.Minute, span.End.Sub(at)))
	}
	return sum
}

func tenths(v float64) float64 { return math.Round(v*10) / 10 }

// energies is what each appliance took, and all of them.
func (s *Server) energies(span energy.Interval) (row []float64, sum float64) {
	row = []float64{}
	for _, a := range s.cfg.Appliances {
		e := a.energy(span)
		row, sum = append(row, e), sum+e
	}
	return row, tenths(sum)
}

func (s *Server) total(at time.Time) float64 {
	sum := 0.0
	for _, a := range s.cfg.Appliances {
		sum += a.power(at)
	}
	return tenths(sum)
}

func (s *Server) consumption(r *http.Request) (any, int) {
	span, _, isKnown := s.calendar().period(r.PathValue("period"))
	if !isKnown {
		return nil, http.StatusBadRequest
	}
	b := block{[]any{}, s.names(), [][]float64{}}
	for at := span.Start; at.Before(span.End); at = at.Add(time.Minute) {
		row := []float64{}
		for _, a := range s.cfg.Appliances {
			row = append(row, a.power(at))
		}
		b.Index, b.Data = append(b.Index, yearDayMonth(at)), append(b.Data, row)
	}
	return document{"account_number": r.PathValue("account"), "period": r.PathValue("period"), "electricity_data": b}, http.StatusOK
}

func (s *Server) latest(r *http.Request) (any, int) {
	b := block{[]any{}, []string{"active_power_received"}, [][]float64{}}
	now := s.cfg.Now().Truncate(time.Minute)
	for at := now.Add(-6 * time.Hour); at.Before(now); at = at.Add(time.Minute) {
		b.Index, b.Data = append(b.Index, yearDayMonth(at)), append(b.Data, []float64{s.total(at)})
	}
	return document{"account_number": r.PathValue("account"), "electricity_data": b}, http.StatusOK
}

func (s *Server) realtime(r *http.Request) (any, int) {
	return document{"account_number": r.PathValue("account"), "realtime_consumption": s.total(s.cfg.Now())}, http.StatusOK
}

func (s *Server) distribution(r *http.Request) (any, int) {
	span, before, isKnown := s.calendar().period(r.PathValue("period"))
	if !isKnown {
		return nil, http.StatusBadRequest
	}
	row, sum := s.energies(span)
	_, previous := s.energies(before)
	return document{
		"account_number": r.PathValue("account"), "period": r.PathValue("period"),
		"total_consumption": document{"selected_period": sum, "previous_period": previous},
		"electricity_data":  block{[]any{0}, s.names(), [][]float64{row}},
	}, http.StatusOK
}

// performance has similar homes that take half as much, and as much again.
func (s *Server) performance(r *http.Request) (any, int) {
	span, _, isKnown := s.calendar().period(r.PathValue("period"))
	if !isKnown {
		return nil, http.StatusBadRequest
	}
	_, sum := s.energies(span)
	return document{
		"account_number": r.PathValue("account"), "period": r.PathValue("period"),
		"performance": document{"min_consumption": tenths(sum / 2), "max_consumption": tenths(sum * 1.5), "user_consumption": sum},
	}, http.StatusOK
}

// habits is the mean of each hour of the week, Monday first, over the whole hours of a period. Hours that the period
// does not have are left out; one that comes twice on a day counts twice.
func (s *Server) habits(r *http.Request) (any, int) {
	span, _, isKnown := s.calendar().period(r.PathValue("period"))
	if !isKnown {
		return nil, http.StatusBadRequest
	}
	var sums, counts [7][24]float64
	for at := span.Start; !at.Add(time.Hour).After(span.End); at = at.Add(time.Hour) {
		local := at.In(s.cfg.Zone)
		day := (int(local.Weekday()) + 6) % 7
		_, e := s.energies(energy.Span(at, time.Hour))
		sums[day][local.Hour()] += e
		counts[day][local.Hour()]++
	}
	b := block{[]any{}, []string{"consumption"}, [][]float64{}}
	for day := range sums {
		for hour, sum := range sums[day] {
			if n := counts[day][hour]; n > 0 {
				b.Index, b.Data = append(b.Index, []int{day, hour}), append(b.Data, []float64{tenths(sum / n)})
			}
		}
	}
	return document{"account_number": r.PathValue("account"), "period": r.PathValue("period"), "electricity_data": b}, http.StatusOK
}

// trend says "yesterday" of its twelve months, as the vendor does.
func (s *Server) trend(r *http.Request) (any, int) {
	b := block{[]any{}, []string{"f1", "f2", "f3"}, [][]float64{}}
	for i, month := range s.calendar().months() {
		var sums [bands]float64
		for at := month.Start; at.Before(month.End); at = at.Add(time.Hour) {
			for _, a := range s.cfg.Appliances {
				sums[s.band(at)] += float64(a.took(energy.Span(at, time.Hour)))
			}
		}
		b.Index, b.Data = append(b.Index, i+1), append(b.Data, []float64{tenths(sums[f1]), tenths(sums[f2]), tenths(sums[f3])})
	}
	return document{"account_number": r.PathValue("account"), "period": "yesterday", "electricity_data": b}, http.StatusOK
}

func (s *Server) compound(r *http.Request) (any, int) {
	b := block{[]any{}, s.names(), [][]float64{}}
	for i, month := range s.calendar().months() {
		row, _ := s.energies(month)
		b.Index, b.Data = append(b.Index, i+1), append(b.Data, row)
	}
	return document{"account_number": r.PathValue("account"), "electricity_data": b}, http.StatusOK
}

// yearly does not say whose it is, as the vendor's does not.
func (s *Server) yearly(*http.Request) (any, int) {
	months := s.calendar().months()
	row, _ := s.energies(energy.Interval{Start: months[0].Start, End: months[len(months)-1].End})
	return document{"electricity_data": block{[]any{0}, s.names(), [][]float64{row}}}, http.StatusOK
}
