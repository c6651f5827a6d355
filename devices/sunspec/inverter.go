package sunspec

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"hearth/devices/profiles"
)

var (
	inverterModels = slices.Concat(integerInverters, floatInverters, []int{derAC})
	meterModels    = slices.Concat(integerMeters, floatMeters)
)

func (b *builder) meter() error {
	m, err := b.nth(meterModels)
	if err != nil {
		return err
	}
	return b.read(m)
}

func (b *builder) inverter() error {
	m, err := b.nth(inverterModels)
	if err != nil {
		return err
	}
	b.rated = b.rating(setPower, derMost, ratedPower)
	if err := b.read(m); err != nil {
		return err
	}
	if _, isHybrid := b.first(storage, derStorage, batteryBank); isHybrid {
		b.remark("its power contains that of its battery: as a device of its own the battery would count twice")
	}
	b.curtail()
	return nil
}

// rating is the first of these that the device states, in W; 0 when it states none.
func (b *builder) rating(fields ...field) float64 {
	model := map[field]int{ratedPower: nameplate, setPower: basicSettings, derMost: derCapacity, derCharge: derCapacity, derDrain: derCapacity}
	for _, f := range fields {
		m, ok := b.first(model[f])
		if v, isThere := m.number(f); ok && isThere && v > 0 {
			return v
		}
	}
	return 0
}

// limiter is how a model bounds what an inverter gives.
type limiter struct {
	enable, percent, scale int
	timer                  field
	left                   int // offset of the time left; 0: not said
	revert                 int // offset of what "enable" becomes when the timer ends; 0: off
}

// curtail makes actions of model 704 or 123: the lease first, then the value, then the enabling.
func (b *builder) curtail() {
	l := limiter{14, 15, 54, field{18, u32, 0}, 20, 17}
	m, ok := b.first(derControls)
	if !ok {
		l = limiter{enable: 9, percent: 5, scale: 23, timer: field{7, u16, 0}}
		m, ok = b.first(controls)
	}
	if !ok {
		return
	}
	percent := field{l.percent, u16, l.scale}
	power, isScaled := m.number(field{offset: l.scale, kind: sunssf})
	switch {
	case !m.holds(percent) || !isScaled:
		b.remark("model %s does not say how its limit is scaled: no curtailing; walk again by day", m.Name())
		return
	case b.rated == 0:
		b.remark("neither model 120, 121 nor 702 states the rated power: no curtailing, as limits are a part of it")
		return
	}
	perCount := b.rated / 100 * math.Pow(10, power)
	b.mode(m, l.enable)
	bound := b.add(m, "curtail", "W", percent)
	bound.Scale, bound.When = b.rated/100, []int{1}
	rated := b.rated
	b.profile.Points = append(b.profile.Points, profiles.Point{Name: "curtail", Unit: "W", Fixed: &rated, When: []int{0}})

	var curtail []profiles.Write
	verify := ""
	if _, isThere := m.number(l.timer); isThere {
		if l.revert != 0 {
			curtail = append(curtail, write(m, l.revert, u16, "0"))
		}
		curtail = append(curtail, write(m, l.timer.offset, l.timer.kind, "{lease_s}"))
	}
	if l.left != 0 {
		verify = "lease_left"
		b.add(m, verify, "s", field{l.left, u32, 0})
	}
	curtail = append(curtail, scaled(write(m, l.percent, u16, "{value}"), perCount), write(m, l.enable, u16, "1"))
	whole := strconv.FormatFloat(math.Round(100*math.Pow(10, -power)), 'f', -1, 64)
	b.profile.Actions = append(b.profile.Actions,
		profiles.Action{Name: "curtail", Write: curtail},
		profiles.Action{Name: "lift", Write: []profiles.Write{write(m, l.percent, u16, whole), write(m, l.enable, u16, "0")}})
	b.profile.Confirm = &profiles.Confirm{Point: "curtail", Tolerance: max(commandTolerance, perCount), WithinS: confirmSeconds}
	b.lease(m, l.timer, verify)
}

// solar is what the strings of panels give together.
func (b *builder) solar() error {
	m, _ := b.first(strings160)
	panels, _, _ := b.modules()
	power, energy := module(panels[0]).power, module(panels[0]).energy
	var morePower, moreEnergy []int
	for _, i := range panels[1:] {
		morePower, moreEnergy = append(morePower, m.Addr+module(i).power.offset), append(moreEnergy, m.Addr+module(i).energy.offset)
	}
	if n, _ := m.number(moduleCount); int(n) > 0 && !m.holds(module(int(n)-1).energy) { // part of the sum is no sum
		return fmt.Errorf("model %s has %v modules, more than one request reads", m.Name(), n)
	}
	p := b.add(m, "power", "W", power)
	p.Sign, p.Plus = -1, morePower
	e := b.add(m, "energy_export", "Wh", energy)
	e.Plus = moreEnergy
	b.fit()
	return nil
}

// moduleCount is how many modules model 160 has.
var moduleCount = field{8, u16, 0}

// moduleFields are of one module of model 160.
type moduleFields struct{ power, energy field }

func module(i int) moduleFields {
	at := 10 + 20*i
	return moduleFields{field{at + 11, u16, 4}, field{at + 12, acc32, 5}}
}

// modules tells the modules of model 160 apart: strings of panels, and those a battery charges and discharges
// by (-1: none). Fronius names these StCha and StDisCha; without names four modules of a device with model
// 124 are taken as two strings, charging and discharging.
func (m Map) modules() (panels []int, charge, discharge int) {
	charge, discharge = -1, -1
	model, ok := m.first(strings160)
	n, isThere := model.number(moduleCount)
	if !ok || !isThere {
		return nil, -1, -1
	}
	isNamed := false
	for i := 0; i < int(n) && model.holds(module(i).energy); i++ {
		name := strings.ToLower(model.text(10+20*i+1, 8))
		isNamed = isNamed || name != ""
		switch {
		case strings.HasPrefix(name, "stdis"):
			discharge = i
		case strings.HasPrefix(name, "stcha"):
			charge = i
		default:
			panels = append(panels, i)
		}
	}
	if _, hasBattery := m.first(storage); !isNamed && hasBattery && len(panels) == 4 && strings.EqualFold(m.Identity.Maker, "Fronius") {
		return panels[:2], 2, 3
	}
	return panels, charge, discharge
}

// fit drops counters that would make a request longer than a device answers: power matters more.
func (b *builder) fit() {
	kept := b.profile.Points[:0]
	span := map[string][2]int{}
	for _, p := range b.profile.Points {
		first, end := p.Span()
		if s, isOpen := span[p.Block]; isOpen && p.Fixed == nil {
			first, end = min(first, s[0]), max(end, s[1])
		}
		if p.Fixed == nil {
			if end-first > maxRead {
				b.remark("%s does not fit into one request with the rest", p.Name)
				continue
			}
			span[p.Block] = [2]int{first, end}
		}
		kept = append(kept, p)
	}
	b.profile.Points = kept
}
