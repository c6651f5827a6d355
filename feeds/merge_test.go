package feeds

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

var noon = time.Date(2026, 5, 12, 12, 0, 0, 0, time.UTC)

// drawn is a series in text: a letter holds for an hour, capital ones are final, small ones a forecast, "-" is
// missing. Every letter is a price of its own.
func drawn(text string, start time.Time) energy.Series[energy.Price] {
	s := energy.Series[energy.Price]{Currency: "EUR"}
	for i, r := range text {
		if r == '-' {
			continue
		}
		origin := &energy.Origin{Source: "x", Status: energy.Final}
		switch {
		case r >= '0' && r <= '9':
			origin.Status = energy.Preliminary
		case r >= 'a':
			origin.Status = energy.Forecast
		}
		s.Points = append(s.Points, energy.Point[energy.Price]{
			Interval: energy.Span(start.Add(time.Duration(i)*time.Hour), time.Hour), Value: energy.Price(r), Origin: origin,
		})
	}
	return s
}

func text[T energy.Number](s energy.Series[T], hours int) string {
	out := strings.Builder{}
	for i := range hours {
		if v, ok := s.At(noon.Add(time.Duration(i) * time.Hour)); ok {
			out.WriteRune(rune(v))
		} else {
			out.WriteByte('-')
		}
	}
	return out.String()
}

func TestOver_KeepsTheFirmerAndThenTheNewer(t *testing.T) {
	for _, c := range []struct{ fresh, old, want string }{
		{"NNNN", "----", "NNNN"},
		{"----", "OOOO", "OOOO"},
		{"nnnn", "OO--", "OOnn"}, // a forecast never overwrites a final
		{"nnnn", "12oo", "12nn"}, // nor a preliminary one; an old forecast, yes
		{"8888", "OOoo", "OO88"},
		{"8888", "1111", "8888"},
		{"NN--", "1oOo", "NNOo"},
		{"N-N-", "OOOO", "NONO"}, // of two that are equally firm the newer
		{"nN8n", "oO1-", "nN8n"},
	} {
		got := Values{Import: drawn(c.fresh, noon)}.Over(Values{Import: drawn(c.old, noon)})
		if s := text(got.Import, 4); s != c.want {
			t.Errorf("%s over %s is %s, want %s", c.fresh, c.old, s, c.want)
		}
	}
}

// At each instant the firmest value holds, and of those the newest, whatever came; and the series is sound.
func TestOver_IsALawOfEachInstant(t *testing.T) {
	firm := func(b byte) int { return strings.Index("-a1A", string(b)) }
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string) string {
			return rapid.StringOfN(rapid.SampledFrom([]rune("-a1A")), 8, 8, -1).Draw(t, label)
		}
		fresh, old := draw("fresh"), draw("old")
		got := Values{Import: drawn(fresh, noon)}.Over(Values{Import: drawn(strings.ToUpper(old), noon)})
		if err := got.Import.Validate(); err != nil {
			t.Fatal(err)
		}
		old = strings.ToUpper(old)
		for i, r := range []byte(text(got.Import, 8)) {
			if want := max(firm(fresh[i]), firm(old[i])); firm(r) != want {
				t.Fatalf("%s over %s at %d is %c", fresh, old, i, r)
			}
		}
	})
}

func TestOver_ForgetsAnotherCurrency(t *testing.T) {
	fresh, old := drawn("N---", noon), drawn("OOOO", noon)
	fresh.Currency = "NOK"
	if got := (Values{Import: fresh}).Over(Values{Import: old}).Import; got.Currency != "NOK" || text(got, 4) != "N---" {
		t.Errorf("%v", got)
	}
}

// Half of an interval does not hold half of its energy: what was counted is taken whole or not at all.
func TestOver_CutsNoEnergies(t *testing.T) {
	counted := func(from, to int, value energy.WattHours) energy.Series[energy.WattHours] {
		return energy.Series[energy.WattHours]{Points: []energy.Point[energy.WattHours]{{
			Interval: energy.Interval{Start: noon.Add(time.Duration(from) * time.Hour), End: noon.Add(time.Duration(to) * time.Hour)}, Value: value,
		}}}
	}
	old := counted(0, 2, 'O')
	old.Points = append(old.Points, counted(2, 4, 'P').Points...)
	got := Values{Taken: counted(1, 2, 'N')}.Over(Values{Taken: old}).Taken
	if s := text(got, 4); s != "-NPP" {
		t.Errorf("got %s", s)
	}
	if err := got.Validate(); err != nil {
		t.Error(err)
	}
}

func TestOver_KeepsTheLastRecommendation(t *testing.T) {
	best := []energy.Interval{energy.Span(noon, time.Hour)}
	if got := (Values{}).Over(Values{Best: best, Remarks: []string{"old"}}); len(got.Best) != 1 || len(got.Remarks) != 0 {
		t.Errorf("%+v", got)
	}
	if got := (Values{Best: best}).After(noon.Add(time.Hour)); len(got.Best) != 0 || len(best) != 1 || best[0].IsEmpty() {
		t.Errorf("%+v, and what was handed in is %v", got, best)
	}
}

// everything has something of each kind.
func everything() Values {
	p := drawn("A-C", noon)
	return Values{
		Import: p, Export: p,
		Carbon:    energy.Map(p, func(p energy.Price) energy.GramsPerKWh { return energy.GramsPerKWh(p) }),
		Renewable: energy.Map(p, func(energy.Price) energy.Share { return 1.3 }),
		Solar:     energy.Map(p, func(p energy.Price) energy.Watts { return energy.Watts(p) }),
		Taken:     energy.Map(p, func(p energy.Price) energy.WattHours { return energy.WattHours(p) }),
		Given:     energy.Map(p, func(p energy.Price) energy.WattHours { return energy.WattHours(p) }),
		Best:      []energy.Interval{energy.Span(noon, time.Hour)}, Remarks: []string{"odd"},
	}
}

func TestValues_CoverEveryKind(t *testing.T) {
	v := everything()
	all := v.Coverage()
	if len(all) != len(Kinds) {
		t.Fatalf("%d kinds of %d", len(all), len(Kinds))
	}
	for i, c := range all {
		if c.Kind != Kinds[i] || c.Count != 2 || c.Extent.Length() != 3*time.Hour || c.Status != energy.Final ||
			len(c.Gaps) != 1 || !c.Gaps[0].Start.Equal(noon.Add(time.Hour)) {
			t.Errorf("%+v", c)
		}
	}
	if got := v.After(noon.Add(time.Hour)).Coverage(); len(got) != len(Kinds) || got[0].Count != 1 {
		t.Errorf("%+v", got)
	}
	if got := v.After(noon.Add(3 * time.Hour)).Coverage(); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	if got := v.Gaps("weather", energy.Span(noon, time.Hour)); len(got) != 1 {
		t.Errorf("of what is unknown all is missing: %v", got)
	}
}

func TestValues_DifferByWhateverChanged(t *testing.T) {
	v := everything()
	for name, change := range map[string]func(*Values){
		"import": func(v *Values) { v.Import = drawn("A", noon) }, "given": func(v *Values) { v.Given.Points = v.Given.Points[1:] },
		"best": func(v *Values) { v.Best = nil }, "remarks": func(v *Values) { v.Remarks = nil },
		"status":   func(v *Values) { v.Export = drawn("a-C", noon) },
		"currency": func(v *Values) { v.Export.Currency = "USD" },
	} {
		if other := everything(); !other.IsSame(v) {
			t.Fatal("two of a kind differ")
		} else if change(&other); other.IsSame(v) {
			t.Errorf("a change of %s is not seen", name)
		}
	}
}

func TestValues_CheckNamesWhatNoSourceMayYield(t *testing.T) {
	about := About{Kinds: Kinds, Currency: "EUR"}
	if err := everything().Check(about); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*Values, *About)
		says   string
	}{
		"currency":     {func(v *Values, _ *About) { v.Export.Currency = "JPY" }, `export price is in "JPY", not in "EUR"`},
		"kind":         {func(_ *Values, a *About) { a.Kinds = Kinds[1:] }, "import price is not what the source yields"},
		"huge":         {func(v *Values, _ *About) { v.Solar.Points[0].Value = 1e308 }, "solar: the value of"},
		"not a number": {func(v *Values, _ *About) { v.Carbon.Points[0].Value = energy.GramsPerKWh(math.NaN()) }, "carbon: the value of"},
		"infinite":     {func(v *Values, _ *About) { v.Taken.Points[0].Value = energy.WattHours(math.Inf(-1)) }, "energy taken: the value of"},
		"overlap":      {func(v *Values, _ *About) { v.Renewable.Points[1].Start = noon }, "renewable share: series: point 1"},
		"far":          {func(v *Values, _ *About) { v.Import.Points[1].End = noon.AddDate(9000, 0, 0) }, "import price: [2026-05-12"},
		"empty":        {func(v *Values, _ *About) { v.Given.Points[0].End = noon }, "energy given: series: point 0"},
	} {
		v := everything()
		c.change(&v, &about)
		if err := v.Check(about); err == nil || !strings.Contains(err.Error(), c.says) || name == "currency" && KindOf(err) != Misconfigured {
			t.Errorf("%s: %v", name, err)
		}
		about.Kinds = Kinds
	}
}
