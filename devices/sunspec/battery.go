package sunspec

import (
	"errors"
	"math"
	"strconv"

	"hearth/devices/profiles"
)

// battery reads how full the storage is and what flows into it, and tells it a power where 124 or 704 allow.
func (b *builder) battery() error {
	if b.options.Instance > 1 {
		return errors.New("instance: several batteries behind one inverter cannot be told apart")
	}
	for _, id := range []int{storage, derStorage, batteryBank} {
		m, ok := b.first(id)
		if !ok {
			continue
		}
		if id == batteryBank && b.throughModules() {
			continue // AC inverters that split the flow by modules say more than the bank does
		}
		if err := b.read(m); err != nil {
			return err
		}
		if id == batteryBank {
			b.remark("model %s is only read: Hearth sends no heartbeat", m.Name())
		}
	}
	b.flow()
	if b.profile.Has("soc") {
		b.command()
	}
	return nil
}

// throughModules says that model 160 has the battery's two directions.
func (m Map) throughModules() bool {
	_, charge, discharge := m.modules()
	return charge >= 0 && discharge >= 0
}

// flow adds the battery's power where no bank said it.
func (b *builder) flow() {
	if b.profile.Has("power") {
		return
	}
	_, charge, discharge := b.modules()
	if b.throughModules() {
		m, _ := b.first(strings160)
		p := b.add(m, "power", "W", module(charge).power)
		p.Minus = []int{m.Addr + module(discharge).power.offset}
		b.add(m, "energy_import", "Wh", module(charge).energy)
		b.add(m, "energy_export", "Wh", module(discharge).energy)
		b.fit()
		return
	}
	m, isDER := b.first(derAC)
	if _, hasStrings := b.first(strings160); isDER && !hasStrings && m.reaches(readings(derAC)[0].field) {
		b.remark("model %s is taken as the battery's power: there must be no panels behind this inverter", m.Name())
		_ = b.read(m) // its sign is the standard's
	}
}

// command adds set_power and release.
func (b *builder) command() {
	if m, ok := b.first(storage); ok {
		b.rates(m)
		return
	}
	if m, ok := b.first(derControls); ok {
		b.setpoint(m)
	}
}

// rates pins a battery of model 124 to a power by both of its rates: it may charge at most p and discharge at
// most -p. A negative rate forces the other direction (Fronius, "Gen24 Modbus TCP & RTU", charging and
// discharging windows).
func (b *builder) rates(m Model) {
	most, isRated := m.number(storageMost)
	power, isScaled := m.number(field{offset: 25, kind: sunssf})
	in := field{13, i16, 25}
	if !isRated || !isScaled || most <= 0 || !m.holds(in) {
		b.remark("model %s does not state its rate and scale factor: it is only read; walk again when the battery is awake", m.Name())
		return
	}
	perCount := most / 100 * math.Pow(10, power)
	b.mode(m, 5)
	p := b.add(m, "setpoint", "W", in)
	p.Scale, p.When = most/100, []int{3}
	b.gridCharge(m)
	timer := field{15, u16, 0}
	var set []profiles.Write
	if _, isThere := m.number(timer); isThere {
		set = append(set, write(m, timer.offset, u16, "{lease_s}"))
	}
	set = append(set,
		scaled(write(m, 12, i16, "{value}"), -perCount),
		scaled(write(m, 13, i16, "{value}"), perCount),
		write(m, 5, u16, "3"))
	whole := strconv.FormatFloat(math.Round(100*math.Pow(10, -power)), 'f', -1, 64)
	b.profile.Actions = append(b.profile.Actions,
		profiles.Action{Name: "set_power", Write: set},
		profiles.Action{Name: "release", Write: []profiles.Write{
			write(m, 12, i16, whole), write(m, 13, i16, whole), write(m, 5, u16, "0"),
		}})
	b.told(most, most, perCount)
	b.lease(m, timer, "")
}

// gridCharge handles a setting that stays when we are gone, and is the owner's: he may not be allowed to
// store the grid's energy.
func (b *builder) gridCharge(m Model) {
	now, isThere := m.number(field{17, u16, 0})
	switch {
	case !isThere:
	case b.options.IsGridCharged:
		b.profile.Actions = append(b.profile.Actions, profiles.Action{Name: "setup", Write: []profiles.Write{write(m, 17, u16, "1")}})
		b.remark("model %s: ChaGriSet is set to 1: the battery may charge from the grid, and keeps that setting", m.Name())
	case now == 0:
		b.remark("model %s: ChaGriSet is 0: the battery charges from its panels only, whatever it is told; grid_charge: yes changes that", m.Name())
	}
}

// setpoint is the power of model 704: giving is positive there.
func (b *builder) setpoint(m Model) {
	charge, drain := b.rating(derCharge, derMost), b.rating(derDrain, derMost)
	power, isScaled := m.number(field{offset: 55, kind: sunssf})
	set, timer := field{24, i32, 55}, field{31, u32, 0}
	if charge == 0 || drain == 0 || !isScaled || !m.holds(set) || !m.holds(field{33, u32, 0}) {
		b.remark("model %s or 702 does not state scale factor and rates: the battery is only read", m.Name())
		return
	}
	b.mode(m, 22)
	p := b.add(m, "setpoint", "W", set)
	p.Sign, p.When = -1, []int{1}
	b.add(m, "lease_left", "s", field{33, u32, 0})
	perCount := math.Pow(10, power)
	var told []profiles.Write
	if _, isThere := m.number(timer); isThere {
		told = append(told, write(m, 30, u16, "0"), // what "enable" becomes when the timer ends
			write(m, timer.offset, u32, "{lease_s}"))
	}
	told = append(told,
		write(m, 23, u16, "1"), // in W
		scaled(write(m, 24, i32, "{value}"), -perCount),
		write(m, 22, u16, "1"))
	b.profile.Actions = append(b.profile.Actions,
		profiles.Action{Name: "set_power", Write: told},
		profiles.Action{Name: "release", Write: []profiles.Write{write(m, 22, u16, "0")}})
	b.told(charge, drain, perCount)
	b.lease(m, timer, "lease_left")
}

// told is what goes with every set_power.
func (b *builder) told(charge, drain, perCount float64) {
	b.profile.Limits = profiles.Limits{MinW: -drain, MaxW: charge}
	b.profile.Confirm = &profiles.Confirm{Point: "setpoint", Tolerance: max(commandTolerance, perCount), WithinS: confirmSeconds}
}
