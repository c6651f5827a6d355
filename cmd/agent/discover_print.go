package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"hearth/devices/discover"
	"hearth/feeds"
	"hearth/internal/config"
	"hearth/internal/console"
)

// shownThing is a thing as the command shows it.
type shownThing struct {
	Name       string            `json:"name"`
	Model      string            `json:"model,omitempty"`
	Link       string            `json:"link,omitempty"`
	Where      string            `json:"where"`
	Profile    string            `json:"profile,omitempty"`
	Params     map[string]string `json:"params,omitempty"`
	Missing    []string          `json:"missing,omitempty"`
	Remarks    []string          `json:"remarks,omitempty"`
	Configured string            `json:"configured,omitempty"` // the name it has in the configuration
}

// result is all that is printed.
type result struct {
	Things        []shownThing `json:"things"`
	Configuration string       `json:"configuration"`
}

func newResult(cfg *config.Config, f *found) result {
	var r result
	var fresh []discover.At
	var taken []string
	if cfg != nil {
		for _, d := range cfg.Devices {
			taken = append(taken, d.Name)
		}
	}
	used := map[string]bool{}
	for _, t := range f.things {
		s := shownThing{Name: t.Name, Model: t.Model, Link: t.Link, Where: t.Where, Params: t.Params, Missing: t.Missing, Remarks: t.Remarks, Configured: nameIn(cfg, t)}
		if p := t.Profile(); p != nil {
			s.Profile = p.ID
		}
		r.Things = append(r.Things, s)
		if s.Configured == "" {
			fresh = append(fresh, t)
			used[t.Link] = used[t.Link] || s.Profile != ""
		}
	}
	links := slices.DeleteFunc(slices.Clone(f.links), func(l discover.Link) bool { return !used[l.Name] })
	r.Configuration = discover.Section(links, fresh, taken)
	return r
}

// nameIn is the name under which a configuration has the thing.
func nameIn(cfg *config.Config, t discover.At) string {
	if cfg == nil {
		return ""
	}
	for _, d := range cfg.Devices {
		isIt := d.Link == t.Link && len(t.Params) > 0
		for name, v := range t.Params {
			isIt = isIt && d.Params[name] == v
		}
		if isIt {
			return d.Name
		}
	}
	return ""
}

func (r result) writeJSON(w io.Writer) {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	_ = e.Encode(r) // nobody to tell when the pipe is closed
}

func (r result) write(w io.Writer) {
	if len(r.Things) == 0 {
		fmt.Fprintln(w, "Nothing was found. Brokers are given with --mqtt, hosts that speak Modbus with --host.")
		return
	}
	t := console.NewTable("what", "model", "where", "profile", "needs")
	t.Left = []int{1, 2, 3, 4}
	for _, s := range r.Things {
		where, profile, needs := s.Where, s.Profile, strings.Join(s.Missing, "; ")
		if s.Link != "" && !strings.Contains(where, "://") {
			where = s.Link + ": " + where
		}
		if profile == "" {
			profile = "-"
		}
		if s.Configured != "" {
			needs = "nothing: it is the device " + s.Configured
		}
		t.Row(short(s.Name), short(s.Model), short(where), profile, needs)
	}
	_, _ = t.WriteTo(w)
	for _, s := range r.Things {
		for _, remark := range s.Remarks {
			fmt.Fprintf(w, "%s (%s): remark: %s\n", feeds.OneLine(s.Name), feeds.OneLine(short(s.Where)), feeds.OneLine(remark))
		}
	}
	if strings.TrimSpace(r.Configuration) != "" {
		fmt.Fprintf(w, "\nThe configuration for it; as meters, nothing is told to them:\n\n%s", r.Configuration)
	}
}

// short fits a column.
func short(text string) string {
	const wide = 48
	if runes := []rune(text); len(runes) > wide {
		return string(runes[:wide-1]) + "…"
	}
	return text
}
