package scheduler

import (
	"math"
	"testing"

	"hearth/energy"
)

// What a part of a certificate is worth, worked out by hand.
func TestVerify_PartsByHand(t *testing.T) {
	flat := func(price float64) []float64 { return []float64{price, price, price} }
	leaf := func(d Duals) Node { return Node{Duals: &d} }
	branch := func(b Branch) Node { return Node{Branch: &b, Children: [2]int{1, 2}} }
	home := func(change func(p *Problem)) *Problem { // 0.5 kW in each of three hours, at 0.2 to buy and nothing to sell
		p := small()
		p.Devices, p.ImportPrice = nil, []energy.Price{energy.PriceOf(0.2), energy.PriceOf(0.2), energy.PriceOf(0.2)}
		change(p)
		return p
	}
	// A car that has no room and nothing in it does nothing, but as far as a slot can tell it could take or give
	// back 22 kW: so only the limits of the connection are felt.
	withCar := func(change func(p *Problem)) func(p *Problem) {
		return func(p *Problem) {
			change(p)
			p.Devices = append(p.Devices, Vehicle{ID: "car", Depart: 3, Ranges: []Range{{0, 22000}}, ChargeEfficiency: 1, DischargeMax: 22000})
		}
	}
	oneTank := func(p *Problem) { // two hours of 1 kW, whenever
		p.Devices = []Device{Thermal{
			ID: "tank", PowerMin: 1000, PowerMax: 1000, COP: []float64{1, 1, 1}, EnergyMax: 1000,
			Draw: []energy.WattHours{500, 500, 500},
		}}
	}
	sunny := func(p *Problem) {
		oneTank(p)
		p.Solar = Constant(1000, 3) // 0.5 kW over
	}
	pump := func(starts energy.Money) func(p *Problem) {
		return func(p *Problem) {
			p.Devices = []Device{Interruptible{ID: "pump", Power: 1000, RunSlots: 2, LatestEnd: 3, StartCost: starts}}
		}
	}
	peaky := func(soFar energy.Watts) func(p *Problem) {
		return func(p *Problem) { p.Peak = Peak{Price: energy.MoneyOf(0.6), SoFar: soFar} }
	}
	for name, c := range map[string]struct {
		problem *Problem
		nodes   []Node
		want    float64
	}{
		"base load at its price":                         {home(func(*Problem) {}), []Node{leaf(Duals{Balance: flat(0.2)})}, 0.3},
		"at less than its price":                         {home(func(*Problem) {}), []Node{leaf(Duals{Balance: flat(0.1)})}, 0.15},
		"at more, as much is bought as there is use for": {home(func(*Problem) {}), []Node{leaf(Duals{Balance: flat(0.3)})}, 0.45 - 3*0.1*0.5},
		"or as the limit allows":                         {home(withCar(func(*Problem) {})), []Node{leaf(Duals{Balance: flat(0.3)})}, 0.45 - 3*0.1*11},
		"what may be curtailed makes no room for import": {
			home(func(p *Problem) { p.Solar, p.SolarCurtailable = Constant(300, 3), true }), []Node{leaf(Duals{Balance: flat(0.3)})}, 3*0.2*0.3 - 3*0.1*0.5,
		},
		"at less than is earned, what is over is sold": {
			home(func(p *Problem) { p.Solar, p.ExportPrice = Constant(2000, 3), []energy.Price{1e11, 1e11, 1e11} }),
			[]Node{leaf(Duals{Balance: flat(0)})}, -3 * 0.1 * 1.5,
		},
		"or what the limit allows": {
			home(withCar(func(p *Problem) { p.ExportPrice = []energy.Price{1e11, 1e11, 1e11} })), []Node{leaf(Duals{Balance: flat(0)})}, -3 * 0.1 * 6,
		},
		"what is bought for the sake of a price is not also sold": {
			home(withCar(func(p *Problem) { p.ExportPrice = []energy.Price{5e11, 5e11, 5e11} })), []Node{leaf(Duals{Balance: flat(0.3)})},
			0.45 - 3*max(0.1*11, 0.2*6),
		},
		"nor where a branch says that nothing is bought, and the other that nothing is sold": {
			home(withCar(func(p *Problem) { p.ExportPrice[0] = 5e11 })),
			[]Node{branch(Branch{Kind: BranchFlow}), leaf(Duals{Balance: []float64{0.5, 0.2, 0.2}}), leaf(Duals{Balance: flat(0.2)})}, 0.3,
		},
		"carbon adds to what is bought": {
			home(func(p *Problem) { p.Carbon, p.CarbonPrice = []energy.GramsPerKWh{500, 500, 500}, energy.MoneyOf(200) }),
			[]Node{leaf(Duals{Balance: flat(0.3)})}, 0.45,
		},
		"the sun is curtailed where balance earns": {
			home(func(p *Problem) { p.Solar, p.SolarCurtailable, p.ExportLimit = Constant(800, 3), true, Constant(0, 3) }),
			[]Node{leaf(Duals{Balance: flat(-0.1)})}, -0.15 + 0.24 - 0.24,
		},
		"a quarter of an hour is a quarter": {
			home(func(p *Problem) {
				p.Grid = energy.NewGrid(p.Grid.Start, p.Grid.Step/4, 3)
				p.Devices = []Device{Interruptible{ID: "pump", Power: 2000, RunSlots: 1, LatestEnd: 3}}
			}), []Node{leaf(Duals{Balance: []float64{0.2, 0.1, 0.2}})}, (0.1 + 0.05 + 0.1 + 0.2) / 4,
		},
		"a peak at its price":            {home(peaky(0)), []Node{leaf(Duals{Balance: flat(0.4), Peak: flat(0.2)})}, 0.3 + 0.6*0.5},
		"one paid for already":           {home(peaky(800)), []Node{leaf(Duals{Balance: flat(0.2)})}, 0.3},
		"prices for it then prove less":  {home(withCar(peaky(800))), []Node{leaf(Duals{Balance: flat(0.4), Peak: flat(0.2)})}, 0.6 - 0.6*0.8},
		"one paid for in part":           {home(peaky(400)), []Node{leaf(Duals{Balance: flat(0.4), Peak: flat(0.2)})}, 0.3 + 0.6*0.1},
		"prices beyond that of the peak": {home(withCar(peaky(0))), []Node{leaf(Duals{Balance: flat(0.5), Peak: flat(0.3)})}, 0.75 - 0.3*11},
		"prices beyond that of the peak of a block": {
			home(withCar(func(p *Problem) {
				peaky(0)(p)
				p.Peak.Averaging = 2
				p.ImportLimit = []energy.Watts{11000, 1000, 0}
			})), []Node{leaf(Duals{Balance: flat(0.2), Peak: []float64{0.7, 0}})}, 0.3 - (0.7-0.6)*6,
		},
		"those of a peak that is limited":   {home(peaky(0)), []Node{branch(Branch{Kind: BranchPeak, Power: 500}), leaf(Duals{Balance: flat(0.5), Peak: flat(0.3)}), leaf(Duals{Balance: flat(0.2)})}, 0.6},
		"a peak that is known to be higher": {home(peaky(0)), []Node{branch(Branch{Kind: BranchPeak, Power: 400}), leaf(Duals{Balance: []float64{9, 9, 9}}), leaf(Duals{Balance: flat(0.4), Peak: flat(0.2)})}, 0.3 + 0.6*0.5},
		"one that the home cannot come to": {
			home(peaky(0)), []Node{branch(Branch{Kind: BranchPeak, Power: 600}), leaf(Duals{Balance: flat(0.4), Peak: flat(0.2)}), leaf(Duals{Balance: flat(0)})},
			0.3 + 0.6*0.5,
		},
		"a limited peak of two slots limits each to twice of it": {
			home(withCar(func(p *Problem) {
				peaky(2000)(p)
				p.Peak.Averaging = 2
			})), []Node{branch(Branch{Kind: BranchPeak, Power: 1000}), leaf(Duals{Balance: flat(0.3)}), leaf(Duals{Balance: flat(0.2)})},
			0.45 - 2*0.1*2 - 0.1*1,
		},
		"a limited peak limits import": {
			home(withCar(peaky(2000))), []Node{branch(Branch{Kind: BranchPeak, Power: 1000}), leaf(Duals{Balance: flat(0.3)}), leaf(Duals{Balance: flat(0.2)})},
			min(0.45-3*0.1*1, 0.3),
		},
		"the mean of a block of two, and the last alone": {
			home(func(p *Problem) {
				peaky(0)(p)
				p.Peak.Averaging, p.BaseLoad = 2, []energy.Watts{500, 1500, 0}
			}), []Node{leaf(Duals{Balance: []float64{0.5, 0.5, 0.2}, Peak: []float64{0.6, 0}})}, 0.4 + 0.6,
		},
		"whose slots share its price": {
			home(withCar(func(p *Problem) {
				peaky(0)(p)
				p.Peak.Averaging = 2
			})), []Node{leaf(Duals{Balance: []float64{0.8, 0.2, 0.2}, Peak: []float64{0.6, 0}})}, 0.6 - 0.3*11,
		},
		"a pump begins once": {
			home(pump(energy.MoneyOf(0.2))), []Node{leaf(Duals{Balance: []float64{0.1, 0.2, 0.1}})}, 0.2 + 0.5,
		},
		"or twice, where that is cheaper": {
			home(pump(energy.MoneyOf(0.01))), []Node{leaf(Duals{Balance: []float64{0.1, 0.2, 0.1}})}, 0.2 + 0.22,
		},
		"a circuit has a price beyond its limit": {
			home(func(p *Problem) {
				pump(0)(p)
				p.Circuits = []Circuit{{ID: "kitchen", Limit: 500, Devices: []string{"pump"}}}
			}), []Node{leaf(Duals{Balance: flat(0.2), Circuits: [][]float64{flat(0.4)}})}, 0.3 + 2*0.6 - 3*0.4*0.5,
		},
		"a count of two hours is one or three": { // the pump runs for two, whatever the count is worth
			home(pump(0)), []Node{
				branch(Branch{Kind: BranchCount, Slot: 3, Count: 1}),
				leaf(Duals{Balance: flat(0.2), Counts: []float64{7}}), leaf(Duals{Balance: flat(0.2), Counts: []float64{0.05}}),
			}, 0.3 + 0.4,
		},
		"a count before a slot leaves out the slot": { // in hours 0 and 2, one of which is before the last
			home(func(p *Problem) { pump(0)(p); p.ImportPrice[1] = energy.PriceOf(0.9) }), []Node{
				branch(Branch{Kind: BranchCount, Slot: 2, Count: 1}),
				leaf(Duals{Balance: []float64{0.2, 0.9, 0.2}, Counts: []float64{0.05}}), leaf(Duals{Balance: []float64{0.2, 0.9, 0.2}, Counts: []float64{1}}),
			}, 0.65 + 0.4,
		},
		"and so does one of more": { // the same two hours, one of which is before the last
			home(func(p *Problem) { pump(0)(p); p.ImportPrice[1] = energy.PriceOf(0.9) }), []Node{
				branch(Branch{Kind: BranchCount, Slot: 2, Count: 0}),
				leaf(Duals{Balance: []float64{0.2, 0.9, 0.2}, Counts: []float64{5}}), leaf(Duals{Balance: []float64{0.2, 0.9, 0.2}, Counts: []float64{0.05}}),
			}, 0.65 + 0.4,
		},
		"more than one before it is both of them": {
			home(func(p *Problem) { pump(0)(p); p.ImportPrice[2] = energy.PriceOf(0.9) }), []Node{
				branch(Branch{Kind: BranchCount, Slot: 2, Count: 1}),
				leaf(Duals{Balance: []float64{0.2, 0.2, 0.9}, Counts: []float64{5}}), leaf(Duals{Balance: []float64{0.2, 0.2, 0.9}, Counts: []float64{0.05}}),
			}, 0.65 + 0.4,
		},
		"what a battery gives back need not be bought": {
			home(func(p *Problem) {
				p.Devices = []Device{Battery{ID: "b", EnergyMax: 1000, EnergyInitial: 1000, DischargeMax: 400, ChargeEfficiency: 1, DischargeEfficiency: 0.5}}
			}), []Node{leaf(Duals{Balance: flat(0.2)})}, 0.3 - 0.2*0.5,
		},
		"nor what a car does, but for the wear": {
			home(func(p *Problem) {
				p.Devices = []Device{Vehicle{
					ID: "car", Depart: 2, Ranges: []Range{{0, 1000}}, ChargeEfficiency: 1, EnergyInitial: 2000, EnergyMin: 1000,
					DischargeMax: 300, DischargeEfficiency: 0.8, Wear: energy.PriceOf(0.05), Room: 500,
				}}
			}), []Node{leaf(Duals{Balance: flat(0.2)})}, 0.3,
		},
		"a circuit of a quarter of an hour": {
			home(func(p *Problem) {
				pump(0)(p)
				p.Grid = energy.NewGrid(p.Grid.Start, p.Grid.Step/4, 3)
				p.Circuits = []Circuit{{ID: "kitchen", Limit: 500, Devices: []string{"pump"}}}
			}), []Node{leaf(Duals{Balance: flat(0.2), Circuits: [][]float64{flat(0.4)}})}, (0.3 + 2*0.6 - 3*0.4*0.5) / 4,
		},
		"wrong prices of a quarter of an hour": {
			home(withCar(func(p *Problem) { p.Grid = energy.NewGrid(p.Grid.Start, p.Grid.Step/4, 3) })),
			[]Node{leaf(Duals{Balance: []float64{0.3, -0.1, 0.2}})}, (0.5*0.4 - 0.1*11 - 0.1*6) / 4,
		},
		"a tank cannot run half of an hour": {home(oneTank), []Node{leaf(Duals{Balance: flat(0.2)})}, 0.3 + 0.4},
		"what it takes beyond the sun is bought": {
			home(sunny), []Node{leaf(Duals{Balance: flat(0.1), Cuts: []SlotCut{
				{Slot: 0, Price: 0.1, Import: 1, Terms: []CutTerm{{0, 1, -0.5, 0}}},
				{Slot: 1, Price: 0.1, Import: 1, Terms: []CutTerm{{0, 1, -0.5, 0}}},
				{Slot: 2, Price: 0.1, Import: 1, Terms: []CutTerm{{0, 1, -0.5, 0}}},
			}})}, -3*0.5*0.1 + 2*(0.1+0.1*0.5),
		},
		"a cut on what is sold": {
			home(func(p *Problem) { p.Solar, p.ExportPrice = Constant(1500, 3), []energy.Price{2e11, 0, 0} }),
			[]Node{leaf(Duals{Balance: []float64{0.1, 0, 0}, Cuts: []SlotCut{{Price: 0.1, Import: 1, Export: 1}}})}, -0.1 - 0.1,
		},
		"a cut with a constant pays it": {
			home(func(p *Problem) {
				pump(0)(p)
				p.Devices[0] = Battery{ID: "b", EnergyMax: 3000, EnergyInitial: 1000, DischargeMax: 1000, ChargeEfficiency: 1, DischargeEfficiency: 1}
			}),
			[]Node{leaf(Duals{Balance: flat(0), Cuts: []SlotCut{{Slot: 1, Price: 0.2, Import: 1, Terms: []CutTerm{{Device: 0, Back: 1}}}}})},
			0.2*0.5 - 0.2*1,
		},
	} {
		bound, err := Verify(c.problem, &Certificate{Nodes: c.nodes, Bound: math.MinInt64})
		if err != nil || math.Abs(bound.Float()-c.want) > 1e-7 {
			t.Errorf("%s: %v, %v, want %v", name, bound, err, c.want)
		}
	}
}
