package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hearth/internal/console"
	"hearth/openadr"
)

// sayOffer prints the programs with their next events, and what of all that is of use.
func (p *prober) sayOffer(o *offer) {
	switch {
	case len(o.programs) == 0 && len(o.missing) == 0:
		p.facts.Say("programs", "none that we may see")
		p.facts.Say("programs", "a server shows programs to homes that are granted their targets: ask the operator, or see `hearth openadr register`")
	default:
		p.facts.Say("programs", "%d", len(o.programs))
	}
	for _, name := range o.missing {
		p.facts.Say("programs", "%s is not among those that we may see", name)
	}
	for _, program := range o.shown() {
		p.sayProgram(o, program)
	}
	if more := len(o.programs) - mostPrograms; more > 0 {
		p.facts.Say("programs", "and %d more that were not looked at: name those you want with --program", more)
	}
	p.sayUse(o)
}

func (p *prober) sayProgram(o *offer, program openadr.Program) {
	next := o.next(program.ID)
	name := fmt.Sprintf("%s (id %s)", program.ProgramName, program.ID)
	if len(program.Targets) > 0 {
		name += ", for " + strings.Join(program.Targets, ", ")
	}
	p.facts.Say("program", "%s: %s, %d of them to come or running", name, count(len(o.events[program.ID]), "event"), len(next))
	if len(next) == 0 {
		return
	}
	t := console.NewTable("event", "when", "priority", "payload", "values", "unit", "")
	t.Left = []int{1, 3, 4, 5, 6}
	for _, e := range next[:min(len(next), mostEvents)] {
		id, when, priority := e.ID, "?", "-"
		if !e.when.IsEmpty() {
			when = span(e.when.Start, e.when.End, p.zone)
		}
		if e.Priority != nil {
			priority = fmt.Sprint(*e.Priority)
		}
		for _, x := range e.kinds {
			t.Row(id, when, priority, x.kind, x.values, x.unit, verdict(x))
			id, when, priority = "", "", ""
		}
	}
	p.facts.Table(t)
}

func verdict(x extract) string {
	switch {
	case x.reason == "":
		return "used"
	case x.when.IsEmpty() || x.isUnknown:
		return "not used: " + x.reason
	}
	return "used in part: " + x.reason
}

// sayUse prints what the timeline has, kind by kind, and what it has not, with the reasons.
func (p *prober) sayUse(o *offer) {
	type use struct {
		count int
		until time.Time
		unit  string
	}
	uses := map[string]*use{}
	for _, l := range holdingsOf(o.curves, nil, o.window) {
		u := uses[l.What]
		if u == nil {
			u = &use{}
			if strings.Contains(l.Unit, "/") { // others are in the values
				u.unit = " in " + l.Unit
			}
			uses[l.What] = u
		}
		if u.count++; l.To.After(u.until) {
			u.until = l.To
		}
	}
	for _, what := range slices.Sorted(maps.Keys(uses)) {
		u := uses[what]
		p.facts.Say("of use", "%s: %s until %s", what+u.unit, count(u.count, "interval"), u.until.In(p.zone).Format("Mon 2 Jan 15:04"))
	}
	if len(uses) == 0 && len(o.programs) > 0 {
		p.facts.Say("of use", "nothing in the week ahead")
	}
	for i, r := range o.curves.Rejected {
		if i == mostRejections {
			p.facts.Say("not of use", "and %d more", len(o.curves.Rejected)-i)
			break
		}
		p.facts.Say("not of use", "%s", r)
	}
	for i, m := range o.malformed {
		if i == mostRejections {
			p.facts.Say("unreadable", "and %d more", len(o.malformed)-i)
			break
		}
		p.facts.Say("unreadable", "%q: %v", m.ID, m.Err)
	}
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprint(n, " ", what)
}
