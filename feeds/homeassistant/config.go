package homeassistant

import (
	"cmp"
	"regexp"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/reading"
	"hearth/feeds/wire"
)

// Config is what the keys of the configuration say, as they are written.
type Config struct {
	URL, Token, Entity      string
	Attribute               string // names with commas between them; empty: the state is read
	Start, End, Value       string // fields of an item; empty: of these names
	Kind, Unit, Status      string
	Stamps, Zone, Step      string
	Published, Every, Ahead string
	Home                    feeds.Home
}

var (
	isEntity = regexp.MustCompile(`^[a-z0-9_]{1,60}\.[a-z0-9_]{1,200}$`)
	isToken  = regexp.MustCompile(`^[!-~]{8,1000}$`)
)

// New checks the configuration; it asks nothing. The client has to keep the token as a secret. Every error is of kind
// [feeds.Misconfigured].
func New(cfg Config, client *wire.Client) (*Source, error) {
	s := &Source{cfg: cfg, client: client}
	for _, part := range []func() error{s.setEntity, s.setTimes, s.setLists} {
		if err := part(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *Source) setEntity() (err error) {
	zone := s.cfg.Zone
	if zone == "" && s.cfg.Home.Zone != nil {
		zone = s.cfg.Home.Zone.String()
	}
	s.about.Currency = s.cfg.Home.Currency
	if s.base, s.about.Zone, err = feeds.Place(s.cfg.URL, "", zone); err != nil {
		return err
	}
	switch {
	case !isToken.MatchString(s.cfg.Token):
		return feeds.Fail(feeds.Misconfigured, "token: must be a long-lived access token, without blanks")
	case !isEntity.MatchString(s.cfg.Entity):
		return feeds.Fail(feeds.Misconfigured, "entity %q: must be such as sensor.electricity_price", s.cfg.Entity)
	}
	if s.kind, err = reading.ParseKind(s.cfg.Kind); err != nil {
		return err
	}
	s.about.Kinds = []feeds.Kind{s.kind}
	if s.status, err = reading.ParseStatus(s.cfg.Status, s.kind); err != nil || s.cfg.Unit == "" {
		return err
	}
	if _, err = reading.ParseUnit(s.cfg.Unit, s.kind, s.about.Currency); err != nil {
		return feeds.Fail(feeds.Misconfigured, "unit %w", err)
	}
	return nil
}

func (s *Source) setTimes() (err error) {
	if s.list.Stamps, err = reading.ParseStamps(s.cfg.Stamps, s.about.Zone); err != nil {
		return err
	}
	if s.list.Step, err = reading.ParseDuration("step", s.cfg.Step, 0); err != nil {
		return err
	}
	usual := 5 * time.Minute
	if s.about.Publishes.At, err = reading.ParseClock("published", s.cfg.Published); err != nil {
		return err
	}
	if s.about.Publishes.Every, err = reading.ParseDuration("every", s.cfg.Every, usual); err != nil {
		return err
	}
	s.about.Rest = min(time.Minute, s.about.Publishes.Every)
	s.about.Ahead, err = reading.ParseDuration("ahead", s.cfg.Ahead, 36*time.Hour)
	return err
}

func (s *Source) setLists() (err error) {
	if s.cfg.Attribute == "" {
		if s.cfg.Published != "" {
			return feeds.Fail(feeds.Misconfigured, "published: belongs to an attribute, a state is of now")
		}
		s.about.Ahead = 0
		if s.cfg.Status == "" { // what is now is no forecast
			s.status = energy.Final
		}
		return nil
	}
	for name := range strings.SplitSeq(s.cfg.Attribute, ",") {
		path, err := reading.ParsePath("attribute", strings.TrimSpace(name))
		if err != nil || path.IsMany() {
			return feeds.Fail(feeds.Misconfigured, "attribute %q: must be a name such as forecast, or more of them as raw_today, raw_tomorrow", s.cfg.Attribute)
		}
		s.inLists = append(s.inLists, path)
	}
	for _, f := range []struct {
		key, text string
		into      *reading.Path
	}{
		{"start", cmp.Or(s.cfg.Start, "start"), &s.list.Start}, {"end", cmp.Or(s.cfg.End, "end"), &s.list.End}, {"value", cmp.Or(s.cfg.Value, "value"), &s.list.Value},
	} {
		if *f.into, err = reading.ParsePath(f.key, f.text); err != nil {
			return err
		}
		if f.into.IsMany() {
			return feeds.Fail(feeds.Misconfigured, "%s %q: must be one field of an item", f.key, f.text)
		}
	}
	return nil
}
