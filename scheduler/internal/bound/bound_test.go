package bound

import (
	"context"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hearth/scheduler/internal/home"
	"hearth/scheduler/internal/respond"
	"hearth/scheduler/internal/supply"
)

// exact is a slack at which values are exact but for rounding; slip is what rounding may do to a sum of money.
const (
	exact = 1e-9
	slip  = 1e-6
)

var bg = context.Background()

func TestValue_IsBelowEveryPlanAtEveryPoint(t *testing.T) {
	listed := 0
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		decisions := drawDecisions(t, h, 3)
		l, b := h.Limits(decisions), New(h)
		var points []*Point
		var values []float64
		for range 4 {
			p := drawPoint(t, h, l)
			value, parts, ok := b.Value(bg, p, l, exact)
			if !ok || len(parts) != len(h.Devices) || math.IsNaN(value) {
				t.Fatalf("value %v, parts %v, %v", value, parts, ok)
			}
			points, values = append(points, p), append(values, value)
		}
		imp, exp := b.Flows()
		for x := range plans(h, decisions) {
			listed++
			for k, p := range points {
				if at := x.at(h, p, l); at > x.cost+slip || values[k] > at+slip {
					t.Fatalf("under %+v, value %v of a plan at %v, which costs %v at these prices:\n%+v\n%+v", decisions, values[k], x.cost, at, x, p)
				}
			}
			for s, net := range x.net {
				if net > imp[s]+1e-9 || -net > exp[s]+1e-9 {
					t.Fatalf("slot %d carries %v, at most from %v to %v\n%+v", s, net, -exp[s], imp[s], x)
				}
			}
		}
	})
	if listed < 1000 {
		t.Errorf("only %d plans were drawn", listed)
	}
}

// Prices that are looked for find a fault which prices that are drawn miss.
func TestValue_StaysBelowEveryPlanWhereItIsHighest(t *testing.T) {
	near, all := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		decisions := drawDecisions(t, h, 2)
		best := math.Inf(1)
		for x := range plans(h, decisions) {
			best = min(best, x.cost)
		}
		l, b := h.Limits(decisions), New(h)
		p := drawPoint(t, h, l)
		for i, s := range h.Slots {
			p.Lambda[i] = s.Buy
		}
		top, _, _ := b.Value(bg, p, l, exact)
		for range 300 {
			price, least := p.any(t)
			before := *price
			*price = max(before+cents(t, "by", -12, 12), least)
			value, _, _ := b.Value(bg, p, l, exact)
			if value > best+slip {
				t.Fatalf("under %+v, value %v above a plan at %v\n%+v", decisions, value, best, p)
			}
			if top = max(top, value); value < top {
				*price = before
			}
		}
		if !math.IsInf(best, 1) {
			if all++; top > best-0.1 {
				near++
			}
		}
	})
	if near < all/5 { // about half is usual
		t.Errorf("%d of %d times the value came near to the best plan: the law says little", near, all)
	}
}

// any is one of the prices of a point, and the least it may be.
func (p *Point) any(t *rapid.T) (price *float64, least float64) {
	for {
		switch rapid.IntRange(0, 8).Draw(t, "prices") {
		case 0:
			if len(p.Kappa) > 0 {
				return &p.Kappa[rapid.IntRange(0, len(p.Kappa)-1).Draw(t, "block")], 0
			}
		case 1:
			if len(p.Nu) > 0 {
				return &p.Nu[rapid.IntRange(0, len(p.Nu)-1).Draw(t, "circuit")][rapid.IntRange(0, slots-1).Draw(t, "slot")], 0
			}
		case 2:
			if len(p.Rho) > 0 {
				return &p.Rho[rapid.IntRange(0, len(p.Rho)-1).Draw(t, "tally")], 0
			}
		case 3, 4:
			if len(p.Mu) > 0 {
				return &p.Mu[rapid.IntRange(0, len(p.Mu)-1).Draw(t, "cut")], 0
			}
		default:
			return &p.Lambda[rapid.IntRange(0, slots-1).Draw(t, "slot")], math.Inf(-1)
		}
	}
}

// ends are the ends of what a slot may carry.
func ends(b *Bounder, h *home.Home, l *home.Limits, s int) (imp, exp, curt []float64) {
	most, mostOut := b.Flows()
	capped := most[s]
	if w, _ := b.Weight(s); w > 0 && l.PeakHigh < math.Inf(1) {
		capped = min(capped, l.PeakHigh/w)
	}
	imp, exp, curt = []float64{0}, []float64{0}, []float64{0, h.Slots[s].Curtailable}
	if !home.Is(l.NoImport, s) {
		imp = append(imp, capped)
	}
	if !home.Is(l.NoExport, s) {
		exp = append(exp, mostOut[s])
	}
	return imp, exp, curt
}

func TestValue_IsItsPartsAndTheLeastOfEachSlotAndOfThePeak(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		l, b := h.Limits(drawDecisions(t, h, 3)), New(h)
		p := drawPoint(t, h, l)
		if rapid.IntRange(0, 9).Draw(t, "peak is too dear") == 0 && len(p.Kappa) > 0 {
			p.Kappa[0] += 1
		}
		value, parts, _ := b.Value(bg, p, l, exact)
		want := fixed(h, p, l)
		for s := range slots {
			least := 0.0
			imports, exports, curts := ends(b, h, l, s)
			for _, imp := range imports {
				for _, exp := range exports {
					for _, curt := range curts {
						if imp == 0 || exp == 0 { // never both
							least = min(least, tradeAt(h, p, s, imp, exp, curt))
						}
					}
				}
			}
			want += least
		}
		low := max(h.Peak.SoFar, l.PeakLow)
		peak := peakAt(h, p, low)
		if h.Peak.Price > 0 && l.PeakLow > max(h.Peak.SoFar, l.PeakHigh) {
			peak = math.Inf(1) // no level is left
		}
		for _, level := range []float64{l.PeakHigh, low + 1e9} { // as far as it may go
			if level > low && level <= l.PeakHigh {
				peak = min(peak, peakAt(h, p, level))
			}
		}
		want += peak
		for _, part := range parts {
			want += part
		}
		switch {
		case slices.Contains(parts, math.Inf(1)) || math.IsInf(peak, 1):
			if !math.IsInf(value, 1) {
				t.Fatalf("value %v with parts %v and a peak at %v", value, parts, peak)
			}
		case want < -1e6:
			if !math.IsInf(value, -1) {
				t.Fatalf("value %v, but no level of the peak is the cheapest", value)
			}
		case math.Abs(value-want) > slip:
			t.Fatalf("value %v, want %v with parts %v", value, want, parts)
		}
	})
}

func TestDecision_NeitherSideIsBelowTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		for _, d := range h.Devices {
			if s, ok := d.(*respond.Store); ok {
				s.MaxStarts = -1 // else its answers are not quite exact
			}
		}
		decisions := drawDecisions(t, h, 2)
		b, l := New(h), h.Limits(decisions)
		p, d := drawPoint(t, h, l), drawDecision(t, h)
		if slices.ContainsFunc(append(decisions, d), func(d home.Decision) bool { return switchesBattery(h, d) }) {
			return
		}
		whole, parts, _ := b.Value(bg, p, l, exact)
		if d.Kind == home.Count {
			p.Rho = append(p.Rho, 0)
		}
		for _, side := range []bool{false, true} {
			d.IsSecond = side
			value, more, ok := b.Value(bg, p, h.Limits(append(decisions[:len(decisions):len(decisions)], d)), exact)
			if !ok || value < whole-slip {
				t.Fatalf("%+v beside %+v: %v below %v", d, decisions, value, whole)
			}
			for i := range parts {
				if more[i] < parts[i]-slip {
					t.Fatalf("%+v beside %+v: part %d is %v, below %v", d, decisions, i, more[i], parts[i])
				}
			}
		}
	})
}

func TestValue_SlackLosesAtMostThatMuchASlotAndDevice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		l, b := h.Limits(drawDecisions(t, h, 2)), New(h)
		p := drawPoint(t, h, l)
		const slack = 0.01
		fine, _, _ := b.Value(bg, p, l, exact)
		rough, _, _ := b.Value(bg, p, l, slack)
		again, _, _ := b.Value(bg, p, l, exact)
		if rough > fine+slip || rough < fine-slack*slots*float64(len(h.Devices))-slip || again != fine {
			t.Fatalf("%v, with slack %v, again %v", fine, rough, again)
		}
	})
}

// One slot, one run, one circuit, one block: small enough to reckon by hand.
func TestValue_OfOneSlotIsWhatAPersonReckons(t *testing.T) {
	h := &home.Home{
		Slots: []supply.Slot{{Hours: 0.5, Buy: 0.4, Sell: 0.1, ImportLimit: 10, ExportLimit: 10, Curtailable: 2}},
		Need:  []float64{-1}, Peak: supply.Peak{Price: 3, SoFar: 1, Blocks: [][2]int{{0, 1}}},
		Devices:  []respond.Device{&respond.Shiftable{Profile: []float64{3}, LatestEnd: 1}},
		Circuits: []home.Circuit{{Limit: 5, Devices: []int{0}}},
	}
	sharing := Cut{Import: 1, Terms: []Term{{Device: 0, Power: 1, On: -1}}} // import >= 3 - 1 where it runs
	for name, c := range map[string]struct {
		lambda, kappa, nu, mu float64
		decisions             []home.Decision
		want                  float64
	}{
		// Import is 2, at 0.4 and 3 for the peak; at most it is 4, with all solar curtailed. Export is at most 1.
		"without prices, export alone pays":             {want: -0.05},
		"lambda of buying, no peak":                     {lambda: 0.4, want: 0.2 * (3 - 1)},
		"its peak as well: import stops":                {lambda: 0.4, kappa: 3, want: 0.4 - 3},
		"lambda carries the peak too: the whole cost":   {lambda: 0.4 + 6, kappa: 3, want: 3.2*2 - 3},
		"the circuit is not full":                       {lambda: 0.4, nu: 1, want: 0.4 + 0.5*(3-5)},
		"a cut instead of lambda":                       {mu: 0.2, want: 0.2*2 - 0.05},
		"a negative lambda curtails all, exports all":   {lambda: -0.2, want: -0.1*2 - 0.1*2 - 0.15*1},
		"a peak of at most 1":                           {lambda: 6.8, kappa: 3, decisions: []home.Decision{{Kind: home.Peak, Power: 1}}, want: 3.4*2 - 0.2*1 - 3},
		"at most 1, dearer than the peak's price":       {kappa: 4, decisions: []home.Decision{{Kind: home.Peak, Power: 2}}, want: -0.05 + 3*1 - 4*2},
		"a peak of at least 2":                          {lambda: 0.4, decisions: []home.Decision{{Kind: home.Peak, Power: 2, IsSecond: true}}, want: 0.4 + 3},
		"a lambda above buying imports all it can":      {lambda: 1, want: 0.5*2 + (0.2-0.5)*4},
		"or nothing, when that is decided":              {lambda: 1, decisions: []home.Decision{{Kind: home.Flow}}, want: 0.5 * 2},
		"without prices nor export":                     {decisions: []home.Decision{{Kind: home.Flow, IsSecond: true}}, want: 0},
		"a run that begins later than it can":           {decisions: []home.Decision{{Kind: home.Start, Slot: 1, IsSecond: true}}, want: math.Inf(1)},
		"that, at a price of the peak without a bottom": {kappa: 4, decisions: []home.Decision{{Kind: home.Start, Slot: 1, IsSecond: true}}, want: math.Inf(1)},
	} {
		p := NewPoint(h)
		p.Lambda[0], p.Kappa[0], p.Nu[0][0] = c.lambda, c.kappa, c.nu
		p.Cuts, p.Mu = []Cut{sharing}, []float64{c.mu}
		value, parts, ok := New(h).Value(bg, p, h.Limits(c.decisions), exact)
		if !ok || value != c.want && !(math.Abs(value-c.want) < 1e-9) {
			t.Errorf("%s: %v (parts %v), want %v", name, value, parts, c.want)
		}
	}
}

func TestFlows_AreWhatNeedAndLimitsAllow(t *testing.T) {
	slot := supply.Slot{Hours: 1, Buy: 0.3, ImportLimit: 4, ExportLimit: 3}
	solar := slot
	solar.Curtailable = 2
	h := &home.Home{
		Slots: []supply.Slot{slot, slot, solar, slot}, Need: []float64{-0.5, -5, -0.5, 2}, Peak: supply.Peak{Blocks: [][2]int{{0, 4}}},
		Devices: []respond.Device{&respond.Interruptible{
			Power: 2.5, Run: 1, Earliest: 1, LatestEnd: 4, Switching: respond.Switching{MinOn: 1, MinOff: 1, MaxStarts: -1},
		}},
	}
	imp, exp := New(h).Flows()
	if want := []float64{0, 0, 4, 4}; !slices.Equal(imp, want) {
		t.Errorf("import up to %v, want %v", imp, want)
	}
	if want := []float64{0.5, 3, 0.5, 0}; !slices.Equal(exp, want) {
		t.Errorf("export up to %v, want %v", exp, want)
	}
	if w, _ := New(h).Weight(1); w != 0 {
		t.Errorf("a slot weighs %v in a peak that has no price", w)
	}
	p := NewPoint(h)
	plain, _, _ := New(h).Value(bg, p, h.Limits(nil), exact)
	p.Kappa[0] = 7
	if value, _, _ := New(h).Value(bg, p, h.Limits(nil), exact); value != plain {
		t.Errorf("a peak that has no price changes %v to %v", plain, value)
	}
	h.Peak = supply.Peak{Price: 1, Blocks: [][2]int{{0, 1}, {1, 3}}}
	for s, want := range [][2]float64{{1, 0}, {0.5, 1}, {0.5, 1}, {0, 0}} {
		if w, block := New(h).Weight(s); w != want[0] || float64(block) != want[1] {
			t.Errorf("slot %d weighs %v in block %d, want %v", s, w, block, want)
		}
	}
}

func TestValue_EndsWithItsContext(t *testing.T) {
	ended, cancel := context.WithCancel(bg)
	cancel()
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		l, b := h.Limits(nil), New(h)
		if _, parts, ok := b.Value(ended, drawPoint(t, h, l), l, exact); ok || parts != nil {
			t.Fatalf("parts %v after the end", parts)
		}
	})
}

func TestValue_ChargesForTalliesInTheirOrder(t *testing.T) {
	d := &respond.Interruptible{Power: 1, Run: 2, LatestEnd: slots, Switching: respond.Switching{MinOn: 1, MinOff: 1, MaxStarts: -1}}
	h := &home.Home{Need: make([]float64, slots), Devices: []respond.Device{d}}
	for range slots {
		h.Slots = append(h.Slots, supply.Slot{Hours: 1, ImportLimit: 9, ExportLimit: 9})
	}
	few := home.Decision{Kind: home.Count, Slot: slots, Count: 3}                  // two of at most three
	many := home.Decision{Kind: home.Count, Slot: slots, Count: 2, IsSecond: true} // two of at least three
	early := home.Decision{Kind: home.Count, Slot: 2, Count: 2}                    // none before slot 2 is as good
	for name, c := range map[string]struct {
		decisions []home.Decision
		rho       []float64
		want      float64
	}{
		"at most":     {[]home.Decision{few}, []float64{0.1}, 2*0.1 - 3*0.1},
		"at least":    {[]home.Decision{many}, []float64{0.2}, 3*0.2 - 2*0.2},
		"both":        {[]home.Decision{many, few}, []float64{0.2, 0.1}, 0.2 - 0.1},
		"in part":     {[]home.Decision{early}, []float64{0.5}, -2 * 0.5},
		"for nothing": {[]home.Decision{few, many}, []float64{0, 0}, 0},
	} {
		p := NewPoint(h)
		p.Rho = c.rho
		if value, _, ok := New(h).Value(bg, p, h.Limits(c.decisions), exact); !ok || math.Abs(value-c.want) > 1e-9 {
			t.Errorf("%s: %v, want %v", name, value, c.want)
		}
	}
}
