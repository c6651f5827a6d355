package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"hearth/devices"
	"hearth/devices/profiles"
	"hearth/internal/config"
	"hearth/internal/console"
)

// profilesCommand shows the families of devices that are known as data.
type profilesCommand struct {
	ID       string `arg:"positional" help:"Of one profile; all where it is left out."`
	Markdown bool   `help:"As docs/devices.md has it."`
}

// Run prints the profiles that are shipped.
func (c profilesCommand) Run(_ context.Context, std stdio) error {
	all, err := shipped()
	if err != nil {
		return err
	}
	if c.Markdown {
		return writeProfiles(std.out, all)
	}
	if c.ID != "" {
		i := slices.IndexFunc(all, func(p *profiles.Profile) bool { return p.ID == c.ID })
		if i < 0 {
			return failure{exitUsage, fmt.Errorf("hearth: %s: there is no such profile; `hearth profiles` lists them", c.ID)}
		}
		sayProfile(std.out, all[i])
		return nil
	}
	t := console.NewTable("profile", "on", "reads", "takes", "ends by itself", "what")
	t.Left = []int{1, 2, 3, 4, 5}
	for _, p := range all {
		t.Row(p.ID, string(p.Transport), strings.Join(reads(p), ", "), takes(p), ending(p), p.Title)
	}
	_, err = t.WriteTo(std.out)
	return err
}

// shipped are the profiles in the program, in order. One that is not good is left out, and named in the error.
func shipped() (all []*profiles.Profile, err error) {
	for _, id := range profiles.IDs() {
		p, fault := profiles.Get(id)
		if fault == nil {
			all = append(all, p)
		}
		err = errors.Join(err, fault)
	}
	return all, err
}

// reads are the points of a profile, each once.
func reads(p *profiles.Profile) (names []string) {
	for _, q := range p.Points {
		if name := strings.ReplaceAll(q.Name, "_", " "); q.Name != "mode" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// takes are the orders a profile takes.
func takes(p *profiles.Profile) string {
	var names []string
	for _, a := range p.Actions {
		if a.Name != "setup" {
			names = append(names, strings.ReplaceAll(a.Name, "_", " "))
		}
	}
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

// isActor says that the device can be told something.
func isActor(p *profiles.Profile) bool { return takes(p) != "nothing" }

// ending is how an order ends when the agent falls silent.
func ending(p *profiles.Profile) string {
	switch {
	case !isActor(p):
		return "-"
	case p.Lease == nil:
		return "unguarded"
	}
	return fmt.Sprintf("%s, %s to %s", leaseWord(devices.LeaseKind(p.Lease.Kind)), seconds(p.Lease.MinS), seconds(p.Lease.MaxS))
}

func seconds(s float64) string {
	text := time.Duration(s * float64(time.Second)).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	return strings.Replace(text, "h0m", "h", 1)
}

// leaseWord says who ends an order.
func leaseWord(kind devices.LeaseKind) string {
	switch kind {
	case devices.Unguarded:
		return "unguarded"
	case devices.Timer:
		return "its own timer"
	}
	return "its watchdog"
}

// leaseText is the same of one device.
func leaseText(kind devices.LeaseKind, lease time.Duration) string {
	if kind == devices.Unguarded {
		return "unguarded: it keeps the last command if we fall silent"
	}
	return fmt.Sprintf("%s ends a command after %v", leaseWord(kind), lease)
}

// kindsOf are the kinds of device in a configuration that a profile serves.
func kindsOf(p *profiles.Profile) (out []string) {
	has := func(points ...string) bool {
		return !slices.ContainsFunc(points, func(name string) bool { return !p.Has(name) })
	}
	can := func(actions ...string) bool {
		return !slices.ContainsFunc(actions, func(name string) bool { _, ok := p.Action(name); return !ok })
	}
	add := func(is bool, kinds ...config.Kind) {
		for _, k := range kinds {
			if is {
				out = append(out, string(k))
			}
		}
	}
	isMeter := !isActor(p) && !p.Has("soc") && !p.Has("plugged")
	add(has("power") && isMeter, config.Grid, config.Solar)
	add(has("power"), config.Meter)
	add(has("power", "soc") && can("set_power", "release"), config.Battery)
	add(has("power", "plugged", "session_energy") && can("set_power"), config.Vehicle)
	add(has("power", "switch") && can("on", "off"), config.Appliance)
	add(has("switch") && can("on", "off"), config.Load)
	return out
}

// sayProfile prints one profile.
func sayProfile(w io.Writer, p *profiles.Profile) {
	f := console.NewFacts(w)
	f.Say("profile", "%s: %s", p.ID, p.Title)
	f.Say("on", "%s", p.Transport)
	f.Say("kinds", "%s", strings.Join(kindsOf(p), ", "))
	f.Say("reads", "%s", strings.Join(reads(p), ", "))
	sayAbilities(f, p, devices.Capabilities{})
	for _, d := range p.Params {
		f.Say("params", "%s: %s%s", d.Name, d.About, given(d))
	}
	for _, text := range tested(p) {
		f.Say("tested", "%s", text)
	}
	for _, text := range p.Source {
		f.Say("source", "%s", text)
	}
}

func given(d profiles.Param) string {
	if d.Required {
		return " (required)"
	}
	return fmt.Sprintf(" [%s]", d.Default)
}

// tested names what the profile was held against.
func tested(p *profiles.Profile) []string {
	if len(p.Tested) == 0 {
		return []string{"simulator"}
	}
	return p.Tested
}

// sayAbilities prints what a device can be told; of an opened one also within which bounds.
func sayAbilities(f *console.Facts, p *profiles.Profile, can devices.Capabilities) {
	f.Say("takes", "%s", takes(p))
	if !isActor(p) {
		return
	}
	f.Say("ends", "%s", ending(p))
	if p.Lease == nil {
		f.Say("ends", "%s", leaseText(devices.Unguarded, 0))
	}
	if p.Confirm == nil {
		f.Say("shows", "never: it cannot say whether it obeyed")
	} else {
		f.Say("shows", "in %s, within %s", strings.ReplaceAll(p.Confirm.Point, "_", " "), seconds(p.Confirm.WithinS))
	}
	if can.Min != 0 || can.Max != 0 {
		f.Say("bounds", "%v to %v, at least %v, in steps of %v", can.Min, can.Max, can.Floor, can.Step)
	}
	if can.MinOn+can.MinOff > 0 || can.MaxSwitches > 0 {
		f.Say("bounds", "on for %v, off for %v, %d switches a day", can.MinOn, can.MinOff, can.MaxSwitches)
	}
}

// writeProfiles is docs/devices.md.
func writeProfiles(w io.Writer, all []*profiles.Profile) error {
	var b strings.Builder
	b.WriteString("# Devices\n\nEvery family of devices that Hearth knows as data. This page is written by `hearth profiles --markdown`; a test holds the\n" +
		"two together. `hearth discover` looks who is there and prints the configuration.\n\n" +
		"Each profile is held to a transcript of its own, and to one suite of laws against a simulator made of it; real devices\n" +
		"it was held against stand under *tested*.\n" +
		"*Unguarded* is a device that keeps the last order when the agent falls silent: its owner must accept that.\n\n" +
		"| profile | what | on | kinds | takes | ends by itself | tested |\n|---|---|---|---|---|---|---|\n")
	for _, p := range all {
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s | %s | %s | %s | %s |\n", p.ID, p.ID, cell(p.Title), p.Transport,
			strings.Join(kindsOf(p), ", "), takes(p), ending(p), cell(strings.Join(tested(p), "; ")))
	}
	for _, p := range all {
		fmt.Fprintf(&b, "\n## %s\n\n%s.\n\nReads %s.", p.ID, cell(p.Title), strings.Join(reads(p), ", "))
		if isActor(p) {
			fmt.Fprintf(&b, " Takes %s.", takes(p))
		}
		b.WriteString("\n")
		if len(p.Params) > 0 {
			b.WriteString("\n| param | | |\n|---|---|---|\n")
		}
		for _, d := range p.Params {
			state := "required"
			if !d.Required {
				state = "`" + d.Default + "`"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", d.Name, state, cell(d.About))
		}
		b.WriteString("\nSources:\n\n")
		for _, text := range p.Source {
			fmt.Fprintf(&b, "- %s\n", cell(text))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// cell is a text that stays in its cell and is nothing but text.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "*", `\*`, "<", "&lt;").Replace(text)
}
