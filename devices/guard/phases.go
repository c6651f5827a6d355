package guard

import (
	"time"

	"hearth/energy"
)

// The times of a change of phases, as chargers' makers give them for theirs: a contactor must not part a
// current, and a vehicle takes a change that comes too soon for a fault.
const (
	noCurrentFor = 10 * time.Second // before the change
	settleFor    = 30 * time.Second // after it
	phaseGiveUp  = 2 * time.Minute  // a step that takes longer has failed
	noCurrent    = energy.Watts(50) // what a meter shows of none
)

// The steps of a change of phases; none when none is under way.
const (
	pausing  = "pausing"
	settling = "settling"
	resuming = "resuming"
)

// Phasing is how far a change of phases has got.
type Phasing struct {
	Count int       `json:"count,omitempty"` // phases it charges on, as far as is known
	Step  string    `json:"step,omitempty"`
	To    int       `json:"to,omitempty"`
	Since time.Time `json:"since,omitzero"` // of the step
	Quiet time.Time `json:"quiet,omitzero"` // no current since
	Last  time.Time `json:"last,omitzero"`  // change sent
}

// countPhases takes in on how many phases it charges.
func (s *State) countPhases(r Rules, in Input) {
	if count, ok := in.Obs.PhaseCount.Fresh(in.Now, r.MaxAge); ok && s.Phasing.Step != settling {
		s.Phasing.Count = count
	}
}

// phased leads a charger over a change of phases: pause, ten seconds without current, change, thirty
// seconds, resume. False: nothing has to be led, and the rule says what keeps the phases as they are.
func (s *State) phased(r Rules, in Input, target energy.Setpoint) (d Decision, rule Rule, isLed bool) {
	p := &s.Phasing
	if !r.HasPhases {
		return d, "", false
	}
	switch {
	case p.Step == settling:
		return s.settled(r, in, target)
	case p.Step == resuming: // the pause was ours: it needs no rest after
		p.Step = ""
		return s.stand(r, in, target, true), "", true
	case target.Mode != energy.AtPower || in.Want.Phases == 0 || in.Want.Phases == p.Count || !p.isWorth(r, in.Want):
		p.Step = ""
		return d, "", false
	case p.Step == pausing:
		return s.parted(r, in)
	}
	if in.Now.Before(p.Last.Add(r.PhaseRest)) {
		return d, PhaseRest, false
	}
	if rule := s.mayNotPause(r, in); rule != "" {
		return d, rule, false
	}
	*p = Phasing{Count: p.Count, Step: pausing, To: in.Want.Phases, Since: in.Now, Last: p.Last}
	d = s.stand(r, in, energy.Setpoint{Mode: energy.AtPower}, false)
	d.Rule = PhasePause
	return d, "", true
}

// isWorth says that the wanted power can be held on the wanted phases.
func (p Phasing) isWorth(r Rules, want energy.Setpoint) bool {
	least := r.Floor // on as many as now
	if p.Count == 1 {
		least *= 3
	}
	if want.Phases == 1 {
		least /= 3
	}
	return want.Mode == energy.AtPower && want.Power != 0 && magnitude(want.Power) >= least
}

// mayNotPause is the rule by which the run must not be broken now, or could not be taken up again.
func (s *State) mayNotPause(r Rules, in Input) Rule {
	if !s.IsActive {
		return ""
	}
	if d := s.tooSoon(r, in.Now); d.Outcome == Held {
		return d.Rule
	}
	s.Pauses = recent(s.Pauses, in.Now, time.Hour)
	if _, ok := free(s.Pauses, r.MaxPauses, time.Hour); !ok {
		return MaxPauses
	}
	if _, ok := free(recent(s.Switches, in.Now, 24*time.Hour), r.MaxSwitches-1, 24*time.Hour); !ok && r.MaxSwitches > 0 {
		return MaxSwitches
	}
	if _, ok := free(recent(s.Starts, in.Now, 24*time.Hour), r.MaxStarts, 24*time.Hour); !ok {
		return MaxStarts
	}
	if r.MaxWear > 0 && s.Operations+2 > r.MaxWear {
		return Wear
	}
	return ""
}

// parted waits for the current to be gone, and sends the change.
func (s *State) parted(r Rules, in Input) (Decision, Rule, bool) {
	p, pause := &s.Phasing, energy.Setpoint{Mode: energy.AtPower}
	power, isKnown := in.Obs.Power.Fresh(in.Now, r.MaxAge)
	isPaused := s.Told != nil && s.Told.Setpoint == pause && s.Told.IsConfirmed
	isQuiet := isPaused && (!isKnown || magnitude(power) <= noCurrent)
	switch {
	case !isQuiet:
		p.Quiet = time.Time{}
	case p.Quiet.IsZero():
		p.Quiet = in.Now
	case in.Now.Sub(p.Quiet) >= noCurrentFor:
		p.Step, p.Since, p.Last = settling, in.Now, in.Now
		return Decision{Outcome: Applied, Rule: PhasePause, Sent: &energy.Setpoint{Mode: energy.OnPhases, Phases: p.To}}, "", true
	}
	if in.Now.Sub(p.Since) >= phaseGiveUp {
		p.Step, p.Last = "", in.Now // its current does not end: it charges on as it did
		return Decision{}, PhaseRest, false
	}
	d := s.stand(r, in, pause, false)
	if d.Rule == "" {
		d.Rule = PhasePause
	}
	return d, "", true
}

// settled waits after a change. What is wanted is cut to the new phases in the next step.
func (s *State) settled(r Rules, in Input, target energy.Setpoint) (Decision, Rule, bool) {
	p := &s.Phasing
	count := in.Obs.PhaseCount
	isShown := !count.Valid || count.Value == p.To && count.At.After(p.Since)
	if waited := in.Now.Sub(p.Since); waited >= settleFor && (isShown || waited >= phaseGiveUp) {
		p.Step, p.Count = resuming, p.To
		if !isShown {
			p.Count = count.Value
		}
	}
	if target.Mode == energy.Release {
		return Decision{}, "", false
	}
	d := s.stand(r, in, energy.Setpoint{Mode: energy.AtPower}, false)
	if d.Rule == "" {
		d.Rule, d.Until = PhasePause, p.Since.Add(settleFor)
	}
	return d, "", true
}
