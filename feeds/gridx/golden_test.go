package gridx

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hearth/feeds/feedtest"
)

func TestRead_UnderstandsItsRecordings(t *testing.T) { feedtest.Recordings(t, understood) }

func understood(_ string, body []byte) string {
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

func FuzzRead(f *testing.F) {
	answers, _ := filepath.Glob("testdata/*/answer.json")
	for _, answer := range answers {
		if body, err := os.ReadFile(answer); err == nil {
			f.Add(body)
		}
	}
	zone, err := time.LoadLocation(zone)
	if err != nil {
		f.Fatal(err)
	}
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
