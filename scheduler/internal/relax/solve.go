package relax

import (
	"context"
	"math"

	"hearth/scheduler/internal/bound"
	"hearth/scheduler/internal/lp"
)

// Solve finds the optimum, to a tolerance in money. It is false when ctx has ended before there is anything.
func (r *Relaxation) Solve(ctx context.Context, tolerance float64) bool {
	r.solution = r.solver.Solve(ctx, &r.model, lp.Options{Tolerance: tolerance})
	return ctx.Err() == nil && len(r.solution.X) == r.model.Columns()
}

// Work is about how long the last solve took, in microseconds of a machine that is always the same.
func (r *Relaxation) Work() float64 {
	return 0.02 * float64(r.solution.Iterations) * math.Pow(float64(r.model.Rows()+r.model.Columns()), 1.25)
}

// Bound is the program's own.
func (r *Relaxation) Bound() float64 { return r.solution.Bound }

// Objective of the last solution.
func (r *Relaxation) Objective() float64 { return r.solution.Objective }

// Power is what the devices do in the last solution. One that is on with next to no power takes what counts as on.
func (r *Relaxation) Power(dst [][]float64) {
	for i := range r.parts {
		p := &r.parts[i]
		for t := range dst[i] {
			dst[i][t] = r.value(p.power[t]) - r.value(p.back[t])
			if kW := dst[i][t]; math.Abs(kW) < r.h.Floor && p.isOn(r, t) {
				dst[i][t] = r.h.Floor
			}
		}
	}
}

// isOn says that a store with powers from next to nothing on is more on than off.
func (p *part) isOn(r *Relaxation, t int) bool {
	return len(p.above) > 0 && !p.isAlways && r.value(p.on[t]) > 0.5
}

// Peak is the level of the peak in the last solution; 0 when there is none.
func (r *Relaxation) Peak() float64 {
	if r.peak < 0 {
		return 0
	}
	return r.solution.X[r.peak]
}

func (r *Relaxation) value(terms []lp.Term) (sum float64) {
	for _, t := range terms {
		sum += t.Value * r.solution.X[t.Column]
	}
	return sum
}

// absurd is, in high prices, the multiplier of a cut that is none: of rows that depend on each other the program
// may leave one with anything.
const absurd = 1e7

// Point is the prices of the last solution, without what its rounding would cost.
func (r *Relaxation) Point() *bound.Point {
	p := r.prices()
	r.bounder.Clean(p, 0.003*r.h.Scale)
	return p
}

// prices are those of the last solution as they are.
func (r *Relaxation) prices() *bound.Point {
	p := bound.NewPoint(r.h)
	y := r.solution.Y
	for b, row := range r.blocks {
		p.Kappa[b] = max(-y[row], 0)
	}
	r.project(p)
	for c, rows := range r.circuits {
		for t, row := range rows {
			if row >= 0 {
				p.Nu[c][t] = max(-y[row], 0) / r.h.Slots[t].Hours
			}
		}
	}
	for k, row := range r.tallies {
		v := 0.0
		switch {
		case row < 0:
		case r.limits.Counts[k].IsLeast:
			v = y[row]
		default:
			v = -y[row]
		}
		p.Rho = append(p.Rho, max(v, 0))
	}
	for _, s := range r.slots {
		if v := y[s.row]; v > 1e-9 && v < absurd*r.h.Scale { // beyond, sums have no digits left for the bound
			p.Cuts, p.Mu = append(p.Cuts, s.Cut), append(p.Mu, v)
		}
	}
	for t, row := range r.balance {
		p.Lambda[t] = y[row] / r.h.Slots[t].Hours
	}
	return p
}

// project scales the peak's prices down to its own, unless its level is limited.
func (r *Relaxation) project(p *bound.Point) {
	total := 0.0
	for _, v := range p.Kappa {
		total += v
	}
	if total > r.h.Peak.Price && math.IsInf(r.limits.PeakHigh, 1) {
		for b := range p.Kappa {
			p.Kappa[b] *= r.h.Peak.Price / total
		}
	}
}

// HalfSpaces are, at a point of prices and with the least each device costs there, those that the last
// solution does not keep by more than least.
func (r *Relaxation) HalfSpaces(p *bound.Point, parts []float64, least float64) (out []HalfSpace) {
	reduced := r.reduced(p)
	for i := range r.parts {
		if math.IsInf(parts[i], 1) {
			continue
		}
		half := HalfSpace{Device: i, Low: parts[i]}
		value, largest := 0.0, 0.0
		for j := r.parts[i].from; j < r.parts[i].to; j++ {
			if reduced[j] != 0 {
				half.Terms = append(half.Terms, lp.Term{Column: j, Value: reduced[j]})
				value += reduced[j] * r.solution.X[j]
				largest = max(largest, math.Abs(reduced[j]))
			}
		}
		if value > parts[i]-least || largest == 0 {
			continue
		}
		for k := range half.Terms {
			half.Terms[k].Value /= largest
		}
		half.Low /= largest
		out = append(out, half)
	}
	return out
}

// reduced is each device column's own cost with what it is charged at a point.
func (r *Relaxation) reduced(p *bound.Point) []float64 {
	d := make([]float64, r.model.Columns())
	for j := range d {
		d[j] = r.model.Cost(j)
	}
	charge := func(terms []lp.Term, price float64) {
		for _, t := range terms {
			d[t.Column] += price * t.Value
		}
	}
	for i := range r.parts {
		for t, s := range r.h.Slots {
			charge(r.parts[i].power[t], p.Lambda[t]*s.Hours)
			charge(r.parts[i].back[t], -p.Lambda[t]*s.Hours)
		}
	}
	for c, circuit := range r.h.Circuits {
		for t, s := range r.h.Slots {
			if p.Nu[c][t] > 0 {
				for _, i := range circuit.Devices {
					charge(r.parts[i].power[t], p.Nu[c][t]*s.Hours)
				}
			}
		}
	}
	for q, cut := range p.Cuts {
		for _, term := range cut.Terms {
			part := &r.parts[term.Device]
			charge(part.power[cut.Slot], p.Mu[q]*term.Power)
			charge(part.on[cut.Slot], p.Mu[q]*term.On)
			charge(part.back[cut.Slot], -p.Mu[q]*term.Back)
		}
	}
	for k, tally := range r.limits.Counts {
		rho := p.Rho[k]
		if tally.IsLeast {
			rho = -rho
		}
		for t := range tally.Slot {
			charge(r.parts[tally.Device].on[t], rho)
		}
	}
	return d
}
