package milp

import (
	"fmt"
	"math"
	"slices"

	"hearth/scheduler"
)

const kilo = 1000.0 // W of a kW, Wh of a kWh

var inf = math.Inf(1)

// builder makes the model of one problem.
type builder struct {
	*Model
	problem *scheduler.Problem
	slots   int
	hours   float64 // of a slot
	// What each device consumes and gives back in each slot, in kW, both >= 0.
	consumes, givesBack [][]sum
	imports             []int // the variable of each slot
}

// variable adds a continuous unknown.
func (b *builder) variable(low, high, cost float64, name string, args ...any) int {
	b.Variables = append(b.Variables, Variable{Name: fmt.Sprintf(name, args...), Low: low, High: high, Cost: cost})
	return len(b.Variables) - 1
}

// decision adds an unknown that is 0 or 1.
func (b *builder) decision(cost float64, name string, args ...any) int {
	v := b.variable(0, 1, cost, name, args...)
	b.Variables[v].IsInteger = true
	return v
}

// row adds a constraint, named after what is in it.
func (b *builder) row(terms sum, relation Relation, right float64, name string, args ...any) {
	b.Rows = append(b.Rows, Row{fmt.Sprintf(name, args...), terms, relation, right})
}

// times is the expression multiplied by a factor.
func (s sum) times(factor float64) sum {
	out := slices.Clone(s)
	for i := range out {
		out[i].Factor *= factor
	}
	return out
}

// add is the sum of both expressions, which share no variable.
func (s sum) add(other sum) sum { return slices.Concat(s, other) }

// total is the sum of expressions that share no variable.
func total(of []sum) sum { return slices.Concat(of...) }

// one is the expression of a single variable.
func one(variable int) sum { return sum{{1, variable}} }

// most is what an expression with factors >= 0 cannot exceed.
func (b *builder) most(s sum) (most float64) {
	for _, term := range s {
		most += term.Factor * b.Variables[term.Variable].High
	}
	return most
}

// none is an empty expression for every slot.
func (b *builder) none() []sum { return make([]sum, b.slots) }
