// Package homeassistant reads what an entity of Home Assistant knows, over its REST API and with a long-lived token: a
// list in one of its attributes, as integrations of exchanges and forecasts keep them, or its bare state, for now.
//
// # Caveats
//
// A state that is unknown or unavailable is no value. A bare state holds a little longer than until the next question,
// and no further: nobody said more. The unit is the entity's own where none is configured, and the currency has to be
// the home's. What another integration made of a publisher's numbers cannot be seen from here.
package homeassistant

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/reading"
	"hearth/feeds/wire"
)

// Source is one entity.
type Source struct {
	cfg     Config
	base    *url.URL
	kind    feeds.Kind
	status  energy.Status
	list    reading.List
	inLists []reading.Path // of the attributes; empty: the state is read
	about   feeds.About
	client  *wire.Client
}

// About says what the configuration says; of a bare state nothing is known ahead.
func (s *Source) About() feeds.About { return s.about }

// Fetch asks for the entity as it is now; there is nothing else.
func (s *Source) Fetch(ctx context.Context, span energy.Interval) (feeds.Values, error) {
	answer, err := s.client.Do(ctx, wire.Request{
		URL: s.base.JoinPath("api", "states", s.cfg.Entity), Headers: http.Header{"Authorization": {"Bearer " + s.cfg.Token}},
	})
	if err != nil {
		return feeds.Values{}, err
	}
	v, err := s.read(answer.Body, s.client.Time())
	if err != nil {
		return feeds.Values{}, err
	}
	return v.OrNotYet(span)
}

// holds is how long a bare state is taken for true: a quarter longer than until the next question, which may be a tenth
// late so that not all homes ask at once.
func (s *Source) holds() time.Duration { return s.about.Publishes.Every * 5 / 4 }
