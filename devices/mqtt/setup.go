package mqtt

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"hearth/devices/profiles"
)

// settleTimeout bounds how long a command waits for the device to say how it is set.
const settleTimeout = 2 * time.Second

// settled is what the device said of one setting in this session.
type settled struct {
	isKnown, holds bool
	said           string
}

// forgetSettings is for a new session. The caller holds mu, or is alone.
func (d *device) forgetSettings() {
	d.settings = make([]settled, len(d.profile.SetupCheck))
	select {
	case <-d.settling:
		d.settling = make(chan struct{})
	default:
	}
	if len(d.settings) == 0 {
		close(d.settling)
	}
}

// readSettings takes settings out of a message.
func (d *device) readSettings(m message) {
	if m.retained {
		return
	}
	for _, i := range d.checks[m.topic] {
		s := d.profile.SetupCheck[i]
		if _, ok := d.isAnswer(s.Answers, m.payload); !ok {
			continue
		}
		text, found := string(m.payload), profiles.Scalar
		if s.Path != "" {
			text, found, _ = profiles.Lookup(m.payload, s.Path)
		}
		if found == profiles.Scalar {
			d.settle(i, strings.TrimSpace(text))
		}
	}
}

func (d *device) settle(i int, text string) {
	holds := slices.Contains(d.profile.SetupCheck[i].Equals, text)
	d.mu.Lock()
	before := d.settings[i]
	d.settings[i] = settled{true, holds, text}
	isAll := !slices.ContainsFunc(d.settings, func(s settled) bool { return !s.isKnown })
	if isAll {
		select {
		case <-d.settling:
		default:
			close(d.settling)
		}
	}
	d.mu.Unlock()
	if !holds && (!before.isKnown || before.said != text) {
		d.log.Error("device is not set up", "err", d.unset(i, text))
	}
}

func (d *device) unset(i int, text string) error {
	s := d.profile.SetupCheck[i]
	return fmt.Errorf("%s is %.40q, want %s: %s", strings.TrimSpace(s.Topic+" "+s.Path), text, strings.Join(s.Equals, " or "), s.About)
}

// mayBegin says why nothing may be begun now: what has to hold does not, or is not known.
func (d *device) mayBegin() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, s := range d.settings {
		switch {
		case !s.isKnown:
			return fmt.Errorf("%s is not known yet: %s", strings.TrimSpace(d.profile.SetupCheck[i].Topic+" "+d.profile.SetupCheck[i].Path), d.profile.SetupCheck[i].About)
		case !s.holds:
			return d.unset(i, s.said)
		}
	}
	return d.unleased
}

// awaitSettings asks for what is not known and gives the device a moment to say it.
func (d *device) awaitSettings(ctx context.Context) {
	d.mu.Lock()
	settling, isLinked := d.settling, d.isLinked
	d.mu.Unlock()
	select {
	case <-settling:
		return
	default:
	}
	if !isLinked {
		return
	}
	d.askSettings(ctx)
	timer := time.NewTimer(settleTimeout)
	defer timer.Stop()
	select {
	case <-settling:
	case <-ctx.Done():
	case <-timer.C:
	}
}

// askSettings queries the settings that are not known, or do not hold: they may have been put right.
func (d *device) askSettings(ctx context.Context) {
	var queries []profiles.Message
	d.mu.Lock()
	for i, s := range d.profile.SetupCheck {
		if s.Query != nil && !d.settings[i].holds && !slices.Contains(queries, *s.Query) {
			queries = append(queries, *s.Query)
		}
	}
	d.mu.Unlock()
	_ = d.link.query(ctx, d.numbered(queries)) // unanswered, nothing is begun
}
