package enrol

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"hearth/openadr"
)

// Wish is what a home wants to be known as.
type Wish struct {
	Name       string // of the VEN, unique in the VTN
	Attributes openadr.Attributes
	Resources  []Resource
	ClientID   string // that the VTN knows us by, to tell our VENs from those of others; empty: anonymous
}

// Resource is a thing behind the VEN.
type Resource struct {
	Name       string // unique in the home
	Attributes openadr.Attributes
}

// check refuses what no VTN could hold.
func (w Wish) check() error {
	if w.Name == "" {
		return errors.New("no name to enrol under")
	}
	seen := map[string]bool{}
	for _, r := range w.Resources {
		if r.Name == "" || seen[r.Name] {
			return fmt.Errorf("resource %q: wants a name of its own", r.Name)
		}
		seen[r.Name] = true
	}
	return nil
}

// Place is what a VTN knows a home as. The zero value is: nothing.
type Place struct {
	Wished    string            `json:"wished"`              // the name that was asked for
	VENID     string            `json:"ven"`                 // empty: not known to it
	VENName   string            `json:"name"`                // usually the one wished for
	Resources map[string]string `json:"resources,omitempty"` // their ids by name; of those wished for only
	Targets   openadr.Targets   `json:"targets,omitempty"`   // granted to the VEN and to those resources, each once
}

func (p Place) isSame(o Place) bool {
	return p.Wished == o.Wished && p.VENID == o.VENID && p.VENName == o.VENName &&
		maps.Equal(p.Resources, o.Resources) && slices.Equal(p.Targets, o.Targets)
}

// clone shares nothing with the original.
func (p Place) clone() Place {
	p.Resources, p.Targets = maps.Clone(p.Resources), slices.Clone(p.Targets)
	return p
}

// grant adds targets that are not there yet.
func (p *Place) grant(targets openadr.Targets) {
	for _, t := range targets {
		if !slices.Contains(p.Targets, t) {
			p.Targets = append(p.Targets, t)
		}
	}
}

// Act is what is done to an object.
type Act string

// The acts.
const (
	Create Act = "create"
	Update Act = "update"
)

// Change is one thing that was done at the VTN, or would be.
type Change struct {
	Act        Act
	Object     string // "ven" or "resource"
	Name       string
	Attributes openadr.Attributes // all that the object has afterwards
}

// String reads "create resource wallbox".
func (c Change) String() string { return string(c.Act) + " " + c.Object + " " + c.Name }

// Client reads and writes at a VTN; [*openadr.Client] is one.
type Client interface {
	VENs(ctx context.Context, name string) (openadr.List[openadr.VENObject], error)
	CreateVEN(ctx context.Context, v openadr.VENObject) (openadr.VENObject, error)
	UpdateVEN(ctx context.Context, v openadr.VENObject) (openadr.VENObject, error)
	Resources(ctx context.Context, venID, name string) (openadr.List[openadr.Resource], error)
	CreateResource(ctx context.Context, r openadr.Resource) (openadr.Resource, error)
	UpdateResource(ctx context.Context, r openadr.Resource) (openadr.Resource, error)
}
