package discover

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"hearth/devices/profiles"
)

// Heard is the newest message of a topic.
type Heard struct {
	Topic      string
	Payload    []byte
	IsRetained bool
}

// Thing is something that can be heard or read.
type Thing struct {
	Name    string              // as it calls itself; anybody's text
	Model   string              // likewise; may be empty
	Where   string              // the topic or the address it was met at
	Fits    []*profiles.Profile // that know it, the best first; none: no profile does
	Params  map[string]string   // of the first
	Missing []string            // what the first still needs to be told, or why nothing can be done
	Remarks []string

	bases []string          // topics it lives at, or below
	facts map[string]string // that profiles may ask for, by the names they give their parameters

	isMade bool // its profile was made of what it says
}

// Profile is the best that fits; nil when none does.
func (t Thing) Profile() *profiles.Profile {
	if len(t.Fits) == 0 {
		return nil
	}
	return t.Fits[0]
}

// Filters are the topics to listen to: those by which profiles recognise their own, and those of the announcements.
func Filters(all []*profiles.Profile) (out []string) {
	for _, p := range all {
		for _, m := range p.Match {
			out = append(out, m.Filter)
		}
	}
	for _, f := range families {
		out = append(out, f.filters...)
	}
	out = append(out, homeAssistant, "+/bridge/devices")
	slices.Sort(out)
	return slices.Compact(out)
}

// Things are those that the messages speak of, by name. What is said twice of one thing is said once.
func Things(heard []Heard, all []*profiles.Profile) []Thing {
	heard = slices.SortedStableFunc(slices.Values(heard), func(a, b Heard) int { return cmp.Compare(a.Topic, b.Topic) })
	things := matched(heard, all)
	for _, a := range announcements(heard) {
		things = a.join(things, all)
	}
	for _, a := range integrated(heard) {
		things = a.join(things, nil)
	}
	for i := range things {
		t := &things[i]
		t.Name, t.Model = plain(t.Name), plain(t.Model)
		t.rank(heard)
		if p := t.Profile(); p != nil {
			t.Params = t.paramsOf(p)
		}
		t.Complete()
	}
	slices.SortStableFunc(things, func(a, b Thing) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.Where, b.Where))
	})
	return things
}

// matched are the things that profiles recognise: one for each place and family.
func matched(heard []Heard, all []*profiles.Profile) (things []Thing) {
	for _, h := range heard {
		if len(h.Payload) == 0 {
			continue
		}
		for _, p := range all {
			params, ok := p.Matches(h.Topic, h.Payload)
			if !ok {
				continue
			}
			base := baseOf(h.Topic, p)
			i := slices.IndexFunc(things, func(t Thing) bool { return t.bases[0] == base && isKin(t.Fits[0], p) })
			if i < 0 {
				things = append(things, Thing{Name: nameOf(base, params), Where: h.Topic, bases: []string{base}, facts: map[string]string{"topic": base}})
				i = len(things) - 1
			}
			t := &things[i]
			maps.Copy(t.facts, params)
			if !slices.Contains(t.Fits, p) {
				t.Fits = append(t.Fits, p)
			}
		}
	}
	return things
}

// isKin says that two profiles are of one family, as the first word of their ids has it.
func isKin(a, b *profiles.Profile) bool {
	first, _, _ := strings.Cut(a.ID, "-")
	other, _, _ := strings.Cut(b.ID, "-")
	return first == other
}

// baseOf is a topic down to the last level that the profile leaves open: what differs from one device to the next.
func baseOf(topic string, p *profiles.Profile) string {
	levels := strings.Split(topic, "/")
	for _, m := range p.Match {
		if !fits(m.Filter, levels) {
			continue
		}
		parts := strings.Split(m.Filter, "/")
		for n := len(parts); n > 0; n-- {
			if parts[n-1] == "+" {
				return strings.Join(levels[:n], "/")
			}
		}
	}
	return topic
}

// nameOf is the parameter that names the thing best: the longest, as an index says little.
func nameOf(base string, params map[string]string) string {
	name := ""
	for _, key := range slices.Sorted(maps.Keys(params)) {
		if len(params[key]) > len(name) {
			name = params[key]
		}
	}
	const telling = 3 // letters
	if len(name) < telling {
		name = base[strings.LastIndexByte(base, '/')+1:]
	}
	if len(name) < telling {
		name = base
	}
	return name
}

// rank puts the profile first of whose topics the most were heard; of several, one that needs nothing more and reads
// the power.
func (t *Thing) rank(heard []Heard) {
	said := map[string]bool{}
	for _, h := range heard {
		said[h.Topic] = true
	}
	count := func(p *profiles.Profile) (n int) {
		filled, err := p.Fill(t.paramsOf(p))
		if err != nil {
			return 0
		}
		for _, q := range filled.Points {
			if said[q.Topic] {
				n += 2
			}
		}
		if p.Has("power") {
			n++
		}
		return n + 1
	}
	slices.SortStableFunc(t.Fits, func(a, b *profiles.Profile) int { return count(b) - count(a) })
}

// paramsOf are those of a profile's parameters that are known.
func (t *Thing) paramsOf(p *profiles.Profile) map[string]string {
	params := map[string]string{}
	for _, d := range p.Params {
		if v, ok := t.facts[d.Name]; ok {
			params[d.Name] = v
		}
	}
	return params
}

// IsAt says that something which calls itself by this name or topic is this thing.
func (t Thing) IsAt(name string) bool {
	return strings.EqualFold(t.Name, name) || slices.ContainsFunc(t.bases, func(base string) bool { return isAt(base, name) })
}

// Complete says what the first profile still needs.
func (t *Thing) Complete() {
	p := t.Profile()
	if p == nil {
		if len(t.Missing) == 0 {
			t.Missing = []string{"a profile"}
		}
		return
	}
	for _, d := range p.Params {
		if d.Required && t.Params[d.Name] == "" {
			t.Missing = append(t.Missing, d.Name+": "+d.About)
		}
	}
	if _, err := p.Values(t.Params); err != nil && len(t.Missing) == 0 {
		t.Missing = append(t.Missing, err.Error())
	}
}

// plain bounds what a stranger calls himself.
func plain(text string) string { return cut(text, 80) }

// cut is the text up to so many letters, all of them letters.
func cut(text string, enough int) string {
	text = strings.ToValidUTF8(text[:min(len(text), 4*enough)], "\uFFFD")
	if runes := []rune(text); len(runes) > enough {
		text = string(runes[:enough]) + "…"
	}
	return strings.TrimSpace(text)
}

// Topics are those that the profiles of a thing listen to and send to, as far as its parameters are known.
func (t Thing) Topics() (reads, commands []string) {
	for _, p := range t.Fits {
		filled, err := p.Fill(t.paramsOf(p))
		if err != nil || p.Transport != profiles.MQTT {
			continue
		}
		for _, q := range filled.Points {
			reads = append(reads, q.Topic)
		}
		for _, a := range filled.Actions {
			for _, m := range a.Publish {
				commands = append(commands, m.Topic)
			}
		}
	}
	return clean(reads), clean(commands)
}

// clean are the topics that may be subscribed to, each once.
func clean(topics []string) []string {
	topics = slices.DeleteFunc(topics, func(t string) bool { return t == "" || strings.ContainsAny(t, "{}+#\x00") })
	slices.Sort(topics)
	return slices.Compact(topics)
}
