package discover

import (
	"fmt"
	"slices"

	"hearth/devices/profiles"
)

// Adopt gives the things that no profile knows those that were made of what they say of themselves: the ones whose
// topics lie where the thing lives. Of a thing with several, each is a thing of its own. What is missing then is the
// file of the profile, which need names.
func Adopt(things []Thing, made []*profiles.Profile, need string) []Thing {
	for _, p := range made {
		isOf := func(t Thing) bool {
			return slices.ContainsFunc(p.Points, func(q profiles.Point) bool {
				return slices.ContainsFunc(t.bases, func(base string) bool { return isAt(base, q.Topic) || isAt(q.Topic, base) })
			})
		}
		i := slices.IndexFunc(things, func(t Thing) bool { return (len(t.Fits) == 0 || t.isMade) && isOf(t) })
		if i < 0 {
			continue
		}
		if things[i].isMade {
			twin := things[i]
			twin.Name = fmt.Sprintf("%s (%s)", twin.Name, p.ID)
			twin.bases = nil // no third joins the twin
			things = append(things, twin)
			i = len(things) - 1
		}
		t := &things[i]
		t.Fits, t.Params, t.Missing, t.isMade = []*profiles.Profile{p}, nil, nil, true
		if need != "" {
			t.Missing = []string{need}
		}
	}
	return things
}
