package api

import (
	"embed"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

//go:embed plain
var plain embed.FS

// addPlain serves the main numbers as plain HTML.
func addPlain(mux *http.ServeMux, o Options) {
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = io.WriteString(w, plainHome{o.Home.Home()}.page()) // the reader has gone: nobody to tell
	})
	mux.HandleFunc("GET /plain.css", func(w http.ResponseWriter, r *http.Request) {
		serveFile(w, r, plain, "plain/plain.css")
	})
}

// plainHome is a home with the words of the plain page.
type plainHome struct{ Home }

// Clock is a time of day in the home's zone, with the weekday where that is not today.
func (p plainHome) Clock(t time.Time) string {
	zone, err := time.LoadLocation(p.Zone)
	if err != nil {
		zone = time.UTC
	}
	t, now := t.In(zone), p.Now.In(zone)
	if t.YearDay() != now.YearDay() || t.Year() != now.Year() {
		return t.Format("Mon 15:04")
	}
	return t.Format("15:04 MST")
}

// Power is a number of watts; a dash when it is not known.
func (plainHome) Power(w *float64) string { return number(w, 1, 0, " W") }

// PerKWh is a price.
func (p plainHome) PerKWh(price *float64) string { return number(price, 1, 4, " "+p.Currency+"/kWh") }

// Grams is a carbon intensity.
func (plainHome) Grams(g *float64) string { return number(g, 1, 0, " g/kWh") }

// Percent is a fraction in percent.
func (plainHome) Percent(fraction *float64) string { return number(fraction, 100, 0, " %") }

// Thousandth turns Wh into kWh and g into kg.
func (plainHome) Thousandth(v *float64, unit string) string { return number(v, 0.001, 2, " "+unit) }

// Money is an amount in the home's currency.
func (p plainHome) Money(v *float64) string { return number(v, 1, 2, " "+p.Currency) }

func number(v *float64, by float64, digits int, unit string) string {
	if v == nil {
		return "–"
	}
	text := strconv.FormatFloat(*v*by, 'f', digits, 64)
	if zero := fmt.Sprintf("-%.*f", digits, 0.0); text == zero {
		text = zero[1:]
	}
	return text + unit
}
