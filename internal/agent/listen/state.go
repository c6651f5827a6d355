package listen

import (
	"fmt"
	"strings"
	"time"

	"hearth/api"
	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/keep"
	"hearth/internal/agent/metrics"
)

// Feeds is how the sources fare, as the page shows it.
func (c *Chorus) Feeds() []api.Feed {
	all := make([]api.Feed, 0, len(c.sources))
	for _, k := range c.sources {
		s, t := k.State(), k.typ
		f := api.Feed{Name: s.Name, Type: t.Name, Title: t.Title, Next: s.Next, Asked: sometime(s.Asked), Good: sometime(s.Good), Remarks: s.Remarks}
		if s.Err != nil {
			f.Error, f.Fault = trouble(s), string(s.ErrKind)
		}
		for _, kind := range s.Coverage {
			f.Covers = append(f.Covers, api.Covered{
				Kind: string(kind.Kind), From: kind.Extent.Start, Until: kind.Extent.End, Count: kind.Count, Gaps: len(kind.Gaps), Status: string(kind.Status),
			})
		}
		all = append(all, f)
	}
	return all
}

// Health is one line for each who is listened to.
func (c *Chorus) Health(now time.Time) []api.Health {
	var lines []api.Health
	for _, v := range c.vens {
		s := v.Signals(now)
		line := api.Health{Part: "vtn " + v.name, OK: s.Err == "" && !s.LastSuccess.IsZero(), Text: s.Err}
		switch {
		case line.OK && len(s.Rejected) > 0:
			line.OK, line.Text = false, fmt.Sprintf("answers, but %d parts of its events cannot be used; what was readable before holds", len(s.Rejected))
		case line.OK:
			line.Text = "answers"
		case line.Text == "":
			line.Text = "was not asked yet"
		}
		if !s.LastSuccess.IsZero() {
			line.Since = &s.LastSuccess
		}
		lines = append(lines, line)
	}
	for _, k := range c.sources {
		lines = append(lines, sourceHealth(k.State()))
	}
	return lines
}

// Sample is what the metrics say of each who is listened to.
func (c *Chorus) Sample(now time.Time) (vtns []metrics.VTN, all []metrics.Feed) {
	for _, v := range c.vens {
		signals := v.Signals(now)
		vtns = append(vtns, metrics.VTN{Name: v.name, IsUp: signals.Err == "" && !signals.LastSuccess.IsZero(), LastSuccess: signals.LastSuccess, Rejected: len(signals.Rejected)})
	}
	for _, k := range c.sources {
		state := k.State()
		f := metrics.Feed{Name: state.Name, IsUp: sourceHealth(state).OK, LastGood: state.Good, Until: map[string]time.Time{}}
		for _, kind := range state.Coverage {
			f.Until[strings.ReplaceAll(string(kind.Kind), " ", "_")] = kind.Extent.End
		}
		all = append(all, f)
	}
	return vtns, all
}

// Confirmed is when a source last said that what it said still holds.
func (c *Chorus) Confirmed(o *energy.Origin, now time.Time) time.Time {
	last := o.Fetched
	for _, v := range c.vens {
		if s := v.Signals(now); strings.HasPrefix(o.Source, v.name+"/") && s.LastSuccess.After(last) {
			last = s.LastSuccess
		}
	}
	for _, k := range c.sources {
		if s := k.State(); s.Name == o.Source && s.Good.After(last) {
			last = s.Good
		}
	}
	return last
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
