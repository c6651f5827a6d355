package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"hearth/energy"
	"hearth/internal/console"
	"hearth/scheduler"
	"hearth/scheduler/corpus"
)

// warmRow is how planning again went, a little later: with the old plan to begin with, beside without.
type warmRow struct {
	Error string `json:"error,omitempty"` // the problem has no later; nothing below is set
	Moved int    `json:"moved_slots"`

	Status    scheduler.Status `json:"status"`
	Objective energy.Money     `json:"objective"`
	Gap       *energy.Money    `json:"gap"` // nil: relaxed

	// Kept is what the rest of the old plan costs with the new forecasts; nil when it violates something.
	Kept *energy.Money `json:"kept_objective"`

	Certified *float64 `json:"certified_ms"` // until the first plan had its first bound; nil: never
	AsGood    *float64 `json:"as_good_ms"`   // until a plan that the cold one is not worth exchanging it for; nil: never
	Found     float64  `json:"found_ms"`     // until the plan that was returned
	Total     float64  `json:"total_ms"`

	ColdStatus    scheduler.Status `json:"cold_status"`
	ColdObjective energy.Money     `json:"cold_objective"`
	ColdGap       *energy.Money    `json:"cold_gap"`
	ColdTotal     float64          `json:"cold_total_ms"`

	Changed int `json:"changed_slots"` // slots of devices in which the power is another than planned before
	Planned int `json:"planned_slots"` // of so many that both plans have

	Trace []progress `json:"trace"`
}

// changedAbove is the difference of powers, in W, from which a device does something else.
const changedAbove = 1

// sameCost is the difference below which two plans cost the same.
const sameCost = energy.Money(1000)

// replanAfter is how long a plan is lived before it is made again; a longer slot is lived to its end.
const replanAfter = 5 * time.Minute

// warm plans the problem again as it is after a while of its plan, with newer forecasts.
func (m measurement) warm(ctx context.Context, p *scheduler.Problem, plan *scheduler.Plan) *warmRow {
	row := &warmRow{Moved: replanSlots(p)}
	later, err := corpus.Advance(p, plan, row.Moved)
	if err != nil {
		row.Error = err.Error()
		return row
	}
	later = corpus.Perturb(later, m.options.Seed)
	again, trace, err := m.run(ctx, later, plan)
	if err != nil {
		row.Error = err.Error()
		return row
	}
	cold, _, err := m.run(ctx, later, nil)
	if err != nil {
		row.Error = err.Error()
		return row
	}
	row.judge(again, trace)
	row.ColdStatus, row.ColdObjective, row.ColdGap = cold.Status, cold.Objective, gapOf(cold)
	row.ColdTotal = inMilliseconds(cold.Stats.SolveTime)
	row.AsGood = asGood(trace, cold.Objective)
	row.Kept = kept(later, corpus.Rest(plan, later, row.Moved))
	row.Changed, row.Planned = changes(plan, again, row.Moved)
	return row
}

// replanSlots is how far a problem is moved on: by whole blocks where a peak is averaged over them.
func replanSlots(p *scheduler.Problem) int {
	n := int((replanAfter + p.Grid.Step - 1) / p.Grid.Step)
	if block := p.Peak.Averaging; p.Peak.Price > 0 && block > 1 {
		n = (n + block - 1) / block * block
	}
	return n
}

// judge takes over what the second plan says about itself.
func (r *warmRow) judge(plan *scheduler.Plan, trace []progress) {
	r.Status, r.Objective, r.Gap = plan.Status, plan.Objective, gapOf(plan)
	r.Total, r.Trace = inMilliseconds(plan.Stats.SolveTime), trace
	var best *energy.Money
	for _, step := range trace {
		if r.Certified == nil && step.Bound != nil && step.Objective != nil {
			r.Certified = new(step.Elapsed)
		}
		if step.Objective != nil && (best == nil || *step.Objective < *best-sameCost) {
			best, r.Found = step.Objective, step.Elapsed
		}
	}
}

// worthExchanging is by how much a plan has to be cheaper to be exchanged for another.
const worthExchanging = energy.Money(10_000_000)

// asGood is when a plan was there that is at most so much dearer than another; nil: never.
func asGood(trace []progress, than energy.Money) *float64 {
	for _, step := range trace {
		if step.Objective != nil && *step.Objective <= than+worthExchanging {
			return new(step.Elapsed)
		}
	}
	return nil
}

// kept is what powers cost; nil when they violate something.
func kept(p *scheduler.Problem, power [][]energy.Watts) *energy.Money {
	e, err := scheduler.Evaluate(p, power)
	if err != nil || len(e.Violations) > 0 {
		return nil
	}
	return &e.Objective
}

func gapOf(plan *scheduler.Plan) *energy.Money {
	gap, ok := plan.Gap()
	if !ok {
		return nil
	}
	return &gap
}

// changes counts the slots in which devices do something else than the plan of moved slots before said.
func changes(old, again *scheduler.Plan, moved int) (changed, planned int) {
	for _, d := range again.Devices {
		before, ok := old.Device(d.ID)
		if !ok {
			continue
		}
		for t, w := range d.Power {
			if t+moved >= len(before.Power) {
				break
			}
			planned++
			if math.Abs(float64(w-before.Power[t+moved])) > changedAbove {
				changed++
			}
		}
	}
	return changed, planned
}

func (r benchReport) writeWarmTable(w io.Writer) error {
	fmt.Fprintln(w)
	t := console.NewTable("planned again", "slots later", "certified ms", "as good ms", "total ms", "objective", "gap ct",
		"cold total ms", "cold gap ct", "over cold ct", "saved ct", "changed", "of slots", "status")
	for _, row := range r.Problems {
		v := row.Warm
		if v == nil {
			continue
		}
		if v.Error != "" {
			t.Row(row.Name, strconv.Itoa(v.Moved), none, none, none, none, none, none, none, none, none, none, none, "no later")
			continue
		}
		certified, good, over, saved := none, none, none, none
		if v.Certified != nil {
			certified = duration(*v.Certified)
		}
		if v.AsGood != nil {
			good = duration(*v.AsGood)
		}
		if v.Gap != nil && v.ColdGap != nil { // a plan that violates something costs what it likes
			over = cents(new(v.Objective - v.ColdObjective))
		}
		if v.Gap != nil && v.Kept != nil { // by planning again
			saved = cents(new(*v.Kept - v.Objective))
		}
		t.Row(row.Name, strconv.Itoa(v.Moved), certified, good, duration(v.Total), amount(&v.Objective), cents(v.Gap),
			duration(v.ColdTotal), cents(v.ColdGap), over, saved, strconv.Itoa(v.Changed), strconv.Itoa(v.Planned), string(v.Status))
	}
	_, err := t.WriteTo(w)
	return err
}
