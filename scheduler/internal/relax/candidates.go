package relax

import (
	"cmp"
	"math"
	"slices"

	"hearth/scheduler/internal/home"
	"hearth/scheduler/internal/respond"
)

// Candidate is a decision that the last solution does not make, and how much seems to hang on it.
type Candidate struct {
	home.Decision
	Weight float64
}

// Candidates are, best first, at most so many decisions by which the last solution would be no longer allowed.
func (r *Relaxation) Candidates(most int) []Candidate {
	var all []Candidate
	for i, d := range r.h.Devices {
		switch d := d.(type) {
		case *respond.Shiftable:
			all = r.startCandidates(all, i, d)
		case *respond.Interruptible:
			all = r.slotCandidates(all, i, d.Power)
		case *respond.Store:
			all = r.levelCandidates(all, i, d)
			if d.AlwaysOn {
				continue
			}
			_, high := d.Reach()
			all = r.slotCandidates(all, i, high)
			if len(d.Ranges) == 1 && d.Ranges[0][0] > 0.6*d.Ranges[0][1] {
				all = r.countCandidates(all, i, high)
			}
		}
	}
	all = r.flowCandidates(all)
	slices.SortStableFunc(all, func(a, b Candidate) int { return cmp.Compare(b.Weight, a.Weight) })
	return all[:min(len(all), most)]
}

// doubt is how far a value is from whole; 0: whole.
func doubt(v float64) float64 {
	f := v - math.Floor(v)
	if f = min(f, 1-f); f < 1e-4 {
		return 0
	}
	return f
}

// spread is what a kWh may cost more or less in a slot.
func (r *Relaxation) spread(t int) float64 {
	s := r.h.Slots[t]
	return max(math.Abs(s.Buy-s.Sell), 0.1*r.h.Scale) * s.Hours
}

// slotCandidates are the slots in which a device is on by halves; the two with the most doubt.
func (r *Relaxation) slotCandidates(all []Candidate, i int, kW float64) []Candidate {
	var own []Candidate
	for t := r.parts[i].span[0]; t < r.parts[i].span[1]; t++ {
		if f := doubt(r.value(r.parts[i].on[t])); f > 0 {
			own = append(own, Candidate{home.Decision{Kind: home.On, Device: i, Slot: t}, f * kW * r.spread(t)})
		}
	}
	slices.SortStableFunc(own, func(a, b Candidate) int { return cmp.Compare(b.Weight, a.Weight) })
	return append(all, own[:min(len(own), 3)]...)
}

// countCandidates are the numbers of slots, up to the end and up to where it is least whole, in which a
// device is on: with a fixed power that is an integer, and what is stored hangs on it.
func (r *Relaxation) countCandidates(all []Candidate, i int, kW float64) []Candidate {
	p := &r.parts[i]
	sum, best := 0.0, Candidate{}
	for t := p.span[0]; t < p.span[1]; t++ {
		sum += r.value(p.on[t])
		if f := doubt(sum); f*kW*r.spread(t) > best.Weight*1.01 {
			best = Candidate{home.Decision{Kind: home.Count, Device: i, Slot: t + 1, Count: int(math.Floor(sum))}, f * kW * r.spread(t)}
		}
	}
	if f := doubt(sum); f > 0 {
		t := p.span[1]
		all = append(all, Candidate{home.Decision{Kind: home.Count, Device: i, Slot: t, Count: int(math.Floor(sum))}, 2 * f * kW * r.spread(t-1)})
	}
	if best.Weight > 0 && best.Slot != p.span[1] {
		all = append(all, best)
	}
	return all
}

// levelCandidates is the slot in which a store takes most of two kinds of power at once: charges and gives
// back, or is on in two of its ranges.
func (r *Relaxation) levelCandidates(all []Candidate, i int, d *respond.Store) []Candidate {
	p := &r.parts[i]
	best := Candidate{Weight: 1e-5 * r.h.Scale}
	try := func(t int, level, kW float64) {
		if w := kW * r.spread(t); w > best.Weight && kW > 1e-4 {
			best = Candidate{home.Decision{Kind: home.Level, Device: i, Slot: t, Power: level}, w}
		}
	}
	for t := d.From; t < d.To; t++ {
		try(t, 0, min(r.value(p.power[t]), r.value(p.back[t])))
		if d.AlwaysOn || len(d.Ranges) < 2 {
			continue
		}
		for _, low := range d.Ranges {
			for _, high := range d.Ranges {
				if level := (low[1] + high[0]) / 2; low[1] < high[0] {
					below, above := r.sides(i, t, d.Ranges, level)
					try(t, level, min(below, above)*(high[0]-low[1]))
				}
			}
		}
	}
	if best.Weight > 1e-5*r.h.Scale {
		all = append(all, best)
	}
	return all
}

// sides is how much a store is on in a slot in ranges below and above a level.
func (r *Relaxation) sides(i, t int, ranges [][2]float64, level float64) (below, above float64) {
	for k, u := range r.parts[i].on[t] {
		if v := r.solution.X[u.Column]; ranges[k][1] < level {
			below += v
		} else if ranges[k][0] > level {
			above += v
		}
	}
	return below, above
}

// startCandidates split the starts of a shiftable where both sides have the most weight.
func (r *Relaxation) startCandidates(all []Candidate, i int, d *respond.Shiftable) []Candidate {
	p := &r.parts[i]
	kWh := 0.0
	if len(p.starts) == 0 {
		return all
	}
	run := d.Run(0)
	for k, kW := range run.Power {
		kWh += kW * r.spread(run.Slot+k)
	}
	sum, mean, off := 0.0, 0.0, 0.0
	for k, column := range p.starts {
		sum += r.solution.X[column]
		mean += float64(k) * r.solution.X[column]
	}
	if f := doubt(sum); f > 0 {
		return append(all, Candidate{home.Decision{Kind: home.Run, Device: i}, f * kWh})
	}
	if sum < 0.5 {
		return all
	}
	mean /= sum
	before, lesser, at := 0.0, 0.0, 0
	for k, column := range p.starts {
		if side := min(before, sum-before); side > lesser {
			lesser, at = side, k
		}
		before += r.solution.X[column]
		off += r.solution.X[column] * math.Abs(float64(k)-mean)
	}
	if doubt(lesser) == 0 {
		return all
	}
	return append(all, Candidate{home.Decision{Kind: home.Start, Device: i, Slot: p.at[at]}, 2 * lesser * kWh * min(1, off)})
}

// flowCandidates are the slots that import and export at once where that pays.
func (r *Relaxation) flowCandidates(all []Candidate) []Candidate {
	for t, s := range r.h.Slots {
		both := min(r.solution.X[r.imp[t]], r.solution.X[r.exp[t]])
		if gain := both * (s.Sell - s.Buy) * s.Hours; gain > 1e-6 && both > 1e-4 {
			all = append(all, Candidate{home.Decision{Kind: home.Flow, Slot: t}, 3 * gain})
		}
	}
	return all
}
