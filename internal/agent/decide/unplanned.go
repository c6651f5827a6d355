package decide

import (
	"time"

	"hearth/energy"
)

// noPrice ends a reason where an operator's word is obeyed without a plan.
const noPrice = " No price is known to plan by."

// unplanned are the orders that hold now, can be obeyed without prices, and were not known when the running plan was made:
// all such where there is none. Between a word and its plan, which is made at once, the input must not have it yet: what is
// paused for a second wears a charger.
func unplanned(in Input, plan *Plan) (out []Order) {
	for _, o := range in.Orders {
		switch o.Kind {
		case ImportLimit, Setpoint, High, Emergency:
			if o.Contains(in.Now) && !plan.isFor(o, in.Now) {
				out = append(out, o)
			}
		}
	}
	return out
}

// isFor says that the plan covers now and was made for an order. Ends are not compared: of what lasts without end they
// move on with the clock.
func (p *Plan) isFor(o Order, now time.Time) bool {
	if _, ok := p.Slot(now); !ok {
		return false
	}
	for _, known := range p.Orders {
		i := known.Overlap(o.Interval)
		known.Interval = o.Interval
		if known == o && !i.IsEmpty() {
			return true
		}
	}
	return false
}

// obeyUnplanned makes of a want what operators ask though nothing could be planned for it. Where one presses, nothing is
// begun: without a plan nobody knows what fits. Setpoints of a device hold as limits only, for the same reason.
func (p *Planner) obeyUnplanned(d Device, w *Want, in Input, orders []Order) {
	was := w.Reason
	if d.Vehicle != nil {
		if isPlugged, ok := in.Observed[d.Name].Plugged.Fresh(in.Now, d.MaxAge); ok && !isPlugged {
			*w = Want{Device: d.Name, Reason: Reason{"unplugged", "No car is plugged in."}}
			return
		}
	}
	if o, ok := p.pressing(orders, in.Now); ok {
		p.pause(d, w, in, o)
	}
	for _, k := range []Kind{Setpoint, ImportLimit} {
		if o, ok := tightest(orders, k, d.Name, in.Now); ok {
			p.bound(d, w, in, bound{o, min(0, w.Setpoint.Power)})
		}
	}
	if w.Reason != was {
		w.Reason.Text += noPrice
	}
}

// pause keeps a device from taking anything from the grid that it does not take already. A battery serves the house by
// its own control, which charges from the sun only. What gives already goes on.
func (p *Planner) pause(d Device, w *Want, in Input, o Order) {
	switch {
	case d.Battery != nil && w.Setpoint.Mode == energy.AtPower && w.Setpoint.Power < 0:
	case d.Battery != nil:
		w.Setpoint = energy.Setpoint{}
		w.Reason = Reason{o.code(), "Serves the house by itself: " + p.asks(o, in.Now) + "."}
	case d.Vehicle != nil:
		w.Setpoint, w.Reason = energy.Setpoint{Mode: energy.AtPower}, p.held(o, in.Now)
	case d.Load != nil:
		w.Setpoint, w.Reason = energy.Setpoint{Mode: energy.Off}, p.held(o, in.Now)
	default:
		if task := in.Memory[d.Name]; task.Began.IsZero() && !task.IsDone && p.window(d.Daily, in.Now).Contains(in.Now) {
			w.Setpoint, w.Reason = energy.Setpoint{Mode: energy.Off}, p.held(o, in.Now)
		}
	}
}

// unplannedEffect is what becomes of an order that nothing could be planned for.
func (p *Planner) unplannedEffect(o Order) string {
	limit, isLimit := o.limits()
	switch {
	case o.Device != "" && o.Kind == ImportLimit:
		return "Followed while it holds, within what the device can do."
	case o.Device != "" && o.Kind == Setpoint:
		return "No price is known to plan by: the device takes no more than that while it holds."
	case isLimit && limit >= p.home.MaxImport:
		return "The home's own limit is no higher."
	case isLimit, o.Kind == High, o.Kind == Emergency:
		return "No price is known to plan by: while it holds, cars are not charged and nothing new is begun."
	}
	return "Not followed: no price is known to plan by."
}
