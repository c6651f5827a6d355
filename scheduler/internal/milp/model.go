package milp

import (
	"errors"
	"fmt"

	"hearth/energy"
	"hearth/scheduler"
)

// Model is a mixed-integer linear program: the variables within their bounds that keep all rows, at the least
// sum of cost times value.
type Model struct {
	Variables []Variable
	Rows      []Row

	draws [][]sum // of each device and slot: its power in kW, signed
}

// Variable is one unknown.
type Variable struct {
	Name      string
	Low, High float64 // High may be infinite
	IsInteger bool
	Cost      float64 // money for each unit
}

// Row is a constraint: the sum of its terms stands in Relation to Right.
type Row struct {
	Name     string
	Terms    []Term // each variable at most once; none: zero stands in Relation to Right
	Relation Relation
	Right    float64
}

// Relation is how the two sides of a row stand.
type Relation string

// The relations.
const (
	AtMost  Relation = "<="
	AtLeast Relation = ">="
	Equal   Relation = "="
)

// Term is a variable (its index in Model.Variables) times a factor.
type Term struct {
	Factor   float64
	Variable int
}

// sum is a linear expression without a constant.
type sum []Term

// New is the model of a problem. Its errors are the problem's [scheduler.Faults], and slots of several steps, which
// it does not know.
func New(p *scheduler.Problem) (*Model, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if p.Spans != nil {
		return nil, errors.New("milp: slots hold several steps")
	}
	b := builder{Model: &Model{}, problem: p, slots: p.Grid.Count(), hours: p.Grid.Step.Hours()}
	for i, d := range p.Devices {
		b.device(fmt.Sprintf("d%d", i), d)
	}
	b.balance()
	b.peak()
	b.circuits()
	return b.Model, nil
}

// Powers are the devices' powers at a point, given by the variables' names; a name that is missing counts as
// zero. They have the shape that scheduler.Evaluate wants.
func (m *Model) Powers(point map[string]float64) [][]energy.Watts {
	out := make([][]energy.Watts, len(m.draws))
	for i, row := range m.draws {
		out[i] = make([]energy.Watts, len(row))
		for t, draw := range row {
			out[i][t] = energy.Watts(kilo * m.value(draw, point))
		}
	}
	return out
}

// value is an expression at a point.
func (m *Model) value(s sum, point map[string]float64) (total float64) {
	for _, term := range s {
		total += term.Factor * point[m.Variables[term.Variable].Name]
	}
	return total
}
