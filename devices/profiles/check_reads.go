package profiles

import (
	"slices"
	"strconv"
)

// maxRead is the most registers one answer holds (Modbus Application Protocol V1.1b3, section 6.3).
const maxRead = 125

// isComposed says that more than one register makes the value.
func (q Point) isComposed() bool {
	return q.Mask != 0 || q.Plus != nil || q.Minus != nil || q.ScaleAddr != nil || q.Negative != nil
}

// Span is the registers the point needs, [first, end), all in one request.
func (q Point) Span() (first, end int) {
	first, end = q.Addr, q.Addr+registerSizes[q.Type]
	widen := func(addr, size int) { first, end = min(first, addr), max(end, addr+size) }
	for _, addr := range append(slices.Clone(q.Plus), q.Minus...) {
		widen(addr, registerSizes[q.Type])
	}
	if q.ScaleAddr != nil {
		widen(*q.ScaleAddr, 1)
	}
	if q.Negative != nil {
		widen(q.Negative.Addr, 1)
	}
	return first, end
}

// MostRegisters is the most the device gives in one answer.
func (p *Profile) MostRegisters() int {
	if p.MaxRead == 0 {
		return maxRead
	}
	return p.MaxRead
}

func (p *Profile) checkComposed(q Point, at string, f *faults) {
	if q.Mask < 0 || q.Mask >= 1<<min(16*registerSizes[q.Type], 31) || q.Mask != 0 && (q.Type == "" || q.Type[0] != 'u') {
		f.add(at+".mask", "%#x does not fit: want bits of an unsigned register", q.Mask)
	}
	if q.Negative != nil && (q.Negative.Bits <= 0 || q.Negative.Bits > 0xFFFF) {
		f.add(at+".negative.bits", "%#x, want bits of one register", q.Negative.Bits)
	}
	if (q.Unit == "bool" || q.Unit == "enum") && (q.Plus != nil || q.Minus != nil || q.ScaleAddr != nil || q.Negative != nil) {
		f.add(at, "only a number is added, scaled or negative")
	}
	if first, end := q.Span(); first < 0 || end > 1<<16 {
		f.add(at, "reads registers from %d to %d", first, end-1)
	}
}

// checkReads sees that each request stays within what the device answers.
func (p *Profile) checkReads(f *faults) {
	if p.MaxRead < 0 || p.MaxRead > maxRead || p.MaxRead > 0 && p.Transport != Modbus {
		f.add("max_read", "%d, want 1 to %d registers of a modbus device", p.MaxRead, maxRead)
	}
	if p.Transport != Modbus {
		return
	}
	for i, q := range p.Points {
		if q.Fixed != nil {
			continue
		}
		first, end := q.Span()
		for _, o := range p.Points[:i] {
			if q.Block != "" && o.Block == q.Block && o.FC == q.FC && o.UnitID == q.UnitID {
				from, to := o.Span()
				first, end = min(first, from), max(end, to)
			}
		}
		if most := p.MostRegisters(); end-first > most {
			f.add("points["+strconv.Itoa(i)+"]", "%s needs registers %d to %d in one request, more than %d", q.Name, first, end-1, most)
		}
	}
}

// checkUnitID sees that a unit of its own is a unit.
func (p *Profile) checkUnitID(text, at string, f *faults) {
	if text == "" {
		return
	}
	if names := placeholders(text); len(names) == 1 && text == "{"+names[0]+"}" {
		p.checkText(text, at, []string{}, f)
		return
	}
	if n, err := strconv.Atoi(text); err != nil || n < 1 || n > 247 && n != 255 {
		f.add(at, "%q, want 1 to 247, 255 or a {param}", text)
	}
}

// checkRawMap sees that a map translates raw values, as they are in the register.
func (p *Profile) checkRawMap(q Point, at string, f *faults) {
	if q.Map == nil && q.Name != "thermal_mode" {
		return
	}
	p.checkMap(q, at, f)
	for text := range q.Map {
		if n, err := strconv.Atoi(text); err != nil || n < 0 {
			f.add(at, "%q is no raw value", text)
		}
	}
}

// checkVerify sees that the lease can be verified by what it names.
func (p *Profile) checkVerify(l *Lease, f *faults) {
	if l.FedByReads && l.Kind != "heartbeat" {
		f.add("lease.fed_by_reads", "only a heartbeat is")
	}
	if _, canRelease := p.Action("release"); l.FedByReads && !canRelease {
		f.add("lease.fed_by_reads", "needs the action release, or nothing ends a command while we read")
	}
	if l.Verify != "" && (l.Verify != "lease_left" || !p.Has(l.Verify)) {
		f.add("lease.verify", "%q, want the point lease_left", l.Verify)
	}
}
