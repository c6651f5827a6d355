package digiwatt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/wire"
)

// Some hours of some days, with holes, in either order of fields: they are read as they were meant, or not at all.
func TestClock_ReadsHolesAsWell(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 3*366*24*60).Draw(t, "now")) * time.Minute)
		layout := rapid.SampledFrom(orders).Draw(t, "order")
		at := now.Add(-time.Duration(rapid.IntRange(0, 7*24).Draw(t, "hours ago")) * time.Hour)
		var meant []time.Time
		var stamps []string
		for range rapid.IntRange(1, 40).Draw(t, "count") {
			if !at.Before(now.Add(7 * 24 * time.Hour)) {
				break
			}
			meant, stamps = append(meant, at.Truncate(time.Second)), append(stamps, at.Format(layout))
			at = at.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 60, 60, 60, 243, 24 * 60}).Draw(t, "step")) * time.Minute)
		}
		times, err := clock{time.UTC, energy.Interval{Start: now.Add(-near), End: now.Add(near)}}.read(stamps)
		if err != nil {
			t.Fatalf("%q at %v: %v", stamps, now, err)
		}
		for i := range meant {
			if !times[0][i].Equal(meant[i]) {
				t.Fatalf("%q at %v is read as %v", stamps[i], now, times[0][i])
			}
		}
	})
}

// A local time is read as an instant at which the wall shows it.
func TestClock_ReadsWhatTheWallShows(t *testing.T) {
	z := rome(t)
	rapid.Check(t, func(t *rapid.T) {
		at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 366*24*4).Draw(t, "quarter")) * 15 * time.Minute)
		wall := at.In(z).Format(time.DateTime)
		written, err := time.Parse(time.DateTime, wall)
		if err != nil {
			t.Fatal(err)
		}
		for _, before := range []time.Time{{}, at.Add(-15 * time.Minute)} {
			got, err := clock{zone: z}.instant(written, before)
			if err != nil || got.In(z).Format(time.DateTime) != wall {
				t.Fatalf("%s is %v, %v", wall, got.In(z), err)
			}
			if !before.IsZero() && !got.After(before) {
				t.Fatalf("%s is %v, which is not after %v", wall, got, before)
			}
		}
	})
}

// readers are all that read an answer, and show it.
func readers() map[string]func(json.RawMessage, asked) (tabular, error) {
	return map[string]func(json.RawMessage, asked) (tabular, error){
		consumption: func(d json.RawMessage, q asked) (tabular, error) { return readPowers(d, q) },
		yearly:      func(d json.RawMessage, q asked) (tabular, error) { return readDistribution(d, q) },
		performance: func(d json.RawMessage, q asked) (tabular, error) { return readPerformance(d, q) },
		habits:      func(d json.RawMessage, q asked) (tabular, error) { return readHabits(d, q) },
		trend:       func(d json.RawMessage, q asked) (tabular, error) { return readMonths(d, q) },
		saving:      func(d json.RawMessage, q asked) (tabular, error) { return readSaving(d, q) },
		greenness:   func(d json.RawMessage, q asked) (tabular, error) { return readGreenness(d, q) },
	}
}

// Whatever comes, it is a table without ragged rows, or an error that says what is to be done.
func FuzzRead_TakesAnything(f *testing.F) {
	answers, err := filepath.Glob("testdata/*/*.json")
	if err != nil || len(answers) == 0 {
		f.Fatal("no recordings", err)
	}
	for _, answer := range answers {
		body, err := os.ReadFile(answer)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	s, err := New(Config{URL: "http://127.0.0.1:1", ClientID: "c", ClientSecret: secret, Account: "1234567890"}, &wire.Client{Now: func() time.Time { return noon }})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		data, _, err := unwrap(wire.Answer{Body: body})
		if err != nil {
			kinded(t, err)
			return
		}
		for operation, read := range readers() {
			v, err := read(data, s.asking(operation, ""))
			if err != nil {
				kinded(t, err)
				continue
			}
			table := v.table(operation)
			for _, row := range table.Rows {
				if len(row) != len(table.Columns) {
					t.Fatalf("%s: %q under %q", operation, row, table.Columns)
				}
			}
			if g, isGreen := v.(Greenness); isGreen {
				if err := (feeds.Values{Renewable: g.Share, Best: g.Best}).Check(s.About()); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

func kinded(t *testing.T, err error) {
	t.Helper()
	var f *feeds.Failure
	if !errors.As(err, &f) || strings.Contains(err.Error(), "\n") {
		t.Fatalf("%q says nothing of its kind, or too much", err)
	}
}

// Many who ask at once share one token.
func TestSource_MayBeAskedFromEverywhere(t *testing.T) {
	b := &bank{t: t, good: func(token string) bool { return token == "Bearer token-number-1" }}
	var mu sync.Mutex
	base := vendorOf(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		b.ServeHTTP(w, r)
	})
	s := open(t, settings(base), noon)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := s.Realtime(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if b.count != 1 {
		t.Errorf("%d tokens for 20 who ask", b.count)
	}
}

// Whoever gives up hears that, from a question and from an order.
func TestSource_GivesUpWhenToldTo(t *testing.T) {
	s := open(t, home(vendor(t, says(fmt.Sprintf(now532, 200)))), noon)
	ctx, cancel := context.WithCancel(t.Context())
	draft, err := order(t, s, "pair").Prepare(ctx, nil, feeds.Tariff{})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := s.Realtime(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("question: %v", err)
	}
	if _, err := draft.Send(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("order: %v", err)
	}
}

// What a server says of patience is not lost on the way.
func TestSource_PassesOnPatience(t *testing.T) {
	s := open(t, home(vendor(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "90")
		w.WriteHeader(http.StatusTooManyRequests)
	})), noon)
	if _, err := s.Trend(t.Context()); !feeds.NotBefore(err).Equal(noon.Add(90*time.Second)) || feeds.KindOf(err) != feeds.Temporary {
		t.Errorf("%v, not before %v", err, feeds.NotBefore(err))
	}
}

func TestHouse_ReadsBothSpellings(t *testing.T) {
	for body, want := range map[string]float64{
		`{"type": "villa", "dimesion": 87}`:    87,
		`{"type": "villa", "dimension": 91.5}`: 91.5,
		`{"type": "villa"}`:                    0,
	} {
		var h House
		if err := json.Unmarshal([]byte(body), &h); err != nil || h.Dimension != want || h.Type != "villa" {
			t.Errorf("%s: %+v, %v", body, h, err)
		}
		out, err := json.Marshal(h)
		if err != nil || !strings.Contains(string(out), `"dimesion":`) || strings.Contains(string(out), "dimension") {
			t.Errorf("%s, %v", out, err)
		}
	}
	var h House
	if json.Unmarshal([]byte(`{"dimesion": "big"}`), &h) == nil {
		t.Error("a word is a size")
	}
}
