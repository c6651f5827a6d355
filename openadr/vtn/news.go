package vtn

import (
	"slices"

	"hearth/openadr"
)

// news is a change to an object, and who may hear of it.
type news struct {
	kind    string // EVENT
	id      string
	program string   // that it belongs to; empty: none
	ven     string   // that it is, or belongs to; empty: none
	owner   string   // the client whose it is; empty: of the business side, seen by its targets
	targets []string // of the object
	object  func(openadr.Targets) any
}

// to is what a client gets to see of the targets, and whether it hears of it at all. The VTN is locked.
func (n *news) to(v *VTN, client string, asked []string) (shown openadr.Targets, isVisible bool) {
	switch {
	case n.owner == "":
		return v.view(client)(n.targets, asked)
	case n.owner != client && !v.isBusiness(client):
		return nil, false
	}
	_, isFound := sight(n.targets, n.targets, asked)
	return n.targets, isFound || len(asked) == 0
}

// newsOf is a change to an object.
func (v *VTN) newsOf(x any) news {
	n := news{kind: kindOf(x), id: metaOf(x).ID, object: func(openadr.Targets) any { return shown(x) }}
	if owner := ownerOf(x); owner != nil {
		n.owner = *owner
	}
	switch o := x.(type) {
	case *openadr.Program:
		n.program, n.targets = o.ID, o.Targets
		n.object = func(targets openadr.Targets) any {
			p := *o
			p.Targets = targets
			return whole(p)
		}
	case *openadr.Event:
		n.program, n.targets = o.ProgramID, o.Targets
		n.object = func(targets openadr.Targets) any {
			e := *o
			e.Targets = targets
			return e
		}
	case *openadr.VENObject:
		n.ven, n.targets = o.ID, o.Targets
	case *openadr.Resource:
		n.ven, n.targets = o.VENID, o.Targets
	case *openadr.Report:
		n.program = v.programOf(o)
	case *openadr.Subscription:
		n.program, n.targets = o.ProgramID, o.Targets
	}
	return n
}

// topic is where a change is published: of each sort of change one, with the operation at the end.
type topic struct {
	path  string
	shown openadr.Targets // what of the object's targets readers of it may see
}

// topics are all that a change is published on; nobody waits for the creation of one object of a known id. Below "business" the business side hears of everything; below
// "programs" everybody hears of what everybody may see; below "vens/ID" a VEN hears of itself and what it may see.
// So a broker's access rules need to know the client of a VEN, and nothing of targets.
func (n *news) topics(v *VTN, operation string) (out []topic) {
	const business = "business/"
	all := func(paths ...string) {
		for _, path := range paths {
			out = append(out, topic{business + path, n.targets})
		}
	}
	shown, isPublic := sight(n.targets, v.cfg.Granted, nil)
	public := func(paths ...string) {
		if all(paths...); isPublic {
			for _, path := range paths {
				out = append(out, topic{path, shown})
			}
		}
	}
	plural, isNew := plural(n.kind), operation == openadr.OperationCreate
	switch n.kind {
	case openadr.ObjectProgram:
		if public("programs"); !isNew {
			public("programs/" + n.id)
		}
	case openadr.ObjectEvent:
		all("events")
		public("programs/" + n.program + "/events")
	default:
		all(plural)
	}
	switch n.kind {
	case openadr.ObjectProgram, openadr.ObjectEvent:
		for _, ven := range v.vens.items {
			if shown, isVisible := sight(n.targets, v.grantedTo(ven), nil); isVisible {
				out = append(out, topic{"vens/" + ven.ID + "/" + plural, shown})
			}
		}
	case openadr.ObjectVEN:
		if !isNew {
			out = append(out, topic{"vens/" + n.ven, n.targets})
		}
	case openadr.ObjectResource:
		out = append(out, topic{"vens/" + n.ven + "/resources", n.targets})
	}
	return out
}

// grantedTo are the targets of one VEN: those for everybody, its own and its resources'. The VTN is locked.
func (v *VTN) grantedTo(ven openadr.VENObject) []string {
	out := append(slices.Clone(v.cfg.Granted), ven.Targets...)
	for _, o := range v.resources.items {
		if o.VENID == ven.ID {
			out = append(out, o.Targets...)
		}
	}
	return out
}
