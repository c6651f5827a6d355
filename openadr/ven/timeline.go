package ven

import (
	"cmp"
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
	Conventions
}

// Received is an event and when this version of it was first fetched.
type Received struct {
	openadr.Event
	Fetched time.Time
}

// maxPieces bounds the intervals that all events together may have inside the window: 250,000 of them are
// some 30 MB. One event a week ahead in steps of 15 s, looping, has 46,000.
const maxPieces = 250_000

// Timeline makes series of the events that overlap the window. It is pure: the same input gives the same
// output, in whatever order the events stand.
//
// Events conflict only where they carry the same payload type at the same time, for the same resource. Then
// the priority rules: 0 is the highest, none the lowest (UG 7.1); among equals the one changed last, then the
// larger id.
//
//	priority 5    [--a--)[--b--)[--c--)
//	priority 0        [--d--)
//	              [-a-)[--d-)[b)[--c--)
//
// Events that name nothing but resources of the home are for those; all others are for the home and for each
// of its resources. Starts of what acts are randomized, those of prices, greenness and alerts never.
//
// The window must lie between the years 1900 and 2150; elsewhere nothing is known.
func Timeline(in Input, window energy.Interval) Curves {
	if window.IsEmpty() || window.Start.Year() < firstYear || window.End.Year() > lastYear {
		return Curves{}
	}
	events := ranked(in.Events)
	all := in.curves(slices.DeleteFunc(slices.Clone(events), in.isOfResources), window)
	for _, name := range in.Resources {
		if !slices.ContainsFunc(events, func(e *Received) bool { return names(e.Targets, name) }) {
			continue
		}
		own := in.curves(slices.DeleteFunc(slices.Clone(events), func(e *Received) bool { return !in.concerns(e, name) }), window)
		for _, r := range own.Rejected {
			if !slices.Contains(all.Rejected, r) {
				all.Rejected = append(all.Rejected, r)
			}
		}
		own.Rejected = nil
		if all.Resources == nil {
			all.Resources = map[string]Curves{}
		}
		all.Resources[name] = own
	}
	return all
}

// curves makes the curves of events in the order of their rank.
func (in *Input) curves(events []*Received, window energy.Interval) Curves {
	x := newExpansion(in, window)
	for i, e := range events {
		x.add(e, len(events)-i)
	}
	return x.curves()
}

// curves lays the tracks out.
func (x *expansion) curves() Curves {
	c := Curves{
		ImportPrice: plainSeries(x.importPrice), ExportPrice: plainSeries(x.exportPrice), AlternatePrice: plainSeries(x.alternatePrice),
		Carbon: plainSeries(x.carbon), RenewableShare: plainSeries(x.renewable),
		ImportSubscription: toldSeries(x.importSubscription), ExportSubscription: toldSeries(x.exportSubscription),
		ImportReservation: toldSeries(x.importReservation), ExportReservation: toldSeries(x.exportReservation),
		Level: toldSeries(x.level), Dispatch: toldSeries(x.dispatch), DispatchChange: toldSeries(x.dispatchChange),
		Charge: toldSeries(x.charge), Control: toldSeries(x.control), LoadShape: toldSeries(x.loadShape), Inverter: toldSeries(x.inverter),
		Alerts: alerts(x.alerts), Rejected: x.rejected,
	}
	c.MaxImport = above(toldSeries(x.importLimit), c.ImportSubscription)
	c.MaxExport = above(toldSeries(x.exportLimit), c.ExportSubscription)
	return c
}

func plainSeries[T any](t *track[T]) energy.Series[T] {
	points := overlay(t.pieces, func(i energy.Interval, p *piece[T]) energy.Point[T] {
		return energy.Point[T]{Interval: i, Value: p.value, Origin: p.from.origin}
	})
	return energy.Series[T]{Currency: t.currency, Points: points}
}

func toldSeries[T any](t *track[T]) energy.Series[Told[T]] {
	points := overlay(t.pieces, func(i energy.Interval, p *piece[T]) energy.Point[Told[T]] {
		return energy.Point[Told[T]]{Interval: i, Value: Told[T]{p.value, p.from.payload, p.from.cause}, Origin: p.from.origin}
	})
	return energy.Series[Told[T]]{Points: points}
}

// above is the limits where there are any, and the subscriptions elsewhere.
func above(limits, subscriptions energy.Series[Told[energy.Watts]]) energy.Series[Told[energy.Watts]] {
	merged, err := energy.Merge(limits, subscriptions)
	if err != nil {
		return limits // not of series without currency, in order
	}
	return merged
}

// alerts lists all alerts by start, those of the highest rank first.
func alerts(t *track[string]) []Alert {
	slices.SortStableFunc(t.pieces, func(a, b piece[string]) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.rank, a.rank))
	})
	var out []Alert
	for _, p := range t.pieces {
		interval := energy.Interval{Start: instant(p.start), End: instant(p.end)}
		out = append(out, Alert{interval, p.from.payload, p.value, p.from.cause, p.from.origin})
	}
	return out
}

// isOfResources says that an event is for resources of the home only, and not for the home.
func (in *Input) isOfResources(e *Received) bool {
	return len(e.Targets) > 0 && !slices.ContainsFunc(e.Targets, func(target string) bool { return !in.isResource(target) })
}

// concerns says that an event is for a resource: it has no target, or the resource, or any group. Groups
// are of homes, and their events are for all that is in one.
func (in *Input) concerns(e *Received, name string) bool {
	return names(e.Targets, name) || !in.isOfResources(e)
}

func (in *Input) isResource(target string) bool {
	return slices.ContainsFunc(in.Resources, func(name string) bool { return isResource(target, name) })
}

func names(targets openadr.Targets, name string) bool {
	return slices.ContainsFunc(targets, func(target string) bool { return isResource(target, name) })
}

// isResource compares a target with the name of a resource; 3.0 says the kind of the target before it.
func isResource(target, name string) bool {
	kind, rest, isPair := strings.Cut(target, ":")
	return target == name || isPair && kind == "RESOURCE_NAME" && rest == name
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
