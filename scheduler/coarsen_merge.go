package scheduler

import (
	"math"

	"hearth/energy"
)

// merge sets what the problem says of its slots from a problem in which slots are steps.
func (p *Problem) merge(fine *Problem) {
	m := merger{p.firstSteps()}
	p.ImportPrice, p.ExportPrice = m.prices(fine.ImportPrice), m.prices(fine.ExportPrice)
	if fine.Carbon != nil {
		p.Carbon = means(m, fine.Carbon)
	}
	p.Solar, p.BaseLoad = means(m, fine.Solar), means(m, fine.BaseLoad)
	p.ImportLimit = m.limits(fine.ImportLimit, func(t int) energy.Watts { return fine.BaseLoad[t] - fine.Solar[t] })
	p.ExportLimit = m.limits(fine.ExportLimit, func(t int) energy.Watts {
		if fine.SolarCurtailable {
			return 0 // each step can curtail what is too much for it
		}
		return fine.Solar[t] - fine.BaseLoad[t]
	})
	if fine.Peak.Slots != nil {
		p.Peak.Slots = make([]bool, m.count())
		for t := range p.Peak.Slots {
			p.Peak.Slots[t] = fine.Peak.counts(m.firsts[t], m.firsts[t+1])
		}
	}
	p.Devices = nil
	for _, d := range fine.Devices {
		if d, ok := d.(Thermal); ok {
			d.COP, d.Draw = means(m, d.COP), m.sums(d.Draw)
			p.Devices = append(p.Devices, d)
			continue
		}
		p.Devices = append(p.Devices, d)
	}
}

// merger makes values of slots from those of steps.
type merger struct{ firsts []int }

func (m merger) count() int { return len(m.firsts) - 1 }

// mean is the mean of the steps of slot t, exactly their value where they have the same.
func (m merger) mean(t int, value func(step int) float64) float64 {
	from, to := m.firsts[t], m.firsts[t+1]
	sum := 0.0
	for k := from; k < to; k++ {
		sum += value(k) - value(from)
	}
	return value(from) + sum/float64(to-from)
}

func means[T ~float64](m merger, values []T) []T {
	out := make([]T, m.count())
	for t := range out {
		out[t] = T(m.mean(t, func(step int) float64 { return float64(values[step]) }))
	}
	return out
}

func (m merger) prices(values []energy.Price) []energy.Price {
	out := make([]energy.Price, m.count())
	for t := range out {
		first := values[m.firsts[t]]
		out[t] = first + energy.Price(math.Round(m.mean(t, func(step int) float64 { return float64(values[step] - first) })))
	}
	return out
}

func (m merger) sums(values []energy.WattHours) []energy.WattHours {
	out := make([]energy.WattHours, m.count())
	for t := range out {
		for _, v := range values[m.firsts[t]:m.firsts[t+1]] {
			out[t] += v
		}
	}
	return out
}

// limits are what is left for devices in the step of each slot in which they are left least, on top of the mean
// of what flows without them. Devices that are off keep a limit that this flow alone exceeds in a step.
func (m merger) limits(limit []energy.Watts, flow func(step int) energy.Watts) []energy.Watts {
	out := make([]energy.Watts, m.count())
	for t := range out {
		mean := energy.Watts(m.mean(t, func(step int) float64 { return float64(flow(step)) }))
		out[t] = energy.Watts(math.Inf(1))
		for k := m.firsts[t]; k < m.firsts[t+1]; k++ {
			out[t] = min(out[t], max(limit[k]+(mean-flow(k)), mean))
		}
		out[t] = max(out[t], 0)
	}
	return out
}
