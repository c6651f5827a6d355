package respond

import "hearth/scheduler/internal/pwl"

// pages keeps many packed functions in pieces of memory that are never moved: what grows by copying needs the room twice.
type pages struct {
	all  [][]pwl.Point
	last int // the one that is being filled
}

const (
	pageSize = 4096 // points
	atMost   = 3    // points that a segment is packed in
)

// reset forgets the functions and keeps the memory.
func (p *pages) reset() {
	p.last = 0
	for i := range p.all {
		p.all[i] = p.all[i][:0]
	}
}

// add packs a function.
func (p *pages) add(f pwl.Func) []pwl.Point {
	for need := atMost * len(f); ; p.last++ {
		if p.last == len(p.all) {
			p.all = append(p.all, make([]pwl.Point, 0, max(pageSize, need)))
		}
		if page := p.all[p.last]; cap(page)-len(page) >= need {
			p.all[p.last] = pwl.Pack(page, f)
			return p.all[p.last][len(page):]
		}
	}
}
