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
			given[d.Name] = rapid.StringMatching(`[A-Za-z0-9_./:-]{1,12}`).Draw(t, d.Name)
		}
	}
	return p, given
}

// texts are all the places of a profile that a parameter may stand in.
func texts(p *Profile) (out []string) {
	for _, q := range p.Points {
		out = append(out, q.Topic)
		if q.Query != nil {
			out = append(out, q.Query.Topic, q.Query.Payload)
		}
	}
	for _, a := range p.Actions {
		for _, m := range a.Publish {
			out = append(out, m.Topic, m.Payload)
		}
		for _, w := range a.Write {
			out = append(out, w.Value)
		}
	}
	return out
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
			if !strings.Contains(was[i], "{") && was[i] != is[i] {
				t.Errorf("%q became %q", was[i], is[i])
			}
		}
		copyPlaces(filled, was)
		if asText(t, filled) != before {
			t.Error("something else than topics, payloads and values was changed")
		}
	})
}

// copyPlaces puts texts back where [texts] found them.
func copyPlaces(p *Profile, from []string) {
	next := func(s *string) { *s, from = from[0], from[1:] }
	for i := range p.Points {
		next(&p.Points[i].Topic)
		if q := p.Points[i].Query; q != nil {
			next(&q.Topic)
			next(&q.Payload)
		}
	}
	for i := range p.Actions {
		for j := range p.Actions[i].Publish {
			next(&p.Actions[i].Publish[j].Topic)
			next(&p.Actions[i].Publish[j].Payload)
		}
		for j := range p.Actions[i].Write {
			next(&p.Actions[i].Write[j].Value)
		}
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
		{"{id}/set", `{"id":"{id}","nested":{"for":{lease_s},"plain":{"a":1}},"value":{value}}`},
	}}}}
	filled, err := p.Fill(map[string]string{"id": "x1"})
	if err != nil {
		t.Fatal(err)
	}
	want := Message{"x1/set", `{"id":"x1","nested":{"for":{lease_s},"plain":{"a":1}},"value":{value}}`}
	if got := filled.Actions[0].Publish[0]; got != want {
		t.Errorf("filled %q, want %q", got, want)
	}
}

func TestAction_IsFoundByItsNameAlone(t *testing.T) {
	p, _ := Get("keba-p30")
	for _, name := range actionNames {
		a, ok := p.Action(name)
		want := name == "set_power" || name == "off" || name == "release"
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
