package home

import (
	"math"

	"hearth/scheduler/internal/respond"
)

// Reach is, for each slot, the least and the most net need that the devices can make of it, before anything
// is curtailed: a device is counted wherever it may act at all.
func (h *Home) Reach() (least, most []float64) {
	n := len(h.Slots)
	least, most = make([]float64, n), make([]float64, n)
	copy(least, h.Need)
	copy(most, h.Need)
	for _, d := range h.Devices {
		low, high := d.Reach()
		from, to := Span(d, n)
		for t := from; t < to; t++ {
			least[t] += low
			most[t] += high
		}
	}
	return least, most
}

// Span is the slots in which a device may act.
func Span(d respond.Device, n int) (from, to int) {
	switch d := d.(type) {
	case *respond.Shiftable:
		return d.Span(n)
	case *respond.Interruptible:
		return d.Earliest, d.LatestEnd
	case *respond.Store:
		return d.From, d.To
	}
	return 0, n
}

// In is, for each device, the circuits it hangs on.
func (h *Home) In() [][]int {
	in := make([][]int, len(h.Devices))
	for c, circuit := range h.Circuits {
		for _, i := range circuit.Devices {
			in[i] = append(in[i], c)
		}
	}
	return in
}

// Matrix is rows of zeros in one piece of memory.
func Matrix(rows, columns int) [][]float64 {
	all := make([]float64, rows*columns)
	m := make([][]float64, rows)
	for i := range m {
		m[i] = all[i*columns : (i+1)*columns : (i+1)*columns]
	}
	return m
}

// Infinite is more than anything.
var Infinite = math.Inf(1)
