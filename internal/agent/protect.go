package agent

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"hearth/devices"
	"hearth/devices/guard"
	"hearth/energy"
	"hearth/internal/agent/decide"
	"hearth/internal/agent/protect"
	"hearth/internal/config"
)

// least is what the home may still take in an emergency: what meters err by.
const least energy.Watts = 100

// usualPoll is how often a meter is taken to speak of which nobody says it. How often it does is learnt.
const usualPoll = 10 * time.Second

// shield is what keeps the house connection within its limits between two plans. It belongs to the cycle.
type shield struct {
	every  time.Duration // between two looks; zero: nothing is watched
	period time.Duration // between two readings of the connection's meter
	orders []decide.Order
	state  protect.State
}

// openShield puts the connection under watch where there is a meter to go by.
func (a *Agent) openShield(context.Context) error {
	if a.grid == "" || a.cfg.Protection.Every == 0 {
		return nil
	}
	a.shield = shield{every: a.cfg.Protection.Every}
	for _, d := range a.cfg.Devices {
		if d.Name == a.grid {
			a.shield.period = max(a.shield.every, pollOf(d))
		}
	}
	return nil
}

// pollOf is how often a meter is read.
func pollOf(d config.Device) time.Duration {
	if d.Poll > 0 || d.Profile == nil {
		return d.Poll
	}
	for _, p := range d.Profile.Points {
		if p.Name == "power" && p.PollS > 0 {
			return time.Duration(p.PollS * float64(time.Second))
		}
	}
	return usualPoll
}

// rest waits for the next cycle, and watches the connection meanwhile. What an operator says anew ends it.
func (a *Agent) rest(ctx context.Context) error {
	if a.shield.every == 0 {
		return a.news.Sleep(ctx, a.clock, a.cfg.Cycle)
	}
	return a.news.Sleep(ctx, sleeper(func(sleeping context.Context, d time.Duration) error {
		for left := d; left > 0; left -= a.shield.every { // counted, not measured: the clock may be set meanwhile
			if err := a.clock.Sleep(sleeping, min(left, a.shield.every)); err != nil {
				return err
			}
			if left > a.shield.every {
				a.watch(ctx) // with a context of its own: no command is cut short by news
			}
		}
		return nil
	}), a.cfg.Cycle)
}

// sleeper is a way to wait.
type sleeper func(ctx context.Context, d time.Duration) error

// Sleep waits.
func (s sleeper) Sleep(ctx context.Context, d time.Duration) error { return s(ctx, d) }

// solve makes a plan, and watches the connection meanwhile, unless the home's clock stands still for that. Before the
// first plan there is nothing to watch: nothing was asked for.
func (a *Agent) solve(ctx context.Context, in decide.Input) (*decide.Plan, error) {
	if a.shield.every == 0 || a.options.Hold != nil || a.plan == nil {
		return a.planner.Solve(ctx, in, a.solverOptions())
	}
	type solved struct {
		plan *decide.Plan
		err  error
	}
	done := make(chan solved, 1)
	go func() {
		plan, err := a.planner.Solve(ctx, in, a.solverOptions())
		done <- solved{plan, err}
	}()
	look := time.NewTicker(a.shield.every)
	defer look.Stop()
	for {
		select {
		case s := <-done:
			return s.plan, s.err
		case <-look.C:
			a.watch(ctx)
		}
	}
}

// watch is the part of a cycle that does not wait for the next one: what is wanted now by the plan that is there, and
// what the connection bears of it. Only devices are told that have to be told something else.
func (a *Agent) watch(ctx context.Context) {
	now := a.clock.Now()
	c := &cycleView{
		in:      decide.Input{Now: now, Observed: a.observe(), Memory: a.memory},
		signals: decide.Signals{Orders: a.shield.orders}, sanity: a.sanity.judge(now), isWatch: true,
	}
	if c.sanity == nil {
		a.apply(ctx, c)
	}
}

// shielded is what to ask of devices instead of what is wanted, by device.
func (a *Agent) shielded(c *cycleView, wants []decide.Want) map[string]protect.Lowered {
	if a.shield.every == 0 || c.sanity != nil {
		return nil
	}
	o, now := c.in.Observed[a.grid], c.in.Now
	in := protect.Input{
		Now: now, Period: a.shield.period, Grid: o.Power, Amps: o.Currents, PhaseFuse: a.cfg.Protection.Fuse.Amps,
		Limits: a.limits(c.signals.Orders, now), FollowsExport: a.cfg.Protection.FollowsExport,
	}
	if slot, ok := a.plan.Slot(now); ok {
		in.Slot = a.plan.Problem.Grid.Slot(slot)
	}
	for i, d := range a.cfg.Devices {
		at := slices.IndexFunc(wants, func(w decide.Want) bool { return w.Device == d.Name })
		if at < 0 || a.guards[d.Name] == nil {
			continue
		}
		p := a.protectable(d, wants[at], c)
		p.Priority = -i // what its owner names first keeps its power longest
		in.Devices = append(in.Devices, p)
	}
	state, lowered := protect.Step(a.shield.state, in)
	a.shield.state = state
	trouble := state.Trouble()
	a.edges.Warn("connection", trouble.Text != "" && trouble.Rule != protect.Silent, "house connection is not within its limits", "reason", string(trouble.Rule))
	a.edges.Warn("connection meter", trouble.Rule == protect.Silent, "house connection is not measured: chargers pause, batteries follow their own control", "device", a.grid)
	out := make(map[string]protect.Lowered, len(lowered))
	for _, l := range lowered {
		out[l.Device] = l
	}
	return out
}

// protectable is a device as the connection meets it.
func (a *Agent) protectable(d config.Device, w decide.Want, c *cycleView) protect.Device {
	g, o := a.guards[d.Name], c.in.Observed[d.Name]
	r := g.Rules()
	p := protect.Device{Name: d.Name, Want: w.Setpoint, Power: o.Power, Floor: r.Floor, Step: r.Step, Max: r.Max}
	// The guard's own core says what it would let through.
	_, stop := r.Decide(g.State(), guard.Input{Now: c.in.Now, Want: energy.Setpoint{Mode: energy.Off}, Obs: o})
	isFree := stop.Outcome == guard.Applied || stop.Outcome == guard.Kept
	p.MayStop = isFree && stop.Rule != guard.MaxPauses
	p.MayChange = isFree || stop.Outcome == guard.Held && stop.Rule != guard.Override
	planned := a.planned(d.Name, c.in.Now)
	if isPlanned := planned != nil && w.Setpoint.Mode == energy.AtPower; isPlanned && *planned > 0 && w.Setpoint.Power == *planned {
		p.Planned = *planned
	}
	switch d.Kind {
	case config.Battery:
		p.Kind = protect.Battery
		soc, ok := o.SoC.Fresh(c.in.Now, d.Oldest())
		p.MayAbsorb = ok && soc < d.Battery.Max
	case config.Vehicle:
		p.Kind, p.Phases = protect.Vehicle, phasesOf(d, o)
		isPlugged, ok := o.Plugged.Fresh(c.in.Now, d.Oldest())
		p.MayAbsorb = planned != nil
		p.MayChange = p.MayChange && (isPlugged || !ok)
	case config.Load:
		p.Kind = protect.Load
	default:
		p.Kind = protect.Appliance
	}
	return p
}

// phasesOf is on how many phases a charger charges, as far as is known.
func phasesOf(d config.Device, o devices.Observation) int {
	if o.PhaseCount.Valid {
		return o.PhaseCount.Value
	}
	n, err := strconv.Atoi(d.Params["phases"])
	if err != nil || n < 1 || n > 3 {
		return 0
	}
	return n
}

// limits are those of the house connection at a time.
func (a *Agent) limits(orders []decide.Order, now time.Time) []protect.Limit {
	out := []protect.Limit{
		{Rule: protect.Fuse, Power: a.cfg.Home.MaxImport},
		{Rule: protect.Export, Power: a.cfg.Home.MaxExport},
	}
	for _, o := range orders {
		if o.Device != "" || !o.Contains(now) {
			continue
		}
		switch o.Kind {
		case decide.ImportLimit, decide.Setpoint:
			out = append(out, protect.Limit{Rule: protect.Operator, Power: o.Power})
		case decide.ExportLimit:
			out = append(out, protect.Limit{Rule: protect.Export, Power: o.Power})
		case decide.Emergency:
			out = append(out, protect.Limit{Rule: protect.Emergency, Power: least})
		}
	}
	return out
}

// overloaded says what the connection cannot be spared; nil: nothing.
func (a *Agent) overloaded() error {
	text := strings.TrimSuffix(a.shield.state.Trouble().Text, ".")
	if text == "" {
		return nil
	}
	return errors.New(strings.ToLower(text[:1]) + text[1:])
}
