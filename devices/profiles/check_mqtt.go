package profiles

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// thermalModes are what a map may make of a payload for the point thermal_mode.
var thermalModes = []string{"blocked", "normal", "recommended", "forced"}

func (p *Profile) isParam(text string) bool {
	names := placeholders(text)
	return p.Transport == MQTT && len(names) == 1 && text == "{"+names[0]+"}" && p.declares(names[0])
}

func (p *Profile) declares(param string) bool {
	return slices.ContainsFunc(p.Params, func(d Param) bool { return d.Name == param })
}

func (p *Profile) hasVoltage() bool { return p.declares("phases") && p.declares("voltage") }

// checkMap sees that each payload means something the point can be.
func (p *Profile) checkMap(q Point, at string, f *faults) {
	needs := q.Unit == "bool" || q.Name == "thermal_mode"
	switch {
	case needs && len(q.Map) == 0:
		f.add(at, "missing: say which payloads mean what")
	case !needs && q.Map != nil && q.Unit != "enum":
		f.add(at, "only a bool and an enum have one")
	}
	for _, text := range slices.Sorted(maps.Keys(q.Map)) {
		p.checkText(text, at, nil, f)
		_, isBool := q.Map[text].(bool)
		_, isNumber := q.Map[text].(float64)
		word, isWord := q.Map[text].(string)
		switch {
		case q.Unit == "bool" && !isBool:
			f.add(at, "%q means true or false", text)
		case q.Name == "thermal_mode" && (!isWord || !slices.Contains(thermalModes, word)):
			f.add(at, "%q means one of %s", text, strings.Join(thermalModes, ", "))
		case q.Unit == "enum" && q.Name != "thermal_mode" && !isNumber:
			f.add(at, "%q means a number", text)
		}
	}
}

// checkHolds sees that what stands for another point is heard by itself.
func (p *Profile) checkHolds(q Point, at string, f *faults) {
	if q.Holds != "" && (q.Holds == q.Name || !p.Has(q.Holds) || slices.ContainsFunc(p.Points, func(o Point) bool { return o.Name == q.Holds && (o.Holds != "" || o.When != nil) })) {
		f.add(at+".holds", "%q is no other point that is heard by itself", q.Holds)
	}
	if q.Resets && !strings.Contains(q.Name, "energy") {
		f.add(at+".resets", "only a counter does")
	}
}

func (p *Profile) checkWhen(q Point, at string, f *faults) {
	if q.When != nil && !p.Has("mode") {
		f.add(at+".when", "there is no point mode to go by")
	}
}

// checkPath is also for a path that a parameter gives: a dot alone means the whole payload.
func (p *Profile) checkPath(path, at string, f *faults) {
	if path != "" && path != "." && slices.Contains(strings.Split(path, "."), "") {
		f.add(at, "%q has an empty key", path)
	}
	p.checkText(path, at, nil, f)
}

func (p *Profile) checkMessage(m Message, at string, own []string, f *faults) {
	p.checkTopic(m.Topic, at+".topic", false, f)
	p.checkText(m.Payload, at+".payload", own, f)
	switch {
	case !slices.Contains([]string{"", "W", "kW", "A", "mA", "%"}, m.Unit):
		f.add(at+".unit", "%q, want W, kW, A, mA or %%", m.Unit)
	case (m.Unit == "A" || m.Unit == "mA") && !p.hasVoltage():
		f.add(at+".unit", "%q: it is made of power by the params phases and voltage", m.Unit)
	case m.Unit == "%" && !p.declares("rated"):
		f.add(at+".unit", "%q: it is a part of the param rated", m.Unit)
	}
	if m.Leased != "" && m.Leased != "yes" && m.Leased != "no" {
		f.add(at+".leased", "%q, want yes or no", m.Leased)
	}
	if m.Sign < -1 || m.Sign > 1 {
		f.add(at+".sign", "%d, want -1 or 1", m.Sign)
	}
}

// checkTopic judges a topic to listen at (where an answer may come, below {reply}) or to send to.
func (p *Profile) checkTopic(topic, at string, isHeard bool, f *faults) {
	switch {
	case topic == "":
		f.add(at, "missing")
	case strings.ContainsAny(topic, "+#$\x00 "):
		f.add(at, "%q: a topic is exact, without + # $ and spaces", topic)
	case strings.HasPrefix(topic, "/") || strings.HasSuffix(topic, "/") || strings.Contains(topic, "//"):
		f.add(at, "%q has an empty level", topic)
	}
	if isHeard {
		topic = strings.TrimPrefix(topic, "{reply}/")
	}
	p.checkText(topic, at, nil, f)
}

// checkTalk judges what only MQTT has: settings, the heartbeat, how it is recognised.
func (p *Profile) checkTalk(f *faults) {
	if p.Transport != MQTT && (p.SetupCheck != nil || p.Heartbeat != nil || p.Match != nil) {
		f.add("transport", "%s has no setup_check, heartbeat and match", p.Transport)
		return
	}
	for i, s := range p.SetupCheck {
		at := fmt.Sprintf("setup_check[%d]", i)
		p.checkTopic(s.Topic, at+".topic", true, f)
		p.checkPath(s.Path, at+".path", f)
		p.checkPath(s.Answers, at+".answers", f)
		if len(s.Equals) == 0 {
			f.add(at+".equals", "missing")
		}
		for _, text := range s.Equals {
			p.checkText(text, at+".equals", nil, f)
		}
		if s.About == "" {
			f.add(at+".about", "missing: say what to do when it is not so")
		}
		if s.Query != nil {
			p.checkMessage(*s.Query, at+".query", requests, f)
		}
	}
	if h := p.Heartbeat; h != nil {
		if h.EveryS < 1 || len(h.Publish) == 0 {
			f.add("heartbeat", "want something to publish, and at least a second between")
		}
		for j, m := range h.Publish {
			p.checkMessage(m, fmt.Sprintf("heartbeat.publish[%d]", j), requests, f)
		}
	}
	for i, m := range p.Match {
		p.checkMatch(m, fmt.Sprintf("match[%d]", i), f)
	}
}

func (p *Profile) checkMatch(m Match, at string, f *faults) {
	levels := strings.Split(m.Filter, "/")
	for _, level := range levels {
		if level == "" || (level != "+" && strings.ContainsAny(level, "+#$\x00 {}")) {
			f.add(at+".filter", "%q: want levels, each a word or +", m.Filter)
			break
		}
	}
	p.checkPath(m.Path, at+".path", f)
	for _, name := range slices.Sorted(maps.Keys(m.Params)) {
		if !p.declares(name) {
			f.add(at+".params", "%s is not declared in params", name)
		}
		if n := m.Params[name]; n < 0 || n >= len(levels) || levels[n] != "+" {
			f.add(at+".params", "%s: level %s of %q is no +", name, strconv.Itoa(m.Params[name]), m.Filter)
		}
	}
}
