package line

import (
	"fmt"
	"slices"
	"time"

	"hearth/internal/pace"
	"hearth/openadr"
	"hearth/openadr/push"
)

// lookAgain is how often our place at a server is looked after: somebody there may have cleared it away.
const lookAgain = 6 * time.Hour

// maxTopics bounds the programs of which news are asked for one by one; of more we hear by polling.
const maxTopics = 20

// openPush builds the ways by which a server tells us to look.
func (l *Line) openPush(c *openadr.Client) (err error) {
	l.bell = push.NewBell(l.VEN.Hint)
	parts := push.Parts{Client: c.Patient(), Store: l.parts.Store, Clock: l.parts.Clock, Bell: l.bell, Log: l.parts.Log.With("ven", l.cfg.Name)}
	if l.cfg.MQTT != "off" && l.cfg.Version == "3.1" {
		parts.Pace = l.pace()
		l.broker, err = push.NewBroker(push.BrokerConfig{
			AllowPlain: l.cfg.MQTT == "plain", CAFile: l.cfg.CAFile, VENID: l.venID, Programs: l.programs,
		}, parts)
		if err != nil {
			return fmt.Errorf("mqtt: %w", err)
		}
	}
	if w := l.cfg.Webhook; w != nil {
		parts.Pace = pace.New(time.Hour, nil)
		cfg := push.WebhookConfig{
			Name: l.cfg.Name, Listen: w.Listen, CertFile: w.CertFile, KeyFile: w.KeyFile, CallbackURL: w.URL,
			AllowHTTP: l.cfg.IsInsecure, ClientName: l.cfg.VEN,
		}
		if isOld(l.cfg.Version) {
			cfg.Programs = l.programs
		}
		if l.webhook, err = push.NewWebhook(cfg, parts); err != nil {
			return fmt.Errorf("webhook: %w", err)
		}
	}
	return nil
}

// venID is our id at the server; empty while it is not known.
func (l *Line) venID() string {
	if l.place == nil {
		return ""
	}
	place, _ := l.place.Place()
	return place.VENID
}

// programs are the ids of those that are followed.
func (l *Line) programs() []string {
	var ids []string
	for _, p := range l.VEN.Signals(l.parts.Clock.Now()).Programs {
		if len(ids) < maxTopics {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// changed is called by a poll that brought something new. Other programs have other topics and subscriptions.
func (l *Line) changed() {
	if now := l.programs(); !slices.Equal(now, l.followed) {
		l.followed = now
		l.recheck()
	}
	l.parts.Changed()
}

// recheck has the ways of being told look at the server anew.
func (l *Line) recheck() {
	if l.broker != nil {
		l.broker.Recheck()
	}
	if l.webhook != nil {
		l.webhook.Recheck()
	}
}
