package entsoe

import (
	"flag"
	"os"
	"path/filepath"
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

// Recordings are XML here, which feedtest.Recordings does not look for.
func TestRead_UnderstandsItsRecordings(t *testing.T) {
	s := source(t, germany)
	answers, err := filepath.Glob("testdata/*/answer.xml")
	if err != nil || len(answers) == 0 {
		t.Fatal("no recordings", err)
	}
	for _, answer := range answers {
		t.Run(filepath.Base(filepath.Dir(answer)), func(t *testing.T) {
			got := feedtest.Told(s.read(recording(t, filepath.Base(filepath.Dir(answer))), eleven))
			golden := filepath.Join(filepath.Dir(answer), "understood.txt")
			if flag.Lookup("update").Value.String() == "true" {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
}

func recording(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name, "answer.xml"))
	if err != nil {
		t.Fatal(err)
	}
	return body
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

// Whatever comes, what is understood is sound, and the token is not in an error.
func FuzzRead(f *testing.F) {
	answers, _ := filepath.Glob("testdata/*/answer.xml")
	for _, answer := range answers {
		f.Add(recording(f, filepath.Base(filepath.Dir(answer))))
	}
	s := source(f, germany)
	f.Fuzz(func(t *testing.T, body []byte) {
		v, err := s.read(body, eleven)
		if bad := v.Check(s.About()); bad != nil || err == nil && len(v.Import.Points) == 0 {
			t.Errorf("%+v, %v", v, bad)
		}
		if err != nil && strings.Contains(err.Error(), token) {
			t.Errorf("the token is in %q", err)
		}
	})
}
