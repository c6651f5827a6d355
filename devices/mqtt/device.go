package mqtt

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"hearth/devices"
	"hearth/devices/profiles"
)

// defaultMaxAge is for points whose profile names none: Tasmota's own period of telemetry.
const defaultMaxAge = 5 * time.Minute

// device is one thing behind a broker, playing the roles its profile has points and actions for.
type device struct {
	name     string
	link     *Link
	log      *slog.Logger
	profile  *profiles.Profile
	caps     devices.Capabilities
	scales   scales
	points   map[string][]int // by topic, their places in the profile
	checks   map[string][]int // by topic, places of settings
	commands map[string]bool  // topics by which the device is switched
	topics   []string         // all, each once
	reply    string           // topic above which answers to our requests come
	inbox    *inbox
	nudge    chan struct{} // holds a token when the worker should set up and query
	sending  chan struct{} // holds a token: whoever has it may send commands

	done    chan struct{}
	close   sync.Once
	running sync.Mutex // held by Run

	mu       sync.Mutex
	values   values
	requests requests
	settings []settled
	held     hold          // what the heartbeat of a lease repeats
	timed    hold          // the command whose timer has to show
	settling chan struct{} // closed when every setting is known
	isLinked bool          // subscribed in this session
	fault    error         // why it takes no commands though the link is open
	unleased error         // why it may not begin anything: its timer does not show
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
		name: name, link: link, log: link.log.With("device", name), profile: filled,
		points: map[string][]int{}, checks: map[string][]int{}, commands: map[string]bool{},
		reply: link.to.Base + "/reply/" + link.nextEcho(),
		inbox: newInbox(), nudge: make(chan struct{}, 1), sending: make(chan struct{}, 1), done: make(chan struct{}),
		requests: newRequests(link.clock.Now()), settling: make(chan struct{}),
	}
	if err := d.scale(p, c.Params); err != nil {
		return nil, fmt.Errorf("mqtt device %s: %w", name, err)
	}
	d.sending <- struct{}{}
	d.route()
	d.values = newValues(filled.Points, c.MaxAge)
	d.forgetSettings()
	if len(d.topics) > inboxSize/2 {
		return nil, fmt.Errorf("mqtt device %s: profile %s has %d topics, more than %d", name, p.ID, len(d.topics), inboxSize/2)
	}
	return d.roles(), nil
}

func (d *device) scale(p *profiles.Profile, given map[string]string) error {
	params, err := p.Values(given)
	if err != nil {
		return err
	}
	if d.scales, err = newScales(params); err != nil {
		return err
	}
	d.caps, err = capabilities(d.profile, params, d.scales)
	return err
}

// route notes which topic is whose. The profile is the device's own copy.
func (d *device) route() {
	for i := range d.profile.Points {
		p := &d.profile.Points[i]
		if p.Topic = strings.ReplaceAll(p.Topic, "{reply}", d.reply); p.Topic != "" {
			d.points[p.Topic] = append(d.points[p.Topic], i)
			d.topics = append(d.topics, p.Topic)
		}
	}
	for i := range d.profile.SetupCheck {
		s := &d.profile.SetupCheck[i]
		s.Topic = strings.ReplaceAll(s.Topic, "{reply}", d.reply)
		d.checks[s.Topic] = append(d.checks[s.Topic], i)
		d.topics = append(d.topics, s.Topic)
	}
	for _, a := range d.profile.Actions {
		for _, m := range a.Publish {
			d.commands[m.Topic] = true
			d.topics = append(d.topics, m.Topic)
		}
	}
	slices.Sort(d.topics)
	d.topics = slices.Compact(d.topics)
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
	if can("phases_1") {
		out.PhaseSwitch = d
	}
	if has("current_l1") || has("current_l2") || has("current_l3") {
		out.Phases = d
	}
	if can("mode_normal") {
		out.Thermal = thermal{d}
	}
	if can("curtail") {
		out.Curtailer = d
	}
	return out
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
