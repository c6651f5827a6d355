package entsoe

import (
	"errors"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
	"hearth/feeds/wire"
)

const token = "1234abcd-0000-4000-8000-s3cr3t"

var (
	germany = Config{Token: token, Area: "DE-LU", Currency: "EUR"}
	eleven  = time.Date(2026, 5, 12, 11, 2, 0, 0, time.UTC)
)

func source(t testing.TB, cfg Config) *Source {
	t.Helper()
	s, err := New(cfg, &wire.Client{Now: func() time.Time { return eleven }, Secrets: []string{cfg.Token}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRead_UnderstandsItsRecordings(t *testing.T) {
	s := source(t, germany)
	feedtest.Recordings(t, func(_ string, body []byte) string { return feedtest.Told(s.read(body, eleven)) })
}

func recording(t testing.TB, name string) []byte {
	t.Helper()
	return []byte(feedtest.Answer(t, name+"/answer.xml"))
}

// Positions are counted over the day as long as it is, and its end is the next midnight in Berlin.
func TestRead_CoversDaysOfEveryLength(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		day   time.Time
		hours int
	}{
		"summer-begins": {time.Date(2026, 3, 29, 12, 0, 0, 0, zone), 23},
		"summer-ends":   {time.Date(2026, 10, 25, 12, 0, 0, 0, zone), 25},
	} {
		v, err := source(t, germany).read(recording(t, name), eleven)
		day := energy.Day(c.day, zone)
		if err != nil || len(v.Import.Points) != c.hours || len(v.Import.Gaps(day)) != 0 || v.Import.Extent().Length() != day.Length() {
			t.Errorf("%s: %d slots in %v, %v", name, len(v.Import.Points), v.Import.Extent(), err)
		}
	}
}

// A small document that claims much is refused before it is unfolded.
func TestRead_IsBounded(t *testing.T) {
	s := source(t, germany)
	body := string(recording(t, "omitted-positions"))
	first, last := strings.Index(body, "    <Period>"), strings.Index(body, "    </Period>")+len("    </Period>")
	month := strings.Replace(strings.Replace(body[first:last], "2026-05-11T22:00Z", "2026-04-11T22:00Z", 1), "2026-05-12T00:00Z", "2026-05-12T22:00Z", 1)
	many := body[:first] + strings.Repeat(month, 30) + body[last:]
	if _, err := s.read([]byte(many), eleven); feeds.KindOf(err) != feeds.Temporary || err == nil || !strings.Contains(err.Error(), "more than 50000 slots") {
		t.Errorf("thirty months are %v", err)
	}
	deep := strings.Repeat("<a>", 100_000)
	if _, err := s.read([]byte("<Publication_MarketDocument>"+deep), eleven); feeds.KindOf(err) != feeds.Temporary || err == nil {
		t.Errorf("a deep document is %v", err)
	}
}

// Whatever comes is understood as sound values, or refused with a kind and without the token.
func FuzzRead(f *testing.F) {
	s := source(f, germany)
	feedtest.Fuzz(f, s.About(), func(body []byte, now time.Time) (feeds.Values, error) {
		v, err := s.read(body, now)
		if err != nil && strings.Contains(err.Error(), token) {
			return v, errors.New("the token is in an error")
		}
		return v, err
	})
}

func TestRead_SaysLittleOfManyDays(t *testing.T) {
	var days []string
	for i := range 28 {
		days = append(days, told(energy.Span(eleven.AddDate(0, 0, i), 24*time.Hour), time.Hour, 2, onChange, []string{"40"}))
	}
	if v, err := source(t, germany).read([]byte(publish(days...)), eleven); err != nil || len(v.Import.Points) != 28*24 || len(v.Remarks) != 20 {
		t.Errorf("%d prices, %d remarks, %v", len(v.Import.Points), len(v.Remarks), err)
	}
}
