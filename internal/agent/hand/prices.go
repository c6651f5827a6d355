package hand

import (
	"time"

	"hearth/energy"
)

// Hourly is a series of hours from a time on, of a source called wire.
func Hourly[T any](from time.Time, currency energy.Currency, values ...T) energy.Series[T] {
	s := energy.Series[T]{Currency: currency}
	for i, v := range values {
		s.Points = append(s.Points, energy.Point[T]{
			Interval: energy.Span(from.Add(time.Duration(i)*time.Hour), time.Hour), Value: v,
			Origin: &energy.Origin{Source: "wire", Status: energy.Final, Fetched: from},
		})
	}
	return s
}

// Euro is hourly prices from a time on.
func Euro(from time.Time, amounts ...float64) energy.Series[energy.Price] {
	prices := make([]energy.Price, len(amounts))
	for i, a := range amounts {
		prices[i] = energy.PriceOf(a)
	}
	return Hourly(from, "EUR", prices...)
}

// PricesAt reads prices and their sources at hours after a time: "wire 0.3", or "none".
func PricesAt(s energy.Series[energy.Price], from time.Time, hours ...float64) (out []string) {
	for _, h := range hours {
		within := s.Slice(energy.Span(from.Add(time.Duration(h*float64(time.Hour))), 1)).Points
		if len(within) == 0 {
			out = append(out, "none")
			continue
		}
		out = append(out, within[0].Origin.Source+" "+within[0].Value.String())
	}
	return out
}
