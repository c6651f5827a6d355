package feeds

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"hearth/energy"
)

// Values is what a source has said. Series of what it does not yield are empty.
type Values struct {
	Import    energy.Series[energy.Price]       `json:"import_price,omitzero"`
	Export    energy.Series[energy.Price]       `json:"export_price,omitzero"`
	Carbon    energy.Series[energy.GramsPerKWh] `json:"carbon,omitzero"`
	Renewable energy.Series[energy.Share]       `json:"renewable_share,omitzero"`
	Solar     energy.Series[energy.Watts]       `json:"solar,omitzero"`
	Taken     energy.Series[energy.WattHours]   `json:"energy_taken,omitzero"`
	Given     energy.Series[energy.WattHours]   `json:"energy_given,omitzero"`
	// Best is when a source recommends to run something, in order.
	Best []energy.Interval `json:"recommended,omitempty"`
	// Remarks are what was odd and did no harm, a line each.
	Remarks []string `json:"remarks,omitempty"`
}

// Coverage is what is there of a kind.
type Coverage struct {
	Kind   Kind
	Extent energy.Interval // from the first value to the last
	Count  int             // of values
	Gaps   []energy.Interval
	Status energy.Status // of the last value
}

// Coverage lists the kinds of which there is something, in their order.
func (v Values) Coverage() []Coverage {
	var all []Coverage
	for _, kind := range Kinds {
		spans, status := v.spans(kind)
		if len(spans) == 0 {
			continue
		}
		c := Coverage{Kind: kind, Count: len(spans), Status: status}
		c.Extent = energy.Interval{Start: spans[0].Start, End: spans[len(spans)-1].End}
		c.Gaps = gaps(spans, c.Extent)
		all = append(all, c)
	}
	return all
}

// OrNotYet is the values, or a [NotYet] error where all of them are over before a span begins. For the zero span it is
// enough that there are some.
func (v Values) OrNotYet(span energy.Interval) (Values, error) {
	for _, c := range v.Coverage() {
		if c.Extent.End.After(span.Start) {
			return v, nil
		}
	}
	return Values{}, Fail(NotYet, "nothing of that time is out")
}

// Gaps is what is missing of a kind inside an interval.
func (v Values) Gaps(kind Kind, within energy.Interval) []energy.Interval {
	spans, _ := v.spans(kind)
	return gaps(spans, within)
}

func gaps(spans []energy.Interval, within energy.Interval) []energy.Interval {
	var s energy.Series[struct{}]
	for _, span := range spans {
		s.Points = append(s.Points, energy.Point[struct{}]{Interval: span})
	}
	return s.Gaps(within)
}

// spans is when a kind has values, and the status of the last.
func (v Values) spans(kind Kind) ([]energy.Interval, energy.Status) {
	switch kind {
	case ImportPrice:
		return spans(v.Import)
	case ExportPrice:
		return spans(v.Export)
	case Carbon:
		return spans(v.Carbon)
	case Renewable:
		return spans(v.Renewable)
	case Solar:
		return spans(v.Solar)
	case Taken:
		return spans(v.Taken)
	case Given:
		return spans(v.Given)
	}
	return nil, ""
}

func spans[T any](s energy.Series[T]) (all []energy.Interval, last energy.Status) {
	for _, p := range s.Points {
		all, last = append(all, p.Interval), statusOf(p.Origin)
	}
	return all, last
}

func statusOf(o *energy.Origin) energy.Status {
	if o == nil {
		return ""
	}
	return o.Status
}

// Check says what no source may yield: a kind that it does not announce, another currency, intervals that are empty
// or overlap, and numbers that are none. It names every fault.
func (v Values) Check(a About) error {
	var faults []error
	for _, c := range v.Coverage() {
		if !slices.Contains(a.Kinds, c.Kind) {
			faults = append(faults, fmt.Errorf("%s is not what the source yields", c.Kind))
		}
	}
	faults = append(faults,
		checkPrices(ImportPrice, v.Import, a.Currency), checkPrices(ExportPrice, v.Export, a.Currency),
		check(Carbon, v.Carbon, largest), check(Renewable, v.Renewable, largest), check(Solar, v.Solar, largest),
		check(Taken, v.Taken, largest), check(Given, v.Given, largest))
	return errors.Join(faults...)
}

func checkPrices(kind Kind, s energy.Series[energy.Price], c energy.Currency) error {
	if len(s.Points) > 0 && s.Currency != c {
		return Fail(Misconfigured, "%s is in %q, not in %q", kind, s.Currency, c)
	}
	return check(kind, s, math.Inf(1))
}

// largest is more than any home or power plant has of anything: a number beyond it is a slip. A price has its own bounds.
const largest = 1e15

func check[T ~int64 | ~float64](kind Kind, s energy.Series[T], largest float64) error {
	if err := s.Validate(); err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	for _, p := range s.Points {
		if !isOfThisWorld(p.Interval) {
			return fmt.Errorf("%s: %v is no time of this world", kind, p.Interval)
		}
		if f := math.Abs(float64(p.Value)); !(f <= largest) {
			return fmt.Errorf("%s: the value of %v is no number of this world", kind, p.Interval)
		}
	}
	return nil
}

// isOfThisWorld says that a time is none that only a slip of units yields.
func isOfThisWorld(i energy.Interval) bool { return i.Start.Year() >= 1970 && i.End.Year() <= 9999 }

// IsSame says that nobody would notice a change from v to o: the time of the fetch is not looked at.
func (v Values) IsSame(o Values) bool {
	return same(v.Import, o.Import) && same(v.Export, o.Export) && same(v.Carbon, o.Carbon) && same(v.Renewable, o.Renewable) &&
		same(v.Solar, o.Solar) && same(v.Taken, o.Taken) && same(v.Given, o.Given) &&
		slices.EqualFunc(v.Best, o.Best, isSameSpan) && slices.Equal(v.Remarks, o.Remarks)
}

func same[T comparable](a, b energy.Series[T]) bool {
	return a.Currency == b.Currency && slices.EqualFunc(a.Points, b.Points, func(x, y energy.Point[T]) bool {
		return isSameSpan(x.Interval, y.Interval) && x.Value == y.Value && statusOf(x.Origin) == statusOf(y.Origin)
	})
}

func isSameSpan(a, b energy.Interval) bool { return a.Start.Equal(b.Start) && a.End.Equal(b.End) }

// Only is the values of some kinds. What is recommended goes with the renewable share.
func (v Values) Only(kinds []Kind) Values {
	out := Values{Remarks: v.Remarks}
	for _, kind := range kinds {
		switch kind {
		case ImportPrice:
			out.Import = v.Import
		case ExportPrice:
			out.Export = v.Export
		case Carbon:
			out.Carbon = v.Carbon
		case Renewable:
			out.Renewable, out.Best = v.Renewable, v.Best
		case Solar:
			out.Solar = v.Solar
		case Taken:
			out.Taken = v.Taken
		case Given:
			out.Given = v.Given
		}
	}
	return out
}

// After is the values without what ended at t or before; a value that straddles it stays whole.
func (v Values) After(t time.Time) Values {
	v.Import, v.Export = after(v.Import, t), after(v.Export, t)
	v.Carbon, v.Renewable, v.Solar = after(v.Carbon, t), after(v.Renewable, t), after(v.Solar, t)
	v.Taken, v.Given = after(v.Taken, t), after(v.Given, t)
	v.Best = slices.DeleteFunc(slices.Clone(v.Best), func(i energy.Interval) bool { return !i.End.After(t) })
	return v
}

func after[T any](s energy.Series[T], t time.Time) energy.Series[T] {
	first := slices.IndexFunc(s.Points, func(p energy.Point[T]) bool { return p.End.After(t) })
	if first < 0 {
		return energy.Series[T]{Currency: s.Currency}
	}
	s.Points = s.Points[first:]
	return s
}

// IsPreliminary says that some value of a kind may still become final inside an interval.
func (v Values) IsPreliminary(kind Kind, within energy.Interval) bool {
	switch kind {
	case ImportPrice:
		return isPreliminary(v.Import, within)
	case ExportPrice:
		return isPreliminary(v.Export, within)
	case Carbon:
		return isPreliminary(v.Carbon, within)
	case Renewable:
		return isPreliminary(v.Renewable, within)
	case Solar:
		return isPreliminary(v.Solar, within)
	case Taken:
		return isPreliminary(v.Taken, within)
	case Given:
		return isPreliminary(v.Given, within)
	}
	return false
}

func isPreliminary[T any](s energy.Series[T], within energy.Interval) bool {
	return slices.ContainsFunc(s.Points, func(p energy.Point[T]) bool {
		return statusOf(p.Origin) == energy.Preliminary && p.Start.Before(within.End) && p.End.After(within.Start)
	})
}
