package console

import (
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"hearth/energy"
	"hearth/feeds"
)

func rome(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func text(t *testing.T, write func(*strings.Builder) error) string {
	t.Helper()
	var b strings.Builder
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTable_SetsColumnsBelowEachOther(t *testing.T) {
	table := NewTable("name", "é", "note")
	table.Left = []int{2}
	table.Row("a", "1", "x")
	table.Row("longer", "12.5")
	want := "" +
		"name       é  note\n" +
		"a          1  x\n" +
		"longer  12.5\n"
	if got := text(t, func(b *strings.Builder) error { _, err := table.WriteTo(b); return err }); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// What is below nothing hangs from the line of nothing; what is missing is a dot on it.
func TestCurve_Draws(t *testing.T) {
	zone := rome(t)
	c := Curve{
		Title: "import price", Unit: "EUR/kWh", Start: time.Date(2026, 5, 12, 22, 0, 0, 0, zone), Step: time.Hour,
		Values: []float64{0.4, 0.2, 0.05, 0, -0.2, math.NaN(), 0.4, 0.4, 0.1, 0.1},
	}
	want := `
import price, EUR/kWh
 0.4 ┤█     ██
     ┤█     ██
     ┤██    ██
     ┤██▄▁▁·████
     ┤    █
-0.2 ┤    █
        Wed 13
`
	got := text(t, func(b *strings.Builder) error { _, err := c.WriteTo(b); return err })
	if got != want[1:] {
		t.Errorf("got\n%swant\n%s", got, want[1:])
	}
}

// Whatever the values are, a chart is small, and each column is one character wide.
func TestCurve_StaysSmall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Curve{
			Title: "x", Start: time.Unix(0, 0).UTC(), Step: 15 * time.Minute,
			Values: rapid.SliceOfN(rapid.OneOf(rapid.Float64Range(-1e6, 1e6), rapid.Just(math.NaN()), rapid.Just(0.0)), 1, columns).Draw(t, "values"),
		}
		var b strings.Builder
		if _, err := c.WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
		if n := len(lines) - 2; n < 1 || n > height+1 {
			t.Fatalf("%d lines", n)
		}
		for _, line := range lines {
			if n := utf8.RuneCountInString(line); n > columns+12 {
				t.Fatalf("%d columns: %s", n, line)
			}
		}
	})
}

func TestValues_ShowsEveryValueOnceAndWhenItHolds(t *testing.T) {
	zone := rome(t)
	start := time.Date(2026, 10, 25, 1, 0, 0, 0, zone) // the hour from 02:00 comes twice that night
	var prices []energy.Point[energy.Price]
	var shares []energy.Point[energy.Share]
	for i := range 4 {
		hour := energy.Span(start.Add(time.Duration(i)*time.Hour), time.Hour)
		prices = append(prices, energy.Point[energy.Price]{Interval: hour, Value: energy.PriceOf(0.1 * float64(i-1)), Origin: &energy.Origin{Status: energy.Final}})
		if i > 1 {
			shares = append(shares, energy.Point[energy.Share]{Interval: hour, Value: 1.3, Origin: &energy.Origin{Status: energy.Forecast}})
		}
	}
	v := feeds.Values{
		Import: energy.Series[energy.Price]{Currency: "EUR", Points: prices}, Renewable: energy.Series[energy.Share]{Points: shares},
		Best: []energy.Interval{energy.Span(start, 90*time.Minute)}, Remarks: []string{"the sum is odd"},
	}
	got := text(t, func(b *strings.Builder) error { return Values(b, v, zone) })
	for _, line := range []string{
		"Sun 25 Oct 01:00  02:00                  -0.1  final",
		"Sun 25 Oct 02:00  02:00                     0  final",
		"Sun 25 Oct 02:00  03:00                   0.1  final                130  forecast",
		"recommended\n  Sun 25 Oct 01:00 to 02:30", "remark: the sum is odd", "renewable share, %", "import price, EUR/kWh",
	} {
		if !strings.Contains(got, line) {
			t.Errorf("no line %q in\n%s", line, got)
		}
	}
	if got := text(t, func(b *strings.Builder) error { return Values(b, feeds.Values{}, zone) }); got != "nothing\n" {
		t.Errorf("%q", got)
	}
}

// Every unit that a source may yield is shown in the unit of its column.
func TestValues_AreInTheUnitOfTheirColumn(t *testing.T) {
	hour := energy.Span(time.Date(2026, 5, 12, 12, 0, 0, 0, time.UTC), time.Hour)
	v := feeds.Values{
		Carbon: energy.Series[energy.GramsPerKWh]{Points: []energy.Point[energy.GramsPerKWh]{{Interval: hour, Value: 412.5}}},
		Solar:  energy.Series[energy.Watts]{Points: []energy.Point[energy.Watts]{{Interval: hour, Value: 4200}}},
		Taken:  energy.Series[energy.WattHours]{Points: []energy.Point[energy.WattHours]{{Interval: hour, Value: 1250}}},
	}
	got := text(t, func(b *strings.Builder) error { return Values(b, v, time.UTC) })
	fields := strings.Join(strings.Fields(strings.Split(got, "\n")[1]), " ")
	if fields != "Tue 12 May 12:00 13:00 412.5 4200 1250" {
		t.Errorf("%q", fields)
	}
}

func TestAnswer_SetsNumbersToTheRight(t *testing.T) {
	got := text(t, func(b *strings.Builder) error {
		return Answer(b, feeds.Table{
			Title: "distribution", Columns: []string{"appliance", "period", "Wh"},
			Rows: [][]string{{"fridge", "yesterday", "900"}, {"oven", "", "1200"}}, Remarks: []string{"odd"},
		})
	})
	want := "" +
		"distribution\n" +
		"appliance  period       Wh\n" +
		"fridge     yesterday   900\n" +
		"oven                  1200\n" +
		"remark: odd\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
