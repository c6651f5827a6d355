package scheduler

import (
	"cmp"
	"math"
	"slices"

	"hearth/energy"
)

// Reason is something that keeps a device from doing otherwise.
type Reason struct {
	Cause   Cause
	Circuit string       // the id, of CauseCircuit
	Power   energy.Watts // of CauseSolarSurplus: so much of what the device consumes is surplus
}

// Cause names what may keep a device from doing otherwise in a slot.
type Cause string

// The causes, the weightiest first. Of a slot in a run, each is also named when the run could not begin a slot
// earlier or later for it; of a slot in which the device is off, when no run could begin there for it.
const (
	// CauseRunning: the past leaves no choice. A run, or a pause, that began before the grid must go on.
	CauseRunning Cause = "running"
	// CauseHoldTime: the run, or the pause between two runs, is no longer than it has to be; or the device has
	// been off too short a time for a run to begin.
	CauseHoldTime Cause = "hold_time"
	// CauseEarliestStart: the run begins as early as it may; or the slot is before that.
	CauseEarliestStart Cause = "earliest_start"
	// CauseDeadline: the run ends as late as it may; or the device is off and none of its runs would end in time.
	CauseDeadline Cause = "deadline"
	// CauseImportLimit: the home cannot import more in the slot; or not as much as the device takes at least.
	CauseImportLimit Cause = "import_limit"
	// CauseCircuit: the same of a circuit that the device is on.
	CauseCircuit Cause = "circuit"
	// CauseExportLimit: the home cannot export more in the slot.
	CauseExportLimit Cause = "export_limit"
	// CauseStoreEmpty: what the run brings is needed, for before the next one the store comes down to the least
	// it may hold; or, without a run, it holds that after the slot, and has no more to give.
	CauseStoreEmpty Cause = "store_empty"
	// CauseStoreFull: after a slot of the run, or after the slot when there is none, the store holds the most it
	// may.
	CauseStoreFull Cause = "store_full"
	// CauseRequiredEnergy: a vehicle that charges has no more than it needs when it departs.
	CauseRequiredEnergy Cause = "required_energy"
	// CauseMaxStarts: the device has no start left.
	CauseMaxStarts Cause = "max_starts"
	// CausePeak: the slot is in a block with the highest import of all, so that more would cost the peak price.
	CausePeak Cause = "peak"
	// CauseSolarSurplus: the device consumes what would be exported or curtailed.
	CauseSolarSurplus Cause = "solar_surplus"
	// CausePrice: none of the above. The device is on, or off, because that is cheapest.
	CausePrice Cause = "price"
)

// ranks are the causes in their order.
var ranks = []Cause{
	CauseRunning, CauseHoldTime, CauseEarliestStart, CauseDeadline, CauseImportLimit, CauseCircuit, CauseExportLimit,
	CauseStoreEmpty, CauseStoreFull, CauseRequiredEnergy, CauseMaxStarts, CausePeak, CauseSolarSurplus, CausePrice,
}

// causes are what stands behind a violation that a move would bring.
var causes = map[Constraint]Cause{
	RequiredEnergy: CauseRequiredEnergy, EnergyMin: CauseStoreEmpty, EnergyMax: CauseStoreFull, MinOn: CauseHoldTime,
	MinOff: CauseHoldTime, MaxStarts: CauseMaxStarts, ImportLimit: CauseImportLimit, ExportLimit: CauseExportLimit,
	CircuitLimit: CauseCircuit,
}

// edge is how near (in Wh) a store must be to the end of its band to have reached it.
const edge = storeSlip

// reasons are all that is there, and those that stand behind what a move would violate.
func (s *situation) reasons(over []Violation) (out []Reason) {
	add := func(is bool, r Reason) {
		if is && !slices.ContainsFunc(out, func(o Reason) bool { return o.Cause == r.Cause && o.Circuit == r.Circuit }) {
			out = append(out, r)
		}
	}
	isRunning := s.isRunning()
	early, late := s.isAtWindow()
	empty, full := s.isAtBand()
	surplus := s.surplus()
	add(isRunning, Reason{Cause: CauseRunning})
	add(s.isHeld(), Reason{Cause: CauseHoldTime})
	add(early, Reason{Cause: CauseEarliestStart})
	add(late, Reason{Cause: CauseDeadline})
	add(s.isBeyond(s.need(), s.problem.ImportLimit[s.slot]), Reason{Cause: CauseImportLimit})
	for _, c := range s.problem.Circuits {
		add(s.isAtCircuit(c), Reason{Cause: CauseCircuit, Circuit: c.ID})
	}
	add(s.isAtExportLimit(), Reason{Cause: CauseExportLimit})
	add(empty, Reason{Cause: CauseStoreEmpty})
	add(full, Reason{Cause: CauseStoreFull})
	add(s.isRequired(), Reason{Cause: CauseRequiredEnergy})
	add(s.isOutOfStarts(), Reason{Cause: CauseMaxStarts})
	add(s.isPeak(), Reason{Cause: CausePeak})
	add(surplus > onAbove, Reason{Cause: CauseSolarSurplus, Power: surplus})
	for _, v := range over {
		r := Reason{Cause: causes[v.Constraint]}
		if r.Cause == CauseCircuit {
			r.Circuit = *v.Device
		}
		add(r.Cause != "", r)
	}
	if isRunning { // the window and the hold times of a run that goes on are its past, told another way
		out = slices.DeleteFunc(out, func(r Reason) bool {
			return r.Cause == CauseHoldTime || r.Cause == CauseEarliestStart || r.Cause == CauseDeadline
		})
	}
	add(len(out) == 0, Reason{Cause: CausePrice})
	slices.SortStableFunc(out, func(a, b Reason) int {
		return cmp.Compare(slices.Index(ranks, a.Cause), slices.Index(ranks, b.Cause))
	})
	return out
}

// holding is what limits the switching of the device; false when nothing does.
func (s *situation) holding() (h holding, ok bool) {
	switch d := s.device.(type) {
	case Interruptible:
		return holding{d.ID, d.MinOn, d.MinOff, d.MaxStarts, d.StartCost, d.OnFor, d.OffFor, false}, true
	case Vehicle:
		return holding{d.ID, 1, 1, nil, d.StartCost, d.OnFor, d.OffFor, false}, true
	case Thermal:
		return holding{d.ID, d.MinOn, d.MinOff, d.MaxStarts, d.StartCost, d.OnFor, d.OffFor, true}, true
	}
	return holding{}, false
}

// isRunning says that what the device does has begun before the grid and must go on.
func (s *situation) isRunning() bool {
	if d, ok := s.device.(Shiftable); ok {
		return s.isInRun() && !d.Optional && d.Earliest == 0 && d.LatestEnd == len(d.Profile)
	}
	h, ok := s.holding()
	if !ok {
		return false
	}
	if s.isInRun() {
		return s.run.from == 0 && h.onFor > 0 && s.slot < h.minOn-h.onFor
	}
	return s.pause().from == 0 && h.offFor > 0 && s.slot < h.minOff-h.offFor
}

// pause is the slots between runs that the slot is in.
func (s *situation) pause() span {
	p := span{0, len(s.power)}
	for _, r := range s.runs {
		if r.to <= s.slot {
			p.from = r.to
		}
		if r.from > s.slot {
			p.to = min(p.to, r.from)
		}
	}
	return p
}

// isHeld says that least times of being on or off keep the device as it is.
//
//	on on . . on on . . .      min on 2, min off 2: the two runs and the pause can be no shorter
func (s *situation) isHeld() bool {
	h, ok := s.holding()
	if !ok {
		return false
	}
	if s.isInRun() {
		isOld := s.run.from == 0 && h.onFor > 0 // what holds such a run is its past
		length := s.run.length()
		return !isOld && length > 1 && length <= h.minOn // a single slot, cut by the end of the grid, can be done without
	}
	p := s.pause()
	if p.from > 0 {
		return p.to < len(s.power) && h.minOff > 1 && p.length() <= h.minOff
	}
	isBetween := h.onFor+h.offFor > 0 && p.to < len(s.power) && h.offFor+p.length() <= h.minOff && h.minOff > 1
	isTooSoon := h.onFor > 0 && s.slot > 0 && s.slot < h.minOff // in slot 0 the run would just go on
	return isBetween || isTooSoon
}

// isAtWindow says that the run touches the beginning and the end of the window, or that the slot is outside.
func (s *situation) isAtWindow() (early, late bool) {
	w := s.window()
	switch s.device.(type) {
	case Battery, Thermal:
		return false, false
	}
	if s.isInRun() {
		h, _ := s.holding()
		return s.run.from == w.from && (s.run.from > 0 || h.onFor == 0), s.run.to == w.to
	}
	shortest := math.MaxInt
	for _, r := range s.runs {
		shortest = min(shortest, r.length())
	}
	if s.isLeftOut() {
		shortest = len(s.device.(Shiftable).Profile)
	}
	if shortest == math.MaxInt {
		shortest = 1 // nothing to run: what is left is to be in the window at all
	}
	return s.slot < w.from, s.slot+shortest > w.to
}

// need is what the home takes in the slot before solar is curtailed; negative: it has too much.
func (s *situation) need() energy.Watts {
	e := s.planned
	return e.Import[s.slot] - e.Export[s.slot] - e.Curtailed[s.slot]
}

// isBeyond says that the device cannot take more from what carries so much already. One that is off cannot
// when the least it takes is too much.
func (s *situation) isBeyond(used, limit energy.Watts) bool {
	if least := s.least(); least > onAbove {
		return used+least > limit+powerSlip
	}
	return used >= limit-powerSlip
}

// least is what the device takes at least when it begins a run; 0 when it is on, or may take any little.
func (s *situation) least() energy.Watts {
	if s.isInRun() {
		return 0
	}
	switch d := s.device.(type) {
	case Shiftable:
		return d.Profile[0]
	case Interruptible:
		return d.Power
	case Thermal:
		return d.PowerMin
	case Vehicle:
		least := d.Ranges[0].Min
		for _, r := range d.Ranges {
			least = min(least, r.Min)
		}
		return least
	}
	return 0
}

// isAtCircuit says that the device is on a circuit that can carry no more of it.
func (s *situation) isAtCircuit(c Circuit) bool {
	if !slices.Contains(c.Devices, s.device.Name()) || s.power[s.slot] < -onAbove {
		return false
	}
	used := energy.Watts(0)
	for _, d := range s.planned.Devices {
		if slices.Contains(c.Devices, d.ID) {
			used += max(d.Power[s.slot], 0)
		}
	}
	return s.isBeyond(used, c.Limit)
}

// isAtExportLimit says that what the device consumes could not be exported, or that it could not give back more.
func (s *situation) isAtExportLimit() bool {
	isActive := s.isInRun() || s.givesBack()
	return isActive && s.need() <= powerSlip-s.problem.ExportLimit[s.slot]
}

// givesBack says that the device can.
func (s *situation) givesBack() bool {
	switch d := s.device.(type) {
	case Battery:
		return d.DischargeMax > 0
	case Vehicle:
		return d.DischargeMax > 0 && s.window().contains(s.slot)
	}
	return false
}

// isAtBand says that the store reaches an end of its band where that keeps the device from more, or less.
func (s *situation) isAtBand() (empty, full bool) {
	if s.stored == nil || !s.window().contains(s.slot) {
		return false, false
	}
	_, isThermal := s.device.(Thermal)
	mayFill := s.power[s.slot] >= -onAbove
	mayEmpty := s.givesBack() && (s.isInRun() || s.power[s.slot] <= onAbove) || isThermal && s.isInRun()
	low, high := s.band()
	use, fill := span{s.slot, s.slot + 1}, span{s.slot, s.slot + 1}
	if s.isInRun() {
		use, fill = span{s.run.from, s.next()}, s.run
	}
	isLow := func(e energy.WattHours) bool { return e <= low+edge }
	isHigh := func(e energy.WattHours) bool { return e >= high-edge }
	empty = mayEmpty && slices.ContainsFunc(s.stored[use.from:use.to], isLow)
	full = mayFill && slices.ContainsFunc(s.stored[fill.from:fill.to], isHigh)
	return empty, full
}

// next is the slot in which the run after the one the slot is in begins, or the end of the grid.
func (s *situation) next() int {
	for _, r := range s.runs {
		if r.from > s.slot {
			return r.from
		}
	}
	return len(s.power)
}

// band is what the store may hold.
func (s *situation) band() (low, high energy.WattHours) {
	switch d := s.device.(type) {
	case Battery:
		return d.EnergyMin, d.EnergyMax
	case Thermal:
		return d.EnergyMin, d.EnergyMax
	case Vehicle:
		return d.EnergyMin, d.EnergyInitial + d.Room
	}
	return 0, 0
}

// isRequired says that the vehicle charges for what it needs, and no more.
func (s *situation) isRequired() bool {
	d, ok := s.device.(Vehicle)
	return ok && s.isInRun() && d.Required > 0 && s.stored[len(s.stored)-1] <= d.EnergyInitial+d.Required+edge
}

// isOutOfStarts says that every start allowed is in the plan.
func (s *situation) isOutOfStarts() bool {
	h, ok := s.holding()
	if !ok || h.maxStarts == nil {
		return false
	}
	starts := len(s.runs)
	if starts > 0 && s.runs[0].from == 0 && h.onFor > 0 {
		starts-- // it was on before
	}
	return starts >= *h.maxStarts
}

// isPeak says that more in the slot would raise the peak. It would not where solar is curtailed: less of that is
// to be had first.
func (s *situation) isPeak() bool {
	p, e := s.problem, s.planned
	if p.Peak.Price == 0 || e.Import[s.slot] <= onAbove || e.Curtailed[s.slot] > onAbove {
		return false
	}
	top, own := float64(p.Peak.SoFar), math.Inf(-1)
	for from, to := range p.blocks() {
		m := p.mean(e.Import, from, to)
		top = max(top, m)
		if from <= s.slot && s.slot < to {
			own = m
		}
	}
	return own >= top-powerSlip
}

// surplus is how much of what the device consumes in the slot would be exported or curtailed without it.
func (s *situation) surplus() energy.Watts {
	power := max(s.power[s.slot], 0)
	return max(min(power, power-s.need()), 0)
}
