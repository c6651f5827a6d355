package ven

import (
	"slices"
	"time"

	"hearth/energy"
)

// Signals is what the VTN says, as far as we know. It is a copy: series are shared, and never changed.
type Signals struct {
	Curves
	Programs    []Program
	LastSuccess time.Time // of a poll that was used; after a restart, of the last one that changed anything
	LastAttempt time.Time
	Err         string // what is wrong now; empty when the newest poll was used and kept
	Revision    uint64 // grows when programs, events or anchors have changed
}

// Program names a program in use.
type Program struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// The window around now in which intervals are expanded. A day back shows today from its midnight in every
// zone; a week ahead is more than any tariff announces, and bounds what a looping event expands to.
const (
	windowBack  = 24 * time.Hour
	windowAhead = 7 * 24 * time.Hour
)

// Signals is the newest view around now. It is cheap: the series are made anew only when something changed
// or an hour has passed. It may be called at any time, from any goroutine.
func (v *VEN) Signals(now time.Time) Signals {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.signals(now)
}

func (v *VEN) signals(now time.Time) Signals {
	hour := now.UTC().Truncate(time.Hour)
	window := energy.Interval{Start: hour.Add(-windowBack), End: hour.Add(time.Hour + windowAhead)}
	if v.view.revision != v.revision || v.view.window != window {
		in := Input{
			Source: v.cfg.Name, Currency: v.cfg.Currency, Programs: v.programs, Events: v.received(), Anchors: v.anchors,
			Conventions: v.cfg.Conventions,
		}
		v.view = view{v.revision, window, Timeline(in, window)}
	}
	s := Signals{
		Curves: v.view.curves, LastSuccess: v.lastSuccess, LastAttempt: v.lastAttempt,
		Err: v.trouble(), Revision: v.revision,
	}
	s.Rejected = slices.Clip(s.Rejected) // the view's must not grow
	for _, m := range v.malformed {
		s.Rejected = append(s.Rejected, Rejection{m.ID, -1, "", m.Err.Error()})
	}
	for _, p := range v.programs {
		s.Programs = append(s.Programs, Program{p.ID, p.ProgramName})
	}
	return s
}

// view is a timeline and what it was made for.
type view struct {
	revision uint64
	window   energy.Interval
	curves   Curves
}
