package scheduler

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

// The generator draws problems of a few slots in round numbers, so that a grid of decisions holds the best
// plan of every device but battery and vehicle, and a good one of those.

const watt = 500 // the powers of generated problems are multiples

func drawPrices(t *rapid.T, n int, least, most int, label string) []energy.Price {
	out := make([]energy.Price, n)
	for i := range out {
		out[i] = energy.Price(rapid.IntRange(least, most).Draw(t, label)) * 10_000_000_000 // a cent
	}
	return out
}

func drawWatts(t *rapid.T, n, most int, label string) []energy.Watts {
	out := make([]energy.Watts, n)
	for i := range out {
		out[i] = energy.Watts(rapid.IntRange(0, most).Draw(t, label) * watt)
	}
	return out
}

// drawProblem has n slots of an hour, and one to three devices of any kind.
func drawProblem(t *rapid.T, n int) *Problem {
	p := &Problem{
		Grid:             energy.NewGrid(time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC), time.Hour, n),
		Currency:         "EUR",
		ImportPrice:      drawPrices(t, n, -5, 40, "import price"),
		ExportPrice:      drawPrices(t, n, -3, 15, "export price"),
		Solar:            drawWatts(t, n, 6, "solar"),
		SolarCurtailable: rapid.Bool().Draw(t, "curtailable"),
		BaseLoad:         drawWatts(t, n, 3, "base load"),
		ImportLimit:      Constant(energy.Watts(rapid.SampledFrom([]int{3000, 6000, 20000}).Draw(t, "import limit")), n),
		ExportLimit:      Constant(energy.Watts(rapid.SampledFrom([]int{2000, 20000}).Draw(t, "export limit")), n),
	}
	if rapid.IntRange(0, 3).Draw(t, "peak") == 0 {
		p.Peak = Peak{
			Price: energy.MoneyOf(0.5), SoFar: energy.Watts(rapid.IntRange(0, 4).Draw(t, "so far") * watt),
			Averaging: rapid.IntRange(1, 3).Draw(t, "averaging"),
		}
	}
	if rapid.Bool().Draw(t, "carbon") {
		p.CarbonPrice = energy.MoneyOf(100)
		p.Carbon = make([]energy.GramsPerKWh, n)
		for i := range p.Carbon {
			p.Carbon[i] = energy.GramsPerKWh(rapid.IntRange(0, 600).Draw(t, "carbon"))
		}
	}
	kinds := rapid.SliceOfN(rapid.SampledFrom([]string{"shiftable", "interruptible", "vehicle", "battery", "thermal"}), 1, 3)
	var ids []string
	for i, kind := range kinds.Draw(t, "kinds") {
		id := fmt.Sprintf("%s%d", kind, i)
		ids = append(ids, id)
		p.Devices = append(p.Devices, drawDevice(t, kind, id, n))
	}
	if rapid.IntRange(0, 3).Draw(t, "circuit") == 0 {
		p.Circuits = []Circuit{{ID: "circuit", Limit: energy.Watts(rapid.IntRange(2, 8).Draw(t, "circuit limit") * watt), Devices: ids}}
	}
	return p
}

func drawDevice(t *rapid.T, kind, id string, n int) Device {
	from := rapid.IntRange(0, n-1).Draw(t, "from")
	to := rapid.IntRange(from+1, n).Draw(t, "to")
	cents := energy.MoneyOf(float64(rapid.IntRange(0, 5).Draw(t, "start cost")) / 100)
	switch kind {
	case "shiftable":
		d := Shiftable{ID: id, Profile: drawWatts(t, rapid.IntRange(1, 2).Draw(t, "length"), 4, "profile"), Earliest: from, LatestEnd: to}
		if d.Optional = rapid.Bool().Draw(t, "optional"); d.Optional {
			d.Value = energy.MoneyOf(0.3)
		}
		return d
	case "interruptible":
		d := Interruptible{
			ID: id, Power: energy.Watts(rapid.IntRange(1, 4).Draw(t, "power") * watt), RunSlots: rapid.IntRange(0, to-from).Draw(t, "run"),
			Earliest: from, LatestEnd: to, MinOn: rapid.IntRange(1, 2).Draw(t, "min on"), MinOff: rapid.IntRange(1, 2).Draw(t, "min off"), StartCost: cents,
		}
		d.OnFor, d.OffFor = drawPast(t)
		if d.OnFor > 0 {
			d.Earliest = 0
		}
		d.MaxStarts = drawStarts(t)
		return d
	case "vehicle":
		d := Vehicle{
			ID: id, Arrive: from, Depart: to, Ranges: []Range{{1000, 1000}, {2000, 3000}}, ChargeEfficiency: 0.9,
			Required: energy.WattHours(rapid.IntRange(0, 4).Draw(t, "required") * 900), Room: 3600, StartCost: cents,
		}
		if rapid.Bool().Draw(t, "gives back") {
			d.EnergyInitial, d.EnergyMin, d.DischargeMax, d.DischargeEfficiency = 2000, 500, 1000, 0.8
			d.Wear = energy.PriceOf(0.01)
		}
		d.OnFor, d.OffFor = drawPast(t)
		return d
	case "battery":
		return Battery{
			ID: id, EnergyMin: 500, EnergyMax: 4500, EnergyInitial: energy.WattHours(rapid.IntRange(1, 9).Draw(t, "initial") * watt),
			ChargeMax: 1500, DischargeMax: 1500, ChargeEfficiency: 1, DischargeEfficiency: rapid.SampledFrom([]float64{1, 0.75}).Draw(t, "efficiency"),
			Wear: energy.PriceOf(0.02), TerminalValue: energy.PriceOf(0.1),
		}
	default:
		d := Thermal{
			ID: id, PowerMin: 1000, PowerMax: energy.Watts(rapid.IntRange(2, 4).Draw(t, "power") * watt), EnergyMin: 0, EnergyMax: 6000,
			EnergyInitial: energy.WattHours(rapid.IntRange(0, 8).Draw(t, "initial") * watt), LossPerHour: rapid.SampledFrom([]float64{0, 0.1}).Draw(t, "loss"),
			MinOn: rapid.IntRange(1, 2).Draw(t, "min on"), MinOff: rapid.IntRange(1, 2).Draw(t, "min off"), StartCost: cents, TerminalValue: energy.PriceOf(0.05),
		}
		for range n {
			d.COP = append(d.COP, float64(rapid.IntRange(1, 3).Draw(t, "cop")))
			d.Draw = append(d.Draw, energy.WattHours(rapid.IntRange(0, 3).Draw(t, "draw")*watt))
		}
		d.OnFor, d.OffFor = drawPast(t)
		d.MaxStarts = drawStarts(t)
		return d
	}
}

func drawPast(t *rapid.T) (onFor, offFor int) {
	switch rapid.IntRange(0, 3).Draw(t, "past") {
	case 0:
		return rapid.IntRange(1, 3).Draw(t, "on for"), 0
	case 1:
		return 0, rapid.IntRange(1, 3).Draw(t, "off for")
	}
	return 0, 0
}

func drawStarts(t *rapid.T) *int {
	if rapid.Bool().Draw(t, "any starts") {
		return nil
	}
	return new(rapid.IntRange(0, 2).Draw(t, "max starts"))
}

func mustTime(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}
