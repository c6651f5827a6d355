package search

import (
	"math"

	"pgregory.net/rapid"

	"hearth/scheduler/internal/home"
	"hearth/scheduler/internal/respond"
	"hearth/scheduler/internal/supply"
)

// The tests draw homes of a few slots, price plans in a way of their own, and list plans one by one.

func cents(t *rapid.T, label string, least, most int) float64 {
	return float64(rapid.IntRange(least, most).Draw(t, label)) / 100
}

func halfKW(t *rapid.T, label string, least, most int) float64 {
	return float64(rapid.IntRange(least, most).Draw(t, label)) / 2
}

// drawHome draws a home of four slots with one to three devices.
func drawHome(t *rapid.T) *home.Home {
	const n = 4
	h := &home.Home{Scale: 0.5, Penalty: 25}
	hours := rapid.SampledFrom([]float64{0.25, 1}).Draw(t, "hours")
	imports := rapid.SampledFrom([]float64{2, 4, 20}).Draw(t, "import limit")
	for range n {
		h.Slots = append(h.Slots, supply.Slot{
			Hours: hours, Buy: cents(t, "buy", -5, 50), Sell: cents(t, "sell", -5, 20), ImportLimit: imports,
			ExportLimit: rapid.SampledFrom([]float64{1, 20}).Draw(t, "export limit"), Curtailable: halfKW(t, "curtailable", 0, 3),
		})
		h.Need = append(h.Need, halfKW(t, "need", -4, 3))
	}
	if rapid.Bool().Draw(t, "peak") {
		h.Peak = supply.Peak{Price: 0.4, SoFar: halfKW(t, "so far", 0, 3), Blocks: [][2]int{{0, 2}, {2, 4}}}
		if rapid.Bool().Draw(t, "short blocks") {
			h.Peak.Blocks = [][2]int{{0, 1}, {1, 2}, {3, 4}}
		}
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "devices") {
		h.Devices = append(h.Devices, drawDevice(t, n, hours))
		h.Order = append([]int{i}, h.Order...)
	}
	if rapid.Bool().Draw(t, "circuit") {
		h.Circuits = []home.Circuit{{Limit: halfKW(t, "circuit limit", 2, 8), Devices: h.Order}}
	}
	return h
}

func drawDevice(t *rapid.T, n int, hours float64) respond.Device {
	switch rapid.IntRange(0, 2).Draw(t, "kind") {
	case 0:
		d := &respond.Shiftable{LatestEnd: n, Profile: []float64{halfKW(t, "profile", 1, 4), halfKW(t, "profile", 0, 4)}}
		if d.Optional = rapid.Bool().Draw(t, "optional"); d.Optional {
			d.Value = cents(t, "value", 0, 60)
		}
		return d
	case 1:
		return &respond.Interruptible{
			Power: halfKW(t, "power", 1, 4), Run: rapid.IntRange(0, 3).Draw(t, "run"), LatestEnd: n,
			Switching: respond.Switching{MinOn: 1, MinOff: 1, MaxStarts: -1, StartCost: cents(t, "start cost", 0, 10)},
		}
	}
	d := &respond.Store{
		To: n, Keep: 1, Ranges: [][2]float64{{0, 2}}, Spill: 1.25 * hours, Back: 2, BackCost: 0.01 * hours, High: 3, Initial: 1,
		Required: math.Inf(-1), Worth: cents(t, "worth", 0, 30), AlwaysOn: true, Switching: respond.Switching{MinOn: 1, MinOff: 1, MaxStarts: -1},
	}
	for range n {
		d.Gain = append(d.Gain, hours)
	}
	return d
}

// ledger prices plans of drawn homes: everything they cost, and all they violate.
func ledger(h *home.Home) func(power [][]float64) Score {
	return func(power [][]float64) (s Score) {
		for i, d := range h.Devices {
			cost, missing, outside := ownCost(d, power[i])
			s[2] += missing
			s[3] += outside
			s[4] += cost
		}
		for _, c := range h.Circuits {
			for t := range h.Slots {
				load := 0.0
				for _, i := range c.Devices {
					load += max(power[i][t], 0)
				}
				s[0] += excess(load, c.Limit)
			}
		}
		imports := make([]float64, len(h.Slots))
		for t, slot := range h.Slots {
			need := h.Need[t]
			for _, row := range power {
				need += row[t]
			}
			net := flow(slot, need)
			s[0] += excess(net, slot.ImportLimit)
			s[1] += excess(-net, slot.ExportLimit)
			s[4] += trade(slot, net)
			imports[t] = max(net, 0)
		}
		top := h.Peak.SoFar
		for _, b := range h.Peak.Blocks {
			top = max(top, sum(imports[b[0]:b[1]])/float64(b[1]-b[0]))
		}
		s[4] += h.Peak.Price * (top - h.Peak.SoFar)
		return s
	}
}

func sum(v []float64) (s float64) {
	for _, x := range v {
		s += x
	}
	return s
}

// excess is what is beyond a limit, rounding errors aside.
func excess(x, limit float64) float64 {
	if x <= limit+1e-5 {
		return 0
	}
	return x - limit
}

// flow is the net import at which a need costs least; curtailment may raise it.
func flow(s supply.Slot, need float64) float64 {
	low := min(max(need, -s.ExportLimit), need+s.Curtailable)
	high := max(low, min(need+s.Curtailable, s.ImportLimit))
	best := low
	for _, net := range []float64{min(max(0, low), high), high} {
		if trade(s, net) < trade(s, best) {
			best = net
		}
	}
	return best
}

func trade(s supply.Slot, net float64) float64 {
	if net > 0 {
		return s.Hours * s.Buy * net
	}
	return s.Hours * s.Sell * net
}

// ownCost is what a device's behaviour costs beside energy, the slots that are missing, and the kWh outside.
func ownCost(d respond.Device, power []float64) (cost, missing, outside float64) {
	on := 0
	starts := 0.0
	for t, p := range power {
		if p > 0 {
			on++
			if t == 0 || power[t-1] <= 0 {
				starts++
			}
		}
	}
	switch d := d.(type) {
	case *respond.Shiftable:
		switch {
		case on > 0:
			cost = -d.Value
		case !d.Optional:
			missing = 1
		}
	case *respond.Interruptible:
		cost, missing = starts*d.StartCost, math.Abs(float64(d.Run-on))
	case *respond.Store:
		stored := d.Initial
		for t, p := range power {
			stored += d.Gain[t]*max(p, 0) + d.Spill*min(p, 0)
			outside += excess(stored, d.High) + excess(d.Low, stored)
			cost += d.BackCost * max(-p, 0)
		}
		cost -= d.Worth * stored
	}
	return cost, missing, outside
}

// behaviours are all that a device may do; of a battery some.
func behaviours(d respond.Device, n int) (out [][]float64) {
	row := func(set func(row []float64)) {
		r := make([]float64, n)
		set(r)
		if _, missing, outside := ownCost(d, r); missing == 0 && outside == 0 {
			out = append(out, r)
		}
	}
	row(func([]float64) {})
	switch d := d.(type) {
	case *respond.Shiftable:
		for s := 0; s+len(d.Profile) <= n; s++ {
			row(func(r []float64) { copy(r[s:], d.Profile) })
		}
	case *respond.Interruptible:
		for bits := range 1 << n {
			row(func(r []float64) {
				for t := range r {
					r[t] = d.Power * float64(bits>>t&1)
				}
			})
		}
	case *respond.Store:
		for from := range n {
			for to := range n {
				row(func(r []float64) { r[from], r[to] = 1, -0.8 })
				row(func(r []float64) { r[from], r[to] = 2, -1.6 })
				row(func(r []float64) { r[from] = max(-0.8/d.Spill, -d.Back) })
				row(func(r []float64) { r[from], r[to] = 0.5, 1.5 })
			}
		}
	}
	return out
}

// cheapest is the least cost of all listed plans that violate nothing; infinite when there is none.
func cheapest(h *home.Home) float64 {
	score := ledger(h)
	best := math.Inf(1)
	power := make([][]float64, len(h.Devices))
	var choose func(i int)
	choose = func(i int) {
		if i == len(power) {
			if s := score(power); s.IsWhole() {
				best = min(best, s[4])
			}
			return
		}
		for _, row := range behaviours(h.Devices[i], len(h.Slots)) {
			power[i] = row
			choose(i + 1)
		}
	}
	choose(0)
	return best
}

// isListed says that every behaviour of the home's devices is listed.
func isListed(h *home.Home) bool {
	for _, d := range h.Devices {
		if _, ok := d.(*respond.Store); ok {
			return false
		}
	}
	return true
}
