package scheduler

import (
	"encoding/json"
	"errors"
	"io"

	"hearth/energy"
)

type problemFile struct {
	Schema           string               `json:"schema"`
	Start            string               `json:"start"`
	SlotMinutes      float64              `json:"slot_minutes"`
	Slots            int                  `json:"slots"`
	Currency         energy.Currency      `json:"currency"`
	ImportPrice      []energy.Price       `json:"import_price_per_kwh"`
	ExportPrice      []energy.Price       `json:"export_price_per_kwh"`
	Carbon           []energy.GramsPerKWh `json:"carbon_g_per_kwh,omitempty"`
	CarbonPrice      energy.Money         `json:"carbon_price_per_tonne"`
	Solar            []energy.Watts       `json:"solar_w"`
	SolarCurtailable bool                 `json:"solar_curtailable"`
	BaseLoad         []energy.Watts       `json:"base_load_w"`
	ImportLimit      any                  `json:"import_limit_w"`
	ExportLimit      any                  `json:"export_limit_w"`
	PeakPrice        energy.Money         `json:"peak_price_per_kw"`
	PeakSoFar        energy.Watts         `json:"peak_so_far_w"`
	PeakAveraging    int                  `json:"peak_averaging_slots"`
	PeakSlots        []int                `json:"peak_slots,omitempty"`
	Circuits         []circuitRow         `json:"circuits"`
	Devices          []any                `json:"devices"`
}

type circuitRow struct {
	ID      string       `json:"id"`
	Limit   energy.Watts `json:"limit_w"`
	Devices []string     `json:"devices"`
}

type named struct {
	ID   string `json:"id"`
	Kind string `json:"kind"`
}

type holdRow struct {
	MinOn     int  `json:"min_on_slots"`
	MinOff    int  `json:"min_off_slots"`
	MaxStarts *int `json:"max_starts,omitempty"`
}

type pastRow struct {
	OnFor  int `json:"on_for_slots,omitempty"`
	OffFor int `json:"off_for_slots,omitempty"`
}

type shiftableRow struct {
	named
	Profile   []energy.Watts `json:"profile_w"`
	Earliest  int            `json:"earliest_slot"`
	LatestEnd int            `json:"latest_end_slot"`
	Value     *energy.Money  `json:"value,omitempty"`
}

type interruptibleRow struct {
	named
	Power    energy.Watts `json:"power_w"`
	RunSlots int          `json:"run_slots"`
	holdRow
	StartCost energy.Money `json:"start_cost"`
	Earliest  int          `json:"earliest_slot"`
	LatestEnd int          `json:"latest_end_slot"`
	pastRow
}

type vehicleRow struct {
	named
	Arrive              int               `json:"arrive_slot"`
	Depart              int               `json:"depart_slot"`
	Ranges              [][2]energy.Watts `json:"power_ranges_w"`
	ChargeEfficiency    float64           `json:"charge_efficiency"`
	Required            energy.WattHours  `json:"required_wh"`
	Room                energy.WattHours  `json:"max_wh"`
	StartCost           energy.Money      `json:"start_cost"`
	EnergyInitial       energy.WattHours  `json:"initial_wh"`
	EnergyMin           energy.WattHours  `json:"min_wh"`
	DischargeMax        energy.Watts      `json:"discharge_max_w"`
	DischargeEfficiency float64           `json:"discharge_efficiency"`
	Wear                energy.Price      `json:"wear_per_kwh"`
	pastRow
}

type batteryRow struct {
	named
	EnergyMin           energy.WattHours `json:"energy_min_wh"`
	EnergyMax           energy.WattHours `json:"energy_max_wh"`
	EnergyInitial       energy.WattHours `json:"energy_initial_wh"`
	ChargeMax           energy.Watts     `json:"charge_max_w"`
	DischargeMax        energy.Watts     `json:"discharge_max_w"`
	ChargeEfficiency    float64          `json:"charge_efficiency"`
	DischargeEfficiency float64          `json:"discharge_efficiency"`
	Wear                energy.Price     `json:"wear_per_kwh"`
	TerminalValue       energy.Price     `json:"terminal_value_per_kwh"`
}

type thermalRow struct {
	named
	PowerMin      energy.Watts       `json:"min_w"`
	PowerMax      energy.Watts       `json:"max_w"`
	COP           any                `json:"cop"`
	EnergyMin     energy.WattHours   `json:"energy_min_wh"`
	EnergyMax     energy.WattHours   `json:"energy_max_wh"`
	EnergyInitial energy.WattHours   `json:"energy_initial_wh"`
	LossPerHour   float64            `json:"loss_per_hour"`
	Draw          []energy.WattHours `json:"draw_wh"`
	holdRow
	StartCost     energy.Money `json:"start_cost"`
	TerminalValue energy.Price `json:"terminal_value_per_kwh"`
	pastRow
}

// WriteProblem writes a problem file that [ReadProblem] reads back as it was, defaults filled in and the
// start in RFC 3339. A problem that is not valid is refused with its [Faults], and one with Spans, of which the
// file knows nothing.
func WriteProblem(w io.Writer, p *Problem) error {
	if err := p.Validate(); err != nil {
		return err
	}
	if p.Spans != nil {
		return errors.New("write problem: slots hold several steps of the grid, which the file cannot say")
	}
	f := problemFile{
		Schema: problemSchema, Start: p.Grid.Start.Format("2006-01-02T15:04:05.999999999Z07:00"),
		SlotMinutes: p.Grid.Step.Minutes(), Slots: p.Grid.Count(), Currency: p.Currency,
		ImportPrice: p.ImportPrice, ExportPrice: p.ExportPrice,
		Carbon: p.Carbon, CarbonPrice: p.CarbonPrice,
		Solar: p.Solar, SolarCurtailable: p.SolarCurtailable, BaseLoad: p.BaseLoad,
		ImportLimit: oneOrAll(p.ImportLimit), ExportLimit: oneOrAll(p.ExportLimit),
		PeakPrice: p.Peak.Price, PeakSoFar: p.Peak.SoFar, PeakAveraging: p.Peak.block(),
		Circuits: []circuitRow{}, Devices: []any{},
	}
	for _, counts := range p.Peak.Slots {
		one := 0
		if counts {
			one = 1
		}
		f.PeakSlots = append(f.PeakSlots, one)
	}
	for _, c := range p.Circuits {
		f.Circuits = append(f.Circuits, circuitRow{c.ID, c.Limit, append([]string{}, c.Devices...)})
	}
	for _, d := range p.Devices {
		f.Devices = append(f.Devices, row(d))
	}
	return json.NewEncoder(w).Encode(f)
}

// row is a device in the words of the file.
func row(d Device) any {
	name := named{d.Name(), d.Kind()}
	switch d := d.(type) {
	case Shiftable:
		r := shiftableRow{name, d.Profile, d.Earliest, d.LatestEnd, nil}
		if d.Optional {
			r.Value = &d.Value
		}
		return r
	case Interruptible:
		return interruptibleRow{
			name, d.Power, d.RunSlots, holdRow{max(d.MinOn, 1), max(d.MinOff, 1), d.MaxStarts},
			d.StartCost, d.Earliest, d.LatestEnd, pastRow{d.OnFor, d.OffFor},
		}
	case Vehicle:
		r := vehicleRow{
			named: name, Arrive: d.Arrive, Depart: d.Depart, ChargeEfficiency: d.ChargeEfficiency,
			Required: d.Required, Room: d.Room, StartCost: d.StartCost,
			EnergyInitial: d.EnergyInitial, EnergyMin: d.EnergyMin,
			DischargeMax: d.DischargeMax, DischargeEfficiency: d.givesBack(), Wear: d.Wear,
			pastRow: pastRow{d.OnFor, d.OffFor},
		}
		for _, b := range d.Ranges {
			r.Ranges = append(r.Ranges, [2]energy.Watts{b.Min, b.Max})
		}
		return r
	case Battery:
		return batteryRow{
			name, d.EnergyMin, d.EnergyMax, d.EnergyInitial, d.ChargeMax, d.DischargeMax,
			d.ChargeEfficiency, d.DischargeEfficiency, d.Wear, d.TerminalValue,
		}
	case Thermal:
		return thermalRow{
			name, d.PowerMin, d.PowerMax, oneOrAll(d.COP), d.EnergyMin, d.EnergyMax, d.EnergyInitial,
			d.LossPerHour, d.Draw, holdRow{max(d.MinOn, 1), max(d.MinOff, 1), d.MaxStarts},
			d.StartCost, d.TerminalValue, pastRow{d.OnFor, d.OffFor},
		}
	}
	return nil
}

// oneOrAll is one number where all are the same.
func oneOrAll[T comparable](v []T) any {
	for _, x := range v {
		if x != v[0] {
			return v
		}
	}
	return v[0]
}
