package webjson

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/awattar"
	"hearth/feeds/energidata"
	"hearth/feeds/wire"
)

// A configuration that describes a publisher of whom we have a source says the same as the source, of whatever the
// publisher recorded.
func TestConfig_SaysWhatASourceSays(t *testing.T) {
	answers := func(folder string) string { return filepath.Join("..", folder, "testdata") }
	for name, c := range map[string]struct {
		cfg     Config
		answer  string
		span    energy.Interval
		another func(base string) (feeds.Source, error)
	}{
		"awattar, hours": {
			Config{URL: "/v1/marketdata?start={start:unixms}&end={end:unixms}", Items: "data[]", Start: "start_timestamp", End: "end_timestamp",
				Value: "marketprice", Unit: "EUR/MWh", UnitAt: "data[].unit", Kind: "import", Stamps: "unixms"},
			filepath.Join(answers("awattar"), "four-hours", "answer.json"), energy.Span(time.UnixMilli(1772406000000), 4*time.Hour),
			func(base string) (feeds.Source, error) {
				return awattar.New(awattar.Config{BaseURL: base, Country: "AT"}, &wire.Client{})
			},
		},
		"awattar, quarter hours": {
			Config{URL: "/v1/marketdata?start={start:unixms}", Items: "data[]", Start: "start_timestamp",
				Value: "marketprice", Unit: "EUR/MWh", Kind: "import", Stamps: "unixms"},
			filepath.Join(answers("awattar"), "quarter-hours", "answer.json"), energy.Span(time.UnixMilli(1772406000000), time.Hour),
			func(base string) (feeds.Source, error) {
				return awattar.New(awattar.Config{BaseURL: base, Country: "AT"}, &wire.Client{})
			},
		},
		"energi data service": {
			Config{URL: "/dataset/DayAheadPrices?start={start:2006-01-02T15:04}", Items: "records[]", Start: "TimeUTC", Value: "DayAheadPriceEUR",
				Unit: "EUR/MWh", Kind: "import", Stamps: "2006-01-02T15:04:05", Zone: "UTC"},
			filepath.Join(answers("energidata"), "hours", "answer.json"), energy.Span(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), time.Hour),
			func(base string) (feeds.Source, error) {
				return energidata.New(energidata.Config{BaseURL: base, Area: "DK1", Currency: "EUR"}, &wire.Client{})
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			body, err := os.ReadFile(c.answer)
			if err != nil || !json.Valid(body) {
				t.Skip("the neighbour has no such recording any more")
			}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write(body)
			}))
			defer server.Close()
			c.cfg.URL = server.URL + c.cfg.URL
			ours := source(t, c.cfg)
			theirs, err := c.another(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			got, err1 := ours.Fetch(t.Context(), c.span)
			want, err2 := theirs.Fetch(t.Context(), c.span)
			if err1 != nil || err2 != nil || !got.IsSame(feeds.Values{Import: want.Import}) {
				t.Errorf("got %+v, %v\nwant %+v, %v", got.Import.Points, err1, want.Import.Points, err2)
			}
		})
	}
}
