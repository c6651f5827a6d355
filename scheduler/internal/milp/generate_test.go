package milp

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"hearth/energy"
	"hearth/scheduler"
)

// dice draws problems: small homes with everything the format knows, most of which can be met and some not.
// Equal seeds draw equal problems.
type dice struct {
	*rand.Rand
	p     *scheduler.Problem
	slots int
	hours float64
}

// draw is a problem of the given numbers of slots and devices.
func draw(seed uint64, number, slots, devices int) *scheduler.Problem {
	d := dice{Rand: rand.New(rand.NewPCG(seed, uint64(number))), slots: slots}
	step := pick(d, 5, 15, 15, 30, 60, 60)
	start := time.Date(2026, time.Month(d.between(1, 12)), d.between(1, 28), 6, 0, 0, 0, time.UTC)
	grid := energy.NewGrid(start, time.Duration(step)*time.Minute, slots)
	d.p, d.hours = &scheduler.Problem{Grid: grid, Currency: "EUR"}, grid.Step.Hours()
	d.prices()
	d.flows()
	d.peak()
	for i := range devices {
		d.p.Devices = append(d.p.Devices, d.device(i))
	}
	d.circuits()
	return d.p
}

// pick is one of the values.
func pick[T any](d dice, values ...T) T { return values[d.IntN(len(values))] }

// between is a whole number from low to high.
func (d dice) between(low, high int) int { return low + d.IntN(high-low+1) }

// oneIn is true once in n times.
func (d dice) oneIn(n int) bool { return d.IntN(n) == 0 }

// around is a number from low to high, as often as not one of few.
func (d dice) around(low, high float64) float64 {
	if d.oneIn(2) {
		return low + math.Round(4*d.Float64())/4*(high-low)
	}
	return math.Round(1e4*(low+d.Float64()*(high-low))) / 1e4
}

func (d dice) watts(low, high float64) energy.Watts {
	return energy.Watts(math.Round(d.around(low, high)))
}

func (d dice) prices() {
	least, most := 0.05, 0.45
	exportLeast, exportMost := 0.0, 0.12
	switch d.IntN(6) {
	case 0: // the sun has filled the grid
		least, exportLeast, exportMost = -0.3, -0.4, 0.05
	case 1: // giving earns more than taking costs, in many slots
		exportMost = 0.6
	case 2: // a flat tariff: many plans cost the same
		least, most, exportLeast, exportMost = 0.3, 0.3, 0.08, 0.08
	case 3: // anything
		least, exportLeast, exportMost = -0.3, -0.3, 0.5
	}
	for range d.slots {
		d.p.ImportPrice = append(d.p.ImportPrice, energy.PriceOf(d.around(least, most)))
		d.p.ExportPrice = append(d.p.ExportPrice, energy.PriceOf(d.around(exportLeast, exportMost)))
	}
	if d.oneIn(3) {
		d.p.CarbonPrice = energy.MoneyOf(pick(d, 0, 60.0, 250))
		for range d.slots {
			d.p.Carbon = append(d.p.Carbon, energy.GramsPerKWh(d.around(20, 700)))
		}
	}
}

func (d dice) flows() {
	sun, hasSun := d.around(500, 9000), !d.oneIn(4)
	for t := range d.slots {
		noon := math.Sin(math.Pi * (float64(t) + 0.5) / float64(d.slots))
		solar := energy.Watts(0)
		if hasSun {
			solar = energy.Watts(math.Round(sun * noon * d.around(0.3, 1)))
		}
		d.p.Solar = append(d.p.Solar, solar)
		d.p.BaseLoad = append(d.p.BaseLoad, d.watts(100, 2000))
	}
	d.p.SolarCurtailable = !d.oneIn(3)
	d.p.ImportLimit = d.limit(pick(d, 4000.0, 7000, 11000, 25000))
	d.p.ExportLimit = d.limit(pick(d, 3000.0, 7000, 10000, 25000))
	if !d.p.SolarCurtailable && d.oneIn(2) {
		d.p.ExportLimit = scheduler.Constant(25000, d.slots)
	}
}

// limit is one for all slots, or lower in some.
func (d dice) limit(most float64) []energy.Watts {
	out := scheduler.Constant(energy.Watts(most), d.slots)
	if d.oneIn(3) {
		from := d.IntN(d.slots)
		lower := d.watts(most/3, most)
		for t := from; t < min(from+d.between(1, 4), d.slots); t++ {
			out[t] = lower
		}
	}
	return out
}

func (d dice) peak() {
	if !d.oneIn(3) {
		return
	}
	d.p.Peak = scheduler.Peak{Price: energy.MoneyOf(d.around(0.02, 1)), Averaging: d.between(0, 4)}
	if d.oneIn(2) {
		d.p.Peak.SoFar = d.watts(0, 4000)
	}
	if d.oneIn(2) {
		for range d.slots {
			d.p.Peak.Slots = append(d.p.Peak.Slots, !d.oneIn(4))
		}
	}
}

func (d dice) circuits() {
	for k := range d.IntN(3) {
		c := scheduler.Circuit{ID: fmt.Sprintf("circuit%d", k), Limit: d.watts(3000, 12000)}
		for _, device := range d.p.Devices {
			if !d.oneIn(3) {
				c.Devices = append(c.Devices, device.Name())
			}
		}
		d.p.Circuits = append(d.p.Circuits, c)
	}
}

func (d dice) device(i int) scheduler.Device {
	switch d.IntN(6) {
	case 0:
		return d.shiftable(fmt.Sprintf("dish%d", i))
	case 1:
		return d.interruptible(fmt.Sprintf("pump%d", i))
	case 2:
		return d.vehicle(fmt.Sprintf("car%d", i))
	case 3:
		return d.battery(fmt.Sprintf("battery%d", i))
	default: // the hardest
		return d.thermal(fmt.Sprintf("tank%d", i))
	}
}

// window is part of the grid, most of it more often than not.
func (d dice) window() (from, to int) {
	from = d.IntN(1 + d.slots/3)
	to = d.between(max(from+1, d.slots/2), d.slots)
	if d.oneIn(8) {
		from = d.IntN(d.slots)
		to = d.between(from+1, d.slots)
	}
	return from, to
}

// past is what an interruptible, a vehicle or a thermal did before.
func (d dice) past() (onFor, offFor int) {
	switch d.IntN(4) {
	case 0:
		return d.between(1, 4), 0
	case 1:
		return 0, d.between(1, 4)
	}
	return 0, 0
}

func (d dice) maxStarts() *int {
	if d.oneIn(2) {
		return nil
	}
	return new(d.between(0, 3))
}

// fee is the cost of a start, often none.
func (d dice) fee() energy.Money { return energy.MoneyOf(pick(d, 0, 0, 0.01, d.around(0, 0.1))) }

func (d dice) efficiency() float64 { return pick(d, 1, 0.95, 0.9, d.around(0.6, 1)) }

func (d dice) shiftable(id string) scheduler.Device {
	s := scheduler.Shiftable{ID: id}
	s.Earliest, s.LatestEnd = d.window()
	length := d.between(1, max(min(4, s.LatestEnd-s.Earliest), 1))
	if d.oneIn(20) {
		length++ // may be too long for its window
	}
	for range length {
		s.Profile = append(s.Profile, pick(d, 0, d.watts(50, 2500), d.watts(50, 2500)))
	}
	if s.Profile[0] == 0 && length == 1 {
		s.Profile[0] = 800
	}
	if s.Optional = d.oneIn(3); s.Optional {
		s.Value = energy.MoneyOf(d.around(0, 0.6))
	}
	return s
}

func (d dice) interruptible(id string) scheduler.Device {
	s := scheduler.Interruptible{
		ID: id, Power: d.watts(300, 4000), MinOn: pick(d, 0, 1, 1, 1, 2, 2, 3, 5), MinOff: pick(d, 0, 1, 1, 1, 2, 2, 3, 5),
		MaxStarts: d.maxStarts(), StartCost: d.fee(),
	}
	s.Earliest, s.LatestEnd = d.window()
	if s.OnFor, s.OffFor = d.past(); s.OnFor > 0 {
		s.Earliest = 0
	}
	s.RunSlots = d.IntN(s.LatestEnd - s.Earliest + 1)
	if s.MaxStarts != nil && *s.MaxStarts == 0 && s.OnFor == 0 && !d.oneIn(8) {
		s.RunSlots = 0
	}
	return s
}

func (d dice) vehicle(id string) scheduler.Device {
	v := scheduler.Vehicle{ID: id, ChargeEfficiency: d.efficiency(), StartCost: d.fee()}
	v.Arrive, v.Depart = d.window()
	v.OnFor, v.OffFor = d.past()
	most := d.watts(3000, 11000)
	v.Ranges = pick(d,
		[]scheduler.Range{{Min: 1380, Max: most}},
		[]scheduler.Range{{Min: 1380, Max: 3680}, {Min: 4140, Max: most + 2000}},
		[]scheduler.Range{{Min: most, Max: most}},
		[]scheduler.Range{{Min: 0, Max: most}},
		[]scheduler.Range{{Min: 2000, Max: 2000}, {Min: 3500, Max: 3500}, {Min: most, Max: most}})
	full := float64(v.Ranges[len(v.Ranges)-1].Max) * d.hours * v.ChargeEfficiency * float64(v.Depart-v.Arrive)
	v.Required = energy.WattHours(math.Round(full * d.around(0, 0.9)))
	v.Room = v.Required + energy.WattHours(math.Round(full*d.around(0.05, 0.6)))
	if d.oneIn(2) {
		v.EnergyInitial = energy.WattHours(math.Round(full * d.around(0.1, 1)))
		v.EnergyMin = energy.WattHours(math.Round(float64(v.EnergyInitial) * d.around(0, 1)))
		v.DischargeMax, v.DischargeEfficiency = d.watts(1000, 7000), pick(d, 0, d.efficiency())
		v.Wear = energy.PriceOf(pick(d, 0, d.around(0, 0.1)))
	}
	if d.oneIn(2) { // there already, for the past to matter
		v.Arrive = 0
	}
	return v
}

func (d dice) battery(id string) scheduler.Device {
	b := scheduler.Battery{
		ID: id, ChargeMax: d.watts(0, 6000), DischargeMax: d.watts(0, 6000),
		ChargeEfficiency: d.efficiency(), DischargeEfficiency: d.efficiency(),
		Wear: energy.PriceOf(pick(d, 0, d.around(0, 0.1))), TerminalValue: energy.PriceOf(d.around(-0.05, 0.35)),
	}
	room := 6000 * d.hours * float64(d.slots)
	b.EnergyMin = energy.WattHours(math.Round(room * d.around(0, 0.1)))
	b.EnergyMax = b.EnergyMin + energy.WattHours(math.Round(room*d.around(0.1, 1)))
	b.EnergyInitial = b.EnergyMin + energy.WattHours(math.Round(float64(b.EnergyMax-b.EnergyMin)*d.Float64()))
	return b
}

func (d dice) thermal(id string) scheduler.Device {
	h := scheduler.Thermal{
		ID: id, PowerMin: pick[energy.Watts](d, 0, 500, 1200), LossPerHour: pick(d, 0, 0.01, d.around(0, 0.2)),
		MinOn: pick(d, 0, 1, 1, 1, 2, 2, 3, 5), MinOff: pick(d, 0, 1, 1, 1, 2, 2, 3, 5), MaxStarts: d.maxStarts(), StartCost: d.fee(),
		TerminalValue: energy.PriceOf(d.around(-0.02, 0.15)),
	}
	h.PowerMax = h.PowerMin + pick(d, 0, d.watts(500, 2500))
	if h.PowerMax == 0 {
		h.PowerMax = 1500
	}
	h.OnFor, h.OffFor = d.past()
	cop := pick(d, 1.0, d.around(1.5, 4))
	slot := cop * float64(h.PowerMax) * d.hours // of heat
	h.EnergyMin = energy.WattHours(math.Round(slot * d.around(-1, 1)))
	h.EnergyMax = h.EnergyMin + energy.WattHours(math.Round(slot*d.around(1.5, 5)))
	h.EnergyInitial = h.EnergyMin + energy.WattHours(math.Round(float64(h.EnergyMax-h.EnergyMin)*d.around(0.3, 1)))
	share := d.around(0, 0.6)
	for range d.slots {
		h.COP = append(h.COP, cop*pick(d, 1, d.around(0.8, 1.2)))
		h.Draw = append(h.Draw, energy.WattHours(math.Round(slot*share*d.around(0, 1.6))))
	}
	if h.MaxStarts != nil && *h.MaxStarts == 0 && h.OnFor == 0 && !d.oneIn(8) {
		h.MaxStarts = new(1)
	}
	return h
}
