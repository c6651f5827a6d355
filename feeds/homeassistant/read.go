package homeassistant

import (
	"encoding/json"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/reading"
)

type document struct {
	Entity     string          `json:"entity_id"`
	State      *string         `json:"state"`
	Attributes json.RawMessage `json:"attributes"`
	Updated    time.Time       `json:"last_updated"`
}

// Words that Home Assistant says for a state that is none.
const (
	unknown     = "unknown"
	unavailable = "unavailable"
)

// most is how far its clock may be ahead of ours: beyond it one of both is wrong, and now is not now.
const most = 2 * time.Minute

func (s *Source) read(body []byte, now time.Time) (feeds.Values, error) {
	var doc document
	if err := json.Unmarshal(body, &doc); err != nil {
		return feeds.Values{}, feeds.Fail(feeds.Temporary, "%s: %w", s.cfg.Entity, err)
	}
	switch {
	case doc.Entity != s.cfg.Entity || doc.State == nil:
		return feeds.Values{}, feeds.Fail(feeds.Temporary, "%s: the answer is of %q", s.cfg.Entity, feeds.OneLine(doc.Entity))
	case *doc.State == unavailable:
		return feeds.Values{}, feeds.Fail(feeds.Temporary, "%s: is unavailable", s.cfg.Entity)
	}
	slots, remarks, err := s.slots(doc, now)
	if err != nil {
		return feeds.Values{}, err
	}
	unit, err := s.unit(doc.Attributes)
	if err != nil {
		return feeds.Values{}, err
	}
	m := reading.Meaning{Kind: s.kind, Unit: unit, Currency: s.about.Currency}
	v, err := m.Values(slots, &energy.Origin{Source: "homeassistant", Fetched: now, Status: s.status})
	if err == nil {
		v.Remarks = remarks
	}
	return v, err
}

// slots are those of the lists, one after the other, or that of the state.
func (s *Source) slots(doc document, now time.Time) ([]reading.Slot, []string, error) {
	if len(s.inLists) > 0 {
		items, err := s.items(doc)
		if err != nil {
			return nil, nil, err
		}
		return s.list.Slots(items)
	}
	switch {
	case *doc.State == unknown || *doc.State == "":
		return nil, nil, feeds.Fail(feeds.NotYet, "%s: is unknown", s.cfg.Entity)
	case doc.Updated.After(now.Add(most)):
		return nil, nil, feeds.Fail(feeds.Temporary, "%s: was updated at %s, and it is %s here: one clock is wrong", s.cfg.Entity, doc.Updated.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	}
	return []reading.Slot{{Interval: energy.Span(now.UTC(), s.holds()), Number: json.Number(*doc.State)}}, nil, nil
}

// items are those of all attributes. One that is null or empty is not out yet, as tomorrow's in the morning.
func (s *Source) items(doc document) (all []json.RawMessage, err error) {
	found := false
	for _, path := range s.inLists {
		raw := path.One(doc.Attributes)
		var list []json.RawMessage
		if len(raw) > 0 && json.Unmarshal(raw, &list) != nil {
			return nil, feeds.Fail(feeds.Misconfigured, "attribute %q: is no list", path)
		}
		found = found || raw != nil
		all = append(all, list...)
	}
	switch {
	case !found && *doc.State == unknown:
		return nil, feeds.Fail(feeds.NotYet, "%s: is unknown", s.cfg.Entity)
	case !found:
		return nil, feeds.Fail(feeds.Misconfigured, "attribute %q: the entity has none of that name", s.cfg.Attribute)
	}
	return all, nil
}

// unit is the configured one, or the entity's own; where both are there they may not be of two currencies.
func (s *Source) unit(attributes json.RawMessage) (reading.Unit, error) {
	var said struct {
		Unit     any `json:"unit_of_measurement"`
		Currency any `json:"currency"`
	}
	_ = json.Unmarshal(attributes, &said) // what is not there says nothing
	own, _ := said.Unit.(string)
	money, _ := said.Currency.(string)
	for _, text := range []string{own, money} {
		if reading.IsPrice(s.kind) && reading.Contradicts(text, s.about.Currency) {
			return reading.Unit{}, feeds.Fail(feeds.Misconfigured, "%s: is in %q, not in %s", s.cfg.Entity, feeds.OneLine(text), s.about.Currency)
		}
	}
	if s.cfg.Unit != "" {
		own = s.cfg.Unit
	}
	if own == "" {
		return reading.Unit{}, feeds.Fail(feeds.Misconfigured, "unit: is missing, and %s does not say it", s.cfg.Entity)
	}
	unit, err := reading.ParseUnit(own, s.kind, s.about.Currency)
	if err != nil {
		return reading.Unit{}, feeds.Fail(feeds.Misconfigured, "unit of %s: %w", s.cfg.Entity, err)
	}
	return unit, nil
}
