package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"hearth/energy"
	"hearth/internal/console"
)

// none is printed where there is no value.
const none = "-"

// writeTable prints what people read. Gaps are in hundredths of the currency: cents.
func (r benchReport) writeTable(w io.Writer) error {
	if err := r.writeProblemTable(w); err != nil {
		return err
	}
	if r.Options.Warm {
		if err := r.writeWarmTable(w); err != nil {
			return err
		}
	}
	if err := r.writeFamilyTable(w); err != nil {
		return err
	}
	fmt.Fprintln(w)
	for _, row := range r.Problems {
		if row.Error != "" {
			fmt.Fprintf(w, "%s: %s\n", row.Name, firstLine(row.Error))
		}
	}
	m := r.Machine
	_, err := fmt.Fprintf(w, "ct: hundredths of the currency. hearth %s, %s/%s, %d CPUs, %s\n", r.Version, m.OS, m.Arch, m.CPUs, m.Go)
	return err
}

func (r benchReport) writeProblemTable(w io.Writer) error {
	hasBest := slices.ContainsFunc(r.Problems, func(row benchRow) bool { return row.Best != nil })
	columns := []string{"problem", "slots", "devices", "objective", "bound", "gap ct", "gap %"}
	if hasBest {
		columns = append(columns, "over best", "below best")
	}
	t := console.NewTable(slices.Concat(columns, r.atColumns(), []string{"first ms", "total ms", "heap MB", "status"})...)
	for _, row := range r.Problems {
		if row.Error != "" {
			blank := slices.Repeat([]string{none}, len(columns)-1+len(r.Options.At)+3)
			t.Row(slices.Concat([]string{row.Name}, blank, []string{"unreadable"})...)
			continue
		}
		cells := []string{
			row.Name, strconv.Itoa(row.Slots), strconv.Itoa(row.Devices),
			amount(&row.Objective), amount(row.Bound), cents(row.Gap), percent(row.GapShare),
		}
		if hasBest {
			cells = append(cells, cents(row.OverBest), cents(row.BelowBest))
		}
		for _, at := range row.At {
			cells = append(cells, cents(at.Gap))
		}
		t.Row(append(cells, duration(row.First), duration(row.Total), fmt.Sprintf("%.1f", row.Heap), string(row.Status))...)
	}
	_, err := t.WriteTo(w)
	return err
}

// atColumns are the heads of the columns of --at.
func (r benchReport) atColumns() (out []string) {
	for _, at := range r.Options.At {
		out = append(out, "@"+(time.Duration(at*float64(time.Second))).String())
	}
	return out
}

func (r benchReport) writeFamilyTable(w io.Writer) error {
	fmt.Fprintln(w)
	columns := []string{"family", "problems", "optimal", "gap ct: median", "worst", "gap %: median", "worst"}
	t := console.NewTable(slices.Concat(columns, r.atColumns(), []string{"first ms: median", "worst", "total ms: median", "heap MB: worst"})...)
	for _, f := range r.Families {
		cells := []string{f.Family, strconv.Itoa(f.Problems), strconv.Itoa(f.Optimal)}
		cells = append(cells, scaled(f.Gap, 100)...)
		cells = append(cells, scaled(f.GapShare, 100)...)
		for i := range r.Options.At {
			at := none
			if i < len(f.At) {
				at = scaled(f.At[i].Gap, 100)[0]
			}
			cells = append(cells, at)
		}
		if f.First == nil {
			t.Row(append(cells, none, none, none, none)...)
			continue
		}
		t.Row(append(cells, duration(f.First.Median), duration(f.First.Most), duration(f.Total.Median), fmt.Sprintf("%.1f", f.Heap.Most))...)
	}
	_, err := t.WriteTo(w)
	return err
}

// scaled are the cells of a median and a greatest value, times a factor.
func scaled(m *medianAndMost, by float64) []string {
	if m == nil {
		return []string{none, none}
	}
	return []string{decimals(by*m.Median, 2), decimals(by*m.Most, 2)}
}

// amount is money with five decimals.
func amount(m *energy.Money) string {
	if m == nil {
		return none
	}
	return decimals(m.Float(), 5)
}

// cents are hundredths of the currency.
func cents(m *energy.Money) string {
	if m == nil {
		return none
	}
	return decimals(100*m.Float(), 2)
}

// decimals are so many of them; what rounds to nothing has no sign.
func decimals(v float64, places int) string {
	text := strconv.FormatFloat(v, 'f', places, 64)
	if strings.Trim(text, "-0.") == "" {
		return strings.TrimPrefix(text, "-")
	}
	return text
}

func percent(share *float64) string {
	if share == nil {
		return none
	}
	return decimals(100**share, 2)
}

// duration is milliseconds, with decimals where they say something.
func duration(ms float64) string {
	if ms < 100 {
		return fmt.Sprintf("%.1f", ms)
	}
	return fmt.Sprintf("%.0f", ms)
}
