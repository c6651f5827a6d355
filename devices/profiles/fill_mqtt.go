package profiles

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// fillTopic replaces parameters in what only a point of MQTT has.
func (q *Point) fillTopic(values map[string]string) {
	q.Topic, q.Path, q.Answers = replace(q.Topic, values), replace(q.Path, values), replace(q.Answers, values)
	q.SignFrom = replace(q.SignFrom, values)
	q.Unit, q.Part = replace(q.Unit, values), replace(q.Part, values)
	if q.Path == "." {
		q.Path = ""
	}
	if q.Map != nil {
		filled := make(map[string]any, len(q.Map))
		for text, v := range q.Map {
			filled[replace(text, values)] = v
		}
		q.Map = filled
	}
	q.Query = q.Query.copyFilled(values)
}

func (m Message) filled(values map[string]string) Message {
	m.Topic, m.Payload = replace(m.Topic, values), replace(m.Payload, values)
	return m
}

func (m *Message) copyFilled(values map[string]string) *Message {
	if m == nil {
		return nil
	}
	filled := m.filled(values)
	return &filled
}

// fillTalk replaces parameters in settings and the heartbeat. The profile owns neither yet.
func (p *Profile) fillTalk(values map[string]string) {
	p.SetupCheck = slices.Clone(p.SetupCheck)
	for i := range p.SetupCheck {
		s := &p.SetupCheck[i]
		s.Topic, s.Path, s.Answers = replace(s.Topic, values), replace(s.Path, values), replace(s.Answers, values)
		s.Equals = slices.Clone(s.Equals)
		for j, text := range s.Equals {
			s.Equals[j] = replace(text, values)
		}
		s.Query = s.Query.copyFilled(values)
	}
	if p.Heartbeat != nil {
		h := *p.Heartbeat
		h.Publish = slices.Clone(h.Publish)
		for j, m := range h.Publish {
			h.Publish[j] = m.filled(values)
		}
		p.Heartbeat = &h
	}
}

// checkFilled judges what only the parameters decide: units, paths, and payloads that mean two things.
func (p *Profile) checkFilled() error {
	if p.Transport != MQTT {
		return nil
	}
	var errs []error
	for i, q := range p.Points {
		if units := pointUnits[q.Name]; !slices.Contains(units, q.Unit) {
			errs = append(errs, fmt.Errorf("points[%d]: the unit of %s is %q, want %s", i, q.Name, q.Unit, strings.Join(units, " or ")))
		}
		if slices.Contains(strings.Split(q.Path, "."), "") && q.Path != "" {
			errs = append(errs, fmt.Errorf("points[%d]: the path %q has an empty key", i, q.Path))
		}
		if q.Unit == "bool" && q.Fixed == nil && !isTwofold(q.Map) {
			errs = append(errs, fmt.Errorf("points[%d]: of %s, no two payloads %q mean true and false", i, q.Name, slices.Sorted(maps.Keys(q.Map))))
		}
	}
	return errors.Join(errs...)
}

func isTwofold(meanings map[string]any) bool {
	var yes, no bool
	for _, v := range meanings {
		yes, no = yes || v == true, no || v == false
	}
	return yes && no
}
