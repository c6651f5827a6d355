package v20b

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"hearth/openadr"
)

// kept is what the store holds.
type kept struct {
	Version        int             `json:"version"`
	VTN            string          `json:"vtn"` // address, and name there, that the ids are of
	VENName        string          `json:"ven_name"`
	VENID          string          `json:"ven_id"`
	RegistrationID string          `json:"registration_id"`
	VTNID          string          `json:"vtn_id"`
	Every          time.Duration   `json:"every"`
	Contexts       []string        `json:"contexts"`
	Events         map[string]slot `json:"events"`
	Requests       []telemetry     `json:"requests"`
}

const keptVersion = 1

// slot is what is known of an event. One that is withdrawn stays for a day, so that no older version of it comes
// back, and nobody misses the withdrawal.
type slot struct {
	Modification uint32          `json:"modification"` // number of the newest version
	Program      string          `json:"program"`
	Event        json.RawMessage `json:"event,omitempty"`      // the newest that could be read; nil: none that is for us
	Until        time.Time       `json:"until,omitzero"`       // when it is over; zero: never
	Fault        string          `json:"fault,omitempty"`      // why the newest version cannot be read
	Notes        []string        `json:"notes,omitempty"`      // what was left out of it
	IsUseless    bool            `json:"is_useless,omitempty"` // no signal of it means anything to us
	Withdrawn    time.Time       `json:"withdrawn,omitzero"`
	Told         string          `json:"told,omitempty"`    // optIn or optOut, if the VTN was told
	Request      string          `json:"request,omitempty"` // id of the request it was told to
}

func (s *slot) isListed() bool { return s.Event != nil && s.Withdrawn.IsZero() }

func (s *slot) event() (e openadr.Event, err error) {
	err = json.Unmarshal(s.Event, &e)
	return e, err
}

// said is what is wrong with an event that is listed.
func (s *slot) said() (notes []error) {
	if !s.Withdrawn.IsZero() {
		return nil
	}
	if s.Fault != "" {
		notes = append(notes, errors.New(s.Fault))
	}
	for _, n := range s.Notes {
		notes = append(notes, errors.New(n))
	}
	return notes
}

// over is a withdrawn event as one that ended when it was; false if it was over anyway, or never was.
func (s *slot) over() (openadr.Event, bool) {
	if s.Withdrawn.IsZero() || s.Event == nil || !s.Until.IsZero() && !s.Until.After(s.Withdrawn) {
		return openadr.Event{}, false
	}
	e, err := s.event()
	if err != nil {
		return e, false
	}
	second := openadr.DurationOf(time.Second)
	e.IntervalPeriod = &openadr.IntervalPeriod{Start: openadr.At(s.Withdrawn.Add(-time.Second)), Duration: &second}
	e.Intervals, e.PayloadDescriptors = []openadr.Interval{{Payloads: []openadr.ValuesMap{}}}, nil
	raw, err := json.Marshal(e)
	if err == nil {
		err = json.Unmarshal(raw, &e)
	}
	return e, err == nil
}

// restore reads the store, once. What is kept for another VTN, or by another name there, is of no use.
func (c *Client) restore() error {
	if c.isRestored {
		return nil
	}
	blob, isFound, err := c.store.Get(c.cfg.Key)
	if err != nil {
		return fmt.Errorf("restore %s: %w", c.cfg.Key, err)
	}
	c.isRestored = true
	var k kept
	if isFound {
		if err := json.Unmarshal(blob, &k); err != nil {
			c.notes = append(c.notes, fmt.Errorf("restore %s: %w", c.cfg.Key, err))
		}
	}
	if k.Version != keptVersion || k.VTN != c.base.String() || k.VENName != c.cfg.VENName {
		k = kept{Version: keptVersion, VTN: c.base.String(), VENName: c.cfg.VENName, VENID: c.cfg.VENID}
	}
	if c.cfg.VENID != "" && k.VENID != c.cfg.VENID {
		k.VENID, k.RegistrationID = c.cfg.VENID, ""
	}
	if k.Events == nil {
		k.Events = map[string]slot{}
	}
	if c.cfg.Reports == nil {
		k.Requests = nil // permission was withdrawn
	}
	k.Requests = slices.DeleteFunc(k.Requests, func(t telemetry) bool { return t.Every <= 0 || t.Back <= 0 })
	c.know = k
	c.pace(k.Every)
	return nil
}

// save writes what changed. A fault of the store is noted, not fatal: the next poll tries again.
func (c *Client) save() {
	if !c.isUnsaved {
		return
	}
	blob, err := json.Marshal(c.know)
	if err == nil {
		err = c.store.Put(c.cfg.Key, blob)
	}
	if err != nil {
		c.notes = append(c.notes, fmt.Errorf("keep %s: %w", c.cfg.Key, err))
		return
	}
	c.isUnsaved = false
}

// Between two polls, where the VTN does not say, and where it says what cannot be meant.
const (
	defaultEvery  = 10 * time.Second
	shortestEvery = time.Second
	longestEvery  = 24 * time.Hour
)

func (c *Client) pace(every time.Duration) {
	if every <= 0 {
		every = defaultEvery
	}
	c.every.Store(int64(min(max(every, shortestEvery), longestEvery)))
}
