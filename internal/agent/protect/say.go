package protect

import (
	"fmt"
	"math"
	"strconv"

	"hearth/energy"
)

const (
	whySilent     = "the meter of the house connection is silent"
	troubleSilent = "The meter of the house connection is silent: chargers pause, and a battery follows its own control."
)

// told is what is asked of a device that is not asked for what is wanted.
func (o *one) told() Lowered {
	b := o.cap
	switch {
	case o.frozen.holds:
		b = o.frozen
	case o.released:
		b = bound{rule: Silent, why: whySilent}
	case o.lift.holds:
		b = o.lift
	}
	verb := "Lowered to " + kW(o.asked.Power)
	switch {
	case o.asked.Mode == energy.Release:
		verb = "Left to itself"
	case o.asked.Mode == energy.Off && o.before.Mode == energy.On:
		verb = "Switched off"
	case o.asked.Mode == energy.Off:
		verb = "Stays off"
	case o.lift.holds && b == o.lift:
		verb = "Raised to " + kW(o.asked.Power)
	case o.asked.Power == 0 && o.Kind == Battery:
		verb = "Rests"
	case o.asked.Power == 0:
		verb = "Paused"
	}
	return Lowered{o.Name, o.asked, b.rule, verb + ": " + b.why + ".", b.isForced}
}

func (t *turn) why(l Limit) string {
	switch l.Rule {
	case Operator:
		return fmt.Sprintf("the grid's operator allows the home %s now, and it would take %s", kW(l.Power), kW(t.load))
	case Emergency:
		return "the grid's operator asks to take as little as can be"
	}
	return fmt.Sprintf("the house connection would carry %s of %s", kW(t.load), kW(l.Power))
}

func (t *turn) whyPhase() string {
	return fmt.Sprintf("phase %d would carry %s of %s", t.phase+1, amperes(t.worst), amperes(t.in.PhaseFuse))
}

func (t *turn) whyExport(l Limit) string {
	return fmt.Sprintf("the house connection would give %s of %s", kW(t.given()), kW(l.Power))
}

func (t *turn) whySurplus() string {
	return kW(t.given()) + " of sun would be given away"
}

// tooMuch is the sentence of a limit that cannot be kept.
func (t *turn) tooMuch(r Rule, limit energy.Watts) string {
	switch r {
	case Phase:
		return fmt.Sprintf("Phase %d carries %s of %s, and nothing is left that could be lowered.", t.phase+1, amperes(t.worst), amperes(t.in.PhaseFuse))
	case Export:
		return fmt.Sprintf("The house connection gives %s of %s, and nothing is left that could charge.", kW(t.given()), kW(limit))
	case Operator:
		return fmt.Sprintf("The home takes %s, the grid's operator allows %s, and nothing is left that could be lowered.", kW(t.load), kW(limit))
	}
	return fmt.Sprintf("The house connection carries %s of %s, and nothing is left that could be lowered.", kW(t.load), kW(limit))
}

// kW is a power as people read it: "1.4 kW", "17 kW", "450 W".
func kW(w energy.Watts) string {
	if math.Abs(float64(w)) < 1000 {
		return strconv.FormatFloat(math.Round(float64(w)), 'f', -1, 64) + " W"
	}
	return strconv.FormatFloat(math.Round(float64(w)/100)/10, 'f', -1, 64) + " kW"
}

func amperes(a energy.Amps) string {
	return strconv.FormatFloat(math.Round(float64(a)*10)/10, 'f', -1, 64) + " A"
}
