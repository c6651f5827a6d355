package simplex

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"hearth/scheduler/internal/lp"
)

// problem is what a planning problem file says, as far as a relaxation needs it.
type problem struct {
	Minutes     int       `json:"slot_minutes"`
	Slots       int       `json:"slots"`
	Import      []float64 `json:"import_price_per_kwh"`
	Export      []float64 `json:"export_price_per_kwh"`
	Carbon      []float64 `json:"carbon_g_per_kwh"`
	CarbonPrice float64   `json:"carbon_price_per_tonne"`
	Solar       []float64 `json:"solar_w"`
	Curtailable bool      `json:"solar_curtailable"`
	Base        []float64 `json:"base_load_w"`
	ImportLimit series    `json:"import_limit_w"`
	ExportLimit series    `json:"export_limit_w"`
	PeakPrice   float64   `json:"peak_price_per_kw"`
	PeakSoFar   float64   `json:"peak_so_far_w"`
	PeakSlots   int       `json:"peak_averaging_slots"`
	Circuits    []struct {
		Limit   float64  `json:"limit_w"`
		Devices []string `json:"devices"`
	} `json:"circuits"`
	Devices []device `json:"devices"`
}

type device struct {
	ID           string       `json:"id"`
	Kind         string       `json:"kind"`
	Profile      []float64    `json:"profile_w"`
	Earliest     int          `json:"earliest_slot"`
	Latest       int          `json:"latest_end_slot"`
	Power        float64      `json:"power_w"`
	Run          int          `json:"run_slots"`
	MinOn        int          `json:"min_on_slots"`
	MinOff       int          `json:"min_off_slots"`
	MaxStarts    *int         `json:"max_starts"`
	StartCost    float64      `json:"start_cost"`
	Arrive       int          `json:"arrive_slot"`
	Depart       int          `json:"depart_slot"`
	Ranges       [][2]float64 `json:"power_ranges_w"`
	ChargeEff    float64      `json:"charge_efficiency"`
	DischargeEff float64      `json:"discharge_efficiency"`
	Required     float64      `json:"required_wh"`
	Max          float64      `json:"max_wh"`
	EnergyMin    float64      `json:"energy_min_wh"`
	EnergyMax    float64      `json:"energy_max_wh"`
	Energy       float64      `json:"energy_initial_wh"`
	ChargeMax    float64      `json:"charge_max_w"`
	DischargeMax float64      `json:"discharge_max_w"`
	Wear         float64      `json:"wear_per_kwh"`
	Terminal     float64      `json:"terminal_value_per_kwh"`
	PowerMin     float64      `json:"min_w"`
	PowerMax     float64      `json:"max_w"`
	COP          series       `json:"cop"`
	Loss         float64      `json:"loss_per_hour"`
	Draw         []float64    `json:"draw_wh"`
}

// series is one number or one for each slot.
type series []float64

func (s *series) UnmarshalJSON(b []byte) error {
	if b[0] == '[' {
		return json.Unmarshal(b, (*[]float64)(s))
	}
	*s = make([]float64, 1)
	return json.Unmarshal(b, &(*s)[0])
}

func (s series) at(t int) float64 {
	if len(s) == 1 {
		return s[0]
	}
	return s[t]
}

func readProblem(t testing.TB, name string) *problem {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "problems", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	p := new(problem)
	if err := json.Unmarshal(text, p); err != nil {
		t.Fatal(err)
	}
	return p
}

// relaxation is the linear relaxation of a problem in kW, kWh and money.
type relaxation struct {
	*lp.Model
	p       *problem
	dt      float64
	balance [][]lp.Term // by slot: import minus export minus all that consumes
	uses    map[string][][]lp.Term
}

// relax sets the relaxation up: import, export and curtailment with a balance a slot; start columns; on and
// start indicators with the rows of Rajan and Takriti; ranges; energy chains.
func relax(p *problem) *lp.Model {
	r := &relaxation{Model: new(lp.Model), p: p, dt: float64(p.Minutes) / 60, uses: map[string][][]lp.Term{}}
	r.balance = make([][]lp.Term, p.Slots)
	imports := make([]int, p.Slots)
	for t := range p.Slots {
		buy := p.Import[t]
		if p.Carbon != nil {
			buy += p.CarbonPrice * p.Carbon[t] * 1e-6
		}
		imports[t] = r.Column(r.dt*buy, 0, p.ImportLimit.at(t)/1000)
		r.balance[t] = append(r.balance[t], lp.Term{Column: imports[t], Value: 1},
			lp.Term{Column: r.Column(-r.dt*p.Export[t], 0, p.ExportLimit.at(t)/1000), Value: -1})
		if p.Curtailable && p.Solar[t] > 0 {
			r.balance[t] = append(r.balance[t], lp.Term{Column: r.Column(0, 0, p.Solar[t]/1000), Value: -1})
		}
	}
	for _, d := range p.Devices {
		r.uses[d.ID] = make([][]lp.Term, p.Slots)
		switch d.Kind {
		case "shiftable":
			r.shiftable(d)
		case "interruptible":
			r.interruptible(d)
		case "vehicle":
			r.vehicle(d)
		case "battery":
			r.battery(d)
		case "thermal":
			r.thermal(d)
		}
	}
	for t, terms := range r.balance {
		need := (p.Base[t] - p.Solar[t]) / 1000
		r.Row(need, need, terms...)
	}
	r.circuits()
	r.peak(imports)
	return r.Model
}

// consumes takes the terms of a device's power in a slot into the balance.
func (r *relaxation) consumes(d device, t int, terms ...lp.Term) {
	r.uses[d.ID][t] = append(r.uses[d.ID][t], terms...)
	for _, term := range terms {
		r.balance[t] = append(r.balance[t], lp.Term{Column: term.Column, Value: -term.Value})
	}
}

func (r *relaxation) shiftable(d device) {
	var once []lp.Term
	for start := d.Earliest; start+len(d.Profile) <= d.Latest; start++ {
		x := r.Column(0, 0, 1)
		once = append(once, lp.Term{Column: x, Value: 1})
		for k, w := range d.Profile {
			if w > 0 {
				r.consumes(d, start+k, lp.Term{Column: x, Value: w / 1000})
			}
		}
	}
	r.Row(1, 1, once...)
}

// switches adds the on and the start column of each slot in [from, to), with minimum times. With isWhole
// every run has to fit in.
func (r *relaxation) switches(d device, from, to int, isWhole bool) (on, start []int) {
	minOn, minOff := max(d.MinOn, 1), max(d.MinOff, 1)
	on, start = make([]int, to-from), make([]int, to-from)
	var starts []lp.Term
	for k := range on {
		on[k] = r.Column(0, 0, 1)
		high := 1.0
		if isWhole && from+k+minOn > to {
			high = 0
		}
		start[k] = r.Column(d.StartCost, 0, high)
		starts = append(starts, lp.Term{Column: start[k], Value: 1})
	}
	for k := range on {
		row := []lp.Term{{Column: start[k], Value: 1}, {Column: on[k], Value: -1}}
		if k > 0 {
			row = append(row, lp.Term{Column: on[k-1], Value: 1})
		}
		r.Row(0, math.Inf(1), row...)
		row = []lp.Term{{Column: on[k], Value: -1}}
		for l := max(0, k-minOn+1); l <= k; l++ {
			row = append(row, lp.Term{Column: start[l], Value: 1})
		}
		r.Row(math.Inf(-1), 0, row...)
		row = row[:0]
		for l := max(0, k-minOff+1); l <= k; l++ {
			row = append(row, lp.Term{Column: start[l], Value: 1})
		}
		if k >= minOff {
			row = append(row, lp.Term{Column: on[k-minOff], Value: 1})
		}
		r.Row(math.Inf(-1), 1, row...)
	}
	if d.MaxStarts != nil {
		r.Row(math.Inf(-1), float64(*d.MaxStarts), starts...)
	}
	return on, start
}

func (r *relaxation) interruptible(d device) {
	on, _ := r.switches(d, d.Earliest, d.Latest, true)
	var total []lp.Term
	for k, u := range on {
		r.consumes(d, d.Earliest+k, lp.Term{Column: u, Value: d.Power / 1000})
		total = append(total, lp.Term{Column: u, Value: 1})
	}
	r.Row(float64(d.Run), float64(d.Run), total...)
}

// band adds a power in [low, high] while on, as low times on plus a rest, and gives the terms of that power.
func (r *relaxation) band(on int, low, high float64) []lp.Term {
	terms := []lp.Term{{Column: on, Value: low / 1000}}
	if high > low {
		rest := r.Column(0, 0, (high-low)/1000)
		r.Row(math.Inf(-1), 0, lp.Term{Column: rest, Value: 1}, lp.Term{Column: on, Value: -(high - low) / 1000})
		terms = append(terms, lp.Term{Column: rest, Value: 1})
	}
	return terms
}

func (r *relaxation) vehicle(d device) {
	on, _ := r.switches(d, d.Arrive, d.Depart, false)
	var total []lp.Term
	for k, u := range on {
		t := d.Arrive + k
		var power []lp.Term
		if len(d.Ranges) == 1 {
			power = r.band(u, d.Ranges[0][0], d.Ranges[0][1])
		} else {
			sum := []lp.Term{{Column: u, Value: -1}}
			for _, band := range d.Ranges {
				in := r.Column(0, 0, 1)
				sum = append(sum, lp.Term{Column: in, Value: 1})
				power = append(power, r.band(in, band[0], band[1])...)
			}
			r.Row(0, 0, sum...)
		}
		r.consumes(d, t, power...)
		for _, term := range power {
			total = append(total, lp.Term{Column: term.Column, Value: term.Value * r.dt * d.ChargeEff})
		}
	}
	r.Row(d.Required/1000, d.Max/1000, total...)
}

func (r *relaxation) battery(d device) {
	before := -1
	for t := range r.p.Slots {
		charge := r.Column(0, 0, d.ChargeMax/1000)
		discharge := r.Column(r.dt*d.Wear, 0, d.DischargeMax/1000)
		cost := 0.0
		if t == r.p.Slots-1 {
			cost = -d.Terminal
		}
		stored := r.Column(cost, d.EnergyMin/1000, d.EnergyMax/1000)
		r.consumes(d, t, lp.Term{Column: charge, Value: 1}, lp.Term{Column: discharge, Value: -1})
		row := []lp.Term{{Column: stored, Value: 1}, {Column: charge, Value: -r.dt * d.ChargeEff}, {Column: discharge, Value: r.dt / d.DischargeEff}}
		had := d.Energy / 1000
		if before >= 0 {
			row, had = append(row, lp.Term{Column: before, Value: -1}), 0
		}
		r.Row(had, had, row...)
		before = stored
	}
}

func (r *relaxation) thermal(d device) {
	keep := math.Pow(1-d.Loss, r.dt)
	var on []int
	if d.StartCost > 0 || max(d.MinOn, d.MinOff) > 1 || d.MaxStarts != nil {
		on, _ = r.switches(d, 0, r.p.Slots, false)
	}
	before := -1
	for t := range r.p.Slots {
		var power []lp.Term
		if on != nil {
			power = r.band(on[t], d.PowerMin, d.PowerMax)
		} else {
			power = r.band(r.Column(0, 0, 1), d.PowerMin, d.PowerMax)
		}
		cost := 0.0
		if t == r.p.Slots-1 {
			cost = -d.Terminal
		}
		stored := r.Column(cost, d.EnergyMin/1000, d.EnergyMax/1000)
		r.consumes(d, t, power...)
		row := []lp.Term{{Column: stored, Value: 1}}
		for _, term := range power {
			row = append(row, lp.Term{Column: term.Column, Value: -r.dt * d.COP.at(t) * term.Value})
		}
		had := -d.Draw[t] / 1000
		if before >= 0 {
			row = append(row, lp.Term{Column: before, Value: -keep})
		} else {
			had += keep * d.Energy / 1000
		}
		r.Row(had, had, row...)
		before = stored
	}
}

func (r *relaxation) circuits() {
	for _, c := range r.p.Circuits {
		for t := range r.p.Slots {
			var row []lp.Term
			for _, id := range c.Devices {
				for _, term := range r.uses[id][t] {
					if term.Value > 0 {
						row = append(row, term)
					}
				}
			}
			if len(row) > 0 {
				r.Row(math.Inf(-1), c.Limit/1000, row...)
			}
		}
	}
}

// peak adds the highest mean import of a block above what is paid already: one column in a row a block.
func (r *relaxation) peak(imports []int) {
	if r.p.PeakPrice == 0 {
		return
	}
	block := max(r.p.PeakSlots, 1)
	above := r.Column(r.p.PeakPrice, 0, 100)
	for from := 0; from < len(imports); from += block {
		to := min(from+block, len(imports))
		row := []lp.Term{{Column: above, Value: -1}}
		for _, x := range imports[from:to] {
			row = append(row, lp.Term{Column: x, Value: 1 / float64(to-from)})
		}
		r.Row(math.Inf(-1), r.p.PeakSoFar/1000, row...)
	}
}
