package corpus

import (
	"math"
	"slices"

	"hearth/energy"
	"hearth/scheduler"
)

// feature is one thing the problem format can say that plain problems do not.
type feature struct {
	name  string
	needs []string // kinds of devices that must be there
	apply func(*draft)
}

// features in the order of the alphabet, the two that are more than one thing last. They are set in init,
// because one of them looks at the others.
var features []feature

func init() {
	features = []feature{
		{"carbon", nil, (*draft).carbon},
		{"circuits", []string{vehicle, heater}, (*draft).circuits},
		{"export-above-import", nil, (*draft).exportAboveImport},
		{"flat-tariff", nil, (*draft).flatTariff},
		{"many-batteries", nil, (*draft).manyBatteries},
		{"negative-import", nil, (*draft).negativeImport},
		{"optional", nil, (*draft).optional},
		{"peak", nil, (*draft).peak},
		{"peak-blocks", nil, (*draft).peakBlocks},
		{"per-slot-limits", nil, (*draft).slotLimits},
		{"running", []string{interruptible, vehicle, shiftable}, (*draft).running},
		{"solar-not-curtailable", nil, (*draft).solarNotCurtailable},
		{"start-limits", []string{heater, interruptible}, (*draft).startLimits},
		{"two-ranges", []string{vehicle}, (*draft).twoRanges},
		{"v2h", []string{vehicle}, (*draft).vehicleToHome},
		{"relaxed", []string{vehicle, heater, shiftable}, (*draft).relaxed},
		{"wild", []string{interruptible, vehicle, heater, heatPump, shiftable}, (*draft).wild},
	}
}

// wild is everything at once that goes together.
func (d *draft) wild() {
	d.manyBatteries()
	d.optional()
	d.running()
	d.startLimits()
	d.twoRanges()
	d.vehicleToHome() // changes import prices, on which the next two build
	d.negativeImport()
	d.exportAboveImport()
	d.carbon()
	d.peakBlocks()
	d.circuits()
	d.slotLimits()
	if d.chance(0.5) {
		d.solarNotCurtailable()
	}
}

// carbon weighs emissions as much as, or more than, the differences of the prices.
func (d *draft) carbon() { d.problem.CarbonPrice = energy.MoneyOf(float64(d.whole(8, 30)) * 10) }

// circuits ties devices of several kinds together: the garage, with what warms water, and the appliances.
func (d *draft) circuits() {
	p := d.problem
	garage, kitchen := scheduler.Circuit{ID: "garage", Limit: 9000}, scheduler.Circuit{ID: "kitchen", Limit: 4600}
	vehicles := 0
	for _, device := range p.Devices {
		switch device := device.(type) {
		case scheduler.Vehicle:
			vehicles++
			garage.Devices = append(garage.Devices, device.ID)
		case scheduler.Thermal, scheduler.Battery:
			garage.Devices = append(garage.Devices, device.Name())
		default:
			kitchen.Devices = append(kitchen.Devices, device.Name())
		}
	}
	if vehicles > 1 {
		garage.Limit = sharedCharging + 1000
	}
	p.Circuits = append(p.Circuits, garage, kitchen)
}

// exportAboveImport makes exporting dearer than importing in some hours, and nearly as dear in the others.
func (d *draft) exportAboveImport() {
	p := d.problem
	gap := d.between(0.02, 0.04)
	hour := max(60/d.size.minutes, 1)
	for from := 0; from < d.size.slots; from += hour {
		above := -gap
		if from == 2*hour || d.chance(0.2) { // at least one hour, whatever the dice say
			above = d.between(0.02, 0.1)
		}
		for t := from; t < from+hour; t++ {
			p.ExportPrice[t] = toPrice(p.ImportPrice[t].Float() + above)
		}
	}
}

// flatTariff takes away all differences of prices: many plans cost the same.
func (d *draft) flatTariff() {
	p := d.problem
	imports, exports := toPrice(d.between(0.24, 0.36)), toPrice(d.between(0.06, 0.1))
	for t := range p.ImportPrice {
		p.ImportPrice[t], p.ExportPrice[t] = imports, exports
	}
}

// manyBatteries adds three, none like another.
func (d *draft) manyBatteries() {
	for i := range 3 {
		d.add(battery)
		last := &d.problem.Devices[len(d.problem.Devices)-1]
		b := (*last).(scheduler.Battery)
		b.ChargeEfficiency, b.DischargeEfficiency = 0.98-0.04*float64(i), 0.97-0.03*float64(i)
		*last = b
	}
}

// negativeImport lowers the import prices until a third or more of them are negative. Export prices stay
// above them in half of the homes.
func (d *draft) negativeImport() {
	p := d.problem
	sorted := slices.Sorted(slices.Values(p.ImportPrice))
	by := max(sorted[int(d.between(0.33, 0.8)*float64(len(sorted)))].Float(), 0) + 0.005
	isAbove := d.chance(0.5)
	for t := range p.ImportPrice {
		p.ImportPrice[t] = toPrice(p.ImportPrice[t].Float() - by)
		if !isAbove {
			p.ExportPrice[t] = min(p.ExportPrice[t], p.ImportPrice[t]-toPrice(0.02))
		}
	}
}

// optional adds runs that are worth about what they cost.
func (d *draft) optional() {
	for range d.whole(1, 3) {
		d.add(shiftable)
		last := &d.problem.Devices[len(d.problem.Devices)-1]
		s := (*last).(scheduler.Shiftable)
		kWh := 0.0
		for _, w := range s.Profile {
			kWh += float64(w) / 1000 * float64(d.size.minutes) / 60
		}
		s.Optional, s.Value = true, energy.MoneyOf(rounded(max(kWh*d.mean(), 0.05)*d.between(0.4, 1.4), 2))
		*last = s
	}
}

// peak charges for the highest slot.
func (d *draft) peak() {
	d.problem.Peak = scheduler.Peak{Price: energy.MoneyOf(rounded(d.between(0.3, 1.2), 2)), Averaging: 1}
}

// peakBlocks charges for the highest mean of a block above what is already paid for, in some homes by day only.
func (d *draft) peakBlocks() {
	d.peak()
	k := &d.problem.Peak
	k.SoFar = energy.Watts(d.whole(2, 8) * 500)
	k.Averaging = choose(d.dice, 2, 3)
	if d.size.minutes < 60 {
		k.Averaging = 60 / d.size.minutes
	}
	if !d.chance(0.5) {
		return
	}
	begin := d.problem.Grid.Start.Hour()
	for t := range d.size.slots {
		hour := (begin + t*d.size.minutes/60) % 24
		k.Slots = append(k.Slots, hour >= 7 && hour < 22)
	}
}

// slotLimits lets the grid's operator allow less: import for some hours of each day, export at noon.
func (d *draft) slotLimits() {
	p := d.problem
	limit := choose[energy.Watts](d.dice, 4200, 5500, 7000)
	from, length := d.whole(4, 20), d.whole(2, 4) // hours of the grid; the first ones are free, as stores may be low
	for t := range p.ImportLimit {
		if hour := t * d.size.minutes / 60 % 24; hour >= from && hour < from+length {
			p.ImportLimit[t] = limit
		}
	}
	begin := p.Grid.Start.Hour()
	for t := range p.ExportLimit {
		if hour := (begin + t*d.size.minutes/60) % 24; hour >= 11 && hour < 15 {
			p.ExportLimit[t] = energy.Watts(math.Round(float64(p.ExportLimit[t]) / 2))
		}
	}
}

// solarNotCurtailable makes all that shines come in, where the price of export is negative at noon.
func (d *draft) solarNotCurtailable() {
	p := d.problem
	p.SolarCurtailable = false
	p.ExportLimit = scheduler.Constant(30000, d.size.slots)
	low := toPrice(-d.between(0.02, 0.1))
	begin := p.Grid.Start.Hour()
	for t := range p.ExportPrice {
		if hour := (begin + t*d.size.minutes/60) % 24; hour >= 10 && hour < 15 {
			p.ExportPrice[t] = min(p.ExportPrice[t], low)
		}
	}
}

// twoRanges gives every charger one phase or three.
func (d *draft) twoRanges() {
	each(d, func(v scheduler.Vehicle) scheduler.Vehicle {
		v.Ranges = charging[0]
		return v
	})
}

// vehicleToHome lets every vehicle give back, at prices whose differences are worth it.
func (d *draft) vehicleToHome() {
	each(d, func(v scheduler.Vehicle) scheduler.Vehicle {
		v.EnergyInitial = energy.WattHours(d.whole(8, 30) * 1000)
		v.EnergyMin = energy.WattHours(d.whole(2, 6) * 1000)
		v.DischargeMax, v.DischargeEfficiency = choose[energy.Watts](d.dice, 3680, 5000, 9000), 0.95
		v.Wear = toPrice(choose(d.dice, 0, 0.01, 0.03))
		return v
	})
	mean := d.mean()
	stretch := d.between(1.3, 2)
	p := d.problem
	for t, price := range p.ImportPrice {
		p.ImportPrice[t] = toPrice(mean + stretch*(price.Float()-mean))
	}
}

// startLimits allows thermals a few starts a day, and interruptible devices one or two.
func (d *draft) startLimits() {
	days := (d.size.slots*d.size.minutes + 24*60 - 1) / (24 * 60)
	each(d, func(v scheduler.Thermal) scheduler.Thermal {
		v.MaxStarts = new(days * d.whole(2, 4))
		return v
	})
	each(d, func(v scheduler.Interruptible) scheduler.Interruptible {
		v.MaxStarts = new(d.whole(1, 2))
		return v
	})
}

// each replaces every device of a type.
func each[T scheduler.Device](d *draft, change func(T) T) {
	for i, v := range d.problem.Devices {
		if v, ok := v.(T); ok {
			d.problem.Devices[i] = change(v)
		}
	}
}
