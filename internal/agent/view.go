package agent

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"hearth/api"
	"hearth/devices"
	"hearth/devices/guard"
	"hearth/energy"
	"hearth/internal/agent/decide"
	"hearth/internal/agent/listen"
	"hearth/internal/config"
)

// Home is what the page shows of now.
func (a *Agent) Home() api.Home {
	if h := a.home.Load(); h != nil {
		return *h
	}
	return api.Home{Name: a.cfg.Home.Name, Zone: a.cfg.Home.Zone.String(), Currency: string(a.cfg.Home.Currency), Now: a.clock.Now()}
}

// Timeline is what the page shows of today and tomorrow.
func (a *Agent) Timeline() api.Timeline {
	if t := a.timeline.Load(); t != nil {
		return *t
	}
	return api.Timeline{Currency: string(a.cfg.Home.Currency)}
}

// Sources is what the page shows of those who are asked.
func (a *Agent) Sources() []api.Feed { return a.chorus.Feeds() }

// Energy is what the house connection has counted between two times, and what that has cost.
func (a *Agent) Energy(from, to time.Time) (api.Energy, error) { return a.ledger.Energy(from, to) }

// ready answers /readyz: a first good cycle is done, the clock is believed, the store can be written.
func (a *Agent) ready() (bool, string) {
	h := a.home.Load()
	if h == nil {
		return false, "the first cycle is not done yet"
	}
	var reasons []string
	for _, part := range h.Health {
		if !part.OK && (part.Part == clockPart || part.Part == storePart) {
			reasons = append(reasons, part.Part+": "+part.Text)
		}
	}
	return len(reasons) == 0, strings.Join(reasons, "; ")
}

// Parts of the agent, as the page's health line names them.
const (
	clockPart = "clock"
	storePart = "store"
	pricePart = "prices"
	planPart  = "plan"

	connectionPart = "connection"
)

// show makes the page's view of a cycle.
func (a *Agent) show(c *cycleView) {
	h := api.Home{
		Revision: a.revision, Now: c.in.Now, Zone: a.cfg.Home.Zone.String(), Name: a.cfg.Home.Name, Note: a.options.Note,
		Currency: string(a.cfg.Home.Currency),
		Price:    priceNow(c.signals.ImportPrice, c.in.Now), Carbon: numberNow(c.signals.Carbon, c.in.Now),
		Plan: planInfo(a.plan), Health: a.health(c),
		Operator: listen.Announced(c.signals.Orders, c.in.Now, func(o decide.Order) string { return a.planner.Effect(o, a.plan, c.in.Now) }),
	}
	if a.grid != "" {
		h.Today = a.ledger.Today()
		h.Grid = number(c.in.Observed[a.grid].Power, c.in.Now, a.maxAge(a.grid))
	}
	if solar := a.first(config.Solar); solar != "" {
		h.Solar = number(c.in.Observed[solar].Power, c.in.Now, a.maxAge(solar))
	}
	for _, d := range a.cfg.Devices {
		h.Devices = append(h.Devices, a.deviceView(d, c))
	}
	a.home.Store(&h)
}

func (a *Agent) deviceView(d config.Device, c *cycleView) api.Device {
	o := c.in.Observed[d.Name]
	v := api.Device{
		Name: d.Name, Title: d.Title, Kind: string(d.Kind),
		Power: number(o.Power, c.in.Now, d.Oldest()), SoC: number(o.SoC, c.in.Now, d.Oldest()),
		Seen: seen(o), MaxAge: d.Oldest().Seconds(),
	}
	if _, ok := o.On.Fresh(c.in.Now, d.Oldest()); !ok {
		o.On = energy.Reading[bool]{}
	}
	r, isControlled := c.results[d.Name]
	v.State = state(d, o, v.Power, r)
	if !isControlled {
		return v
	}
	v.Why = a.sentence(r)
	if run, ok := a.plan.Run(d.Name, c.in.Now); ok && d.Kind != config.Battery {
		v.NextRun = &api.Span{Start: run.Start, End: run.End}
	}
	return v
}

// state is one word for what a device does.
func state(d config.Device, o devices.Observation, power *float64, r result) string {
	switch {
	case o.Online.Valid && !o.Online.Value:
		return "offline"
	case r.Outcome == guard.Fault:
		return "fault"
	case r.Outcome == guard.Held && r.Rule == guard.Override:
		return "held"
	case power == nil && !o.On.Valid:
		return "unknown"
	}
	taking := power != nil && *power > float64(idlePower)
	giving := power != nil && *power < -float64(idlePower)
	switch d.Kind {
	case config.Battery, config.Vehicle:
		switch {
		case taking:
			return "charging"
		case giving:
			return "discharging"
		}
		return "idle"
	case config.Appliance, config.Load:
		switch {
		case taking || power == nil && o.On.Value && d.Kind == config.Load: // without a meter, on is all that is known
			return "on"
		case r.asked().Mode == energy.Off || o.On.Valid && !o.On.Value:
			return "waiting"
		}
		return "idle"
	}
	switch {
	case d.Kind == config.Grid && taking:
		return "importing"
	case d.Kind == config.Grid && giving:
		return "exporting"
	case d.Kind == config.Solar && giving:
		return "producing"
	case taking || giving:
		return "on"
	}
	return "idle"
}

// idlePower is what standby takes at most.
const idlePower energy.Watts = 15

// sentence is the reason for what a device is told, or the guard's reason why it is not.
func (a *Agent) sentence(r result) string {
	until := ""
	if !r.Until.IsZero() {
		until = " until " + r.Until.In(a.cfg.Home.Zone).Format("15:04")
	}
	switch {
	case r.Outcome == guard.Fault:
		return "Does not do as it is told; left alone" + until + "."
	case r.Rule == guard.Override:
		return "Switched by hand; left as it is" + until + "."
	case r.Outcome == guard.Held && r.Rule == guard.MinOn:
		return r.why().Text + " Runs on" + until + " first."
	case r.Outcome == guard.Held:
		return r.why().Text + " " + held(r.Rule, until)
	case r.Outcome == guard.Refused && r.Rule == guard.Offline:
		return "Cannot be reached."
	case r.Outcome == guard.Refused && r.Rule == guard.Stale:
		return "Has not been heard for a while, so it is not told anything."
	case r.Outcome == guard.Refused && r.Rule == guard.Wear:
		return "Its relay is worn out: it is left in its safe state."
	case r.Outcome == guard.Refused && r.Rule == guard.Contested:
		return "Something else switches it too, so it is left alone" + until + "."
	case r.Outcome == guard.Refused:
		return fmt.Sprintf("Is not told anything now (%s).", r.Rule)
	}
	return r.why().Text
}

// held says why a device has to wait.
func held(rule guard.Rule, until string) string {
	switch rule {
	case guard.MaxSwitches:
		return "Was switched often enough for today; waits" + until + "."
	case guard.MaxStarts:
		return "Was started often enough for today; waits" + until + "."
	case guard.MinHold:
		return "Keeps its mode" + until + " first."
	}
	return "Rests" + until + " first."
}

// health is one line for each part.
func (a *Agent) health(c *cycleView) []api.Health {
	lines := append([]api.Health{a.part(clockPart, c.sanity, "is believed")}, a.chorus.Health(c.in.Now)...)
	for _, l := range a.lines {
		lines = append(lines, l.Health()...)
	}
	lines = append(lines, a.priceHealth(c))
	for _, l := range a.links {
		lines = append(lines, a.part("broker "+l.name, l.err(), "is connected"))
	}
	lines = append(lines, a.part("devices", a.silent(c), "all answer"), a.part(planPart, a.planErr, "is running"))
	if a.shield.every > 0 {
		lines = append(lines, a.part(connectionPart, a.overloaded(), "is within its limits"))
	}
	fine, trouble := "can be written", error(nil)
	if stats := a.store.Stats(); !stats.Writable {
		trouble = errors.New("cannot be written: what is measured stays in memory")
	} else if stats.Quarantined > 0 {
		fine = "can be written; it was damaged and begun anew, and the damaged file lies beside it"
	}
	return append(lines, a.part(storePart, trouble, fine))
}

// silent names the devices that do not answer, or do not do as they are told.
func (a *Agent) silent(c *cycleView) error {
	var deaf, stubborn []string
	for _, d := range a.cfg.Devices {
		o := c.in.Observed[d.Name]
		last := seen(o)
		switch {
		case o.Online.Valid && !o.Online.Value, last == nil, c.in.Now.Sub(*last).Abs() > d.Oldest():
			deaf = append(deaf, d.Title)
		case c.results[d.Name].Outcome == guard.Fault:
			stubborn = append(stubborn, d.Title)
		}
	}
	var faults []string
	if len(deaf) > 0 {
		faults = append(faults, "no answer from "+strings.Join(deaf, ", "))
	}
	if len(stubborn) > 0 {
		faults = append(faults, "not doing as told: "+strings.Join(stubborn, ", "))
	}
	if faults == nil {
		return nil
	}
	return errors.New(strings.Join(faults, "; "))
}

func (a *Agent) part(name string, err error, fine string) api.Health {
	if err != nil {
		return api.Health{Part: name, Text: err.Error()}
	}
	return api.Health{Part: name, OK: true, Text: fine}
}

func (a *Agent) priceHealth(c *cycleView) api.Health {
	h := api.Health{Part: pricePart, OK: true}
	point, ok := pointAt(c.signals.ImportPrice, c.in.Now)
	switch {
	case !ok:
		h.OK, h.Text = false, "no price for now: nothing is driven by price"
	case point.Origin != nil && point.Origin.Source == listen.Fallback:
		h.OK, h.Text = false, "nobody has published a price for now: the fallback tariff holds"
	default:
		last := point.End
		for _, p := range c.signals.ImportPrice.Slice(energy.Interval{Start: point.End, End: c.signals.ImportPrice.Extent().End}).Points {
			if p.Start.After(last) || p.Origin != nil && p.Origin.Source == listen.Fallback {
				break
			}
			last = p.End
		}
		h.Text = "known until " + last.In(a.cfg.Home.Zone).Format("Mon 15:04")
		if last.After(c.in.Now.Add(a.cfg.Planning.Horizon)) {
			h.Text = "known for as far as is planned"
		}
		since := a.chorus.Confirmed(point.Origin, c.in.Now)
		h.Since = &since
	}
	return h
}

func planInfo(p *decide.Plan) api.PlanInfo {
	if p == nil {
		return api.PlanInfo{Status: "none"}
	}
	made, cost := p.Made, p.Objective.Float()
	info := api.PlanInfo{Made: &made, Status: string(p.Status), Objective: &cost}
	if gap, ok := p.Gap(); ok {
		g := gap.Float()
		info.Gap = &g
	}
	return info
}

func number[T ~float64](r energy.Reading[T], now time.Time, maxAge time.Duration) *float64 {
	v, ok := r.Fresh(now, maxAge)
	if !ok {
		return nil
	}
	f := float64(v)
	return &f
}

func numberNow[T ~float64](s energy.Series[T], now time.Time) *float64 {
	v, ok := s.At(now)
	if !ok {
		return nil
	}
	f := float64(v)
	return &f
}

func priceNow(s energy.Series[energy.Price], now time.Time) *float64 {
	v, ok := s.At(now)
	if !ok {
		return nil
	}
	f := v.Float()
	return &f
}

func pointAt[T any](s energy.Series[T], now time.Time) (energy.Point[T], bool) {
	within := s.Slice(energy.Span(now, 1)).Points
	if len(within) == 0 {
		return energy.Point[T]{}, false
	}
	return within[0], true
}

// seen is when the device last said anything.
func seen(o devices.Observation) *time.Time {
	var last time.Time
	for _, at := range []time.Time{o.Power.At, o.On.At, o.SoC.At, o.Imported.At, o.Setpoint.At, o.Plugged.At} {
		if at.After(last) {
			last = at
		}
	}
	if last.IsZero() {
		return nil
	}
	return &last
}
