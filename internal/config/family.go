package config

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"hearth/devices/profiles"
)

// families reads the folder of profiles that were not built in. Each of its faults is one of the file that names it.
func (r *reader) families(s *section) {
	var folder string
	if !may(s, "profiles", parseText, &folder) {
		return
	}
	all, err := profiles.LoadFolder(os.DirFS(r.resolve(folder)))
	r.own = all
	for _, fault := range separate(err) {
		s.reject("profiles", reasonOf(fault))
	}
}

// separate is the errors that were joined; none for nil.
func separate(err error) []error {
	var joined interface{ Unwrap() []error }
	switch {
	case err == nil:
		return nil
	case errors.As(err, &joined):
		var out []error
		for _, e := range joined.Unwrap() {
			out = append(out, separate(e)...)
		}
		return out
	}
	return []error{err}
}

// family finds a profile by its id, among those that are built in and those of the folder.
func (r *reader) family(id string) (*profiles.Profile, error) {
	if i := slices.IndexFunc(r.own, func(p *profiles.Profile) bool { return p.ID == id }); i >= 0 {
		return r.own[i], nil
	}
	p, err := profiles.Get(id)
	if err == nil {
		return p, nil
	}
	ids := profiles.IDs()
	for _, p := range r.own {
		ids = append(ids, p.ID)
	}
	text := "no such profile; there are " + strings.Join(ids, ", ")
	if like := nearest(id, ids); like != "" {
		text = fmt.Sprintf("no such profile; did you mean %q?", like)
	}
	return nil, errors.New(text)
}

// acceptance reads whether the owner accepts that nothing ends a command when Hearth dies.
func (r *reader) acceptance(s *section, d Device) {
	var word string
	isGiven := may(s, "unguarded", oneOf("accepted"), &word)
	if d.Profile == nil {
		return
	}
	isDriven := len(needs[d.Kind][1]) > 0
	switch {
	case isDriven && d.Profile.Unguarded != "" && word == "" && !isGiven && !s.has("unguarded"):
		s.reject("profile", d.Profile.Unguarded+"; if the home can bear that, say unguarded: accepted")
	case isGiven && d.Profile.Unguarded == "":
		s.reject("unguarded", "the device ends a command by itself: leave this out")
	case isGiven && !isDriven:
		s.reject("unguarded", fmt.Sprintf("a device of kind %s is not told anything: leave this out", d.Kind))
	}
}
