package gridx

import (
	"net/http"
	"time"

	"hearth/energy"
)

type usage struct {
	Descriptors []descriptor `json:"payloadDescriptors"`
	Period      period       `json:"intervalPeriod"`
	Intervals   []interval   `json:"intervals"`
}

type descriptor struct {
	Object string `json:"objectType"`
	Type   string `json:"payloadType"`
	Units  string `json:"units"`
}

type period struct {
	Start    string `json:"start"`
	Duration string `json:"duration"`
}

type interval struct {
	ID       int       `json:"id"`
	Period   period    `json:"intervalPeriod"`
	Payloads []payload `json:"payloads"`
}

type payload struct {
	Type   string    `json:"type"`
	Values []float64 `json:"values"` // kWh
}

// usage answers with the slots from start to end: metered where they are billed, bought from now on, and nothing in
// between.
func (s *server) usage(w http.ResponseWriter, r *http.Request) {
	start, err := time.Parse(time.RFC3339, r.URL.Query().Get("start"))
	end, err2 := time.Parse(time.RFC3339, r.URL.Query().Get("end"))
	if err != nil || err2 != nil || end.Sub(start) > 366*24*time.Hour {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	var answer usage
	for at := start.Truncate(s.Step); at.Before(end); at = at.Add(s.Step) {
		slot := energy.Span(at, s.Step)
		if payloads := s.payloads(slot); !at.Before(start) && len(payloads) > 0 {
			answer.Intervals = append(answer.Intervals, interval{len(answer.Intervals), s.period(slot), payloads})
		}
	}
	if len(answer.Intervals) == 0 {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	answer.Period = answer.Intervals[0].Period
	for _, p := range []string{"CONSUMPTION", "GENERATION", "BASELINE_CONSUMPTION", "BASELINE_GENERATION"} {
		answer.Descriptors = append(answer.Descriptors, descriptor{"REPORT_PAYLOAD_DESCRIPTOR", p, "KWH"})
	}
	reply(w, answer)
}

func (s *server) period(slot energy.Interval) period {
	length := "PT1H"
	if s.Step != time.Hour {
		length = "PT15M"
	}
	return period{slot.Start.UTC().Format(time.RFC3339), length}
}

// payloads are what is known of a slot: the bought profile is the baseline of what was metered, and stands by itself
// for what is still to come.
func (s *server) payloads(slot energy.Interval) []payload {
	c := s.Customer
	told := func(a Amounts, taken, given string) []payload {
		return []payload{{taken, []float64{float64(a.Taken) / 1000}}, {given, []float64{float64(a.Given) / 1000}}}
	}
	var all []payload
	switch {
	case !slot.End.After(c.Billed) && c.Metered != nil:
		all = told(c.Metered(slot), "CONSUMPTION", "GENERATION")
		if c.Bought != nil {
			all = append(all, told(c.Bought(slot), "BASELINE_CONSUMPTION", "BASELINE_GENERATION")...)
		}
	case !slot.Start.Before(s.Now()) && c.Bought != nil:
		all = told(c.Bought(slot), "CONSUMPTION", "GENERATION")
	}
	return all
}
