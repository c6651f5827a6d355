package ven

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"hearth/energy"
	"hearth/openadr"
)

// Input is what a timeline is made of. It is only read.
type Input struct {
	Source   string          // name of the VEN, the first part of every origin's source
	Currency energy.Currency // for prices whose descriptors name none; empty: such prices are rejected
	Programs []openadr.Program
	Events   []Received
	Anchors  Anchors
}

// Received is an event and when this version of it was first fetched.
type Received struct {
	openadr.Event
	Fetched time.Time
}

// Curves is the timeline of one VTN: what holds when, and what could not be used.
type Curves struct {
	ImportPrice energy.Series[energy.Price]
	ExportPrice energy.Series[energy.Price]
	Carbon      energy.Series[energy.GramsPerKWh] // marginal
	Rejected    []Rejection
}

// Rejection is an interval, or a whole event, that gives nothing.
type Rejection struct {
	EventID  string `json:"event"`
	Interval int    `json:"interval"` // position in the event, not its id; -1: all of them
	Payload  string `json:"payload,omitempty"`
	Reason   string `json:"reason"`
}

// String reads "event e1 interval 3 PRICE: no value".
func (r Rejection) String() string {
	text := "event " + r.EventID
	if r.Interval >= 0 {
		text += fmt.Sprintf(" interval %d", r.Interval)
	}
	return strings.TrimRight(text+" "+r.Payload, " ") + ": " + r.Reason
}

// maxPieces bounds the intervals that all events together may have inside the window: 250,000 of them are
// 16 MB. One event a week ahead in steps of 15 s, looping, has 46,000.
const maxPieces = 250_000

// Timeline makes series of the events that overlap the window. It is pure: the same input gives the same
// output, in whatever order the events stand.
//
// Events conflict only where they carry the same payload type at the same time. Then the priority rules:
// 0 is the highest, none the lowest (UG 7.1); among equals the one changed last, then the larger id.
//
//	priority 5    [--a--)[--b--)[--c--)
//	priority 0        [--d--)
//	              [-a-)[--d-)[b)[--c--)
//
// The window must lie between the years 1900 and 2150; elsewhere nothing is known.
func Timeline(in Input, window energy.Interval) Curves {
	var curves Curves
	if window.IsEmpty() || window.Start.Year() < firstYear || window.End.Year() > lastYear {
		return curves
	}
	x := newExpansion(in, window)
	imports := track[energy.Price]{kind: openadr.PayloadPrice, read: readPrice}
	exports := track[energy.Price]{kind: openadr.PayloadExportPrice, read: readPrice}
	carbon := track[energy.GramsPerKWh]{kind: openadr.PayloadGHG, read: readCarbon}
	for i, e := range ranked(in.Events) {
		p := x.place(e, len(in.Events)-i)
		expand(x, &imports, p)
		expand(x, &exports, p)
		expand(x, &carbon, p)
	}
	curves.ImportPrice = energy.Series[energy.Price]{Currency: imports.currency, Points: overlay(imports.pieces)}
	curves.ExportPrice = energy.Series[energy.Price]{Currency: exports.currency, Points: overlay(exports.pieces)}
	curves.Carbon = energy.Series[energy.GramsPerKWh]{Points: overlay(carbon.pieces)}
	curves.Rejected = x.rejected
	return curves
}

// ranked lists the events from the one that prevails over all others to the one that yields to all.
func ranked(events []Received) []*Received {
	out := make([]*Received, len(events))
	for i := range events {
		out[i] = &events[i]
	}
	slices.SortStableFunc(out, func(a, b *Received) int {
		return cmp.Or(cmp.Compare(priority(a), priority(b)), b.Modified.Compare(a.Modified.Time), cmp.Compare(b.ID, a.ID))
	})
	return out
}

func priority(e *Received) int {
	if e.Priority == nil {
		return math.MaxInt
	}
	return *e.Priority
}
