package energygrid

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
	cloud "hearth/sim/cloud/energygrid"
)

// However a list is cut into pages, it is the same list.
func TestFetch_KnowsNoPages(t *testing.T) {
	used := func(i energy.Interval) (energy.WattHours, bool) {
		return energy.WattHours(i.Start.Unix() / 900 % 1000), i.Start.Minute() != 45
	}
	whole, err := open(t, cloud.Config{Used: used, PageSize: 1000}, theDay.End).source(t, nil).Fetch(t.Context(), theDay)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{1, 2, 7, 23, 91, 92, 93} {
		v, err := open(t, cloud.Config{Used: used, PageSize: size}, theDay.End).source(t, nil).Fetch(t.Context(), theDay)
		if err != nil || !v.IsSame(whole) || len(v.Taken.Points) != 69 {
			t.Errorf("pages of %d: %d values, %v", size, len(v.Taken.Points), err)
		}
	}
}

// kWh are shifted to Wh and not calculated, so what is written comes out.
func TestWattHours_AreWhatIsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, 1_000_000_000).Draw(t, "Wh")
		for _, text := range []string{
			fmt.Sprintf("%d.%03d", n/1000, n%1000), fmt.Sprintf("%de-3", n), fmt.Sprintf("%d.0E-3", n), fmt.Sprintf("%d.%03d000e+0", n/1000, n%1000),
		} {
			if got, err := wattHours(json.Number(text)); err != nil || got != energy.WattHours(n) {
				t.Fatalf("%s: %v, %v", text, float64(got), err)
			}
		}
	})
	for _, text := range []string{"", "-0.001", "1e4", "1e308", "1e99999999999999999999", "x"} {
		got, err := wattHours(json.Number(text))
		if isBig := text == "1e4"; isBig != (err == nil) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

// Whoever is told something that is secret keeps it.
func TestErrors_KeepTheTokens(t *testing.T) {
	for name, at := range map[string]string{"the login repeats it": "/Customer/login", "the service repeats it": "/Metadata/granularity-types"} {
		s := source(t, "http://usage.example", &http.Client{Transport: recorded(func(r *http.Request) (int, string, string) {
			if r.URL.Path == at {
				return http.StatusForbidden, "application/problem+json", fmt.Sprintf(`{"detail": "no %s %s"}`, secret, r.Header.Get("Authorization"))
			}
			return http.StatusOK, "text/plain", jwt
		})})
		_, err := s.Fetch(t.Context(), theDay)
		if feeds.KindOf(err) != feeds.Misconfigured || strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), jwt) || !strings.Contains(err.Error(), "403") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever the service offers, what is chosen is one of it, and of the clear ones the finest.
func TestChoose_TakesOneThatIsOffered(t *testing.T) {
	names := []string{"raw", "1m", "PT15M", "HOUR", "30min", "DAY", "2h", "MONTH", "minute"}
	rapid.Check(t, func(t *rapid.T) {
		body, err := json.Marshal(rapid.SliceOfN(rapid.SampledFrom(names), 1, 6).Draw(t, "offered"))
		if err != nil {
			t.Fatal(err)
		}
		offered, err := readGranularities(body)
		if err != nil {
			t.Fatal(err)
		}
		chosen, err := choose(offered, "")
		isClear := func(g granularity) bool { return g.Step > 0 && g.Step <= time.Hour }
		if err != nil {
			if slices.ContainsFunc(offered, isClear) {
				t.Fatal(err)
			}
			return
		}
		at := slices.IndexFunc(offered, func(g granularity) bool { return g.Name == chosen })
		if at < 0 || !isClear(offered[at]) || slices.ContainsFunc(offered, func(g granularity) bool { return isClear(g) && g.Step < offered[at].Step }) {
			t.Fatalf("%q of %s", chosen, body)
		}
	})
}

// FuzzReadUsage holds that whatever comes is refused or yields sound values, and can be shown.
func FuzzReadUsage(f *testing.F) {
	f.Add([]byte(pageOf("", hourAt(0, "0.5"), hourAt(1, "null"))))
	f.Add([]byte(pageOf("", hourAt(1, "1e-3"), hourAt(0, `"7"`))))
	f.Add([]byte(`{"unitOfMeasure": "therms", "items": null}`))
	f.Add([]byte(`[]`))
	zone := feedtest.Zone(f, "Europe/Rome")
	f.Fuzz(func(t *testing.T, body []byte) {
		_ = next(body)
		s := &Source{cfg: Config{Meter: "M-7"}, zone: zone}
		p, err := s.read([][]byte{body}, "HOUR")
		if err != nil {
			return
		}
		_ = s.usageTable(p)
		v, err := p.values(theDay.End)
		if err != nil {
			return
		}
		if err := v.Check(feeds.About{Kinds: []feeds.Kind{feeds.Taken}}); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzReadGranularities holds that each one has a name and no odd length.
func FuzzReadGranularities(f *testing.F) {
	f.Add([]byte(`["HOUR", {"name": "x", "duration": "PT99999H"}]`))
	f.Add([]byte(`{"Items": [{"Value": "15min"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		offered, err := readGranularities(body)
		if err == nil && len(offered) == 0 {
			t.Fatal("neither an error nor a granularity")
		}
		for _, g := range offered {
			if g.Name == "" || g.Step < 0 {
				t.Fatalf("%+v", g)
			}
		}
	})
}

// However large the pages are, and wherever their tokens become stale once: it is the same series. Where they do so
// again, it is to be tried another time.
func TestFetch_SurvivesOneStaleToken(t *testing.T) {
	whole, err := open(t, cloud.Config{PageSize: 1000}, theDay.End).source(t, nil).Fetch(t.Context(), theDay)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(r *rapid.T) {
		size := rapid.IntRange(1, 91).Draw(r, "size")
		pages := (92 + size - 1) / size
		first, again := rapid.IntRange(1, pages-1).Draw(r, "stale page"), rapid.IntRange(0, pages-1).Draw(r, "stale page of the second turn")
		u := open(t, cloud.Config{PageSize: size}, theDay.End)
		s, asked := u.source(t, nil), 0
		s.client.HTTP = &http.Client{Transport: forgetful(func(r *http.Request) {
			if !strings.HasPrefix(r.URL.Path, "/Usage/") {
				return
			}
			if asked == first || again > 0 && asked == first+1+again {
				u.Forget()
			}
			asked++
		})}
		v, err := s.Fetch(t.Context(), theDay)
		switch {
		case again == 0 && (err != nil || !v.IsSame(whole)):
			r.Fatalf("pages of %d, stale at %d: %d values, %v", size, first, len(v.Taken.Points), err)
		case again > 0 && (err == nil || feeds.KindOf(err) != feeds.Temporary):
			r.Fatalf("pages of %d, stale at %d and %d: %v", size, first, again, err)
		}
	})
}

// forgetful does something before each question.
type forgetful func(*http.Request)

func (f forgetful) RoundTrip(r *http.Request) (*http.Response, error) {
	f(r)
	return http.DefaultTransport.RoundTrip(r)
}

func TestValues_SayLittleOfMany(t *testing.T) {
	p := page{Unit: "kWh"}
	for i := range 100 {
		n := json.Number("1")
		start := theDay.Start.Add(time.Duration(i) * time.Minute)
		p.Items = append(p.Items, item{Start: start, End: start.Add(time.Minute), Value: &n, Quality: fmt.Sprint("quality ", i)})
	}
	if v, err := p.values(theDay.End); err != nil || len(v.Taken.Points) != 100 || len(v.Remarks) != 20 {
		t.Errorf("%d values, %q, %v", len(v.Taken.Points), v.Remarks, err)
	}
}
