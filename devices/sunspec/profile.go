package sunspec

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"hearth/devices/profiles"
)

const (
	pollSeconds = 5

	// mostPower bounds power where no rating is known: more is no home.
	mostPower = 1e6

	// longestLease is what Fronius takes for the reversion timers, eight hours; the standard states no bound.
	longestLease  = 28800
	shortestLease = 30

	// commandTolerance is how far a power read back may be off, and confirmSeconds how long it may take.
	commandTolerance = 50
	confirmSeconds   = 30
)

// Profile makes the profile of one part of the device. The addresses in it are those of this device at the
// time of the walk. The remarks are for whoever set it up: what was left out, and what should be tried. The
// caller owns the profile. The error says what is missing, in the map or in the options.
func (m Map) Profile(o Options) (*profiles.Profile, []string, error) {
	part, err := m.part(o)
	if err != nil {
		return nil, nil, fmt.Errorf("profile of sunspec device %s: %w", m.Identity.Key(), err)
	}
	b := &builder{Map: m, options: o}
	b.profile = profiles.Profile{
		Schema: 1, ID: "sunspec-" + string(part), Transport: profiles.Modbus,
		Title:  strings.TrimSpace(fmt.Sprintf("SunSpec %s of %s %s", part, m.Identity.Maker, m.Identity.Model)),
		Source: []string{"SunSpec Device Information Model Reference; the addresses are those of this device"},
		Params: []profiles.Param{{Name: "unit", Default: strconv.Itoa(int(max(o.Unit, 1))), About: "Modbus unit id"}},
	}
	switch part {
	case Inverter:
		err = b.inverter()
	case Solar:
		err = b.solar()
	case Battery:
		err = b.battery()
	case Meter:
		err = b.meter()
	}
	if err == nil && !b.profile.Has("power") {
		err = errors.New("its power cannot be read")
	}
	if err != nil {
		return nil, b.remarks, fmt.Errorf("profile of sunspec device %s: %s: %w", m.Identity.Key(), part, err)
	}
	return &b.profile, b.remarks, nil
}

// builder is a profile on its way.
type builder struct {
	Map
	options Options
	profile profiles.Profile
	remarks []string
	rated   float64 // W; 0: not known
}

func (b *builder) remark(format string, args ...any) {
	b.remarks = append(b.remarks, fmt.Sprintf(format, args...))
}

// nth is the instance that the options choose among models of these ids.
func (b *builder) nth(ids []int) (Model, error) {
	want, seen := max(b.options.Instance, 1), 0
	for _, m := range b.Models {
		for _, id := range ids {
			if m.ID != id {
				continue
			}
			if seen++; seen == want {
				return m, nil
			}
		}
	}
	return Model{}, fmt.Errorf("instance %d: there are %d", want, seen)
}

// read adds what the model says, as far as the device's model reaches. Fields of one model are one request.
func (b *builder) read(m Model) error {
	for _, r := range readings(m.ID) {
		if !m.reaches(r.field) {
			b.remark("model %s is too short for %s", m.Name(), r.point)
			continue
		}
		if b.profile.Has(r.point) {
			continue // an earlier model says it
		}
		sign := r.sign
		if sign == 0 {
			if sign = b.options.Sign; sign == 0 {
				return fmt.Errorf("sign: missing: does model %s count taking as positive (1) or as negative (-1)?", m.Name())
			}
		}
		b.add(m, r.point, r.unit, r.field).Sign = sign
	}
	return nil
}

// add is a point at the field; it belongs to the profile and may be completed.
func (b *builder) add(m Model, name, unit string, f field) *profiles.Point {
	p := profiles.Point{
		Name: name, Unit: unit, FC: 3, Addr: m.Addr + f.offset, Type: f.register(),
		Block: "m" + strconv.Itoa(m.Addr), PollS: pollSeconds,
	}
	if f.scale != 0 {
		at := m.Addr + f.scale
		p.ScaleAddr = &at
	}
	for _, bits := range f.absent() {
		p.NaN = append(p.NaN, fmt.Sprintf("0x%0*X", 4*f.size(), bits))
	}
	least, most := -mostPower, mostPower
	switch name {
	case "power":
		if b.rated > 0 { // inverters give a little more than they are rated for, never half as much again
			least, most = -1.5*b.rated, 1.5*b.rated
		}
		p.Min, p.Max = &least, &most
	case "soc":
		least, most = 0, 1
		p.Min, p.Max = &least, &most
	case "energy_import", "energy_export":
		least = 0
		p.Min = &least
	}
	b.profile.Points = append(b.profile.Points, p)
	return &b.profile.Points[len(b.profile.Points)-1]
}

// mode is the point that says whether a control holds.
func (b *builder) mode(m Model, offset int) {
	p := b.add(m, "mode", "enum", field{offset: offset, kind: u16})
	p.NaN = nil // 0xFFFF is no mode of ours: nothing holds
}

// write is one value at the offset; neighbours become one request.
func write(m Model, offset int, k kind, value string) profiles.Write {
	return profiles.Write{FC: 16, Addr: m.Addr + offset, Type: string(k), Value: value}
}

func scaled(w profiles.Write, scale float64) profiles.Write {
	w.Scale = scale
	return w
}

// lease is what the device's own timer makes of a command. Without the timer's register there is none.
func (b *builder) lease(m Model, timer field, verify string) {
	b.profile.Unguarded = "it keeps the last command"
	switch _, isThere := m.number(timer); {
	case b.options.IsTimerDead:
		b.remark("model %s: its timer does not end a command: the device is unguarded", m.Name())
	case !isThere:
		b.remark("model %s has no timer: the device is unguarded", m.Name())
	default:
		b.profile.Unguarded = ""
		b.profile.Lease = &profiles.Lease{Kind: "timer", MinS: shortestLease, MaxS: longestLease, Verify: verify}
		if verify == "" {
			b.remark("model %s: let a command lapse once: some devices ignore the timer at register %d; then say timer: dead", m.Name(), m.Addr+timer.offset)
		}
	}
}
