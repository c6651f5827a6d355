package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"hearth/energy"
	"hearth/internal/agent/line"
	"hearth/openadr"
	"hearth/openadr/ven"
)

// How much of an offer is shown.
const (
	mostPrograms   = 20
	mostEvents     = 3  // the next ones of each program
	mostRejections = 10 // of all
)

// offer is what a server has for us: its programs, the events of the first of them, and the timeline that these make.
type offer struct {
	programs  []openadr.Program // all that we may see, or that were asked for
	missing   []string          // of those asked for
	events    map[string][]openadr.Event
	malformed []openadr.Malformed
	input     ven.Input
	window    energy.Interval
	curves    ven.Curves
}

// look reads programs and events, and has the engine read them.
func (p *prober) look(ctx context.Context, client *openadr.Client) (*offer, error) {
	list, err := client.Programs(ctx, openadr.Query{})
	if err != nil {
		return nil, err
	}
	now := p.now()
	o := &offer{programs: list.Items, malformed: list.Malformed, events: map[string][]openadr.Event{}}
	if len(p.v.Programs) > 0 {
		o.choose(p.v.Programs)
	}
	o.window = energy.Span(now, 7*24*time.Hour)
	o.input = ven.Input{Source: p.base.Host, Currency: p.currency, Programs: o.programs, Anchors: ven.Anchors{}, Conventions: line.Conventions(p.v, "")}
	for _, program := range o.shown() {
		events, err := client.Events(ctx, openadr.Query{ProgramID: program.ID, Targets: p.v.Targets})
		if err != nil {
			return nil, err
		}
		o.malformed = append(o.malformed, events.Malformed...)
		for _, e := range events.Items {
			if e.ProgramID != program.ID {
				continue // the server has not narrowed the list
			}
			o.events[program.ID] = append(o.events[program.ID], e)
			o.input.Events = append(o.input.Events, ven.Received{Event: e, Fetched: now})
			o.input.Anchors[ven.AnchorKey(&e)] = now // those that begin when they are received do so here
		}
	}
	o.curves = ven.Timeline(o.input, o.window)
	return o, nil
}

// choose leaves the programs of these names or ids.
func (o *offer) choose(wanted []string) {
	all := o.programs
	o.programs = nil
	for _, name := range wanted {
		i := slices.IndexFunc(all, func(p openadr.Program) bool { return p.ID == name || p.ProgramName == name })
		if i < 0 {
			o.missing = append(o.missing, name)
			continue
		}
		o.programs = append(o.programs, all[i])
	}
}

func (o *offer) shown() []openadr.Program { return o.programs[:min(len(o.programs), mostPrograms)] }

// next are the events of a program that are not over, as far as the week ahead shows, the earliest first.
func (o *offer) next(programID string) (out []*dated) {
	for _, e := range o.events[programID] {
		d := &dated{Event: e}
		for _, kind := range kindsIn(e) {
			x := o.extract(e, kind)
			d.kinds = append(d.kinds, x)
			if x.when.IsEmpty() {
				continue
			}
			if d.when.IsEmpty() || x.when.Start.Before(d.when.Start) {
				d.when.Start = x.when.Start
			}
			if x.when.End.After(d.when.End) {
				d.when.End = x.when.End
			}
		}
		if !d.when.IsEmpty() || slices.ContainsFunc(d.kinds, func(x extract) bool { return x.reason != "" && !x.isUnknown }) {
			out = append(out, d)
		}
	}
	slices.SortStableFunc(out, func(a, b *dated) int { return a.when.Start.Compare(b.when.Start) })
	return out
}

// dated is an event with what it says, and when.
type dated struct {
	openadr.Event
	when  energy.Interval // cut to the week ahead; empty where nothing can be read
	kinds []extract
}

// extract is what an event says by one payload type.
type extract struct {
	kind, unit string
	values     string // from the least to the most, as they are written
	when       energy.Interval
	isUnknown  bool
	reason     string // why it is not used, or not all of it; empty: it is
}

func kindsIn(e openadr.Event) (kinds []string) {
	for _, i := range e.Intervals {
		for _, p := range i.Payloads {
			if !slices.Contains(kinds, p.Type) {
				kinds = append(kinds, p.Type)
			}
		}
	}
	return kinds
}

// extract has the engine read one payload type of an event alone. One that it does not know is read as a setting,
// which may be anything, to learn when it would hold.
func (o *offer) extract(e openadr.Event, kind string) extract {
	x := extract{kind: kind}
	x.values = valuesOf(e, kind)
	var units []string
	for _, d := range o.descriptors(e) {
		if d.PayloadType == kind && units == nil {
			units = append([]string{}, strings.TrimSpace(d.Currency+" "+d.Units))
		}
	}
	x.unit = strings.Join(units, "")
	in := o.input
	if x.isUnknown = !o.knows(kind); x.isUnknown {
		in.Private = map[string]string{kind: ven.PayloadControl}
		x.reason = "`payloads` in the configuration can say what it means"
	}
	e.Intervals = slices.Clone(e.Intervals)
	for i := range e.Intervals {
		e.Intervals[i].Payloads = slices.DeleteFunc(slices.Clone(e.Intervals[i].Payloads), func(p openadr.ValuesMap) bool { return p.Type != kind })
	}
	in.Events = []ven.Received{{Event: e, Fetched: o.window.Start}}
	curves := ven.Timeline(in, o.window)
	for _, l := range holdingsOf(curves, nil, o.window) {
		if x.when.IsEmpty() || l.From.Before(x.when.Start) {
			x.when.Start = l.From
		}
		if l.To.After(x.when.End) {
			x.when.End = l.To
		}
	}
	if n := len(curves.Rejected); n > 0 && !x.isUnknown {
		x.reason = curves.Rejected[0].Reason
		if n > 1 {
			x.reason += fmt.Sprintf(" (and %d more)", n-1)
		}
	}
	return x
}

// knows says that the engine reads a payload type.
func (o *offer) knows(kind string) bool {
	return slices.Contains(ven.Meanings(), kind) && kind != ven.RenewableShare || o.input.Private[kind] != ""
}

// descriptors are those of the event, then those of its program.
func (o *offer) descriptors(e openadr.Event) []openadr.PayloadDescriptor {
	all := slices.Clone(e.PayloadDescriptors)
	for _, p := range o.programs {
		if p.ID == e.ProgramID {
			all = append(all, p.PayloadDescriptors...)
		}
	}
	return all
}

// valuesOf is the range of the numbers that an event has of a kind; where they are none, the first value.
func valuesOf(e openadr.Event, kind string) string {
	var low, high string
	var least, most float64
	for _, i := range e.Intervals {
		for _, p := range i.Payloads {
			if p.Type != kind {
				continue
			}
			for _, text := range p.Values {
				var v *float64
				if json.Unmarshal(text, &v) != nil || v == nil {
					if low == "" {
						return brief(text)
					}
					continue
				}
				if low == "" || *v < least {
					low, least = string(text), *v
				}
				if high == "" || *v > most {
					high, most = string(text), *v
				}
			}
		}
	}
	if low == high {
		return low
	}
	return low + " to " + high
}

// unknown lists the payload types that the configuration could give a meaning.
func (o *offer) unknown() (kinds []string) {
	for _, e := range o.input.Events {
		for _, kind := range kindsIn(e.Event) {
			if !o.knows(kind) && !slices.Contains(kinds, kind) {
				kinds = append(kinds, kind)
			}
		}
	}
	slices.Sort(kinds)
	return kinds
}
