// Package hometest draws homes of a few slots for tests, and lists their plans one by one, priced in a way of
// its own. It shares nothing with the solver but the words.
package hometest

import (
	"math"

	"hearth/scheduler/internal/home"
	"hearth/scheduler/internal/respond"
	"hearth/scheduler/internal/supply"
)

// The tests draw homes of a few Slots. All powers, needs and limits are multiples of half a kW, so that what
// is least over all powers of one slot is least at multiples of half a kW.

// Slots is the length of a home.
const Slots = 4

// Dice draws whole numbers; a property test brings its own.
type Dice interface {
	Int(label string, least, most int) int
}

func isTrue(dice Dice, label string) bool { return dice.Int(label, 0, 1) == 1 }

func pick[T any](dice Dice, label string, from []T) T { return from[dice.Int(label, 0, len(from)-1)] }

// some is at least one of n devices.
func some(dice Dice, n int) (out []int) {
	first := dice.Int("behind it", 0, n-1)
	for i := range n {
		if i == first || isTrue(dice, "behind it") {
			out = append(out, i)
		}
	}
	return out
}

func cents(dice Dice, label string, least, most int) float64 {
	return float64(dice.Int(label, least, most)) / 100
}

func halfKW(dice Dice, label string, least, most int) float64 {
	return float64(dice.Int(label, least, most)) / 2
}

// Draw draws a home with one to three devices.
func Draw(dice Dice) *home.Home {
	h := &home.Home{Scale: 0.5, Penalty: 25, Steps: drawSteps(dice)}
	hours := pick(dice, "hours", []float64{0.25, 1})
	imports := pick(dice, "import limit", []float64{2, 4, 20})
	for t := range Slots {
		h.Slots = append(h.Slots, supply.Slot{
			Hours: hours * float64(h.Steps.In(t)), Buy: cents(dice, "buy", -5, 50), Sell: cents(dice, "sell", -5, 20), ImportLimit: imports,
			ExportLimit: pick(dice, "export limit", []float64{1, 20}), Curtailable: halfKW(dice, "curtailable", 0, 3),
		})
		h.Need = append(h.Need, halfKW(dice, "need", -4, 3))
	}
	if isTrue(dice, "peak") {
		h.Peak = supply.Peak{Price: 0.4, SoFar: halfKW(dice, "so far", 0, 3), Blocks: [][2]int{{0, 2}, {2, 4}}}
		if isTrue(dice, "short blocks") {
			h.Peak.Blocks = [][2]int{{0, 1}, {1, 2}, {3, 4}} // the third slot does not count
		}
		weigh(h)
	}
	for i := range dice.Int("devices", 1, 3) {
		h.Devices = append(h.Devices, drawDevice(dice, hours, h.Steps))
		h.Order = append(h.Order, i)
	}
	for range dice.Int("circuits", 0, 2) {
		devices := some(dice, len(h.Devices))
		h.Circuits = append(h.Circuits, home.Circuit{Limit: halfKW(dice, "circuit limit", 2, 8), Devices: devices})
	}
	return h
}

// drawSteps draws slots of one to three steps, or slots that are steps.
func drawSteps(dice Dice) respond.Steps {
	if !isTrue(dice, "long slots") {
		return nil
	}
	steps := respond.Steps{0}
	for t := range Slots {
		steps = append(steps, steps[t]+dice.Int("steps", 1, 3))
	}
	return steps
}

// weigh sets what slots of several steps weigh in their blocks.
func weigh(h *home.Home) {
	if h.Steps == nil {
		return
	}
	h.Peak.Weights = make([]float64, Slots)
	for _, b := range h.Peak.Blocks {
		for t := b[0]; t < b[1]; t++ {
			h.Peak.Weights[t] = float64(h.Steps.In(t)) / float64(h.Steps.At(b[1])-h.Steps.At(b[0]))
		}
	}
}

func drawDevice(dice Dice, hours float64, steps respond.Steps) respond.Device {
	switch pick(dice, "kind", []string{"shiftable", "interruptible", "battery", "heat", "vehicle"}) {
	case "shiftable":
		d := &respond.Shiftable{
			Profile: []float64{halfKW(dice, "profile", 1, 4), halfKW(dice, "profile", 0, 4)}, Earliest: dice.Int("earliest", 0, 1),
			LatestEnd: dice.Int("end", 3, Slots),
		}
		if steps != nil {
			d.Profile = append(d.Profile, halfKW(dice, "profile", 0, 4))
			d.LatestEnd = dice.Int("end", 3, steps.At(Slots))
			d.Place(steps)
		}
		if d.Optional = isTrue(dice, "optional"); d.Optional {
			d.Value = cents(dice, "value", 0, 60)
		}
		return d
	case "interruptible":
		d := &respond.Interruptible{
			Power: halfKW(dice, "power", 1, 4), Run: dice.Int("run", 0, 3), LatestEnd: dice.Int("end", 3, Slots), Switching: drawSwitching(dice), Steps: steps,
		}
		if steps != nil {
			d.Run += dice.Int("more to run", 0, 3)
		}
		if d.OnFor == 0 {
			d.Earliest = dice.Int("earliest", 0, 1)
		}
		return d
	case "battery":
		d := drawStore(dice, hours, steps)
		d.Ranges, d.Spill, d.Back, d.BackCost = [][2]float64{{0, 2}}, 1.25*hours, 2, 0.01*hours
		d.AlwaysOn, d.Worth = true, cents(dice, "worth", 0, 30)
		return d
	case "heat":
		d := drawStore(dice, hours, steps)
		d.Keep, d.Switching, d.Worth = pick(dice, "keep", []float64{1, 0.9}), drawSwitching(dice), cents(dice, "worth", -5, 30)
		for t := range Slots {
			d.Draw = append(d.Draw, hours*float64(steps.In(t))*halfKW(dice, "draw", 0, 2))
		}
		d.Ranges = pick(dice, "range", [][][2]float64{{{0.5, 2}}, {{1, 1.5}}, {{1.5, 1.5}}})
		return d
	}
	d := drawStore(dice, hours, steps)
	d.From, d.To = dice.Int("from", 0, 1), dice.Int("to", 3, Slots)
	d.Ranges, d.StartCost = [][2]float64{{0.5, 1}, {1.5, 2}}, cents(dice, "start cost", 0, 10)
	if isTrue(dice, "fixed") {
		d.Ranges = [][2]float64{{2, 2}, {1, 1}}
	}
	if isTrue(dice, "gives back") {
		d.Back, d.Spill, d.BackCost = 1, hours, 0.02*hours
	}
	d.Required = d.Initial + hours*halfKW(dice, "required", 0, 4)
	return d
}

// wide is what bands are wider than they are, in kWh: a function has no domain that is a point.
const wide = 1e-7

func drawStore(dice Dice, hours float64, steps respond.Steps) *respond.Store {
	step := hours
	for t := range Slots {
		hours = max(hours, step*float64(steps.In(t))) // a store that the longest slot does not fill
	}
	d := &respond.Store{
		To: Slots, Steps: steps, Keep: 1, Low: -wide, High: 3*hours + wide, Initial: hours * halfKW(dice, "initial", 0, 4), Required: math.Inf(-1),
		Switching: respond.Switching{MinOn: 1, MinOff: 1, MaxStarts: -1},
	}
	for t := range Slots {
		d.Gain = append(d.Gain, step*float64(steps.In(t)))
	}
	return d
}

func drawSwitching(dice Dice) respond.Switching {
	s := respond.Switching{
		MinOn: dice.Int("min on", 1, 2), MinOff: dice.Int("min off", 1, 2),
		MaxStarts: pick(dice, "starts", []int{-1, -1, 0, 1}), StartCost: cents(dice, "start cost", 0, 10),
	}
	switch dice.Int("past", 0, 2) {
	case 0:
		s.OnFor = dice.Int("on for", 1, 2)
	case 1:
		s.OffFor = dice.Int("off for", 1, 2)
	}
	return s
}

// Decisions draws sides of a few decisions of all kinds.
func Decisions(dice Dice, h *home.Home, most int) (out []home.Decision) {
	for range dice.Int("decisions", 0, most) {
		out = append(out, Decision(dice, h))
	}
	return out
}

// Decision draws one side of one decision.
func Decision(dice Dice, h *home.Home) home.Decision {
	device := dice.Int("device", 0, len(h.Devices)-1)
	d := home.Decision{Device: device, IsSecond: isTrue(dice, "side")}
	kinds := []home.Kind{home.On, home.Count, home.Flow, home.Peak}
	if s, ok := h.Devices[device].(*respond.Shiftable); ok {
		kinds = []home.Kind{home.Start, home.Count, home.Flow, home.Peak}
		if s.Optional {
			kinds = append(kinds, home.Run)
		}
	}
	if s, ok := h.Devices[device].(*respond.Store); ok {
		kinds = append(kinds, home.Level)
		d.Power = pick(dice, "level", []float64{0, 1.25}) // 1.25 is between ranges
		if s.AlwaysOn || len(s.Ranges) < 2 {
			d.Power = 0
		}
	}
	switch d.Kind = pick(dice, "kind", kinds); d.Kind {
	case home.On, home.Flow, home.Level:
		d.Slot = dice.Int("slot", 0, Slots-1)
	case home.Start:
		d.Slot = dice.Int("slot", 0, h.Steps.At(Slots))
	case home.Count:
		d.Slot, d.Count = dice.Int("slot", 0, Slots), dice.Int("count", 0, Slots-1)
	case home.Peak:
		d.Power = max(halfKW(dice, "power", -4, 8), 0)
	}
	return d
}
