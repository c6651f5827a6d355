package feedtest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// soundType is one that has nothing wrong with it.
func soundType() feeds.Type {
	return feeds.Type{
		Name: "reference",
		Keys: []feeds.Key{
			{Name: "token", Help: "of the customer", IsRequired: true, IsSecret: true},
			{Name: "kind", Help: "of what", Among: []string{"price", "carbon"}},
			{Name: "paths", Help: "where things are", IsTable: true},
			{Name: "token_url", Help: "where tokens are"},
		},
		Sample: "name: home\ntype: reference\ntoken_file: token\nkind: price\npaths:\n  usage: \"/u\"\n",
		New: func(s feeds.Settings, _ feeds.Net) (feeds.Source, error) {
			if s["token"] == "" {
				return nil, feeds.Fail(feeds.Misconfigured, "token: is missing")
			}
			return nil, feeds.OneOf("kind", s["kind"], "", "price", "carbon")
		},
	}
}

func TestFaults_FindsEach(t *testing.T) {
	if all := faults(soundType(), feeds.Net{}); len(all) != 0 {
		t.Fatal(all)
	}
	refusing := func(key string, err error) func(*feeds.Type) {
		return func(typ *feeds.Type) {
			build := typ.New
			typ.New = func(s feeds.Settings, net feeds.Net) (feeds.Source, error) {
				if _, isSet := s[key]; !isSet {
					return nil, err
				}
				return build(s, net)
			}
		}
	}
	for want, spoil := range map[string]func(*feeds.Type){
		"neither name nor type":        func(typ *feeds.Type) { typ.Name = "another" },
		"the sample is refused":        func(typ *feeds.Type) { typ.Sample = "name: home\ntype: reference\n" },
		`the line "town: Rome`:         func(typ *feeds.Type) { typ.Sample += "town: Rome\n" },
		`the line "token: s3cret`:      func(typ *feeds.Type) { typ.Sample += "token: s3cret\n" },
		`the line "kind_file: price`:   func(typ *feeds.Type) { typ.Sample += "kind_file: price\n" },
		`kind: help ""`:                func(typ *feeds.Type) { typ.Keys[1].Help = "" },
		`kind: help "of what."`:        func(typ *feeds.Type) { typ.Keys[1].Help += "." },
		"token: its name says whether": func(typ *feeds.Type) { typ.Keys[0].IsSecret = false },
		"token_url: its name says":     func(typ *feeds.Type) { typ.Keys[3].IsSecret = true },
		"without kind: no error":       func(typ *feeds.Type) { typ.Keys[1].IsRequired = true },
		"without token: an accident":   refusing("token", errors.New("an accident")),
		"without token: town":          refusing("token", feeds.Fail(feeds.Misconfigured, "town: is missing")),
		"without kind: town":           refusing("kind", feeds.Fail(feeds.Misconfigured, "town: is missing")),
		"without kind: kind":           refusing("kind", feeds.Fail(feeds.Temporary, "kind: is missing")),
		"kind may be sun":              func(typ *feeds.Type) { typ.Keys[1].Among = append(typ.Keys[1].Among, "sun") },
		"token_url: whatever: no":      func(typ *feeds.Type) { typ.Keys[3].Among = []string{"a", "b"} },
	} {
		typ := soundType()
		spoil(&typ)
		if got := fmt.Sprint(faults(typ, feeds.Net{})); !strings.Contains(got, want) {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// A value may need another key beside it.
func TestFaults_AllowsAValueThatNeedsAnotherKey(t *testing.T) {
	typ := soundType()
	build := typ.New
	typ.New = func(s feeds.Settings, net feeds.Net) (feeds.Source, error) {
		if s["kind"] == "carbon" {
			return nil, feeds.Fail(feeds.Misconfigured, "zone: is missing")
		}
		return build(s, net)
	}
	if all := faults(typ, feeds.Net{}); len(all) != 0 {
		t.Error(all)
	}
}

func TestSettings_AreThoseOfTheSample(t *testing.T) {
	typ := feeds.Type{Sample: "name: home\ntoken_file: a-file\nurl: \"http://x/y\"\nroof: {tilt: 30, \"az\": -90}\npaths:\n  usage: \"/u\"\n  a: b\n"}
	want := "map[name:home paths.a:b paths.usage:/u roof.az:-90 roof.tilt:30 token:a-file url:http://x/y]"
	if got := fmt.Sprint(map[string]string(Settings(typ))); got != want {
		t.Error(got)
	}
}

func TestUnderstood_IsAKindInOneLineOrSound(t *testing.T) {
	about := feeds.About{Kinds: []feeds.Kind{feeds.Carbon}}
	for name, c := range map[string]struct {
		v      feeds.Values
		err    error
		isGood bool
	}{
		"nothing":       {feeds.Values{}, nil, true},
		"refused":       {feeds.Values{}, feeds.Fail(feeds.NotYet, "x"), true},
		"without kind":  {feeds.Values{}, errors.New("x"), false},
		"two lines":     {feeds.Values{}, feeds.Fail(feeds.NotYet, "x\ny"), false},
		"another kind":  {referenceValues(), nil, false},
		"values, wrong": {referenceValues(), feeds.Fail(feeds.NotYet, "x"), true},
	} {
		if err := understood(c.v, c.err, about); (err == nil) != c.isGood {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func referenceValues() feeds.Values {
	slot := energy.Point[energy.Price]{Interval: energy.Span(midnight, time.Hour)}
	return feeds.Values{Import: energy.Series[energy.Price]{Currency: "EUR", Points: []energy.Point[energy.Price]{slot}}}
}
