package agent

import (
	"strings"
	"time"

	"hearth/api"
	"hearth/feeds"
	"hearth/feeds/keep"
)

// Sources is how those who are asked fare.
func (a *Agent) Sources() []api.Feed {
	all := make([]api.Feed, 0, len(a.sources))
	for i, k := range a.sources {
		s, t := k.State(), a.cfg.Sources[i].Type
		f := api.Feed{Name: s.Name, Type: t.Name, Title: t.Title, Next: s.Next, Asked: sometime(s.Asked), Good: sometime(s.Good), Remarks: s.Remarks}
		if s.Err != nil {
			f.Error, f.Fault = trouble(s), string(s.ErrKind)
		}
		for _, c := range s.Coverage {
			f.Covers = append(f.Covers, api.Covered{
				Kind: string(c.Kind), From: c.Extent.Start, Until: c.Extent.End, Count: c.Count, Gaps: len(c.Gaps), Status: string(c.Status),
			})
		}
		all = append(all, f)
	}
	return all
}

// sourceHealth is one line of a source. What is not out yet is no trouble.
func sourceHealth(s keep.State) api.Health {
	h := api.Health{Part: "source " + s.Name, Since: sometime(s.Good)}
	switch {
	case s.StoreErr != nil:
		h.Text = "what it says cannot be kept: " + s.StoreErr.Error()
	case s.Err != nil && s.ErrKind != feeds.NotYet:
		h.Text = trouble(s)
	case s.Asked.IsZero() && s.Good.IsZero():
		h.Text = "was not asked yet"
	case s.Err != nil:
		h.OK, h.Text = true, "has nothing new out yet"
	default:
		h.OK, h.Text = true, "answers"
	}
	return h
}

// trouble is the error of the last fetch without the name, which stands beside it.
func trouble(s keep.State) string { return strings.TrimPrefix(s.Err.Error(), "source "+s.Name+": ") }

// sometime is a time that may never have been.
func sometime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
