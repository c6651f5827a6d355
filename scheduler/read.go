package scheduler

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"hearth/energy"
	"hearth/scheduler/internal/strict"
)

// ReadProblem reads a problem file. Its errors are [Faults], all of them at once, and those of r.
func ReadProblem(r io.Reader) (*Problem, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read problem: %w", err)
	}
	var faults Faults
	if len(text) > MaxBytes {
		faults.Add("", "is longer than %d bytes", MaxBytes)
		return nil, faults
	}
	o, err := strict.Parse(text, &faults)
	if err != nil {
		faults.Add("", "%v", err)
		return nil, faults
	}
	p := readProblem(o)
	p.validate(&faults)
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return p, nil
}

func readProblem(o *strict.Object) *Problem {
	defer o.Close()
	if schema := o.Text("schema"); schema != "" && schema != problemSchema {
		o.Faults.Add("schema", "%q is not %q", schema, problemSchema)
	}
	start, err := time.Parse(time.RFC3339, o.Text("start"))
	if err != nil && o.Has("start") {
		o.Faults.Add("start", "is not an RFC 3339 instant")
	}
	minutes, slots := ranged(o, "slot_minutes", 60), ranged(o, "slots", MaxSlots)
	n := slots
	if n == 0 {
		n = -MaxSlots // any length will do
	}
	p := &Problem{
		Grid:        energy.NewGrid(start, time.Duration(max(minutes, 1))*time.Minute, slots),
		Currency:    energy.Currency(o.Text("currency")),
		ImportPrice: strict.Decimals(o, "import_price_per_kwh", n, energy.ParseDecimalPrice),
		ExportPrice: strict.Decimals(o, "export_price_per_kwh", n, energy.ParseDecimalPrice),
		Solar:       strict.Numbers[energy.Watts](o, "solar_w", n),
		BaseLoad:    strict.Numbers[energy.Watts](o, "base_load_w", n),
		ImportLimit: each[energy.Watts](o, "import_limit_w", n),
		ExportLimit: each[energy.Watts](o, "export_limit_w", n),
	}
	if o.Has("carbon_g_per_kwh") {
		p.Carbon = strict.Numbers[energy.GramsPerKWh](o, "carbon_g_per_kwh", n)
	}
	p.CarbonPrice = readMoney(o, "carbon_price_per_tonne")
	p.SolarCurtailable = o.Has("solar_curtailable") && o.Bool("solar_curtailable")
	p.Peak = readPeak(o, n)
	if o.Has("circuits") {
		for _, c := range o.Objects("circuits", MaxDevices) {
			var circuit Circuit // empty for what could not be read
			if c != nil {
				circuit = readCircuit(c)
			}
			p.Circuits = append(p.Circuits, circuit)
		}
	}
	for _, d := range o.Objects("devices", MaxDevices) {
		var device Device // nil keeps the place of what could not be read
		if d != nil {
			device = readDevice(d, n)
		}
		p.Devices = append(p.Devices, device)
	}
	return p
}

func readPeak(o *strict.Object, n int) Peak {
	k := Peak{Price: readMoney(o, "peak_price_per_kw"), Averaging: optional(o, "peak_averaging_slots", 1, o.Int)}
	k.SoFar = energy.Watts(optional(o, "peak_so_far_w", 0, o.Number))
	if o.Has("peak_averaging_slots") && k.Averaging == 0 {
		k.Averaging = -1 // 0 is the default in Go, and no number of slots
	}
	if o.Has("peak_slots") {
		k.Slots = strict.List(o, "peak_slots", n, func(b []byte) (bool, error) {
			if s := string(b); s != "0" && s != "1" {
				return false, errors.New("is neither 0 nor 1")
			}
			return b[0] == '1', nil
		})
	}
	return k
}

func readCircuit(o *strict.Object) Circuit {
	defer o.Close()
	return Circuit{o.Text("id"), energy.Watts(o.Number("limit_w")), o.Texts("devices", MaxDevices)}
}

// ranged is a whole number from 1 to most; 0 when it was refused.
func ranged(o *strict.Object, key string, most int) int {
	before := len(*o.Faults)
	v := o.Int(key)
	if v >= 1 && v <= most {
		return v
	}
	if len(*o.Faults) == before {
		o.Faults.Add(o.At(key), "must be from 1 to %d", most)
	}
	return 0
}

// optional is a member that may be left out.
func optional[T any](o *strict.Object, key string, none T, read func(string) T) T {
	if !o.Has(key) {
		return none
	}
	return read(key)
}

// readMoney is an amount that may be left out: zero.
func readMoney(o *strict.Object, key string) energy.Money {
	return optional(o, key, 0, func(key string) energy.Money {
		return strict.Decimal(o, key, energy.ParseDecimalMoney)
	})
}

// readPrice is a price that may be left out: zero.
func readPrice(o *strict.Object, key string) energy.Price {
	return optional(o, key, 0, func(key string) energy.Price {
		return strict.Decimal(o, key, energy.ParseDecimalPrice)
	})
}

// each is n values of at least 0, written as one number where they are all the same.
func each[T ~float64](o *strict.Object, key string, n int) []T {
	if o.IsArray(key) {
		return strict.Numbers[T](o, key, n)
	}
	v := o.Number(key)
	if v < 0 {
		o.Faults.Add(o.At(key), "must not be negative")
	}
	return slices.Repeat([]T{T(v)}, max(n, 0))
}

// readDevice is nil for a kind it does not know, which has then been noted.
func readDevice(o *strict.Object, n int) Device {
	id := o.Text("id")
	before := len(*o.Faults)
	switch kind := o.Text("kind"); kind {
	case "shiftable":
		return readShiftable(o, id)
	case "interruptible":
		return readInterruptible(o, id)
	case "vehicle":
		return readVehicle(o, id)
	case "battery":
		return readBattery(o, id)
	case "thermal":
		return readThermal(o, id, n)
	default:
		if len(*o.Faults) == before {
			o.Faults.Add(o.At("kind"), "%q is not a kind of device", kind)
		}
	}
	return nil
}

func readShiftable(o *strict.Object, id string) Shiftable {
	defer o.Close()
	return Shiftable{
		ID:        id,
		Profile:   strict.Numbers[energy.Watts](o, "profile_w", -MaxSlots),
		Earliest:  o.Int("earliest_slot"),
		LatestEnd: o.Int("latest_end_slot"),
		Optional:  o.Has("value"),
		Value:     readMoney(o, "value"),
	}
}

func readInterruptible(o *strict.Object, id string) Interruptible {
	defer o.Close()
	d := Interruptible{
		ID:        id,
		Power:     energy.Watts(o.Number("power_w")),
		RunSlots:  o.Int("run_slots"),
		Earliest:  o.Int("earliest_slot"),
		LatestEnd: o.Int("latest_end_slot"),
		StartCost: readMoney(o, "start_cost"),
	}
	d.MinOn, d.MinOff, d.MaxStarts = readHold(o)
	d.OnFor, d.OffFor = readPast(o)
	return d
}

func readVehicle(o *strict.Object, id string) Vehicle {
	defer o.Close()
	d := Vehicle{
		ID:               id,
		Arrive:           o.Int("arrive_slot"),
		Depart:           o.Int("depart_slot"),
		ChargeEfficiency: o.Number("charge_efficiency"),
		Required:         energy.WattHours(o.Number("required_wh")),
		Room:             energy.WattHours(o.Number("max_wh")),
		EnergyInitial:    energy.WattHours(optional(o, "initial_wh", 0, o.Number)),
		EnergyMin:        energy.WattHours(optional(o, "min_wh", 0, o.Number)),
		DischargeMax:     energy.Watts(optional(o, "discharge_max_w", 0, o.Number)),
		Wear:             readPrice(o, "wear_per_kwh"),
		StartCost:        readMoney(o, "start_cost"),
	}
	d.DischargeEfficiency = optional(o, "discharge_efficiency", 1, o.Number)
	if d.DischargeEfficiency == 0 {
		d.DischargeEfficiency = -1 // 0 is the default in Go, and no efficiency
	}
	d.Ranges = readRanges(o)
	d.OnFor, d.OffFor = readPast(o)
	return d
}

func readBattery(o *strict.Object, id string) Battery {
	defer o.Close()
	return Battery{
		ID:                  id,
		EnergyMin:           energy.WattHours(o.Number("energy_min_wh")),
		EnergyMax:           energy.WattHours(o.Number("energy_max_wh")),
		EnergyInitial:       energy.WattHours(o.Number("energy_initial_wh")),
		ChargeMax:           energy.Watts(o.Number("charge_max_w")),
		DischargeMax:        energy.Watts(o.Number("discharge_max_w")),
		ChargeEfficiency:    o.Number("charge_efficiency"),
		DischargeEfficiency: o.Number("discharge_efficiency"),
		Wear:                readPrice(o, "wear_per_kwh"),
		TerminalValue:       readPrice(o, "terminal_value_per_kwh"),
	}
}

func readThermal(o *strict.Object, id string, n int) Thermal {
	defer o.Close()
	d := Thermal{
		ID:            id,
		PowerMin:      energy.Watts(o.Number("min_w")),
		PowerMax:      energy.Watts(o.Number("max_w")),
		COP:           each[float64](o, "cop", n),
		EnergyMin:     energy.WattHours(o.Number("energy_min_wh")),
		EnergyMax:     energy.WattHours(o.Number("energy_max_wh")),
		EnergyInitial: energy.WattHours(o.Number("energy_initial_wh")),
		LossPerHour:   o.Number("loss_per_hour"),
		Draw:          strict.Numbers[energy.WattHours](o, "draw_wh", n),
		StartCost:     readMoney(o, "start_cost"),
		TerminalValue: readPrice(o, "terminal_value_per_kwh"),
	}
	d.MinOn, d.MinOff, d.MaxStarts = readHold(o)
	d.OnFor, d.OffFor = readPast(o)
	return d
}

func readHold(o *strict.Object) (minOn, minOff int, starts *int) {
	minOn, minOff = optional(o, "min_on_slots", 1, o.Int), optional(o, "min_off_slots", 1, o.Int)
	if o.Has("max_starts") {
		starts = new(o.Int("max_starts"))
	}
	return minOn, minOff, starts
}

func readPast(o *strict.Object) (onFor, offFor int) {
	return optional(o, "on_for_slots", 0, o.Int), optional(o, "off_for_slots", 0, o.Int)
}

func readRanges(o *strict.Object) []Range {
	pairs := strict.List(o, "power_ranges_w", -MaxSlots, strict.Pair)
	out := make([]Range, len(pairs))
	for i, p := range pairs {
		out[i] = Range{energy.Watts(p[0]), energy.Watts(p[1])}
	}
	return out
}
