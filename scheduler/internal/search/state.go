package search

import (
	"context"
	"math"
	"slices"

	"hearth/scheduler/internal/home"
	"hearth/scheduler/internal/pwl"
	"hearth/scheduler/internal/respond"
	"hearth/scheduler/internal/supply"
)

// State is a plan being worked on, and the best one so far.
type State struct {
	*home.Home
	judge func(power [][]float64) Score

	power [][]float64
	need  []float64   // kW of each slot, devices included
	load  [][]float64 // kW consumed behind each circuit
	in    [][]int     // circuits of each device
	reach float64     // no need is further from 0

	lambda []float64    // the shared need's price, blended into what devices see
	extra  supply.Extra // penalties and peak that shape the curves
	curves []pwl.Func
	isHard bool // nothing is offered beyond import limit and circuits

	best      Score
	bestPower [][]float64

	maker  supply.Maker
	segs   []pwl.Seg
	spans  [][2]int
	prices respond.Prices
	memory respond.Memory
	answer []float64
	rest   []float64 // no power, in any slot
}

// planSlack is the slack of answers, in high prices of the problem times a kWh.
const planSlack = 3e-4

// New is a search that has no plan yet but to let everything rest. Judge prices plans.
func New(h *home.Home, judge func(power [][]float64) Score) *State {
	n := len(h.Slots)
	s := &State{Home: h, judge: judge, need: slices.Clone(h.Need), in: h.In()}
	s.power = home.Matrix(len(h.Devices), n)
	s.load = home.Matrix(len(h.Circuits), n)
	s.answer, s.rest = make([]float64, n), make([]float64, n)
	s.bestPower = home.Matrix(len(h.Devices), n)
	s.best = s.judge(s.power)
	for _, x := range h.Need {
		s.reach = max(s.reach, math.Abs(x))
	}
	for _, d := range h.Devices {
		least, most := d.Reach()
		s.reach += max(-least, most)
	}
	s.reach++
	s.lambda = make([]float64, n)
	for t, slot := range h.Slots {
		s.lambda[t] = slot.Buy
		if h.Need[t] < 0 {
			s.lambda[t] = (slot.Buy + slot.Sell) / 2
		}
	}
	s.extra = supply.Extra{Import: h.Penalty, Export: h.Penalty}
	s.curve()
	return s
}

// curve makes the curves of the slots anew, after a change of extra.
func (s *State) curve() {
	s.curves = make([]pwl.Func, len(s.Slots))
	extra := make([]supply.Extra, len(s.Slots))
	for t := range extra {
		extra[t] = s.extra
		extra[t].Peak = 0
	}
	if s.extra.Peak > 0 {
		for _, b := range s.Peak.Blocks {
			for t := b[0]; t < b[1]; t++ {
				extra[t].Peak = s.extra.Peak * s.Peak.Weight(b, t)
			}
		}
	}
	var all pwl.Func
	for t, slot := range s.Slots {
		from := len(all)
		all = slot.Curve(all, &s.maker, s.reach, extra[t])
		s.curves[t] = all[from:]
	}
}

// put replaces the powers of a device.
func (s *State) put(i int, power []float64) {
	for t, p := range power {
		old := s.power[i][t]
		if p == old {
			continue
		}
		s.power[i][t] = p
		s.need[t] += p - old
		for _, c := range s.in[i] {
			s.load[c][t] += max(p, 0) - max(old, 0)
		}
	}
}

// putAll replaces the powers of all devices.
func (s *State) putAll(power [][]float64) {
	for i, row := range power {
		s.put(i, row)
	}
}

// respond lets a device answer to the others, with theta of the shared price in what it sees.
func (s *State) respond(ctx context.Context, i int, theta float64) {
	s.answers(ctx, i, s.offer(i, theta), planSlack)
}

// answers has a device take what is cheapest at prices; slack is in high prices of energy.
func (s *State) answers(ctx context.Context, i int, prices respond.Prices, slack float64) {
	ask := respond.Ask{Prices: prices, Slack: slack * s.Scale, Floor: s.Floor, Memory: &s.memory}
	if _, _, ok := s.Devices[i].Respond(ctx, ask, s.answer); ok {
		s.put(i, s.answer)
	}
}

// offer is what the powers of a device cost beside all others: the slot's curve from where the others leave
// it, its slopes blended with the shared price, and a penalty or the end at what circuits leave.
func (s *State) offer(i int, theta float64) respond.Prices {
	least, most := s.Devices[i].Reach()
	s.segs, s.spans = s.segs[:0], s.spans[:0]
	for t, f := range s.curves {
		begin := len(s.segs)
		others := s.need[t] - s.power[i][t]
		room := s.room(i, t)
		end := most
		if s.isHard {
			end = min(most, max(room, 0), max(s.Slots[t].ImportLimit-others, 0))
		}
		lambda := theta * s.lambda[t] * s.Slots[t].Hours
		zero := (1 - theta) * f.At(others)
		for _, g := range f {
			g.X0, g.X1 = g.X0-others, g.X1-others
			if g.X1 <= least || g.X0 >= end {
				continue
			}
			g.Y0, g.Y1 = (1-theta)*g.Y0-zero+lambda*g.X0, (1-theta)*g.Y1-zero+lambda*g.X1
			s.segs = lean(s.segs, cut(g, least, end), max(room, 0), s.Penalty*s.Slots[t].Hours)
		}
		s.spans = append(s.spans, [2]int{begin, len(s.segs)})
	}
	return s.sliced()
}

// room is what circuits leave to a device in a slot.
func (s *State) room(i, t int) float64 {
	room := math.Inf(1)
	for _, c := range s.in[i] {
		room = min(room, s.Circuits[c].Limit-(s.load[c][t]-max(s.power[i][t], 0)))
	}
	return room
}

// sliced is the prices whose segments were laid down.
func (s *State) sliced() respond.Prices {
	s.prices = s.prices[:0]
	for _, p := range s.spans {
		s.prices = append(s.prices, s.segs[p[0]:p[1]])
	}
	return s.prices
}

// cut is the part of a segment within [low, high], which it overlaps.
func cut(g pwl.Seg, low, high float64) pwl.Seg {
	slope := (g.Y1 - g.Y0) / (g.X1 - g.X0)
	if g.X0 < low {
		g.X0, g.Y0 = low, g.Y0+(low-g.X0)*slope
	}
	if g.X1 > high {
		g.X1, g.Y1 = high, g.Y1-(g.X1-high)*slope
	}
	return g
}

// lean appends a segment with a steeper slope beyond room.
func lean(dst []pwl.Seg, g pwl.Seg, room, slope float64) []pwl.Seg {
	if g.X1 <= room {
		return append(dst, g)
	}
	if g.X0 < room {
		dst = append(dst, cut(g, g.X0, room))
		g = cut(g, room, g.X1)
	}
	g.Y0 += slope * (g.X0 - room)
	g.Y1 += slope * (g.X1 - room)
	return append(dst, g)
}

// Best is the score of the best plan so far, and its powers.
func (s *State) Best() (Score, [][]float64) { return s.best, s.bestPower }

// Price sets the price of the shared need that devices are shown a part of: money per kWh, each slot.
func (s *State) Price(lambda []float64) { copy(s.lambda, lambda) }

// Return makes a plan the best one, whatever it scores.
func (s *State) Return(power [][]float64) {
	s.putAll(power)
	s.best = s.judge(s.power)
	s.copyBest()
}

// keep notes the plan when it is the best so far.
func (s *State) keep() bool {
	score := s.judge(s.power)
	if !score.Less(s.best) {
		return false
	}
	s.best = score
	s.copyBest()
	return true
}

func (s *State) copyBest() {
	for i, row := range s.power {
		copy(s.bestPower[i], row)
	}
}
