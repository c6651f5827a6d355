package vtn

import (
	"net/http"
	"slices"

	"hearth/openadr"
)

// granted are the targets of a client: those for everybody, of its VENs and of its resources. The VTN is locked.
func (v *VTN) granted(client string) []string {
	out := slices.Clone(v.cfg.Granted)
	for _, o := range v.vens.items {
		if o.ClientID == client {
			out = append(out, o.Targets...)
		}
	}
	for _, o := range v.resources.items {
		if o.ClientID == client {
			out = append(out, o.Targets...)
		}
	}
	return out
}

// sight is the targets of an object that a client gets to see, and whether it sees the object at all: one
// without targets unless it asks for some, else by what is asked for and granted both, which for no question
// is all that is granted. Other targets are hidden (Definition, "program and event objects - targeting").
func sight(targets, granted, asked []string) (shown openadr.Targets, isVisible bool) {
	for _, t := range targets {
		if slices.Contains(granted, t) && (len(asked) == 0 || slices.Contains(asked, t)) {
			shown = append(shown, t)
		}
	}
	return shown, len(shown) > 0 || len(targets) == 0 && len(asked) == 0
}

// asked are the targets of a search.
func (v *VTN) asked(r *http.Request) []string {
	q := r.URL.Query()
	if v.cfg.Dialect == openadr.Dialect31 {
		return q["targets"]
	}
	var out []string
	for _, value := range q["targetValues"] {
		out = append(out, q.Get("targetType")+":"+value)
	}
	return out
}

// wants says that a search for targets finds an object with these, all of which the client may see.
func (v *VTN) wants(r *http.Request, targets []string) bool {
	_, isVisible := sight(targets, targets, v.asked(r))
	return isVisible || len(v.asked(r)) == 0
}

// view is what a client sees of the objects with targets: a VEN what is granted to it, the business side all.
func (v *VTN) view(client string) func(targets, asked []string) (openadr.Targets, bool) {
	if v.isBusiness(client) {
		return func(targets, asked []string) (openadr.Targets, bool) {
			_, isFound := sight(targets, targets, asked)
			return targets, isFound || len(asked) == 0
		}
	}
	granted := v.granted(client)
	return func(targets, asked []string) (openadr.Targets, bool) { return sight(targets, granted, asked) }
}

func (v *VTN) visiblePrograms(r *http.Request) (out []any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	see, asked := v.view(client(r)), v.asked(r)
	for _, p := range v.programs.items {
		if shown, isVisible := see(p.Targets, asked); isVisible {
			p.Targets = shown
			out = append(out, &p)
		}
	}
	return out
}

func (v *VTN) visibleEvents(r *http.Request) (out []any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	see, asked := v.view(client(r)), v.asked(r)
	isActiveOnly, _ := v.activeOnly(r)
	for _, e := range v.events.items {
		shown, isVisible := see(e.Targets, asked)
		if !isVisible || !asks(r, "programID", e.ProgramID) || isActiveOnly && v.hasTranspired(e) {
			continue
		}
		e.Targets = shown
		out = append(out, &e)
	}
	return out
}
