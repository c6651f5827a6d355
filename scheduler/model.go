package scheduler

import (
	"cmp"
	"math"
	"slices"

	"hearth/scheduler/internal/home"
	"hearth/scheduler/internal/respond"
	"hearth/scheduler/internal/supply"
)

// The solver's numbers are plain: kW, kWh and money. Stores get bands a ten-thousandth of a Wh wider than
// they are, because its functions have no domain that is a point.
const (
	kilo  = 1000.0
	widen = 1e-7  // kWh
	leash = 0.002 // kW: the least power that certainly counts as on
)

// home is the problem in the words of the solver.
func (p *Problem) home() *home.Home {
	n := p.Slots()
	h := &home.Home{Floor: leash, Slots: make([]supply.Slot, n), Need: make([]float64, n)}
	if p.Spans != nil {
		h.Steps = p.firstSteps()
	}
	for t := range n {
		s := supply.Slot{
			Hours: p.hours(t), Buy: p.ImportPrice[t].Float(), Sell: p.ExportPrice[t].Float(),
			ImportLimit: float64(p.ImportLimit[t]) / kilo, ExportLimit: float64(p.ExportLimit[t]) / kilo,
		}
		if p.Carbon != nil {
			s.Buy += p.CarbonPrice.Float() * float64(p.Carbon[t]) * 1e-6
		}
		if p.SolarCurtailable {
			s.Curtailable = float64(p.Solar[t]) / kilo
		}
		h.Slots[t], h.Need[t] = s, float64(p.BaseLoad[t]-p.Solar[t])/kilo
		h.Scale = max(h.Scale, math.Abs(s.Buy), math.Abs(s.Sell))
	}
	h.Peak = p.peak()
	h.Scale = max(h.Scale, p.worths(), 1e-6)
	h.Penalty = 50 * max(h.Scale, p.fees(), h.Peak.Price)
	index := map[string]int{}
	for i, d := range p.Devices {
		index[d.Name()] = i
		h.Devices = append(h.Devices, clock{h.Steps, n, p.Grid.Count(), p.Grid.Step.Hours()}.device(d, h.Penalty))
		h.Order = append(h.Order, i)
	}
	slices.SortStableFunc(h.Order, func(a, b int) int { return cmp.Compare(turn(p.Devices[a]), turn(p.Devices[b])) })
	for _, c := range p.Circuits {
		circuit := home.Circuit{Limit: float64(c.Limit) / kilo}
		for _, id := range c.Devices {
			circuit.Devices = append(circuit.Devices, index[id])
		}
		h.Circuits = append(h.Circuits, circuit)
	}
	return h
}

func (p *Problem) peak() supply.Peak {
	k := supply.Peak{Price: p.Peak.Price.Float(), SoFar: float64(p.Peak.SoFar) / kilo}
	if k.Price > 0 {
		for from, to := range p.blocks() {
			k.Blocks = append(k.Blocks, [2]int{from, to})
			for t := from; t < to && p.Spans != nil; t++ {
				if k.Weights == nil {
					k.Weights = make([]float64, p.Slots())
				}
				k.Weights[t] = float64(p.span(t)) / float64(p.steps(from, to))
			}
		}
	}
	return k
}

// turn is when a device answers: the one whose comfort gives way first, the battery last, when all that it
// may follow is there.
func turn(d Device) int {
	switch d.(type) {
	case Thermal:
		return 0
	case Vehicle:
		return 1
	case Interruptible:
		return 2
	case Shiftable:
		return 3
	}
	return 4
}

// worths is the highest price of stored energy or wear.
func (p *Problem) worths() (most float64) {
	for _, d := range p.Devices {
		switch d := d.(type) {
		case Vehicle:
			most = max(most, d.Wear.Float())
		case Battery:
			most = max(most, d.Wear.Float(), math.Abs(d.TerminalValue.Float()))
		case Thermal:
			most = max(most, math.Abs(d.TerminalValue.Float()))
		}
	}
	return most
}

// fees is the highest amount of money that hangs on one run.
func (p *Problem) fees() (most float64) {
	for _, d := range p.Devices {
		switch d := d.(type) {
		case Shiftable:
			most = max(most, math.Abs(d.Value.Float()))
		case Interruptible:
			most = max(most, d.StartCost.Float())
		case Vehicle:
			most = max(most, d.StartCost.Float())
		case Thermal:
			most = max(most, d.StartCost.Float())
		}
	}
	return most
}

// clock is what devices are told of time.
type clock struct {
	steps respond.Steps
	slots int
	count int     // steps of the grid
	hours float64 // of a step
}

// device is a device in the words of the solver.
func (c clock) device(d Device, penalty float64) respond.Device {
	switch d := d.(type) {
	case Shiftable:
		s := &respond.Shiftable{Earliest: d.Earliest, LatestEnd: d.LatestEnd, Optional: d.Optional, Value: d.Value.Float()}
		for _, w := range d.Profile {
			s.Profile = append(s.Profile, float64(w)/kilo)
		}
		s.Place(c.steps)
		return s
	case Interruptible:
		return &respond.Interruptible{
			Power: float64(d.Power) / kilo, Run: d.RunSlots, Earliest: c.steps.From(d.Earliest), LatestEnd: c.steps.From(d.LatestEnd), Steps: c.steps,
			Switching: switching(holding{"", d.MinOn, d.MinOff, d.MaxStarts, d.StartCost, d.OnFor, d.OffFor, false}, c.count),
		}
	case Vehicle:
		return d.store(c, penalty)
	case Battery:
		return d.store(c, penalty)
	case Thermal:
		return d.store(c, penalty)
	}
	panic("scheduler: a device that Validate let pass")
}

// switching cuts hold times to what n steps can tell apart, the past by as much.
func switching(h holding, n int) respond.Switching {
	s := respond.Switching{MaxStarts: -1, StartCost: h.startCost.Float()}
	s.MinOn, s.OnFor = within(h.minOn, h.onFor, n)
	s.MinOff, s.OffFor = within(h.minOff, h.offFor, n)
	if h.maxStarts != nil {
		s.MaxStarts = *h.maxStarts
	}
	return s
}

// within is a hold time and the part of it that has passed, for n steps to come.
func within(hold, passed, n int) (int, int) {
	cut := min(max(hold, 1), n+1)
	if passed > 0 {
		passed = max(cut-max(hold-passed, 0), 1)
	}
	return cut, passed
}

// store is the common part of the three: penalties make a Wh outside the band cheaper than one missing at
// the end, in whatever number of slots.
func (c clock) store(penalty float64) *respond.Store {
	return &respond.Store{To: c.slots, Steps: c.steps, Keep: 1, BandPenalty: penalty, RequiredPenalty: 10 * penalty * float64(c.slots)}
}

// gains is what each kW stores in each slot, at an efficiency.
func (c clock) gains(efficiency float64) []float64 {
	out := make([]float64, c.slots)
	for t := range out {
		out[t] = c.hours * float64(c.steps.In(t)) * efficiency
	}
	return out
}

func (d Vehicle) store(c clock, penalty float64) *respond.Store {
	s := c.store(penalty)
	s.From, s.To = c.steps.From(d.Arrive), c.steps.From(d.Depart)
	s.Gain = c.gains(d.ChargeEfficiency)
	s.Switching = switching(holding{"", 1, 1, nil, d.StartCost, d.OnFor, d.OffFor, false}, c.count)
	s.Ranges = ranges(d.Ranges)
	if d.DischargeMax > 0 {
		s.Back, s.Spill = float64(d.DischargeMax)/kilo, c.hours/d.givesBack()
		s.BackCost = d.Wear.Float() * c.hours
	}
	s.Initial = float64(d.EnergyInitial) / kilo
	s.Low, s.High = float64(d.EnergyMin)/kilo-widen, float64(d.EnergyInitial+d.Room)/kilo+widen
	s.High = max(s.High, s.Low+2*widen)
	s.Required = float64(d.EnergyInitial+d.Required) / kilo
	return s
}

func (d Battery) store(c clock, penalty float64) *respond.Store {
	s := c.store(penalty)
	s.AlwaysOn, s.MinOn, s.MinOff, s.MaxStarts = true, 1, 1, -1
	s.Gain = c.gains(d.ChargeEfficiency)
	s.Ranges = [][2]float64{{0, float64(d.ChargeMax) / kilo}}
	s.Back, s.Spill = float64(d.DischargeMax)/kilo, c.hours/d.DischargeEfficiency
	s.BackCost = d.Wear.Float() * c.hours
	s.Low, s.High = float64(d.EnergyMin)/kilo-widen, float64(d.EnergyMax)/kilo+widen
	s.Initial, s.Required, s.Worth = float64(d.EnergyInitial)/kilo, math.Inf(-1), d.TerminalValue.Float()
	return s
}

// store has heat and draw of a slot come evenly over its steps, each of which loses its part.
func (d Thermal) store(c clock, penalty float64) *respond.Store {
	s := c.store(penalty)
	s.Keep = math.Pow(1-d.LossPerHour, c.hours)
	for t, cop := range d.COP {
		kept := 0.0 // of 1 that comes in each step, after all of them
		for range c.steps.In(t) {
			kept = kept*s.Keep + 1
		}
		s.Gain = append(s.Gain, c.hours*cop*kept)
		s.Draw = append(s.Draw, float64(d.Draw[t])/kilo*kept/float64(c.steps.In(t)))
	}
	s.Switching = switching(holding{"", d.MinOn, d.MinOff, d.MaxStarts, d.StartCost, d.OnFor, d.OffFor, true}, c.count)
	s.Ranges = ranges([]Range{{d.PowerMin, d.PowerMax}})
	s.Low, s.High = float64(d.EnergyMin)/kilo-widen, float64(d.EnergyMax)/kilo+widen
	s.Initial, s.Required, s.Worth = float64(d.EnergyInitial)/kilo, math.Inf(-1), d.TerminalValue.Float()
	return s
}

// ranges are the powers of being on.
func ranges(in []Range) (out [][2]float64) {
	for _, r := range in {
		if r.Max > 0 {
			out = append(out, [2]float64{float64(r.Min) / kilo, float64(r.Max) / kilo})
		}
	}
	return out
}
