package agent

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"hearth/devices"
	"hearth/devices/guard"
	"hearth/energy"
	"hearth/internal/agent/answer"
	"hearth/internal/agent/decide"
	"hearth/internal/agent/protect"
)

// sendTimeout bounds what one cycle may spend on commands, in real time: a device that does not answer
// must not delay the others by more than this.
const sendTimeout = 3 * time.Second

// cycleView is what one cycle saw and did.
type cycleView struct {
	in      decide.Input
	signals decide.Signals
	sanity  error             // why the clock cannot be believed; nothing was applied then
	results map[string]result // by device; of controlled devices only
	isWatch bool              // it is none: only the connection is looked at
}

// cycle is one pass of read > plan > guard > apply.
func (a *Agent) cycle(ctx context.Context) {
	began := time.Now() // how long the machine takes, whatever clock the home goes by
	now := a.clock.Now()
	observed := a.read(now)
	a.memory = a.planner.Remember(a.memory, now, observed)
	a.ledger.CountMonth(now)
	c := &cycleView{
		in:      decide.Input{Now: now, Observed: observed, Memory: a.memory}, // the rest is what plans are made of
		signals: a.signals(now), sanity: a.sanity.judge(now),
	}
	a.ledger.Count(now, observed, c.signals)
	a.shield.orders = c.signals.Orders
	if c.sanity == nil {
		a.ledger.NotePrices(now, c.signals)
	}
	if a.isPlanDue(c.in) {
		a.replan(ctx, a.planner.Input(now, a.expect(c.signals, now), observed, a.memory))
	}
	a.meter.Note(answer.Now{At: now, Observed: observed, Plan: a.plan})
	a.edges.Warn(clockPart, c.sanity != nil, "clock cannot be believed: nothing is switched", "err", c.sanity)
	c.results = a.apply(ctx, c)
	a.draw(now, c.signals)
	a.show(c)
	a.metrics.Show(a.sample(c))
	a.metrics.Cycled(time.Since(began), a.cfg.Cycle)
}

// read freezes what every device says now, and notes it.
func (a *Agent) read(now time.Time) map[string]devices.Observation {
	observed := a.observe()
	a.ledger.Note(now, observed, a.measures)
	return observed
}

func (a *Agent) observe() map[string]devices.Observation {
	observed := make(map[string]devices.Observation, len(a.devices))
	for _, d := range a.devices {
		observed[d.Name] = d.Observe()
	}
	return observed
}

// signals is what everybody says now.
func (a *Agent) signals(now time.Time) decide.Signals {
	return a.chorus.Signals(now, a.planner.Grid(now))
}

// expect adds what is expected of the house itself.
func (a *Agent) expect(s decide.Signals, now time.Time) decide.Signals {
	return a.ledger.Expect(s, now, a.planner.Grid(now))
}

// isPlanDue says that the running plan is missing, over or old, or was made for another state of things.
func (a *Agent) isPlanDue(in decide.Input) bool {
	if _, ok := a.plan.Slot(in.Now); !ok || in.Now.Sub(a.plan.Made).Abs() >= a.cfg.Planning.Every {
		return in.Now.Sub(a.tried).Abs() >= a.cfg.Cycle // without prices there is no plan to be had in every cycle
	}
	return a.madeFor != a.situation(in)
}

// situation is what a plan is made for, besides the passing of time: prices, and the tasks of devices.
func (a *Agent) situation(in decide.Input) string {
	var b strings.Builder
	fmt.Fprint(&b, a.chorus.Revision(in.Now), " ")
	for _, d := range a.cfg.Devices {
		task, plugged := in.Memory[d.Name], in.Observed[d.Name].Plugged
		fmt.Fprint(&b, plugged.Valid, plugged.Value, task.IsDone, task.Began.IsZero(), " ")
	}
	return b.String()
}

// replan makes a plan, or keeps the old one and says why.
func (a *Agent) replan(ctx context.Context, in decide.Input) {
	defer a.hold()()
	in.Before = a.plan.Schedules()
	a.tried, a.madeFor = in.Now, a.situation(in)
	began := time.Now()
	plan, err := a.solve(ctx, in)
	a.metrics.Planned(time.Since(began), err)
	a.edges.Warn("plan", err != nil, "no plan can be made", "err", err)
	a.planErr = err
	if err != nil {
		return
	}
	if a.plan == nil {
		a.log.Info("first plan made", "status", plan.Status, "cost", plan.Objective.String(), "until", plan.Problem.Grid.End.UTC().Format(time.RFC3339))
	}
	a.plan = plan
	a.keepInput(in)
	a.log.Debug("planned", "status", plan.Status, "cost", plan.Objective.String(), "bound", plan.LowerBound.String(), "dur", time.Since(began))
}

// result is what became of a want.
type result struct {
	decide.Want
	guard.Decision
	lowered *protect.Lowered // asked for instead of the want; nil: what is wanted is asked for
	isQuiet bool             // it was not asked for anything this time
	isNew   bool             // something else was asked for, or came of it, than the last time
}

// asked is the setpoint that the guard was asked for.
func (r result) asked() energy.Setpoint {
	if r.lowered != nil {
		return r.lowered.Setpoint
	}
	return r.Setpoint
}

// why is the reason of what was asked for.
func (r result) why() decide.Reason {
	if r.lowered != nil {
		return decide.Reason{Code: string(r.lowered.Rule), Text: r.lowered.Text}
	}
	return r.Reason
}

// unbelieved is what is wanted of everything while nobody knows the time: its safe state, where an earlier
// run has left it in another; nothing otherwise.
var unbelieved = decide.Reason{Code: "clock", Text: "Nothing is planned: the clock cannot be believed."}

// apply takes every want, or what the connection bears of it, through its guard, all at once: only the slowest device
// counts.
func (a *Agent) apply(ctx context.Context, c *cycleView) map[string]result {
	if a.planErr != nil { // nobody plans, and operators are obeyed all the same
		c.in.Orders = c.signals.Orders
	}
	wants := a.planner.Wants(c.in, a.plan)
	lowered := a.shielded(c, wants)
	results := make([]result, len(wants))
	sending, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	var all sync.WaitGroup
	for i, w := range wants {
		g := a.guards[w.Device]
		if c.sanity != nil {
			w.Setpoint, w.Reason = energy.Setpoint{}, unbelieved
		}
		r := &results[i]
		if r.Want = w; c.sanity != nil && !g.OwesSafety() {
			continue
		}
		in := guard.Input{Now: c.in.Now, Obs: c.in.Observed[w.Device]}
		if l, ok := lowered[w.Device]; ok {
			r.lowered, in.IsForced = &l, l.IsForced
		}
		if in.Want = r.asked(); c.isWatch && !a.isToBeTold(*r) {
			r.isQuiet = true
			continue
		}
		all.Go(func() { r.Decision = g.Answer(sending, in) })
	}
	all.Wait()
	if ctx.Err() != nil {
		return a.told // we are stopping: what was cut short by that is no news
	}
	out := make(map[string]result, len(results))
	for _, r := range results {
		before := a.told[r.Device]
		if r.isQuiet {
			continue
		}
		r.isNew = before.Outcome != r.Outcome || before.Rule != r.Rule || before.asked() != r.asked()
		a.told[r.Device], out[r.Device] = r, r
		a.tell(r)
	}
	if c.sanity == nil {
		a.record(c.in, out)
	}
	return out
}

// isToBeTold says that a device is asked for something else than the last time, or was kept from what is wanted.
func (a *Agent) isToBeTold(r result) bool {
	before := a.told[r.Device]
	return r.lowered != nil || before.lowered != nil || before.asked() != r.asked()
}

// tell says what changed: each applied setpoint with its reason, each rule that begins to hold one back.
func (a *Agent) tell(r result) {
	if r.Sent != nil {
		a.metrics.Commanded(r.Device)
	}
	if !r.isNew {
		return
	}
	if r.lowered != nil {
		a.metrics.Protected(r.Device, string(r.lowered.Rule))
	}
	args := []any{"device", r.Device, "setpoint", r.asked().String(), "reason", r.why().Code}
	if r.Rule != "" {
		args = append(args, "rule", string(r.Rule))
	}
	if !r.Until.IsZero() {
		args = append(args, "until", r.Until.UTC().Format(time.RFC3339))
	}
	if r.Err != nil {
		args = append(args, "err", r.Err)
	}
	switch r.Outcome {
	case guard.Applied:
		if r.Rule == guard.Retry {
			a.log.Warn("setpoint repeated: the device did not show it", args...)
			return
		}
		a.log.Info("setpoint applied", args...)
	case guard.Fault:
		a.metrics.Failed(r.Device, string(r.Rule))
		a.log.Error("device does not do as it is told", args...)
	case guard.Refused:
		a.metrics.Failed(r.Device, string(r.Rule))
		a.log.Warn("setpoint refused", args...)
	case guard.Held:
		a.log.Info("setpoint held back", args...)
	}
}

// hold stops the clock of a home that can wait while a plan is made.
func (a *Agent) hold() (release func()) {
	if a.options.Hold == nil {
		return func() {}
	}
	return a.options.Hold()
}

// planned is the power the plan has for a device now.
func (a *Agent) planned(device string, now time.Time) *energy.Watts {
	slot, ok := a.plan.Slot(now)
	power := a.plan.Power(device)
	if !ok || power == nil {
		return nil
	}
	return &power[slot]
}
