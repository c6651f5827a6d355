package tasmota

import (
	"context"
	"time"
)

// told is what a session has reported.
type told struct {
	isFirst bool
	due     time.Time // of the next report by TelePeriod
	watts   int
}

// report tells every TelePeriod and when something changed, until the connection ends.
func (p *Plug) report(ctx context.Context, lost <-chan struct{}) {
	last := told{isFirst: true}
	for !p.offline() {
		p.tell(&last)
		select {
		case <-lost:
			return
		default:
		}
		if p.opts.Clock.Sleep(ctx, p.opts.Tick) != nil {
			return
		}
	}
}

func (p *Plug) tell(last *told) {
	p.turn.Lock()
	defer p.turn.Unlock()
	r := p.socket.Look()
	if p.wasOn != r.IsOn && !last.isFirst {
		p.announce(r.IsOn) // its timer or its button
	}
	p.wasOn, last.isFirst = r.IsOn, false
	isDue := last.due.Sub(r.At) <= 0 || last.due.Sub(r.At) > p.period // the period was shortened meanwhile
	if isDue {
		p.publish("tele", "STATE", text(p.state(r)), false)
		last.due = r.At.Add(p.period)
	}
	if isDue || p.isNews(last.watts, watts(r)) {
		p.publish("tele", "SENSOR", text(p.sensor(r)), false)
		last.watts = watts(r)
	}
}

// isNews says that PowerDelta asks to tell a change of power.
func (p *Plug) isNews(was, is int) bool {
	change := max(was-is, is-was)
	switch {
	case p.delta == 0:
		return false
	case p.delta > 100:
		return change >= p.delta-100
	}
	return change*100 > p.delta*max(was, is)
}
