package entsoe

import (
	"context"
	"errors"
	"fmt"
	"io"
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

// told writes a series of one period as the platform does. A curve on change leaves out what repeats.
func told(day energy.Interval, step time.Duration, sequence int, curve string, prices []string) string {
	var points strings.Builder
	for i, price := range prices {
		if curve == onChange && i > 0 && price == prices[i-1] {
			continue
		}
		fmt.Fprintf(&points, "<Point><position>%d</position><price.amount>%s</price.amount></Point>", i+1, price)
	}
	const minutes = "2006-01-02T15:04Z"
	return fmt.Sprintf(`<TimeSeries><currency_Unit.name>EUR</currency_Unit.name><price_Measure_Unit.name>MWH</price_Measure_Unit.name>`+
		`<classificationSequence_AttributeInstanceComponent.position>%d</classificationSequence_AttributeInstanceComponent.position><curveType>%s</curveType>`+
		`<Period><timeInterval><start>%s</start><end>%s</end></timeInterval><resolution>PT%dM</resolution>%s</Period></TimeSeries>`,
		sequence, curve, day.Start.UTC().Format(minutes), day.End.UTC().Format(minutes), int(step.Minutes()), points.String())
}

func publish(series ...string) string {
	return `<Publication_MarketDocument xmlns="urn:x"><type>A44</type>` + strings.Join(series, "") + `</Publication_MarketDocument>`
}

// Whatever repeats, on whatever day: with it left out the prices are those that are written out.
func TestRead_UnfoldsWhatIsLeftOut(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	s := source(t, germany)
	rapid.Check(t, func(t *rapid.T) {
		date := rapid.SampledFrom([]time.Time{
			time.Date(2026, 3, 29, 12, 0, 0, 0, zone), time.Date(2026, 10, 25, 12, 0, 0, 0, zone), time.Date(2026, 5, 12, 12, 0, 0, 0, zone),
		}).Draw(t, "date")
		step := rapid.SampledFrom([]time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour}).Draw(t, "step")
		day := energy.Day(date, zone)
		prices := make([]string, day.Length()/step)
		for i := range prices {
			prices[i] = rapid.SampledFrom([]string{"84.13", "-0.01", "0", "101.5"}).Draw(t, "price")
		}
		short, err1 := s.read([]byte(publish(told(day, step, 1, onChange, prices))), eleven)
		long, err2 := s.read([]byte(publish(told(day, step, 1, everyPosition, prices))), eleven)
		if err1 != nil || err2 != nil || !short.IsSame(long) || len(long.Import.Points) != len(prices) || long.Import.Extent().Length() != day.Length() {
			t.Fatalf("%v, %v, %d slots of %d", err1, err2, len(short.Import.Points), len(prices))
		}
	})
}

// platform publishes tomorrow's prices of the morning's auction at ten, and of noon's at one, Brussels time.
type platform struct {
	zone  *time.Location
	mu    sync.Mutex
	asked int
}

func (p *platform) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	now := time.Now()
	today := energy.Day(now, p.zone)
	tomorrow := energy.Day(today.End, p.zone)
	series := []string{told(today, time.Hour, 1, onChange, []string{"50"}), told(today, time.Hour, 2, onChange, []string{"40"})}
	if now.Sub(today.Start) >= 10*time.Hour {
		series = append(series, told(tomorrow, time.Hour, 2, onChange, []string{"45"}))
	}
	if now.Sub(today.Start) >= 13*time.Hour+30*time.Minute {
		series = append(series, told(tomorrow, time.Hour, 1, onChange, []string{"55"}))
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/xml"}}, Body: io.NopCloser(strings.NewReader(publish(series...))), Request: r,
	}, nil
}

// The morning's auction is used until noon's is out, and never after: a home that asked at eleven has it at night.
func TestKeeper_PrefersTheCoupledMarketOnceItIsOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		zone, err := time.LoadLocation(marketZone)
		if err != nil {
			t.Fatal(err)
		}
		p := &platform{zone: zone}
		s, err := New(germany, wire.New(feeds.Net{HTTP: &http.Client{Transport: p}}))
		if err != nil {
			t.Fatal(err)
		}
		k := keep.New("exchange", "home", keep.Parts{Source: s, Store: new(feedtest.Memory), Clock: clock.Wall{}})
		today := energy.Day(time.Now(), zone)
		run := func(until time.Duration) {
			t.Helper()
			ctx, cancel := context.WithDeadline(t.Context(), today.Start.Add(until))
			defer cancel()
			if err := k.Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Fatal(err)
			}
		}
		noonTomorrow := today.End.Add(12 * time.Hour)
		price := func() string {
			v, isThere := k.Values().Import.At(noonTomorrow)
			return fmt.Sprint(v, isThere)
		}
		run(9 * time.Hour)
		if got := price(); got != "0 false" {
			t.Errorf("at nine: %s", got)
		}
		run(13*time.Hour + 29*time.Minute)
		if got := price(); got != "0.045 true" {
			t.Errorf("before the coupled market is out: %s", got)
		}
		run(14*time.Hour + 30*time.Minute)
		if got := price(); got != "0.055 true" {
			t.Errorf("an hour after: %s", got)
		}
		before := p.asked
		run(23 * time.Hour)
		if p.asked != before {
			t.Errorf("all is final, and was asked for %d times more", p.asked-before)
		}
	})
}

// Auctions and steps in any mixture: each quarter hour has the price of the first auction that says anything of its day,
// in its finest steps, and is final only where that is the coupled market's.
func TestRead_TakesTheFirstAuctionInItsFinestSteps(t *testing.T) {
	s := source(t, germany)
	days := []energy.Interval{energy.Span(eleven.Truncate(24*time.Hour), 24*time.Hour), energy.Span(eleven.Truncate(24*time.Hour).Add(24*time.Hour), 24*time.Hour)}
	steps := []time.Duration{15 * time.Minute, time.Hour} // from fine to coarse
	rapid.Check(t, func(t *rapid.T) {
		type offer struct {
			sequence int
			step     time.Duration
		}
		best := make([]offer, len(days)) // sequence 0: nobody says anything
		var all []string
		for i, day := range days {
			for sequence := 1; sequence <= 3; sequence++ {
				for _, step := range steps {
					if !rapid.Bool().Draw(t, "is there") {
						continue
					}
					all = append(all, told(day, step, sequence, onChange, []string{fmt.Sprintf("%d%d", sequence, int(step.Minutes()))}))
					if best[i].sequence == 0 {
						best[i] = offer{sequence, step}
					}
				}
			}
		}
		all = rapid.Permutation(all).Draw(t, "order")
		v, err := s.read([]byte(publish(all...)), eleven)
		if len(all) == 0 {
			if err != nil || len(v.Import.Points) > 0 {
				t.Fatalf("nothing is %v, %v", v, err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		for i, day := range days {
			inside := v.Import.Slice(day)
			if best[i].sequence == 0 {
				if len(inside.Points) > 0 {
					t.Fatalf("of %v nobody said anything", day)
				}
				continue
			}
			want, isFinal := fmt.Sprintf("0.%d%d", best[i].sequence, int(best[i].step.Minutes())), best[i].sequence == 1
			for _, p := range inside.Points {
				if p.Value.String() != strings.TrimRight(want, "0") || p.Length() != best[i].step || (p.Origin.Status == energy.Final) != isFinal {
					t.Fatalf("%v costs %v, %s, want %s", p.Interval, p.Value, p.Origin.Status, want)
				}
			}
			if len(inside.Gaps(day)) > 0 {
				t.Fatalf("%v has gaps", day)
			}
		}
	})
}
