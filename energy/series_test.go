package energy

import (
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func series[T any](t interface{ Fatal(...any) }, points ...Point[T]) Series[T] {
	s, err := NewSeries("", points)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func pt(from, to float64, v Watts) Point[Watts] {
	return Point[Watts]{Interval: hours(from, to), Value: v}
}

// drawSeries is up to n points of whole minutes within two days, some touching, some with gaps.
func drawSeries(t *rapid.T, label string) Series[Watts] {
	at, points := noon, []Point[Watts](nil)
	for range rapid.IntRange(0, 12).Draw(t, label) {
		at = at.Add(time.Duration(rapid.SampledFrom([]int{0, 0, 7, 60, 200}).Draw(t, "gap")) * time.Minute)
		p := Point[Watts]{Interval: Span(at, time.Duration(rapid.IntRange(1, 240).Draw(t, "len"))*time.Minute)}
		p.Value = Watts(rapid.IntRange(-5000, 5000).Draw(t, "v"))
		points, at = append(points, p), p.End
	}
	return series(t, points...)
}

func TestNewSeries_SortsAndRefusesOverlap(t *testing.T) {
	s := series(t, pt(2, 3, 20), pt(0, 1, 10))
	if s.Points[0].Value != 10 {
		t.Error("points are in order of time")
	}
	for name, points := range map[string][]Point[Watts]{
		"overlap": {pt(0, 2, 1), pt(1, 3, 2)}, "same start": {pt(0, 1, 1), pt(0, 1, 2)}, "empty": {pt(1, 1, 1)}, "backwards": {pt(2, 1, 1)},
	} {
		if _, err := NewSeries("", points); err == nil {
			t.Errorf("%s accepted", name)
		}
	}
}

func TestSeries_At(t *testing.T) {
	s := series(t, pt(0, 1, 10), pt(1, 2, 20), pt(3, 4, 40))
	for hour, want := range map[float64]Watts{0: 10, 0.99: 10, 1: 20, 3: 40} {
		if got, ok := s.At(at(hour)); !ok || got != want {
			t.Errorf("at %v: %v, %v", hour, got, ok)
		}
	}
	for _, hour := range []float64{-0.01, 2, 2.5, 4} {
		if got, ok := s.At(at(hour)); ok {
			t.Errorf("at %v there is nothing, got %v", hour, got)
		}
	}
}

func TestSeries_SliceAndGapsTileTheInterval(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSeries(t, "n")
		within := Span(noon.Add(time.Duration(rapid.IntRange(-300, 600).Draw(t, "from"))*time.Minute), time.Duration(rapid.IntRange(1, 2000).Draw(t, "for"))*time.Minute)
		var parts []Interval
		for _, p := range s.Slice(within).Points {
			parts = append(parts, p.Interval)
			if v, ok := s.At(p.Start); !ok || v != p.Value {
				t.Fatal("a slice keeps its values")
			}
		}
		for _, gap := range s.Gaps(within) {
			parts = append(parts, gap)
			if _, ok := s.At(gap.Start); ok {
				t.Fatal("a gap has no value")
			}
		}
		slices.SortFunc(parts, func(a, b Interval) int { return a.Start.Compare(b.Start) })
		at := within.Start
		for _, p := range parts {
			if !p.Start.Equal(at) || p.IsEmpty() {
				t.Fatalf("parts %v of %v", parts, within)
			}
			at = p.End
		}
		if !at.Equal(within.End) {
			t.Fatalf("parts end at %v", at)
		}
	})
}

func TestMerge_PrefersTheFirstAndFillsGaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawSeries(t, "a"), drawSeries(t, "b")
		m, err := Merge(a, b)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Validate(); err != nil {
			t.Fatal(err)
		}
		for minute := -10; minute < 3200; minute += 3 {
			at := noon.Add(time.Duration(minute) * time.Minute)
			want, ok := a.At(at)
			if !ok {
				want, ok = b.At(at)
			}
			if got, has := m.At(at); has != ok || got != want {
				t.Fatalf("at %v: %v %v, want %v %v", at, got, has, want, ok)
			}
		}
	})
}

func TestMerge_RefusesMixedCurrencies(t *testing.T) {
	eur := Series[Price]{"EUR", []Point[Price]{{Interval: hours(0, 1)}}}
	usd := Series[Price]{"USD", []Point[Price]{{Interval: hours(1, 2)}}}
	if _, err := Merge(eur, usd); err == nil {
		t.Error("euros beside dollars")
	}
	if m, err := Merge(Series[Price]{}, eur, Series[Price]{Currency: "USD"}); err != nil || m.Currency != "EUR" {
		t.Errorf("an empty series has no say: %v, %v", m.Currency, err)
	}
}

// drawn:  points  [10)[20)    [40--)
// slots           |0   |1   |2   |3   |
func TestResample_LeavesOutWhatIsNotCoveredWhole(t *testing.T) {
	s := series(t, pt(0, 1, 10), pt(1, 2, 20), pt(3, 4.5, 40))
	got := Resample(s, NewGrid(at(0), 90*time.Minute, 3))
	if len(got.Points) != 2 || got.Points[1].Interval != hours(3, 4.5) {
		t.Fatalf("got %+v", got.Points)
	}
	if v := got.Points[0].Value; math.Abs(float64(v)-40.0/3) > 1e-9 {
		t.Errorf("first slot is %v, want the mean of 1 h at 10 and half an hour at 20", float64(v))
	}
}

func TestResample_KeepsTheEnergy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSeries(t, "n")
		g := NewGrid(noon.Add(time.Duration(rapid.IntRange(-60, 60).Draw(t, "from"))*time.Minute), time.Duration(rapid.IntRange(1, 120).Draw(t, "step"))*time.Minute, 40)
		covered := 0
		for _, p := range Resample(s, g).Points {
			covered++
			want := 0.0
			for _, q := range s.Slice(p.Interval).Points {
				want += float64(q.Value.Over(q.Length()))
			}
			if got := float64(p.Value.Over(p.Length())); math.Abs(got-want) > 1e-6 {
				t.Fatalf("slot %v has %v Wh, want %v", p.Interval, got, want)
			}
		}
		for i := range g.Count() {
			if len(s.Gaps(g.Slot(i))) == 0 {
				covered--
			}
		}
		if covered != 0 {
			t.Fatalf("%d slots too many", covered)
		}
	})
}

func TestResample_AveragesPricesExactly(t *testing.T) {
	price := func(from, to float64, p Price) Point[Price] { return Point[Price]{Interval: hours(from, to), Value: p} }
	for name, c := range map[string]struct {
		points []Point[Price]
		want   Price
	}{
		"half to even down": {[]Point[Price]{price(0, 0.5, 2), price(0.5, 1, 3)}, 2},
		"half to even up":   {[]Point[Price]{price(0, 0.5, 3), price(0.5, 1, 4)}, 4},
		"negative":          {[]Point[Price]{price(0, 0.5, -2), price(0.5, 1, -3)}, -2},
		"weighted":          {[]Point[Price]{price(0, 0.25, 400), price(0.25, 1, 800)}, 700},
		"huge":              {[]Point[Price]{price(0, 0.5, math.MaxInt64), price(0.5, 1, math.MaxInt64-2)}, math.MaxInt64 - 1},
	} {
		s, err := NewSeries("EUR", c.points)
		if err != nil {
			t.Fatal(err)
		}
		got := Resample(s, NewGrid(at(0), time.Hour, 1))
		if got.Currency != "EUR" || len(got.Points) != 1 || got.Points[0].Value != c.want {
			t.Errorf("%s: %+v, want %d", name, got, c.want)
		}
	}
}

// On the day the clock goes back, the hour between two and three is there twice: 25 hourly prices onto 100 slots.
func TestResample_DayOf25Hours(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	day := Day(time.Date(2026, 10, 25, 9, 0, 0, 0, zone), zone)
	var points []Point[Price]
	for i := range 25 {
		points = append(points, Point[Price]{Interval: Span(day.Start.Add(time.Duration(i)*time.Hour), time.Hour), Value: Price(i)})
	}
	s, err := NewSeries("EUR", points)
	if err != nil {
		t.Fatal(err)
	}
	got := Resample(s, Grid{day, 15 * time.Minute})
	if len(got.Points) != 100 || got.Points[99].Value != 24 || !got.Extent().End.Equal(day.End) {
		t.Errorf("%d slots, last %v", len(got.Points), got.Points[len(got.Points)-1])
	}
}

func TestSeries_SurvivesJSON(t *testing.T) {
	origin := &Origin{Source: "utility/prices", Fetched: noon, Status: Final}
	s := Series[Price]{"EUR", []Point[Price]{{hours(0, 1), PriceOf(0.123456789012), origin}}}
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var back Series[Price]
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if p := back.Points[0]; p.Value != s.Points[0].Value || *p.Origin != *origin || !p.Start.Equal(at(0)) || back.Currency != "EUR" {
		t.Errorf("%s reads back as %+v", b, back)
	}
}

func TestMap_KeepsIntervals(t *testing.T) {
	got := Map(series(t, pt(0, 1, 1500)), func(w Watts) float64 { return float64(w) / 1000 })
	if len(got.Points) != 1 || got.Points[0].Value != 1.5 || got.Extent() != hours(0, 1) {
		t.Errorf("got %+v", got)
	}
}

func BenchmarkResample(b *testing.B) {
	var points []Point[Price]
	for i := range 96 * 7 {
		points = append(points, Point[Price]{Interval: Span(noon.Add(time.Duration(i)*15*time.Minute), 15*time.Minute), Value: Price(i)})
	}
	s, _ := NewSeries("EUR", points)
	for name, step := range map[string]time.Duration{"to 5 min": 5 * time.Minute, "to 60 min": time.Hour} {
		g := Grid{s.Extent(), step}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Resample(s, g)
			}
		})
	}
}
