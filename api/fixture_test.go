package api

import (
	"math"
	"strings"
	"time"
)

// fixed is a home that does not change.
type fixed struct {
	home     Home
	timeline Timeline

	feeds     []Feed
	energyErr error
}

func (f fixed) Home() Home         { return f.home }
func (f fixed) Timeline() Timeline { return f.timeline }
func (f fixed) Sources() []Feed    { return f.feeds }

func (f fixed) Energy(from, to time.Time) (Energy, error) {
	return Energy{Span{from, to}, num(12_000), num(3_000), 0.5, num(4.2)}, f.energyErr
}

const quarter = 15 * time.Minute

func num(v float64) *float64 { return &v }

func berlin() *time.Location {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return zone
}

// sample is the home of a clear day in Berlin seen at now; prices end at known. Where now lies on a change
// day the timeline has 47 or 49 hours.
func sample(now, known time.Time) fixed {
	zone := berlin()
	y, m, d := now.In(zone).Date()
	start, end := time.Date(y, m, d, 0, 0, 0, 0, zone), time.Date(y, m, d+2, 0, 0, 0, 0, zone)
	t := Timeline{Revision: 7, Span: Span{Start: start, End: end}, Currency: "EUR"}
	for at := start; at.Before(end); at = at.Add(quarter) {
		p := Price{Span: Span{Start: at, End: at.Add(quarter)}}
		if at.Before(known) {
			p.Import, p.Export = num(priceAt(at.In(zone))), num(0.0786)
			p.Carbon = num(carbonAt(at.In(zone)))
		}
		t.Prices = append(t.Prices, p)
	}
	grids := map[bool][]*float64{}
	for _, name := range []string{"solar", "battery", "car", "dishwasher", "heat_pump"} {
		for _, isPlan := range []bool{true, false} {
			c := curve(name, t.Span, now, isPlan)
			grids[isPlan] = added(grids[isPlan], c.Power)
			if isPlan {
				t.Plan = append(t.Plan, c)
			} else {
				t.Actual = append(t.Actual, c)
			}
		}
	}
	t.Plan = append(t.Plan, Curve{Name: "grid", Start: start, Step: quarter.Seconds(), Power: grids[true]})
	t.Actual = append(t.Actual, Curve{Name: "grid", Start: start, Step: quarter.Seconds(), Power: grids[false]})
	return fixed{home: sampleHome(now), timeline: t}
}

// priceAt has a morning and an evening peak and falls below zero at noon.
func priceAt(t time.Time) float64 {
	h := hour(t)
	p := 0.262 + 0.10*bump(h, 8, 1.6) + 0.17*bump(h, 19, 2.1) - 0.275*bump(h, 13.2, 2.2) - 0.03*bump(h, 3, 3)
	if t.YearDay()%2 == 0 {
		p += 0.05*bump(h, 12, 5) - 0.02*bump(h, 20, 4)
	}
	return math.Round((p+0.004*math.Sin(float64(t.Unix()/900)))*1e5) / 1e5
}

func carbonAt(t time.Time) float64 {
	h := hour(t)
	return math.Round(355 - 235*bump(h, 13, 3) + 70*bump(h, 19.5, 2.5) - 40*bump(h, 4, 3))
}

// curve is what one device does: planned over the whole span, or measured until now with a gap of an hour.
func curve(name string, span Span, now time.Time, isPlan bool) Curve {
	c := Curve{Name: name, Start: span.Start, Step: quarter.Seconds()}
	for at := span.Start; at.Before(span.End); at = at.Add(quarter) {
		h := hour(at.In(berlin()))
		if !isPlan && (!at.Before(now) || (h >= 4 && h < 5)) {
			c.Power = append(c.Power, nil)
			continue
		}
		w := deviceAt(name, h)
		if !isPlan {
			w *= 1 + 0.06*math.Sin(float64(at.Unix()/900)*2.3)
		}
		c.Power = append(c.Power, num(math.Round(w)))
	}
	return c
}

func deviceAt(name string, h float64) float64 {
	within := func(from, to float64) bool { return h >= from && h < to }
	switch {
	case name == "solar":
		return -6200 * bump(h, 13, 2.3) * (1 - 0.3*bump(h, 14.5, 0.4))
	case name == "battery" && within(11, 14.5):
		return 2400
	case name == "battery" && within(18, 21.5):
		return -1900
	case name == "car" && within(1, 4.5):
		return 3680
	case name == "car" && within(12.25, 14.25):
		return 5500
	case name == "dishwasher" && (within(13, 13.25) || within(14, 14.25)):
		return 2050
	case name == "dishwasher" && within(13.25, 14.75):
		return 120
	case name == "heat_pump":
		return 380 + 900*bump(h, 5.5, 1.2) + 500*bump(h, 13.5, 1.5)
	}
	return 0
}

func added(sum, power []*float64) []*float64 {
	if sum == nil {
		for range power {
			sum = append(sum, num(260))
		}
	}
	for i, w := range power {
		if w == nil || sum[i] == nil {
			sum[i] = nil
			continue
		}
		sum[i] = num(*sum[i] + *w)
	}
	return sum
}

func sampleHome(now time.Time) Home {
	ago := func(d time.Duration) *time.Time { t := now.Add(-d); return &t }
	span := func(from, d time.Duration) *Span {
		s := now.Truncate(quarter).Add(from)
		return &Span{Start: s, End: s.Add(d)}
	}
	h := hour(now.In(berlin()))
	return Home{
		Revision: 7, Now: now, Zone: "Europe/Berlin", Name: "Linden Street 4", Note: "simulated home, 600×", Currency: "EUR",
		Grid: num(1240), Solar: num(deviceAt("solar", h)), Price: num(priceAt(now.In(berlin()))), Carbon: num(carbonAt(now.In(berlin()))),
		Today: Totals{Imported: num(18420), Exported: num(3170), Cost: num(2.914), Carbon: num(4210)},
		Plan:  PlanInfo{Made: ago(4 * time.Minute), Status: "optimal", Objective: num(3.21), Gap: num(0.004)},
		Devices: []Device{
			{Name: "car", Title: "Family car", Kind: "vehicle", State: "charging", Power: num(5480), SoC: num(0.62), NextRun: span(0, 105*time.Minute), Why: "Charging now because power is cheap until 14:15; it must reach 80 % by 07:00 tomorrow.", Seen: ago(8 * time.Second), MaxAge: 600},
			{Name: "battery", Title: "House battery", Kind: "battery", State: "charging", Power: num(2390), SoC: num(0.41), NextRun: span(0, 2*time.Hour), Why: "Storing the sun of noon for the dear hours after 18:00.", Seen: ago(12 * time.Second), MaxAge: 600},
			{Name: "dishwasher", Title: "Dishwasher", Kind: "appliance", State: "waiting", Power: num(1.5), NextRun: span(30*time.Minute, 105*time.Minute), Why: "Waits for 13:00, the cheapest start before you need it at 20:00.", Seen: ago(31 * time.Second), MaxAge: 600},
			{Name: "heat_pump", Title: "Heat pump", Kind: "load", State: "on", Power: num(870), Why: "Runs on its own; the plan counts on what it usually takes.", Seen: ago(20 * time.Second), MaxAge: 600},
			{Name: "solar", Title: "Roof", Kind: "solar", State: "on", Power: num(deviceAt("solar", h)), Why: "Producing close to the forecast.", Seen: ago(5 * time.Second), MaxAge: 600},
			{Name: "garage", Title: "Garage meter", Kind: "meter", State: "offline", Why: "No answer since 11:42; the plan goes on without it.", Seen: ago(48 * time.Minute), MaxAge: 600},
		},
		Operator: sampleOrders(now),
		Health: []Health{
			{Part: "VTN", OK: true, Text: "prices known until tomorrow 24:00", Since: ago(9 * time.Hour)},
			{Part: "broker", OK: true, Text: "connected", Since: ago(26 * time.Hour)},
			{Part: "devices", OK: false, Text: "garage meter does not answer", Since: ago(48 * time.Minute)},
			{Part: "store", OK: true, Text: "last written a minute ago", Since: ago(26 * time.Hour)},
			{Part: "clock", OK: true, Text: "in step with the network", Since: ago(26 * time.Hour)},
		},
	}
}

// sampleOrders is an alert that holds, a possible outage without an end, a limit of one device, and a warning.
func sampleOrders(now time.Time) []Order {
	at := func(d time.Duration) time.Time { return now.Truncate(quarter).Add(d) }
	until := func(d time.Duration) *time.Time { t := at(d); return &t }
	return []Order{
		{From: at(-2 * quarter), To: until(2 * quarter), Kind: "high", Title: "Flex alert", Text: "Heat wave: please use less.", Source: "utility", Event: "alert-1", Effect: "What can be moved goes to other times: 0.3 kWh are planned to be taken from the grid."},
		{From: at(time.Hour), To: until(7 * time.Hour), Kind: "import_limit", Device: "car", Title: "At most 6kW may be taken", Source: "utility", Event: "limit-1", Effect: "Followed while it holds, within what the device can do."},
		{From: at(2 * time.Hour), To: until(3 * time.Hour), Kind: "notice", Title: "Wind", Text: "Storm on the coast.", Source: "city", Event: "wind-1", Effect: "For people: it asks nothing of the devices."},
		{From: at(9 * time.Hour), Kind: "outage", Title: "Possible outage", Source: "utility", Event: "outage-1", Effect: "The battery is full when it begins, as far as there is time, and keeps that until it is over."},
	}
}

// unknown is a home that has just started: nothing was read, no price has come.
func unknown(now time.Time) fixed {
	return fixed{home: Home{
		Now: now, Zone: "Europe/Berlin", Name: "New home", Currency: "EUR", Plan: PlanInfo{Status: "none"},
		Devices: []Device{{Name: "plug", Title: "Plug", Kind: "load", State: "offline", Why: "Nothing was heard from it yet."}},
	}, timeline: Timeline{Span: Span{Start: now.Add(-12 * time.Hour).Truncate(quarter), End: now.Add(30 * time.Hour).Truncate(quarter)}, Currency: "EUR"}}
}

const hostileText = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`

// hostile is a home whose every outside text tries to be a page of its own.
func hostile(now time.Time) fixed {
	f := sample(now, now.Add(48*time.Hour))
	f.home.Name, f.home.Note = hostileText, "\u202egnp.exe"+hostileText
	for i := range f.home.Devices {
		d := &f.home.Devices[i]
		d.Title, d.Why, d.State = hostileText, hostileText, hostileText
	}
	f.home.Devices[0].Title = strings.Repeat("unbroken", 40)
	for i := range f.home.Health {
		f.home.Health[i].Part, f.home.Health[i].Text = hostileText, hostileText
	}
	for i := range f.home.Operator {
		o := &f.home.Operator[i]
		o.Title, o.Text, o.Source, o.Effect, o.Kind = hostileText, hostileText, strings.Repeat("unbroken", 40), hostileText, hostileText
	}
	f.home.Currency, f.timeline.Currency = "not money", "not money"
	f.home.Zone = "Nowhere/Land"
	return f
}

func hour(t time.Time) float64 { return float64(t.Hour()) + float64(t.Minute())/60 }

func bump(x, at, width float64) float64 { return math.Exp(-(x - at) * (x - at) / (2 * width * width)) }
