package main

import (
	"context"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/api"
	"hearth/sim/market"
)

// lives runs a demo until the test ends, and returns the address of its page.
func lives(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var out, errs lines
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, append([]string{"demo", "--listen", "127.0.0.1:0"}, args...), stdio{os.Stdin, &out, &errs})
	}()
	t.Cleanup(func() {
		cancel()
		if code := <-ended; code != exitOK || !strings.Contains(out.String(), "with Hearth") {
			t.Errorf("exit %d: %s%s", code, out.String(), errs.String())
		}
	})
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("no address: %s", errs.String())
		}
		if address := regexp.MustCompile(`http://[0-9.:]+`).FindString(out.String()); address != "" {
			return address
		}
	}
}

// shown reads a part of the page's data; false while there is none.
func shown(t *testing.T, address string, into any) bool {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || json.Unmarshal(body, into) != nil {
		t.Fatalf("%s: %s", address, body)
	}
	return true
}

// In each place the home pays what the market says by the rules of the place, which the agent has found out by asking
// the vendors and applying the contract; and every vendor answers.
func TestDemo_HomePaysWhatItsPlaceSays(t *testing.T) {
	for scenario, sources := range map[string]int{"germany": 0, "italy": 3, "california": 3} {
		t.Run(scenario, func(t *testing.T) {
			t.Parallel()
			address := lives(t, "--scenario", scenario, "--speed", "60")
			var home api.Home
			var feeds []api.Feed
			isDone := func() bool {
				for _, f := range feeds {
					if f.Error != "" || f.Good == nil || len(f.Covers) == 0 {
						return false
					}
				}
				return home.Price != nil && home.Plan.Made != nil && len(feeds) == sources
			}
			for end := time.Now().Add(20 * time.Second); !isDone(); time.Sleep(20 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("%+v\n%+v", feeds, home)
				}
				shown(t, address+"/api/v1/home", &home)
				shown(t, address+"/api/v1/sources", &feeds)
			}
			var timeline api.Timeline
			eventually(t, "all quarter hours priced", func() bool {
				shown(t, address+"/api/v1/timeline", &timeline)
				return len(timeline.Prices) > 0 && !slices.ContainsFunc(timeline.Prices, func(p api.Price) bool { return p.Import == nil || p.Export == nil })
			})
			expectPlace(t, scenario, timeline)
		})
	}
}

// expectPlace holds the prices of today and tomorrow against the market's.
func expectPlace(t *testing.T, scenario string, timeline api.Timeline) {
	t.Helper()
	for _, place := range market.Places {
		if place.Name != scenario {
			continue
		}
		zone, err := time.LoadLocation(place.Zone)
		if err != nil {
			t.Fatal(err)
		}
		m := market.New(1, zone, place)
		for _, p := range timeline.Prices {
			day := m.Day(p.Start)
			buy, _ := day.Import.At(p.Start)
			sell, _ := day.Export.At(p.Start)
			if math.Abs(*p.Import-buy.Float()) > 1e-9 || math.Abs(*p.Export-sell.Float()) > 1e-9 {
				t.Fatalf("at %v the home pays %v and gets %v, the place says %v and %v", p.Start.In(zone), *p.Import, *p.Export, buy, sell)
			}
		}
	}
}
