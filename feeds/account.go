package feeds

import (
	"context"

	"hearth/energy"
)

// Account is a source behind which a customer's account stands: it answers questions that are no series, and can be
// told things.
type Account interface {
	Source
	Questions() []Question
	Orders() []Order
}

// Question is what can be asked besides series: a bill, what an appliance has taken. It changes nothing.
type Question struct {
	Name string // "distribution"
	Help string // a line without full stop
	Keys []Key
	Ask  func(context.Context, Settings) (Table, error)
}

// Table is an answer for people.
type Table struct {
	Title   string
	Columns []string // with their units
	Rows    [][]string
	Remarks []string // what was odd and did no harm, a line each
}

// Order is what a publisher can be told on the owner's word.
type Order struct {
	Name string // "budget"
	Help string
	Keys []Key
	// IsStanding says that the configuration asks for it: it is carried out whenever what it says has changed.
	IsStanding bool
	// Prepare looks what there is to do. It changes nothing at the publisher.
	Prepare func(context.Context, Settings, Tariff) (Draft, error)
}

// Draft is an order that was prepared.
type Draft struct {
	Text string // what would be sent, for people: method, address without secrets, body. What is so already is said instead.
	// Send sends it, and returns the publisher's answer. It is nil where there is nothing to do.
	Send func(context.Context) (Table, error)
}

// Tariff is what the home pays and gets, as far as somebody else has said so: what the source that takes the order has
// said by itself is not in it, since that would only come back.
type Tariff struct {
	Import, Export energy.Series[energy.Price]
}
