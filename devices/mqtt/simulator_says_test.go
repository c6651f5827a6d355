package mqtt

import (
	"encoding/json"
	"math"
	"slices"
	"strings"

	"hearth/devices/devicetest"
	"hearth/devices/profiles"
)

// What the simulator says, point by point, in the maker's unit and sign.

// sayAll says every topic; what is said on change only is said at the start only.
func (s *simulator) sayAll(isStart bool) {
	s.sayWhere(func(p profiles.Point) bool { return isStart || (p.Holds == "" && p.Name != "online") })
}

// sayChanged says what a command may have changed.
func (s *simulator) sayChanged() {
	s.sayWhere(func(p profiles.Point) bool {
		return slices.Contains([]string{"switch", "setpoint", "mode", "curtail", "lease_left", "phases", "thermal_mode"}, p.Name)
	})
}

func (s *simulator) sayWhere(is func(profiles.Point) bool) {
	var done []string
	for _, p := range s.profile.Points {
		if p.Topic == "" || strings.HasPrefix(p.Topic, "{reply}") || !is(p) || slices.Contains(done, p.Topic) {
			continue
		}
		done = append(done, p.Topic)
		if s.fault == devicetest.Garbage && p.Name != "online" {
			for _, junk := range s.junk(p) {
				s.publish(p.Topic, junk, false)
			}
			continue
		}
		if text := s.payload(p.Topic, s.says); text != "" {
			s.publish(p.Topic, text, p.Name == "online" || p.Holds != "")
		}
	}
}

// payload is one message of a topic. Where the profile takes two forms, it is the JSON.
func (s *simulator) payload(topic string, says func(profiles.Point) any) string {
	var message any
	raw := ""
	for _, p := range s.profile.Points {
		if p.Topic != topic {
			continue
		}
		v := says(p)
		if v == nil {
			continue
		}
		if p.Path == "" {
			if raw == "" || p.Name == "mode" { // a state that says several things
				raw = asText(v)
			}
			continue
		}
		message = put(message, strings.Split(p.Path, "."), v)
		if p.SignFrom != "" {
			message = put(message, strings.Split(p.SignFrom, "."), 1)
		}
	}
	if message != nil {
		return asText(message)
	}
	return raw
}

// answer says what a query asks for, with its number where the profile looks for it.
func (s *simulator) answer(q profiles.Message, values map[string]string) {
	if s.fault == devicetest.Garbage {
		return
	}
	var done []string
	for _, p := range s.profile.Points {
		if p.Query == nil || *p.Query != q || slices.Contains(done, p.Topic) {
			continue
		}
		done = append(done, p.Topic)
		topic := strings.ReplaceAll(p.Topic, "{reply}", values["reply"])
		s.publish(topic, s.numbered(s.payload(p.Topic, func(o profiles.Point) any {
			if o.Query != nil && *o.Query != q {
				return nil
			}
			return s.says(o)
		}), p.Answers, values["request_id"]), false)
	}
	for _, c := range s.profile.SetupCheck {
		if c.Query != nil && *c.Query == q {
			text := asText(put(nil, strings.Split(c.Path, "."), c.Equals[0]))
			s.publish(strings.ReplaceAll(c.Topic, "{reply}", values["reply"]), s.numbered(text, c.Answers, values["request_id"]), false)
		}
	}
}

func (s *simulator) numbered(text, path, id string) string {
	if path == "" {
		return text
	}
	var message any
	_ = json.Unmarshal([]byte(text), &message)
	return asText(put(message, strings.Split(path, "."), json.RawMessage(id)))
}

// junk is what is no value of a point.
func (s *simulator) junk(p profiles.Point) []string {
	out := []string{"12,5", "NaN", "0x10", "1_0", "1e308", "", "\xff\xfe", "PERHAPS", strings.Repeat("[", 40)}
	if p.Path == "" {
		return out
	}
	for _, v := range []any{"12,5", json.RawMessage("1e308"), nil, []any{1, 2}, "PERHAPS", "12 parsec"} {
		out = append(out, asText(put(nil, strings.Split(p.Path, "."), v)))
	}
	return append(out, `{"`+p.Path+`":`)
}

// says is a point's value; nil when the device says nothing of it now.
func (s *simulator) says(p profiles.Point) any {
	if p.When != nil && !slices.Contains(p.When, s.mode()) {
		return nil
	}
	switch p.Name {
	case "online":
		return word(p, true)
	case "switch":
		return word(p, s.isOn)
	case "plugged":
		return word(p, true)
	case "mode":
		return s.mode()
	case "phases":
		return word(p, simPhases)
	case "soc":
		return 50
	case "lease_left":
		if s.expires.IsZero() {
			return nil
		}
		return s.expires.Sub(s.clock.Now()).Seconds()
	case "power":
		return s.number(p, s.share(p))
	case "setpoint":
		return s.number(p, float64(s.told))
	case "curtail":
		if s.isBound {
			return s.number(p, float64(s.bound))
		}
		return s.number(p, simRated)
	case "current_l1", "current_l2", "current_l3":
		return 1.5
	}
	if p.Sign < 0 || p.Max != nil && *p.Max <= 0 {
		return 0
	}
	return s.number(p, 3125)
}

// share is what one part of the power is: all of it in the first that can be so much, nothing in the others.
func (s *simulator) share(p profiles.Point) float64 {
	var part string
	for _, o := range s.profile.Points {
		fits := (o.Min == nil || float64(s.power) >= *o.Min) && (o.Max == nil || float64(s.power) <= *o.Max)
		if o.Name == p.Name && fits && (o.When == nil || slices.Contains(o.When, s.mode())) {
			part = o.Part
			break
		}
	}
	if part != p.Part {
		return 0
	}
	return float64(s.power)
}

// mode is the raw value by which the profile's points are read now.
func (s *simulator) mode() int {
	isFree := map[int]bool{0: true, 1: true}
	told, off := -1, -1
	for _, p := range s.profile.Points {
		for _, w := range p.When {
			delete(isFree, w)
		}
		switch {
		case p.When == nil:
		case p.Fixed != nil:
			off = p.When[0]
		case told < 0:
			told = p.When[0]
		}
	}
	switch {
	case !slices.ContainsFunc(s.profile.Actions, func(a profiles.Action) bool { return a.Name == "set_power" }):
		return max(told, 0)
	case s.isTold && s.told == 0 && off >= 0:
		return off
	case s.isTold:
		return told
	}
	if isFree[0] {
		return 0
	}
	return 1
}

// number is a value of ours in the maker's unit and sign.
func (s *simulator) number(p profiles.Point, v float64) float64 {
	if p.Sign < 0 {
		v = -v
	}
	v /= map[string]float64{"W": 1, "kW": 1000, "Wh": 1, "kWh": 1000, "Wmin": 1. / 60, "A": simPhases * simVoltage, "mA": simPhases * simVoltage / 1000, "%": simRated / 100}[p.Unit]
	return math.Round(v*1e6)/1e6 + 0
}

// word is the payload that means this.
func word(p profiles.Point, v any) any {
	var words []string
	for text, means := range p.Map {
		if means == v {
			words = append(words, text)
		}
	}
	slices.Sort(words)
	if len(words) == 0 {
		return nil
	}
	return words[0]
}
