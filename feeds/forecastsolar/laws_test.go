package forecastsolar

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
	"hearth/feeds/keep"
	"hearth/feeds/wire"
	"hearth/internal/clock"
)

// Days of any length, one after the other: the slots tile them, nights included, and their energy is that of the straight
// lines between what was told. Without one instant the two slots beside it are missing, and nothing else.
func TestSlots_TileDaysAndLeaveHoles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		step := rapid.SampledFrom([]time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour}).Draw(t, "step")
		var all []watt
		for day := range rapid.IntRange(1, 3).Draw(t, "days") {
			first := six.AddDate(0, 0, day)
			count := rapid.IntRange(4, 10).Draw(t, "instants")
			all = append(all, watt{first.Add(-time.Duration(rapid.Int64Range(1, int64(step-1)).Draw(t, "sunrise"))), 0})
			for i := range count {
				all = append(all, watt{first.Add(time.Duration(i) * step), energy.Watts(rapid.IntRange(1, 8000).Draw(t, "power"))})
			}
			all = append(all, watt{all[len(all)-1].at.Add(time.Duration(rapid.Int64Range(1, int64(step-1)).Draw(t, "sunset"))), 0})
		}
		whole := slots(all, nil)
		want, got := 0.0, 0.0
		for i := 1; i < len(all); i++ {
			want += float64(all[i-1].power+all[i].power) / 2 * all[i].at.Sub(all[i-1].at).Hours()
		}
		for _, p := range whole.Points {
			got += float64(p.Value.Over(p.Length()))
		}
		if err := whole.Validate(); err != nil || len(whole.Points) != len(all)-1 || len(whole.Gaps(whole.Extent())) != 0 || math.Abs(got-want) > 1e-6*max(1, want) {
			t.Fatalf("%d slots of %d, %g Wh, want %g, %v", len(whole.Points), len(all)-1, got, want, err)
		}
		lost := rapid.IntRange(2, 3).Draw(t, "lost") // in the first day, and between two that are a step away
		fewer := slots(append(append([]watt{}, all[:lost]...), all[lost+1:]...), nil)
		gap := energy.Interval{Start: all[lost-1].at, End: all[lost+1].at}
		if gaps := fewer.Gaps(whole.Extent()); len(gaps) != 1 || gaps[0] != gap {
			t.Fatalf("without the instant %v the gaps are %v", all[lost].at, gaps)
		}
	})
}

// stingy is the free service: twelve questions in an hour for everybody behind one address.
type stingy struct {
	mu     sync.Mutex
	others int // questions of the neighbours, at the start of each hour
	good   []time.Time
	bad    int
}

func (s *stingy) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	hour := now.Truncate(time.Hour)
	used := s.others
	for _, at := range s.good {
		if !at.Before(hour) {
			used++
		}
	}
	status, body := http.StatusOK, fmt.Sprintf(`{"result":{"watts":{%q:900,%q:1800}},"message":{"code":0}}`, hour.Format(time.RFC3339), hour.Add(time.Hour).Format(time.RFC3339))
	if used >= 12 {
		s.bad++
		s.others = 0 // the next hour is ours
		status, body = http.StatusTooManyRequests, fmt.Sprintf(quota, key, fmt.Sprintf(`,"retry-at":%q`, hour.Add(time.Hour).Format(time.RFC3339)))
	} else {
		s.good = append(s.good, now)
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// Whoever is told when to come back comes back then, once, and is well within the quota afterwards.
func TestKeeper_KeepsToTheQuota(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := &stingy{others: 12}
		s, err := New(roof, wire.New(feeds.Net{HTTP: &http.Client{Transport: service}}, key))
		if err != nil {
			t.Fatal(err)
		}
		k := keep.New("roof", "home", keep.Parts{Source: s, Store: new(feedtest.Memory), Clock: clock.Wall{}})
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 6*time.Hour)
		defer cancel()
		if err := k.Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		if service.bad != 1 || len(service.good) < 4 || len(service.good) > 6 || service.good[0].Before(start.Truncate(time.Hour).Add(time.Hour)) {
			t.Errorf("refused %d times, answered at %v", service.bad, service.good)
		}
	})
}
