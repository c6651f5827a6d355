package mqtt

import (
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"hearth/devices"
	"hearth/devices/profiles"
	"hearth/energy"
)

// defaultMaxAge is for points whose profile names none: Tasmota's own period of telemetry.
const defaultMaxAge = 5 * time.Minute

// device is one thing behind a broker, playing the roles its profile has points and actions for.
type device struct {
	name     string
	link     *Link
	oldest   time.Duration // of a reading; zero: as the profile says
	log      *slog.Logger
	profile  *profiles.Profile
	caps     devices.Capabilities
	points   map[string][]profiles.Point // by topic
	commands map[string]bool             // topics by which the device is switched
	topics   []string                    // both, each once
	inbox    *inbox
	nudge    chan struct{} // holds a token when the worker should set up and query
	sending  chan struct{} // holds a token: whoever has it may send commands

	done    chan struct{}
	close   sync.Once
	running sync.Mutex // held by Run

	mu       sync.Mutex
	values   map[string]energy.Reading[float64] // by name of the point, in our units and sign
	isLinked bool                               // subscribed in this session
	fault    error                              // why it takes no commands though the link is open
}

// Config says which device to make of a profile.
type Config struct {
	Name    string
	Profile *profiles.Profile // not kept
	Params  map[string]string // of the profile
	Link    *Link             // shared with all devices of the broker; New does not close it
	MaxAge  time.Duration     // older readings are not valid; zero: as the profile says, point by point
}

// New builds a device from a profile and the parameters the configuration gives it. It listens while its
// Driver runs.
func New(c Config) (*devices.Device, error) {
	name, p, link := c.Name, c.Profile, c.Link
	if p.Transport != profiles.MQTT {
		return nil, fmt.Errorf("mqtt device %s: profile %s speaks %s", name, p.ID, p.Transport)
	}
	filled, err := p.Fill(c.Params)
	if err != nil {
		return nil, fmt.Errorf("mqtt device %s: %w", name, err)
	}
	d := &device{
		name: name, link: link, oldest: c.MaxAge, log: link.log.With("device", name), profile: filled, caps: capabilities(filled),
		points: map[string][]profiles.Point{}, commands: map[string]bool{},
		inbox: newInbox(), nudge: make(chan struct{}, 1), sending: make(chan struct{}, 1), done: make(chan struct{}),
		values: map[string]energy.Reading[float64]{},
	}
	d.sending <- struct{}{}
	for _, point := range filled.Points {
		d.points[point.Topic] = append(d.points[point.Topic], point)
		d.topics = append(d.topics, point.Topic)
	}
	for _, a := range filled.Actions {
		for _, m := range a.Publish {
			d.commands[m.Topic] = true
			d.topics = append(d.topics, m.Topic)
		}
	}
	slices.Sort(d.topics)
	d.topics = slices.Compact(d.topics)
	if len(d.topics) > inboxSize/2 {
		return nil, fmt.Errorf("mqtt device %s: profile %s has %d topics, more than %d", name, p.ID, len(d.topics), inboxSize/2)
	}
	return d.roles(), nil
}

// roles are those the profile has points and actions for.
func (d *device) roles() *devices.Device {
	has := d.profile.Has
	can := func(action string) bool { _, ok := d.profile.Action(action); return ok }
	out := &devices.Device{Name: d.name, Driver: d, Capabilities: d.caps}
	if has("power") {
		out.Meter = d
	}
	if has("energy_import") || has("energy_export") {
		out.Counter = d
	}
	if can("on") && can("off") {
		out.Switch = d
	}
	if can("set_power") {
		out.Setpoint = d
	}
	if has("soc") {
		out.Battery = d
	}
	if has("plugged") || has("session_energy") {
		out.Charger = d
	}
	if has("online") {
		out.Availability = d
	}
	return out
}

func capabilities(p *profiles.Profile) devices.Capabilities {
	l := p.Limits
	c := devices.Capabilities{
		Min: energy.Watts(l.MinW), Max: energy.Watts(l.MaxW), Floor: energy.Watts(l.FloorW), Step: energy.Watts(l.StepW),
		MinOn: seconds(l.MinOnS), MinOff: seconds(l.MinOffS), MaxSwitches: l.MaxSwitchesDay,
	}
	if p.Confirm != nil {
		c.ReadBack = true
		c.ConfirmWithin, c.Tolerance = seconds(p.Confirm.WithinS), energy.Watts(p.Confirm.Tolerance)
	}
	if p.Lease != nil {
		c.Lease = devices.LeaseKind(p.Lease.Kind)
		c.LeaseMin, c.LeaseMax = seconds(p.Lease.MinS), seconds(p.Lease.MaxS)
	}
	return c
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// take is called by the link for each message; it must not wait. A retained command is noted here, not in
// the worker, so that it is known before the next command is sent.
func (d *device) take(m message) {
	if d.commands[m.topic] {
		if m.retained && len(m.payload) > 0 {
			d.fail(fmt.Errorf("retained command %.40q on %s: the device would obey it at its next start; clear it and restart", m.payload, m.topic))
		}
		return
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
// online, and a retained command will be reported anew.
func (d *device) unlinked() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.isLinked, d.fault = false, nil
	online := d.values["online"]
	online.Valid = false
	d.values["online"] = online
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
