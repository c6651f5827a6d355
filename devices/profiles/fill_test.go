package profiles

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// drawn is an embedded profile with parameters as a configuration may give them.
func drawn(t *rapid.T) (*Profile, map[string]string) {
	p, err := Get(rapid.SampledFrom(IDs()).Draw(t, "profile"))
	if err != nil {
		t.Fatal(err)
	}
	given := map[string]string{}
	for _, d := range p.Params {
		if d.Required || rapid.Bool().Draw(t, "given") {
			given[d.Name] = drawnValue(t, d)
		}
	}
	return p, given
}

// drawnValue is any text the parameter takes; one for each, as two payloads cannot mean the same.
func drawnValue(t *rapid.T, d Param) string {
	if len(d.OneOf) > 0 {
		return rapid.SampledFrom(d.OneOf).Draw(t, d.Name)
	}
	if strings.HasSuffix(d.Name, "path") || d.Name == "channel" { // stands in a path
		return rapid.StringMatching(`[A-Za-z0-9_:-]{1,4}(\.[A-Za-z0-9_:-]{1,4}){0,2}`).Draw(t, d.Name)
	}
	return d.Name + rapid.StringMatching(`[A-Za-z0-9_./:-]{1,12}`).Draw(t, d.Name)
}

// texts are all the places of a profile that a parameter may stand in.
func texts(p *Profile) (out []string) {
	eachText(p, func(s *string) { out = append(out, *s) })
	return out
}

// eachText goes through all places in one order. The words of maps are left out: they are keys.
func eachText(p *Profile, do func(*string)) {
	message := func(m *Message) {
		if m != nil {
			do(&m.Topic)
			do(&m.Payload)
		}
	}
	for i := range p.Points {
		q := &p.Points[i]
		for _, s := range []*string{&q.Topic, &q.UnitID, &q.Path, &q.Answers, &q.SignFrom, &q.Unit, &q.Part} {
			do(s)
		}
		message(q.Query)
	}
	for i := range p.Actions {
		for j := range p.Actions[i].Publish {
			message(&p.Actions[i].Publish[j])
		}
		for j := range p.Actions[i].Write {
			do(&p.Actions[i].Write[j].Value)
			do(&p.Actions[i].Write[j].UnitID)
		}
	}
	for i := range p.SetupCheck {
		s := &p.SetupCheck[i]
		do(&s.Topic)
		do(&s.Path)
		do(&s.Answers)
		for j := range s.Equals {
			do(&s.Equals[j])
		}
		message(s.Query)
	}
	if p.Heartbeat != nil {
		for j := range p.Heartbeat.Publish {
			message(&p.Heartbeat.Publish[j])
		}
	}
}

func TestFill_LeavesOnlyWhatTheDriverFillsIn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, given := drawn(t)
		filled, err := p.Fill(given)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range texts(filled) {
			for _, name := range placeholders(text) {
				if !slices.Contains(drivers, name) {
					t.Errorf("{%s} stayed in %q", name, text)
				}
			}
		}
	})
}

func TestFill_ChangesNothingButPlaceholders(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, given := drawn(t)
		before := asText(t, p)
		filled, err := p.Fill(given)
		if err != nil {
			t.Fatal(err)
		}
		if asText(t, p) != before {
			t.Fatal("filling has changed the profile itself")
		}
		again, err := filled.Fill(given)
		if err != nil || !reflect.DeepEqual(filled, again) {
			t.Errorf("filled twice it differs, %v", err)
		}
		was, is := texts(p), texts(filled)
		for i := range was {
			if !strings.Contains(was[i], "{") && was[i] != is[i] && was[i] != "." {
				t.Errorf("%q became %q", was[i], is[i])
			}
		}
		copyPlaces(filled, p)
		if asText(t, filled) != before {
			t.Error("something else than topics, payloads and values was changed")
		}
	})
}

// copyPlaces puts texts back where [texts] found them, and the words of maps where they were.
func copyPlaces(p, source *Profile) {
	from := texts(source)
	eachText(p, func(s *string) { *s, from = from[0], from[1:] })
	for i := range p.Points {
		p.Points[i].Map = source.Points[i].Map
	}
}

func asText(t *rapid.T, p *Profile) string {
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestValues_AreWhatWasGivenAndDefaultsForTheRest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, given := drawn(t)
		values, err := p.Values(given)
		if err != nil {
			t.Fatal(err)
		}
		if len(values) != len(p.Params) {
			t.Errorf("%d values of %d parameters", len(values), len(p.Params))
		}
		for _, d := range p.Params {
			v, isGiven := given[d.Name]
			if isGiven && values[d.Name] != v || values[d.Name] == "" || strings.ContainsAny(values[d.Name], "{}") {
				t.Errorf("%s is %q, given %q, default %q", d.Name, values[d.Name], v, d.Default)
			}
		}
	})
}

// Whatever may break out of a topic or a payload is refused, by name.
func TestValues_RefuseEveryOtherCharacter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, given := drawn(t)
		name := rapid.SampledFrom(p.Params).Draw(t, "param").Name
		bad := string(rapid.Rune().Filter(func(r rune) bool {
			return !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:-", r)
		}).Draw(t, "character"))
		good := rapid.StringMatching(`[a-z]{0,3}`)
		given[name] = good.Draw(t, "before") + bad + good.Draw(t, "after")
		if _, err := p.Fill(given); err == nil || !strings.HasPrefix(err.Error(), name+": ") {
			t.Errorf("%q: %v", given[name], err)
		}
	})
}

func TestFill_KeepsJSONInPayloads(t *testing.T) {
	p := &Profile{Params: []Param{{Name: "id", Required: true}}, Actions: []Action{{Name: "on", Publish: []Message{
		{Topic: "{id}/set", Payload: `{"id":"{id}","nested":{"for":{lease_s},"plain":{"a":1}},"value":{value}}`},
	}}}}
	filled, err := p.Fill(map[string]string{"id": "x1"})
	if err != nil {
		t.Fatal(err)
	}
	want := Message{Topic: "x1/set", Payload: `{"id":"x1","nested":{"for":{lease_s},"plain":{"a":1}},"value":{value}}`}
	if got := filled.Actions[0].Publish[0]; got != want {
		t.Errorf("filled %+v, want %+v", got, want)
	}
}

func TestAction_IsFoundByItsNameAlone(t *testing.T) {
	p, _ := Get("keba-p30")
	for _, name := range actionNames {
		a, ok := p.Action(name)
		want := name == "set_power" || name == "off" || name == "release" || strings.HasPrefix(name, "phases_") || name == "phases_1" || name == "phases_3"
		if ok != want || ok && (a.Name != name || len(a.Write) == 0) {
			t.Errorf("%s: %+v, %t", name, a, ok)
		}
	}
	for name, want := range map[string]bool{"setpoint": true, "plugged": true, "soc": false, "": false, "set": false} {
		if p.Has(name) != want {
			t.Errorf("has %q: %t", name, !want)
		}
	}
}
