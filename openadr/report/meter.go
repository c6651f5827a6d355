package report

import (
	"hearth/energy"
)

// Meter knows what was, what will be, and how things stand.
type Meter interface {
	// Value answers for one resource and one span. It must not wait.
	Value(q Question) Answer
}

// MeterFunc is a function that is a [Meter].
type MeterFunc func(q Question) Answer

// Value calls the function.
func (f MeterFunc) Value(q Question) Answer { return f(q) }

// Question asks for one value.
type Question struct {
	Resource   string   // its name
	Payload    string   // "USAGE"
	Quantity   Quantity // the answer should have; between energy and power of a span it is converted
	Span       energy.Interval
	IsEndless  bool // Span has no end
	IsForecast bool // of what will be
}

// Quantity is what a number counts.
type Quantity uint8

// The quantities. A state is text.
const (
	Energy Quantity = iota + 1
	Power
	Fraction
	Level
	State
)

// Quality is how good a value is (report payload DATA_QUALITY).
type Quality string

// The qualities; none is as good as Missing.
const (
	OK        Quality = "OK"
	Missing   Quality = "MISSING"
	Estimated Quality = "ESTIMATED"
	Bad       Quality = "BAD"
)

// Answer is a value, with its quality, or that there is none. The zero value is missing.
type Answer struct {
	quantity Quantity
	number   float64
	state    string
	quality  Quality
	isNone   bool
}

// EnergyOf is energy over the span, taken from the grid > 0; of a READING the state of the register.
func EnergyOf(e energy.WattHours, q Quality) Answer {
	return Answer{quantity: Energy, number: float64(e), quality: q}
}

// PowerOf is the mean power over the span, taken from the grid > 0.
func PowerOf(w energy.Watts, q Quality) Answer {
	return Answer{quantity: Power, number: float64(w), quality: q}
}

// FractionOf is a state of charge.
func FractionOf(s energy.SoC, q Quality) Answer {
	return Answer{quantity: Fraction, number: float64(s), quality: q}
}

// LevelOf is a level as SIMPLE events have it, 0 to 3.
func LevelOf(level int, q Quality) Answer {
	return Answer{quantity: Level, number: float64(level), quality: q}
}

// StateOf is an operating state as the specification spells it: "RUNNING_NORMAL".
func StateOf(state string, q Quality) Answer {
	return Answer{quantity: State, state: state, quality: q}
}

// None says that the resource has no such thing, as a heat pump no state of charge. It is then left out of
// a report, and out of a sum; what should be known and is not, is missing instead.
func None() Answer { return Answer{isNone: true} }
