package gridx

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
)

func TestRead_UnderstandsItsRecordings(t *testing.T) { feedtest.Recordings(t, understood) }

func understood(name string, body []byte) string {
	switch name {
	case "info.json":
		return understoodInfo(body)
	case "usage.json":
		return understoodUsage(body)
	}
	zone, err := time.LoadLocation(zone)
	if err != nil {
		return feedtest.Failure(err)
	}
	var b book
	if err := b.read(body, zone); err != nil {
		return feedtest.Failure(err)
	}
	v, err := b.values(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		return feedtest.Failure(err)
	}
	var out strings.Builder
	for _, p := range v.Import.Points {
		fmt.Fprintf(&out, "%s %s %s %s\n", p.Start.Format(time.RFC3339), p.Length(), p.Value.Text("USD"), p.Origin.Status)
	}
	for _, r := range v.Remarks {
		fmt.Fprintf(&out, "remark: %s\n", r)
	}
	return out.String()
}

func understoodInfo(body []byte) string {
	i, err := readInfo(body, contract)
	if err != nil {
		return feedtest.Failure(err)
	}
	out := fmt.Sprintf("contract %s, meter %s\n", i.Contract, i.Meter)
	of, err := i.whose("PGE", whose{})
	if err != nil {
		return out + feedtest.Failure(err)
	}
	return out + of.String() + "\n"
}

func understoodUsage(body []byte) string {
	var u usage
	if err := u.read(body); err != nil {
		return feedtest.Failure(err)
	}
	var out strings.Builder
	always := energy.Interval{Start: time.Unix(0, 0), End: time.Unix(1<<40, 0)}
	for _, kind := range payloadTypes {
		s, err := u.series(kind, always, time.Time{})
		if err != nil {
			return feedtest.Failure(err)
		}
		for _, p := range s.Points {
			fmt.Fprintf(&out, "%s %s %s %s kWh\n", kind, p.Start.Format(time.RFC3339), p.Length(), kWh(p.Value))
		}
	}
	for _, r := range u.odd.All() {
		fmt.Fprintf(&out, "remark: %s\n", r)
	}
	return out.String()
}

// valuesOf is what is understood of an answer that is sound.
func valuesOf(t testing.TB, body []byte) feeds.Values {
	t.Helper()
	zone := feedtest.Zone(t, zone)
	var b book
	if err := b.read(body, zone); err != nil {
		t.Fatal(err)
	}
	v, err := b.values(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func FuzzRead(f *testing.F) {
	answers, _ := filepath.Glob("testdata/*/answer.json")
	for _, answer := range answers {
		if body, err := os.ReadFile(answer); err == nil {
			f.Add(body)
		}
	}
	zone := feedtest.Zone(f, zone)
	f.Fuzz(func(t *testing.T, body []byte) {
		var b book
		if b.read(body, zone) != nil {
			return
		}
		v, err := b.values(time.Now())
		if err == nil && v.Import.Validate() != nil {
			t.Fatalf("%+v", v.Import)
		}
	})
}

func FuzzUsage(f *testing.F) {
	answers, _ := filepath.Glob("testdata/*/usage.json")
	for _, answer := range answers {
		if body, err := os.ReadFile(answer); err == nil {
			f.Add(body)
		}
	}
	always := energy.Interval{Start: time.Unix(0, 0), End: time.Unix(1<<40, 0)}
	f.Fuzz(func(t *testing.T, body []byte) {
		var u usage
		if u.read(body) != nil {
			return
		}
		for _, kind := range payloadTypes {
			s, err := u.series(kind, always, time.Now())
			if err == nil && (feeds.Values{Taken: s}).Check(feeds.About{Kinds: []feeds.Kind{feeds.Taken}}) != nil {
				t.Fatalf("%+v", s)
			}
		}
	})
}
