package bound

import (
	"math"

	"pgregory.net/rapid"

	"hearth/scheduler/internal/home"
	"hearth/scheduler/internal/respond"
	"hearth/scheduler/internal/supply"
)

// The tests draw homes of a few slots. All powers, needs and limits are multiples of half a kW, so that what
// is least over all powers of one slot is least at multiples of half a kW.

const slots = 4

func cents(t *rapid.T, label string, least, most int) float64 {
	return float64(rapid.IntRange(least, most).Draw(t, label)) / 100
}

func halfKW(t *rapid.T, label string, least, most int) float64 {
	return float64(rapid.IntRange(least, most).Draw(t, label)) / 2
}

// drawHome draws a home with one to three devices.
func drawHome(t *rapid.T) *home.Home {
	h := &home.Home{Scale: 0.5, Penalty: 25}
	hours := rapid.SampledFrom([]float64{0.25, 1}).Draw(t, "hours")
	imports := rapid.SampledFrom([]float64{2, 4, 20}).Draw(t, "import limit")
	for range slots {
		h.Slots = append(h.Slots, supply.Slot{
			Hours: hours, Buy: cents(t, "buy", -5, 50), Sell: cents(t, "sell", -5, 20), ImportLimit: imports,
			ExportLimit: rapid.SampledFrom([]float64{1, 20}).Draw(t, "export limit"), Curtailable: halfKW(t, "curtailable", 0, 3),
		})
		h.Need = append(h.Need, halfKW(t, "need", -4, 3))
	}
	if rapid.Bool().Draw(t, "peak") {
		h.Peak = supply.Peak{Price: 0.4, SoFar: halfKW(t, "so far", 0, 3), Blocks: [][2]int{{0, 2}, {2, 4}}}
		if rapid.Bool().Draw(t, "short blocks") {
			h.Peak.Blocks = [][2]int{{0, 1}, {1, 2}, {3, 4}} // the third slot does not count
		}
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "devices") {
		h.Devices = append(h.Devices, drawDevice(t, hours))
		h.Order = append(h.Order, i)
	}
	for range rapid.IntRange(0, 2).Draw(t, "circuits") {
		devices := rapid.SliceOfNDistinct(rapid.IntRange(0, len(h.Devices)-1), 1, -1, rapid.ID).Draw(t, "behind it")
		h.Circuits = append(h.Circuits, home.Circuit{Limit: halfKW(t, "circuit limit", 2, 8), Devices: devices})
	}
	return h
}

func drawDevice(t *rapid.T, hours float64) respond.Device {
	switch rapid.SampledFrom([]string{"shiftable", "interruptible", "battery", "heat", "vehicle"}).Draw(t, "kind") {
	case "shiftable":
		d := &respond.Shiftable{
			Profile: []float64{halfKW(t, "profile", 1, 4), halfKW(t, "profile", 0, 4)}, Earliest: rapid.IntRange(0, 1).Draw(t, "earliest"),
			LatestEnd: rapid.IntRange(3, slots).Draw(t, "end"),
		}
		if d.Optional = rapid.Bool().Draw(t, "optional"); d.Optional {
			d.Value = cents(t, "value", 0, 60)
		}
		return d
	case "interruptible":
		d := &respond.Interruptible{
			Power: halfKW(t, "power", 1, 4), Run: rapid.IntRange(0, 3).Draw(t, "run"), LatestEnd: rapid.IntRange(3, slots).Draw(t, "end"), Switching: drawSwitching(t),
		}
		if d.OnFor == 0 {
			d.Earliest = rapid.IntRange(0, 1).Draw(t, "earliest")
		}
		return d
	case "battery":
		d := drawStore(t, hours)
		d.Ranges, d.Spill, d.Back, d.BackCost = [][2]float64{{0, 2}}, 1.25*hours, 2, 0.01*hours
		d.AlwaysOn, d.Worth = true, cents(t, "worth", 0, 30)
		return d
	case "heat":
		d := drawStore(t, hours)
		d.Keep, d.Switching, d.Worth = rapid.SampledFrom([]float64{1, 0.9}).Draw(t, "keep"), drawSwitching(t), cents(t, "worth", -5, 30)
		for range slots {
			d.Draw = append(d.Draw, hours*halfKW(t, "draw", 0, 2))
		}
		d.Ranges = rapid.SampledFrom([][][2]float64{{{0.5, 2}}, {{1, 1.5}}, {{1.5, 1.5}}, {{0, 2}}}).Draw(t, "range")
		return d
	}
	d := drawStore(t, hours)
	d.From, d.To = rapid.IntRange(0, 1).Draw(t, "from"), rapid.IntRange(3, slots).Draw(t, "to")
	d.Ranges, d.StartCost = [][2]float64{{0.5, 1}, {1.5, 2}}, cents(t, "start cost", 0, 10)
	if rapid.Bool().Draw(t, "fixed") {
		d.Ranges = [][2]float64{{2, 2}, {1, 1}}
	}
	if rapid.Bool().Draw(t, "gives back") {
		d.Back, d.Spill, d.BackCost = 1, hours, 0.02*hours
	}
	d.Required = d.Initial + hours*halfKW(t, "required", 0, 4)
	return d
}

// wide is what bands are wider than they are, in kWh: a function has no domain that is a point.
const wide = 1e-7

func drawStore(t *rapid.T, hours float64) *respond.Store {
	d := &respond.Store{
		To: slots, Keep: 1, Low: -wide, High: 3*hours + wide, Initial: hours * halfKW(t, "initial", 0, 4), Required: math.Inf(-1),
		Switching: respond.Switching{MinOn: 1, MinOff: 1, MaxStarts: -1},
	}
	for range slots {
		d.Gain = append(d.Gain, hours)
	}
	return d
}

func drawSwitching(t *rapid.T) respond.Switching {
	s := respond.Switching{
		MinOn: rapid.IntRange(1, 2).Draw(t, "min on"), MinOff: rapid.IntRange(1, 2).Draw(t, "min off"),
		MaxStarts: rapid.SampledFrom([]int{-1, -1, 0, 1}).Draw(t, "starts"), StartCost: cents(t, "start cost", 0, 10),
	}
	switch rapid.IntRange(0, 2).Draw(t, "past") {
	case 0:
		s.OnFor = rapid.IntRange(1, 2).Draw(t, "on for")
	case 1:
		s.OffFor = rapid.IntRange(1, 2).Draw(t, "off for")
	}
	return s
}

// drawDecisions draws sides of a few decisions of all kinds.
func drawDecisions(t *rapid.T, h *home.Home, most int) (out []home.Decision) {
	for range rapid.IntRange(0, most).Draw(t, "decisions") {
		out = append(out, drawDecision(t, h))
	}
	return out
}

func drawDecision(t *rapid.T, h *home.Home) home.Decision {
	device := rapid.IntRange(0, len(h.Devices)-1).Draw(t, "device")
	d := home.Decision{Device: device, IsSecond: rapid.Bool().Draw(t, "side")}
	kinds := []home.Kind{home.On, home.Count, home.Flow, home.Peak, home.Level}
	if s, ok := h.Devices[device].(*respond.Shiftable); ok {
		kinds = []home.Kind{home.Start, home.Count, home.Flow, home.Peak}
		if s.Optional {
			kinds = append(kinds, home.Run)
		}
	}
	switch d.Kind = rapid.SampledFrom(kinds).Draw(t, "kind"); d.Kind {
	case home.On, home.Flow:
		d.Slot = rapid.IntRange(0, slots-1).Draw(t, "slot")
	case home.Start:
		d.Slot = rapid.IntRange(0, slots).Draw(t, "slot")
	case home.Count:
		d.Slot, d.Count = rapid.IntRange(0, slots).Draw(t, "slot"), rapid.IntRange(0, slots-1).Draw(t, "count")
	case home.Level:
		d.Slot, d.Power = rapid.IntRange(0, slots-1).Draw(t, "slot"), halfKW(t, "power", 0, 4)
	case home.Peak:
		d.Power = max(halfKW(t, "power", -4, 8), 0)
	}
	return d
}

// drawPoint draws prices of every kind, for what is left under limits: lambda of either sign, or exactly that
// at which a slot buys or sells.
func drawPoint(t *rapid.T, h *home.Home, l *home.Limits) *Point {
	p := NewPoint(h)
	for i, s := range h.Slots {
		p.Lambda[i] = rapid.SampledFrom([]float64{s.Buy, s.Sell, 0, cents(t, "lambda", -60, 90)}).Draw(t, "kind of lambda")
	}
	total := 0.0
	for b := range p.Kappa {
		p.Kappa[b] = cents(t, "kappa", 0, 40)
		total += p.Kappa[b]
	}
	if total > h.Peak.Price && math.IsInf(l.PeakHigh, 1) {
		for b := range p.Kappa {
			p.Kappa[b] *= h.Peak.Price / total
		}
	}
	for _, row := range p.Nu {
		for i := range row {
			row[i] = max(cents(t, "nu", -20, 20), 0)
		}
	}
	for range l.Counts {
		p.Rho = append(p.Rho, max(cents(t, "rho", -10, 40), 0))
	}
	for range rapid.IntRange(0, 3).Draw(t, "cuts") {
		if cut, ok := drawCut(t, h); ok {
			p.Cuts, p.Mu = append(p.Cuts, cut), append(p.Mu, max(cents(t, "mu", -10, 40), 0))
		}
	}
	return p
}
