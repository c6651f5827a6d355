package gridx

import (
	"context"
	"sync"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds/keep"
)

// store is in memory.
type store struct{ sync.Map }

func (s *store) Get(key string) ([]byte, bool, error) {
	v, isFound := s.Load(key)
	if !isFound {
		return nil, false, nil
	}
	return v.([]byte), true, nil
}

func (s *store) Put(key string, value []byte) error {
	s.Store(key, value)
	return nil
}

// walk is the stand's clock, which goes on by itself whenever somebody waits; it ends the run at a time.
type walk struct {
	*stand
	until time.Time
}

func (w walk) Sleep(_ context.Context, d time.Duration) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.now = w.now.Add(d); w.now.After(w.until) {
		return context.Canceled
	}
	return nil
}

// A day as the agent lives it: from noon to noon, asked when the keeper thinks it worth it.
func TestPricing_ADayWithTheKeeper(t *testing.T) {
	for day, slots := range map[string]int{"2026-03-02T12:00:00-08:00": 24, "2026-03-07T12:00:00-08:00": 23, "2026-10-31T12:00:00-07:00": 25} {
		s := serve(t, day, func(c *Config) { c.Forecast = tenfold })
		evening := at(t, day).Add(11 * time.Hour)
		k := keep.New("prices", "home", keep.Parts{Source: s.source(t, nil), Store: &store{}, Clock: walk{s, evening}})
		if err := k.Run(t.Context()); err == nil {
			t.Fatal("it does not end")
		}
		asked := s.count("/v1/getPricing")
		tomorrow := s.days(at(t, day).Add(24*time.Hour), 1)
		v := k.Values().Import.Slice(tomorrow)
		if len(v.Points) != slots || len(v.Gaps(tomorrow)) != 0 {
			t.Errorf("%s: %d slots, gaps %v", day, len(v.Points), v.Gaps(tomorrow))
		}
		for _, p := range v.Points {
			if p.Value != hourly(p.Start) || p.Origin.Status != energy.Final {
				t.Fatalf("%s: %v is %v, %s", day, p.Interval, p.Value, p.Origin.Status)
			}
		}
		if asked > 40 {
			t.Errorf("%s: %d questions in half a day", day, asked)
		}
	}
}
