package milp

import "slices"

// balance adds the flows of every slot with their prices:
//
//	import - export = base load - (solar - curtailed) + what devices consume - what they give back
func (b *builder) balance() {
	p := b.problem
	for t := range b.slots {
		net := float64(p.BaseLoad[t]-p.Solar[t]) / kilo // before any device
		curtailable := 0.0
		if p.SolarCurtailable {
			curtailable = float64(p.Solar[t]) / kilo
		}
		buy, sell := p.ImportPrice[t].Float(), p.ExportPrice[t].Float()
		if p.Carbon != nil {
			buy += p.CarbonPrice.Float() * float64(p.Carbon[t]) * 1e-6 // a price per tonne, for grams
		}
		imports := b.variable(0, float64(p.ImportLimit[t])/kilo, b.hours*buy, "grid_import_%d", t)
		exports := b.variable(0, float64(p.ExportLimit[t])/kilo, -b.hours*sell, "grid_export_%d", t)
		curtailed := b.variable(0, curtailable, 0, "curtailed_%d", t)
		b.imports = append(b.imports, imports)

		flows := sum{{1, imports}, {-1, exports}, {-1, curtailed}}
		least, most := net, net+curtailable
		for i := range p.Devices {
			consumes, givesBack := b.consumes[i][t], b.givesBack[i][t]
			flows = flows.add(consumes.times(-1)).add(givesBack)
			most += b.most(consumes)
			least -= b.most(givesBack)
		}
		b.row(flows, Equal, net, "balance_%d", t)
		if buy < sell {
			b.eitherWay(t, imports, exports, max(most, 0), max(-least, 0))
		}
	}
}

// eitherWay forbids import and export in the same slot. The home can neither take more than most nor give
// more than mostBack, whatever its limits are.
func (b *builder) eitherWay(t, imports, exports int, most, mostBack float64) {
	may := b.decision(0, "imports_%d", t)
	most = min(most, b.Variables[imports].High)
	mostBack = min(mostBack, b.Variables[exports].High)
	b.row(sum{{1, imports}, {-most, may}}, AtMost, 0, "only_import_%d", t)
	b.row(sum{{1, exports}, {mostBack, may}}, AtMost, mostBack, "only_export_%d", t)
}

// peak prices the highest mean import of the blocks that count, above what is paid for already:
//
//	peak >= mean import of the block - so far
func (b *builder) peak() {
	p := b.problem.Peak
	if p.Price == 0 {
		return
	}
	peak := b.variable(0, inf, p.Price.Float(), "peak")
	length := max(p.Averaging, 1)
	for from := 0; from < b.slots; from += length {
		to := min(from+length, b.slots)
		if p.Slots != nil && slices.Contains(p.Slots[from:to], false) {
			continue
		}
		above := sum{{-1, peak}}
		for _, imports := range b.imports[from:to] {
			above = append(above, Term{1 / float64(to-from), imports})
		}
		b.row(above, AtMost, float64(p.SoFar)/kilo, "peak_from_%d", from)
	}
}

// circuits limits what the devices of a circuit consume together. What they give back does not help.
func (b *builder) circuits() {
	for k, c := range b.problem.Circuits {
		for t := range b.slots {
			var load sum
			for i, d := range b.problem.Devices {
				if slices.Contains(c.Devices, d.Name()) {
					load = load.add(b.consumes[i][t])
				}
			}
			if len(load) > 0 {
				b.row(load, AtMost, float64(c.Limit)/kilo, "circuit%d_%d", k, t)
			}
		}
	}
}
