package console

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// columns of a chart fit an 80-column terminal beside their labels.
const columns = 68

// Values shows what a source has said: a table of every value, as many kinds side by side as there are, and a small
// chart of each kind. Times are of the zone's wall clock.
func Values(w io.Writer, v feeds.Values, zone *time.Location) error {
	kinds := kindsOf(v)
	if err := table(w, kinds, zone); err != nil {
		return err
	}
	for _, k := range kinds {
		fmt.Fprintln(w)
		if _, err := k.curve(zone).WriteTo(w); err != nil {
			return err
		}
	}
	if len(v.Best) > 0 {
		fmt.Fprintln(w, "\nrecommended")
	}
	for _, b := range v.Best {
		fmt.Fprintf(w, "  %s to %s\n", b.Start.In(zone).Format("Mon 2 Jan 15:04"), b.End.In(zone).Format("15:04"))
	}
	for _, remark := range v.Remarks {
		fmt.Fprintln(w, "remark:", feeds.OneLine(remark))
	}
	return nil
}

// kind is one kind of values as text and as numbers.
type kind struct {
	title, unit string
	points      []point
}

type point struct {
	energy.Interval
	text   string
	number float64
	status energy.Status
}

func kindsOf(v feeds.Values) []kind {
	var all []kind
	add(&all, feeds.ImportPrice, v.Import, string(v.Import.Currency)+"/kWh", 1e-12)
	add(&all, feeds.ExportPrice, v.Export, string(v.Export.Currency)+"/kWh", 1e-12)
	add(&all, feeds.Carbon, v.Carbon, "g/kWh", 1)
	add(&all, feeds.Renewable, v.Renewable, "%", 100)
	add(&all, feeds.Solar, v.Solar, "W", 1)
	add(&all, feeds.Taken, v.Taken, "Wh", 1)
	add(&all, feeds.Given, v.Given, "Wh", 1)
	return all
}

// add puts a kind of which there is something with the others; a number is the value times by.
func add[T energy.Number](all *[]kind, title feeds.Kind, s energy.Series[T], unit string, by float64) {
	if len(s.Points) == 0 {
		return
	}
	k := kind{title: string(title), unit: unit}
	for _, p := range s.Points {
		one := point{Interval: p.Interval, text: strings.TrimSuffix(fmt.Sprint(p.Value), "%"), number: float64(p.Value) * by}
		for _, suffix := range []string{" g/kWh", "kWh", "Wh", "kW", "W"} {
			if strings.HasSuffix(one.text, suffix) {
				one.text = number(one.number)
			}
		}
		if p.Origin != nil {
			one.status = p.Origin.Status
		}
		k.points = append(k.points, one)
	}
	*all = append(*all, k)
}

// table has a row for each start and end that any kind has.
func table(w io.Writer, kinds []kind, zone *time.Location) error {
	if len(kinds) == 0 {
		_, err := fmt.Fprintln(w, "nothing")
		return err
	}
	head := []string{"from", "to"}
	for _, k := range kinds {
		head = append(head, k.title+" "+k.unit, "")
	}
	t := NewTable(head...)
	t.Left = []int{1}
	next := make([]int, len(kinds))
	for {
		first := earliest(kinds, next)
		if first.IsEmpty() {
			break
		}
		cells := []string{first.Start.In(zone).Format("Mon 2 Jan 15:04"), first.End.In(zone).Format("15:04")}
		for i, k := range kinds {
			text, status := "", ""
			if next[i] < len(k.points) && k.points[next[i]].Interval == first {
				text, status = k.points[next[i]].text, string(k.points[next[i]].status)
				next[i]++
			}
			cells = append(cells, text, status)
		}
		t.Row(cells...)
	}
	for i := range kinds {
		t.Left = append(t.Left, 3+2*i)
	}
	_, err := t.WriteTo(w)
	return err
}

// earliest is the interval that comes next in any kind; empty when all have ended.
func earliest(kinds []kind, next []int) energy.Interval {
	var first energy.Interval
	for i, k := range kinds {
		if next[i] >= len(k.points) {
			continue
		}
		if p := k.points[next[i]].Interval; first.IsEmpty() || p.Start.Before(first.Start) || p.Start.Equal(first.Start) && p.End.Before(first.End) {
			first = p
		}
	}
	return first
}

// curve is the kind on as many columns as fit, each the mean of what it covers.
func (k kind) curve(zone *time.Location) Curve {
	from, to := k.points[0].Start, k.points[len(k.points)-1].End
	step := 15 * time.Minute
	for to.Sub(from) > columns*step {
		step *= 2
	}
	midnight := energy.Day(from, zone).Start
	from = midnight.Add(from.Sub(midnight).Truncate(step))
	c := Curve{Title: k.title, Unit: k.unit, Start: from.In(zone), Step: step}
	for at := from; at.Before(to); at = at.Add(step) {
		c.Values = append(c.Values, k.mean(energy.Span(at, step)))
	}
	return c
}

func (k kind) mean(within energy.Interval) float64 {
	sum, covered := 0.0, 0.0
	for _, p := range k.points {
		if part := p.Overlap(within); !part.IsEmpty() {
			sum += p.number * part.Length().Hours()
			covered += part.Length().Hours()
		}
	}
	if covered == 0 {
		return math.NaN()
	}
	return sum / covered
}
