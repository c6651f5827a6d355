package webjson

import (
	"net/http"
	"regexp"
	"time"

	"hearth/feeds"
	"hearth/feeds/reading"
	"hearth/feeds/wire"
)

// Config is what the keys of the configuration say, as they are written.
type Config struct {
	URL, Header, Secret        string
	Items, Start, End, Value   string
	Kind, Unit, UnitAt, Status string
	Stamps, Zone, Step         string
	Published, Every, Ahead    string
	Home                       feeds.Home
}

var isHeader = regexp.MustCompile(`^[A-Za-z0-9-]{1,60}$`)

// New checks the configuration; it asks nothing. Every error is of kind [feeds.Misconfigured].
func New(cfg Config, client *wire.Client) (*Source, error) {
	s := &Source{client: client}
	for _, part := range []func(Config) error{s.setAddress, s.setTimes, s.setList, s.setMeaning} {
		if err := part(cfg); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *Source) setAddress(cfg Config) (err error) {
	switch s.url, err = parseTemplate(cfg.URL); {
	case err != nil:
		return err
	case (cfg.Header == "") != (cfg.Secret == ""):
		return feeds.Fail(feeds.Misconfigured, "header: belongs to a secret, and a secret to a header")
	case cfg.Header != "" && !isHeader.MatchString(cfg.Header):
		return feeds.Fail(feeds.Misconfigured, "header %q: must be a name such as X-Api-Key", cfg.Header)
	case cfg.Header != "":
		s.header = http.Header{http.CanonicalHeaderKey(cfg.Header): {cfg.Secret}}
	}
	return nil
}

func (s *Source) setTimes(cfg Config) (err error) {
	s.about.Zone = cfg.Home.Zone
	if cfg.Zone != "" {
		if s.about.Zone, err = time.LoadLocation(cfg.Zone); err != nil {
			return feeds.Fail(feeds.Misconfigured, "zone %q: must be a time zone such as Europe/Berlin", cfg.Zone)
		}
	}
	if s.about.Zone == nil {
		return feeds.Fail(feeds.Misconfigured, "zone: is missing")
	}
	if s.list.Stamps, err = reading.ParseStamps(cfg.Stamps, s.about.Zone); err != nil {
		return err
	}
	if s.list.Step, err = reading.ParseDuration("step", cfg.Step, 0); err != nil {
		return err
	}
	if s.about.Publishes.At, err = reading.ParseClock("published", cfg.Published); err != nil {
		return err
	}
	usual := time.Hour
	if s.about.Publishes.At > 0 {
		usual = 15 * time.Minute
	}
	if s.about.Publishes.Every, err = reading.ParseDuration("every", cfg.Every, usual); err != nil {
		return err
	}
	s.about.Rest = min(5*time.Minute, s.about.Publishes.Every)
	s.about.Ahead, err = reading.ParseDuration("ahead", cfg.Ahead, 36*time.Hour)
	return err
}

func (s *Source) setList(cfg Config) error {
	for _, p := range []struct {
		key, text string
		into      *reading.Path
		isMany    bool // it leads to the items
		isNeeded  bool
	}{
		{"items", cfg.Items, &s.items, true, true}, {"start", cfg.Start, &s.list.Start, false, true}, {"end", cfg.End, &s.list.End, false, false},
		{"value", cfg.Value, &s.list.Value, false, true}, {"unit_at", cfg.UnitAt, &s.unitAt, false, false},
	} {
		if p.text == "" && !p.isNeeded {
			continue
		}
		path, err := reading.ParsePath(p.key, p.text)
		switch {
		case err != nil:
			return err
		case p.isMany && path[len(path)-1] != "[]":
			return feeds.Fail(feeds.Misconfigured, "%s %q: must end with [], since the items are many", p.key, p.text)
		case !p.isMany && p.key != "unit_at" && path.IsMany():
			return feeds.Fail(feeds.Misconfigured, "%s %q: must be one field of an item", p.key, p.text)
		}
		*p.into = path
	}
	return nil
}

func (s *Source) setMeaning(cfg Config) (err error) {
	kind, err := reading.ParseKind(cfg.Kind)
	if err != nil {
		return err
	}
	unit, err := reading.ParseUnit(cfg.Unit, kind, cfg.Home.Currency)
	if err != nil {
		return feeds.Fail(feeds.Misconfigured, "unit %w", err)
	}
	if s.status, err = reading.ParseStatus(cfg.Status, kind); err != nil {
		return err
	}
	s.about.Kinds, s.about.Currency = []feeds.Kind{kind}, cfg.Home.Currency
	s.meaning = reading.Meaning{Kind: kind, Unit: unit, Currency: cfg.Home.Currency}
	return nil
}
