package gridx

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"hearth/energy"
)

// The answer, in the order in which the vendor writes it.
type document struct {
	Meta meta    `json:"meta"`
	Data []curve `json:"data"`
}

type meta struct {
	Code     int    `json:"code"`
	URL      string `json:"requestURL"`
	Body     string `json:"requestBody"` // JSON in a text: the question
	Response string `json:"response"`
}

type curve struct {
	Header  header  `json:"priceHeader"`
	Details []price `json:"priceDetails"`
}

type header struct {
	Name     string `json:"priceCurveName"`
	Market   string `json:"marketName"`
	Minutes  int    `json:"intervalLengthInMinutes"`
	Currency string `json:"settlementCurrency"`
	Unit     string `json:"settlementUnit"`
	Start    string `json:"startTime"`
	End      string `json:"endTime"` // the last second of the day
	Count    int    `json:"recordCount"`
}

type price struct {
	Start  string `json:"startIntervalTimeStamp"`
	Price  string `json:"intervalPrice"`
	Status string `json:"priceStatus"`
	Parts  []part `json:"priceComponents"`
}

type part struct {
	Name  string `json:"component"`
	Price string `json:"intervalPrice"`
	Type  string `json:"priceType"`
}

// parts are what a utility's price consists of; the first of them takes what the others leave.
var parts = map[string][]part{
	"PGE": {{Name: "mec", Type: "generation"}, {Name: "cld", Type: "distribution"}, {Name: "mgcc", Type: "generation"}},
	"SCE": {
		{Name: "mec", Type: "generation"}, {Name: "abank", Type: "distribution"}, {Name: "bbank", Type: "distribution"},
		{Name: "circuitpricecurve", Type: "distribution"}, {Name: "nbc", Type: "nonbypassablecharge"}, {Name: "ppf", Type: "generation"},
		{Name: "ramp", Type: "generation"}, {Name: "transmissionpricecurve", Type: "transmission"},
	},
}

// pricing answers with the days of a question that are out, or with nothing.
func (s *server) pricing(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	days := s.days(q)
	if !s.isKnown(q) || len(days) == 0 {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	said := map[string]string{}
	for name := range q {
		said[name] = q.Get(name)
	}
	body, _ := json.Marshal(said) // texts can always be written
	d := document{Meta: meta{Code: http.StatusOK, URL: "http://" + r.Host + r.URL.Path, Body: string(body), Response: "Request succeeded"}}
	for _, day := range days {
		d.Data = append(d.Data, s.curve(day, q.Get("ratename")))
	}
	reply(w, d)
}

// isKnown says that a question is about something that exists.
func (s *server) isKnown(q url.Values) bool {
	return q.Get("utility") == s.Utility && q.Get("market") == "DAM" && q.Get("program") == "CalFUSE" &&
		slices.Contains(s.Rates, q.Get("ratename")) && slices.Contains(s.Circuits, q.Get("representativeCircuitId")) &&
		(!q.Has("cca") || slices.Contains(s.CCAs, q.Get("cca")))
}

// days are the local days from startdate to enddate, both included, as far as they are out.
func (s *server) days(q url.Values) []energy.Interval {
	date := func(name string) time.Time {
		noon, err := time.ParseInLocation("20060102 15", q.Get(name)+" 12", s.zone)
		if err != nil {
			return time.Time{}
		}
		return noon
	}
	first, last := date("startdate"), date("enddate")
	if first.IsZero() || last.IsZero() || !last.Before(first.AddDate(0, 0, mostDays)) {
		return nil
	}
	var all []energy.Interval
	for noon := first; !noon.After(last); noon = noon.AddDate(0, 0, 1) {
		if s.status(noon) != "" && !noon.Before(s.Since) {
			all = append(all, energy.Day(noon, s.zone))
		}
	}
	return all
}

// status is how firm the prices of a day are now; empty: they are not out.
func (s *server) status(date time.Time) string {
	switch now := s.Now(); {
	case !now.Before(s.wall(date, 1, s.Final)):
		return "Final"
	case !now.Before(s.wall(date, s.Ahead, s.Preliminary)):
		return "Preliminary"
	}
	return ""
}

func (s *server) curve(day energy.Interval, rate string) curve {
	status, of := s.status(day.Start), s.Price
	if status != "Final" {
		of = s.Forecast
	}
	c := curve{Header: header{
		Name: s.Utility + "-CalFUSE-" + rate + "-SECONDARY", Market: "CAISO-DAM", Minutes: int(s.Step / time.Minute), Currency: "USD", Unit: "kWh",
		Start: s.text(day.Start), End: s.text(day.End.Add(-time.Second)),
	}}
	for at := day.Start; at.Before(day.End); at = at.Add(s.Step) {
		total := millionths(of(at))
		c.Details = append(c.Details, price{Start: s.text(at), Price: decimal(total), Status: status, Parts: s.split(total)})
	}
	c.Header.Count = len(c.Details)
	return c
}

// split shares a price among its parts, a tenth for each but the first, so that they add up.
func (s *server) split(total int64) []part {
	out := slices.Clone(parts[s.Utility])
	rest := total
	for i := range out[1:] {
		share := total / 10
		out[i+1].Price, rest = decimal(share), rest-share
	}
	out[0].Price = decimal(rest)
	return out
}

func (s *server) text(t time.Time) string { return t.In(s.zone).Format(s.Layout) }

// millionths is a price as exactly as the vendor tells it.
func millionths(p energy.Price) int64 {
	const unit = 1_000_000 // a price counts in 1e-12
	half := energy.Price(unit / 2)
	if p < 0 {
		half = -half
	}
	return int64((p + half) / unit)
}

// decimal writes millionths with all six places.
func decimal(n int64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%06d", sign, n/1_000_000, n%1_000_000)
}
