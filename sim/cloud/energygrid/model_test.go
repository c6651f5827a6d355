package energygrid

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

// cuts are those of the granularities that there are without a configuration.
func cuts(t *testing.T) map[string]func(time.Time, *time.Location) energy.Interval {
	t.Helper()
	all := map[string]func(time.Time, *time.Location) energy.Interval{}
	for _, g := range New(Config{}).cfg.Granularities {
		all[g.Name] = g.Cut
	}
	return all
}

// Whatever the size of its pages, a list is the same list, each page but the last is full, and none is without end.
func TestPages_AreOneList(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		most, size := rapid.IntRange(1, 40).Draw(r, "most"), rapid.IntRange(0, 40).Draw(r, "asked")
		span := rapid.SampledFrom([]energy.Interval{spring, autumn}).Draw(r, "day")
		_, whole := open(t, Config{PageSize: 1000}, span.End).usage(span, "HOUR", "", 1000)
		c := open(t, Config{PageSize: most}, span.End)
		want := most
		if size > 0 {
			want = min(most, size)
		}
		var all []item
		for token, isFirst := "", true; isFirst || token != ""; isFirst = false {
			status, p := c.usage(span, "HOUR", token, size)
			if status != http.StatusOK || len(p.Items) == 0 || p.Next != "" && len(p.Items) != want {
				r.Fatalf("%d, %d of %d on a page", status, len(p.Items), want)
			}
			all, token = append(all, p.Items...), p.Next
		}
		if fmt.Sprint(starts(all)) != fmt.Sprint(starts(whole.Items)) {
			r.Fatalf("%v, want %v", starts(all), starts(whole.Items))
		}
	})
}

func starts(items []item) (all []string) {
	for _, it := range items {
		all = append(all, it.Start)
	}
	return all
}

// The items of a span are the slots that the clock of the meter shows in it, found minute by minute.
func TestUsage_HasTheSlotsOfItsSpan(t *testing.T) {
	known := cuts(t)
	rapid.Check(t, func(r *rapid.T) {
		day := rapid.SampledFrom([]energy.Interval{spring, autumn}).Draw(r, "day")
		minute := func(name string, least, most int) time.Time {
			return day.Start.Add(time.Duration(rapid.IntRange(least, most).Draw(r, name)) * time.Minute)
		}
		span := energy.Interval{Start: minute("from", -600, 1200)}
		span.End = span.Start.Add(time.Duration(rapid.IntRange(1, 1800).Draw(r, "length")) * time.Minute)
		now := minute("now", 0, 3000)
		name := rapid.SampledFrom([]string{"DAY", "HOUR", "QUARTER_HOUR"}).Draw(r, "granularity")
		c := open(t, Config{PageSize: 1000}, now)
		var want []string
		for at := span.Start; at.Before(span.End); at = at.Add(time.Minute) {
			if slot := known[name](at, c.cfg.Zone); slot.Start.Equal(at) && !slot.End.After(now) {
				want = append(want, at.In(c.cfg.Zone).Format(time.RFC3339))
			}
		}
		if _, p := c.usage(span, name, "", 1000); !slices.Equal(starts(p.Items), want) {
			r.Fatalf("%s of %v at %v: %v, want %v", name, span, now, starts(p.Items), want)
		}
	})
}

// Each granularity parts time: an instant is in one slot, and where one ends the next begins.
func TestGranularities_PartTime(t *testing.T) {
	zone, known := open(t, Config{}, spring.End).cfg.Zone, cuts(t)
	rapid.Check(t, func(r *rapid.T) {
		at := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 2*366*86400).Draw(r, "second")) * time.Second)
		for name, cut := range known {
			slot := cut(at, zone)
			if next := cut(slot.End, zone); !slot.Contains(at) || !next.Start.Equal(slot.End) || !cut(slot.End.Add(-1), zone).Start.Equal(slot.Start) {
				r.Fatalf("%s: %v is in %v, which is followed by %v", name, at, slot, next)
			}
			if local := slot.Start.In(zone); name == "MONTH" && (local.Day() != 1 || local.Hour() != 0) || name == "DAY" && local.Hour() != 0 {
				r.Fatalf("%s begins at %v", name, local)
			}
		}
	})
}

// A token in which anything was changed is none, that of the customer and that of a page.
func TestTokens_AreSealed(t *testing.T) {
	c := open(t, Config{PageSize: 5}, spring.End)
	_, first := c.usage(spring, "HOUR", "", 5)
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
	forge := func(r *rapid.T, token string) string {
		i := rapid.IntRange(0, len(token)-1).Draw(r, "at")
		return token[:i] + string(letters[rapid.IntRange(0, len(letters)-1).Draw(r, "letter")]) + token[i+1:]
	}
	good := c.token
	rapid.Check(t, func(r *rapid.T) {
		c.token = forge(r, good)
		if status, _ := c.ask(http.MethodGet, "/Budget", ""); (status == http.StatusOK) != (c.token == good) {
			r.Fatalf("%s is let in: %d", c.token, status)
		}
		c.token = good
		page := forge(r, first.Next) // the last letter of base64 may differ in bits that say nothing
		decoded, err := base64.RawURLEncoding.DecodeString(page)
		original, _ := base64.RawURLEncoding.DecodeString(first.Next)
		isSame := err == nil && string(decoded) == string(original)
		if status, _ := c.usage(spring, "HOUR", page, 5); (status == http.StatusOK) != isSame {
			r.Fatalf("%q is a page: %d", decoded, status)
		}
	})
}

// A budget is the last amount that was taken; what was refused has changed nothing.
func TestBudget_IsTheLastThatWasTaken(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		c := open(t, Config{Currency: "EUR", Budget: Budget{Period: "2026-03"}}, spring.End)
		amount, writes := "null", 0
		for range rapid.IntRange(1, 10).Draw(r, "steps") {
			cents := rapid.IntRange(-20, 2000).Draw(r, "cents")
			currency := rapid.SampledFrom([]string{"EUR", "USD"}).Draw(r, "currency")
			period := rapid.SampledFrom([]string{"2026-03", "2026-04"}).Draw(r, "period")
			text := fmt.Sprint(float64(cents) / 100)
			status, _ := c.ask(http.MethodPut, "/Budget", fmt.Sprintf(`{"period": %q, "amount": %s, "currency": %q}`, period, text, currency))
			isGood := cents >= 0 && currency == "EUR" && period == "2026-03"
			if (status == http.StatusOK) != isGood {
				r.Fatalf("%s %s of %s: %d", text, currency, period, status)
			}
			if isGood {
				amount, writes = text, writes+1
			}
		}
		var got struct{ Amount json.RawMessage }
		_, body := c.ask(http.MethodGet, "/Budget", "")
		if err := json.NewDecoder(strings.NewReader(body)).Decode(&got); err != nil || string(got.Amount) != amount || c.Writes() != writes {
			r.Fatalf("%s, want %s after %d changes, %d", body, amount, writes, c.Writes())
		}
	})
}
