package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"hearth/internal/agent/line"
	"hearth/internal/console"
	"hearth/openadr"
	"hearth/openadr/enrol"
)

type openadrRegisterCommand struct {
	atVTN
	Yes bool `help:"Send it."`
}

// Run shows what would be created or changed at the server, and does it when the owner says so.
func (c openadrRegisterCommand) Run(ctx context.Context, std stdio) error {
	cfg, v, err := c.only()
	if err != nil {
		return err
	}
	if v.VEN == "" {
		return failure{exitConfig, fmt.Errorf("hearth: openadr %s: the configuration names no `ven` to be known as, so Hearth only listens there", v.Name)}
	}
	client, err := clientOf(v)
	if err != nil {
		return err
	}
	defer client.Close()
	wish := line.Wish(cfg, v)
	do := enrol.Preview
	if c.Yes {
		do = enrol.Enrol
	}
	place, changes, err := do(ctx, client, wish, enrol.Place{})
	if place.Wished != "" {
		c.write(std, wish, place, changes)
	}
	switch {
	case errors.Is(err, enrol.ErrNotOffered):
		fmt.Fprintf(std.err, "hearth: openadr %s: %v\nPrices and events can be had without; ask the operator how homes are made known to it.\n", v.Name, err)
		return failure{exitUnavailable, errors.New("hearth: not registered")}
	case errors.Is(err, enrol.ErrTaken):
		return failure{exitConfig, fmt.Errorf("hearth: openadr %s: %w", v.Name, err)}
	case err != nil:
		return vtnFailure(v.Name, err)
	}
	return nil
}

// write prints a line for the VEN and for each resource.
func (c openadrRegisterCommand) write(std stdio, w enrol.Wish, p enrol.Place, changes []enrol.Change) {
	t := console.NewTable("what", "name", "state", "attributes")
	t.Left = []int{1, 2, 3}
	row := func(object, name string, isThere bool) {
		state, attributes := "not there", ""
		if isThere {
			state = "there already"
		}
		for _, ch := range changes {
			if ch.Object == object && ch.Name == name {
				state, attributes = c.word(ch.Act), attributesText(ch.Attributes)
			}
		}
		t.Row(object, name, state, attributes)
	}
	row("ven", p.VENName, p.VENID != "")
	for _, r := range w.Resources {
		row("resource", r.Name, p.Resources[r.Name] != "")
	}
	_, _ = t.WriteTo(std.out)
	if p.VENName != w.Name {
		fmt.Fprintf(std.out, "The server knows us as %s, not as %s: it is not renamed.\n", p.VENName, w.Name)
	}
	if len(p.Targets) > 0 {
		fmt.Fprintln(std.out, "granted targets:", strings.Join(p.Targets, ", "))
	}
	switch {
	case len(changes) == 0:
		fmt.Fprintln(std.out, "Nothing is to be changed.")
	case !c.Yes:
		fmt.Fprintln(std.out, "Nothing was sent. With --yes it is.")
	}
}

// word says what is done, or would be.
func (c openadrRegisterCommand) word(act enrol.Act) string {
	switch {
	case c.Yes && act == enrol.Create:
		return "created"
	case c.Yes:
		return "updated"
	}
	return "to " + string(act)
}

func attributesText(all openadr.Attributes) string {
	var parts []string
	for _, a := range all {
		var values []string
		for _, v := range a.Values {
			values = append(values, string(v))
		}
		parts = append(parts, a.Type+" "+strings.Join(values, " "))
	}
	return strings.Join(parts, ", ")
}
