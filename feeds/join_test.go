package feeds

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

func TestJoin_PutsInOrderAndKeepsOneOfTwo(t *testing.T) {
	points := drawn("ABC", noon).Points
	mixed := []energy.Point[energy.Price]{points[2], points[0], points[1], points[0]}
	if s, err := Join("EUR", mixed); err != nil || text(s, 3) != "ABC" || len(s.Points) != 3 || s.Currency != "EUR" {
		t.Errorf("%v, %v", s, err)
	}
	other := points[1]
	other.Value++
	if s, err := Join("EUR", append(mixed, other)); KindOf(err) != Temporary || err == nil || len(s.Points) != 0 {
		t.Errorf("two values for an hour are %v, %v", s, err)
	}
}

func TestJoin_RefusesATimeThatIsNone(t *testing.T) {
	for _, year := range []int{-3, 1, 1969, 10_000, 24_152} {
		at := time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC)
		if s, err := Join("EUR", []energy.Point[energy.Price]{{Interval: energy.Span(at, time.Hour)}}); KindOf(err) != Temporary || err == nil || len(s.Points) != 0 {
			t.Errorf("%v: %v, %v", at, s, err)
		}
		one := energy.Price(1)
		if s, err := JoinStamped("EUR", nil, []Stamped[energy.Price]{{at, &one}, {at.Add(time.Hour), &one}}); KindOf(err) != Temporary || err == nil || len(s.Points) != 0 {
			t.Errorf("%v: %v, %v", at, s, err)
		}
	}
}

func TestJoinStamped_NeitherFillsNorGuesses(t *testing.T) {
	one, two := energy.Price(1), energy.Price(2)
	at := func(minute int, v *energy.Price) Stamped[energy.Price] {
		return Stamped[energy.Price]{At: noon.Add(time.Duration(minute) * time.Minute).In(time.FixedZone("", 3600)), Value: v}
	}
	for name, c := range map[string]struct {
		all    []Stamped[energy.Price]
		want   string // values at 0, 15, 30 and so on; '.' where there is none
		isGood bool
	}{
		"nothing":                    {nil, "", true},
		"in any order":               {[]Stamped[energy.Price]{at(30, &one), at(0, &two), at(15, &one)}, "211", true},
		"twice the same":             {[]Stamped[energy.Price]{at(0, &two), at(15, &one), at(0, &two)}, "21", true},
		"a hole that is told":        {[]Stamped[energy.Price]{at(0, &two), at(15, nil), at(30, &one)}, "2.1", true},
		"a hole that is not":         {[]Stamped[energy.Price]{at(0, &two), at(15, &two), at(45, &one), at(60, &one)}, "22.11", true},
		"a hole that is told twice":  {[]Stamped[energy.Price]{at(0, nil), at(0, nil), at(15, &one)}, ".1", true},
		"one alone":                  {[]Stamped[energy.Price]{at(0, &two), at(0, &two)}, "", false},
		"two for a time":             {[]Stamped[energy.Price]{at(0, &two), at(15, &one), at(0, &one)}, "", false},
		"one and nothing for a time": {[]Stamped[energy.Price]{at(0, &two), at(15, &one), at(0, nil)}, "", false},
	} {
		s, err := JoinStamped("EUR", nil, c.all)
		var got []byte
		for i := range c.want {
			letter := byte('.')
			if v, isThere := s.At(noon.Add(time.Duration(i)*15*time.Minute + 14*time.Minute)); isThere {
				letter = byte('0' + v)
			}
			got = append(got, letter)
		}
		if string(got) != c.want || (err == nil) != c.isGood || err != nil && KindOf(err) != Temporary {
			t.Errorf("%s: %s, want %s, %v", name, got, c.want, err)
		}
		if len(s.Points) > 0 && (s.Currency != "EUR" || s.Points[0].Start.Location() != time.UTC) {
			t.Errorf("%s: %v", name, s)
		}
	}
}

// Whatever comes, in whatever order: what is said twice is one, and each value stays at its time.
func TestJoinStamped_IsTheSameInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []Stamped[energy.Price]
		said := map[time.Time]energy.Price{}
		for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(0, 60), 2, 20, rapid.ID[int]).Draw(t, "quarters") {
			v := energy.Price(rapid.IntRange(-3, 3).Draw(t, "price"))
			at := noon.Add(time.Duration(n) * 15 * time.Minute)
			said[at] = v
			for range rapid.IntRange(1, 2).Draw(t, "times") {
				all = append(all, Stamped[energy.Price]{At: at, Value: &v})
			}
		}
		mixed := rapid.Permutation(slices.Clone(all)).Draw(t, "mixed")
		s, err := JoinStamped("EUR", nil, mixed)
		if err != nil || len(s.Points) != len(said) || s.Validate() != nil {
			t.Fatalf("%v, %v", s, err)
		}
		for _, p := range s.Points {
			if v, isSaid := said[p.Start]; !isSaid || v != p.Value {
				t.Fatalf("%v was not said at %v", p.Value, p.Start)
			}
		}
	})
}
