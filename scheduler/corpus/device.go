package corpus

import (
	"fmt"
	"math"
	"strconv"

	"hearth/energy"
	"hearth/scheduler"
)

// add draws a device of a kind and puts it behind the others.
func (d *draft) add(kind string) {
	id := fmt.Sprintf("%s%d", kind, len(d.problem.Devices)+1)
	// Its chance hangs on how many of its kind there are before it, not on what else is there.
	dice := newDice(d.seed, d.size.name, kind, strconv.Itoa(d.drawn[kind]))
	d.drawn[kind]++
	var device scheduler.Device
	switch kind {
	case shiftable:
		device = d.shiftable(dice, id)
	case interruptible:
		device = d.interruptible(dice, id)
	case vehicle:
		device = d.vehicle(dice, id)
	case battery:
		device = d.battery(dice, id)
	case heater:
		device = d.heater(dice, id)
	case heatPump:
		device = d.heatPump(dice, id)
	}
	d.problem.Devices = append(d.problem.Devices, device)
}

// phase is a part of a programme.
type phase struct{ minutes, watts int }

var programmes = [][]phase{
	{{20, 2000}, {35, 150}, {15, 1900}, {20, 60}},           // a dishwasher
	{{20, 2100}, {45, 280}, {15, 500}},                      // a washing machine
	{{45, 2200}, {20, 850}},                                 // a dryer
	{{10, 1800}, {20, 250}, {10, 1800}, {20, 250}, {10, 0}}, // a machine that heats twice, and cools down
}

// profile is a programme in the slots of the problem, each with its mean power.
func (d *draft) profile(phases []phase) []energy.Watts {
	var fineWatts []float64
	for _, p := range phases {
		for range p.minutes / fine {
			fineWatts = append(fineWatts, float64(p.watts))
		}
	}
	k := d.size.minutes / fine
	out := make([]energy.Watts, (len(fineWatts)+k-1)/k)
	for i, w := range fineWatts {
		out[i/k] += energy.Watts(w / float64(k))
	}
	for i := range out {
		out[i] = energy.Watts(math.Round(float64(out[i])))
	}
	return out
}

// window draws slots [from, to) of so many hours, or the whole grid when that is shorter.
func (d *draft) window(dice *dice, least, most float64) (from, to int) {
	length := min(d.slots(dice.between(least, most)), d.size.slots)
	// Windows begin and end with an hour, as people set them.
	hour := max(60/d.size.minutes, 1)
	length = min((length+hour-1)/hour*hour, d.size.slots)
	from = dice.IntN((d.size.slots-length)/hour+1) * hour
	return from, from + length
}

// slots is so many hours in slots, at least one.
func (d *draft) slots(hours float64) int {
	return max(int(math.Round(hours*60/float64(d.size.minutes))), 1)
}

func (d *draft) shiftable(dice *dice, id string) scheduler.Shiftable {
	from, to := d.window(dice, 7, 18)
	return scheduler.Shiftable{ID: id, Profile: d.profile(choose(dice, programmes...)), Earliest: from, LatestEnd: to}
}

func (d *draft) interruptible(dice *dice, id string) scheduler.Interruptible {
	from, to := d.window(dice, 13, 17)
	return scheduler.Interruptible{
		ID: id, Power: choose[energy.Watts](dice, 600, 900, 1500, 2000), RunSlots: max(d.slots(dice.between(2, 4)), 2),
		Earliest: from, LatestEnd: to, MinOn: d.slots(0.5), MinOff: d.slots(1. / 3),
		MaxStarts: new(dice.whole(2, 4)), StartCost: energy.MoneyOf(0.01),
	}
}

// charging are the ranges of chargers that switch between one phase and three, have one, or have three.
var charging = [][]scheduler.Range{
	{{Min: 1380, Max: 3680}, {Min: 4140, Max: 11040}},
	{{Min: 1380, Max: 7360}},
	{{Min: 4140, Max: 11040}},
}

func (d *draft) vehicle(dice *dice, id string) scheduler.Vehicle {
	from, to := d.window(dice, 8, 14)
	if d.size.slots*d.size.minutes < 24*60 {
		from, to = 1, d.size.slots-1
	}
	v := scheduler.Vehicle{
		ID: id, Arrive: from, Depart: to, Ranges: choose(dice, charging...), ChargeEfficiency: 0.9, StartCost: energy.MoneyOf(0.02),
	}
	// At most 45 % of what would fit leaves room for limits, circuits and the other vehicles.
	need := min(d.capacity(v)*dice.between(0.2, 0.45), 60000)
	v.Required = energy.WattHours(math.Round(need))
	v.Room = energy.WattHours(math.Round(1.25 * need))
	return v
}

// capacity is the most a vehicle could store, in Wh.
func (d *draft) capacity(v scheduler.Vehicle) float64 {
	return float64(v.Ranges[len(v.Ranges)-1].Max) * v.ChargeEfficiency * float64(v.Depart-v.Arrive) * float64(d.size.minutes) / 60
}

func (d *draft) battery(dice *dice, id string) scheduler.Battery {
	most := choose(dice, 5000., 7700, 10200, 15000)
	return scheduler.Battery{
		ID: id, EnergyMin: energy.WattHours(0.08 * most), EnergyMax: energy.WattHours(most),
		EnergyInitial: energy.WattHours(math.Round(most * dice.between(0.2, 0.6))),
		ChargeMax:     choose[energy.Watts](dice, 2500, 3680, 5000), DischargeMax: choose[energy.Watts](dice, 2500, 3680, 5000),
		ChargeEfficiency: 0.96, DischargeEfficiency: 0.95,
		Wear: toPrice(choose(dice, 0, 0.02, 0.04)), TerminalValue: toPrice(d.mean() * dice.between(0.7, 0.95)),
	}
}

// heater is a tank for warm water with an electric element: on or off, nothing between.
func (d *draft) heater(dice *dice, id string) scheduler.Thermal {
	people := dice.between(0.8, 1.2)
	demand := make([]float64, len(d.weather.hours))
	for i, hour := range d.weather.hours { // in W
		demand[i] = people * (160 + 420*bump(hour, 7.5, 1) + 380*bump(hour, 20, 1.8)) * dice.between(0.7, 1.3)
	}
	return scheduler.Thermal{
		ID: id, PowerMin: 2000, PowerMax: 2000, COP: d.constant(1), EnergyMax: 8000,
		EnergyInitial: energy.WattHours(math.Round(dice.between(3000, 6000))), LossPerHour: 0.01,
		Draw: d.draw(demand), MinOn: 1, MinOff: 1, TerminalValue: toPrice(0.15),
	}
}

// heatPump warms a buffer that the house draws from; its power can be set while it is on.
func (d *draft) heatPump(dice *dice, id string) scheduler.Thermal {
	house := dice.between(75, 110) // W for each degree that it is colder outdoors than 18
	demand, cop := make([]float64, len(d.weather.hours)), make([]float64, len(d.weather.hours))
	for i, hour := range d.weather.hours {
		at := d.weather.temperature[i]
		living := 0.75 + 0.9*bump(hour, 7.5, 1.6) + 0.8*bump(hour, 19, 2)
		demand[i] = min(house*max(18-at, 1)*living, 4000) * dice.between(0.8, 1.2)
		cop[i] = min(max(2.5+0.09*at, 2), 4.2)
	}
	return scheduler.Thermal{
		ID: id, PowerMin: 700, PowerMax: 2400, COP: toValues[float64](d.size.means(cop), 2), EnergyMax: 12000,
		EnergyInitial: energy.WattHours(math.Round(dice.between(6000, 10000))), LossPerHour: 0.006,
		Draw: d.draw(demand), MinOn: max(20/d.size.minutes, 1), MinOff: max(15/d.size.minutes, 1),
		StartCost: energy.MoneyOf(0.01), TerminalValue: toPrice(0.06),
	}
}

// draw is what is taken out in each slot, in whole Wh, for a demand in W.
func (d *draft) draw(demand []float64) []energy.WattHours {
	watts := d.size.means(demand)
	out := make([]energy.WattHours, len(watts))
	for t, w := range watts {
		out[t] = energy.WattHours(math.Round(w * float64(d.size.minutes) / 60))
	}
	return out
}

func (d *draft) constant(v float64) []float64 {
	out := make([]float64, d.size.slots)
	for t := range out {
		out[t] = v
	}
	return out
}

// sharedCharging is what a circuit for several cars carries: three phases of 20 A.
const sharedCharging = 13800

// joinVehicles puts two or more vehicles on one circuit.
func (d *draft) joinVehicles() {
	c := scheduler.Circuit{ID: "charging", Limit: sharedCharging}
	for _, v := range d.problem.Devices {
		if v, ok := v.(scheduler.Vehicle); ok {
			c.Devices = append(c.Devices, v.ID)
		}
	}
	if len(c.Devices) > 1 {
		d.problem.Circuits = append(d.problem.Circuits, c)
	}
}
