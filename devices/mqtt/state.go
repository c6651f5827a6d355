package mqtt

import (
	"fmt"

	"hearth/energy"
)

// take is called by the link for each message; it must not wait. A retained command is noted here, not in
// the worker, so that it is known before the next command is sent.
func (d *device) take(m message) {
	if d.commands[m.topic] {
		if m.retained && len(m.payload) > 0 {
			d.fail(fmt.Errorf("retained command %.40q on %s: the device would obey it at its next start; clear it and restart", m.payload, m.topic))
		}
		if d.points[m.topic] == nil && d.checks[m.topic] == nil {
			return
		}
	}
	if d.inbox.put(m) {
		d.link.counts.dropped.Add(1)
	}
}

// linked is called by the link when the subscription stands.
func (d *device) linked() {
	d.mu.Lock()
	d.isLinked = true
	d.mu.Unlock()
	d.wake()
}

// unlinked is called by the link when the connection is lost: nobody knows then whether the device is
// online and how it is set, a retained command will be reported anew, and what was said is not said again.
func (d *device) unlinked() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.isLinked, d.fault, d.unleased = false, nil, nil
	d.held, d.timed = hold{}, hold{}
	d.forgetSettings()
	for i, p := range d.values.points {
		if p.Name == "online" {
			d.values.said[i].Valid = false
		}
	}
}

// fail stops commands until the link is made anew, and says so once: for a retained command, or when the
// broker does not let us listen.
func (d *device) fail(err error) {
	d.mu.Lock()
	isNews := d.fault == nil || d.fault.Error() != err.Error()
	d.fault = err
	d.mu.Unlock()
	if isNews {
		d.log.Error("device takes no commands", "err", err)
	}
}

func (d *device) wake() {
	select {
	case d.nudge <- struct{}{}:
	default:
	}
}

// newest is the reading of a point, by its age.
func (d *device) newest(name string) energy.Reading[float64] {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.values.newest(name, d.link.clock.Now())
}
