package gridx

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hearth/feeds"
)

var update = flag.Bool("update", false, "write what comes out into the golden files")

// Each folder of testdata holds an answer in the shape of the vendor's, with made-up prices, and how it is understood.
func TestRead_UnderstandsItsRecordings(t *testing.T) {
	answers, err := filepath.Glob("testdata/*/answer.json")
	if err != nil || len(answers) == 0 {
		t.Fatal("no recordings", err)
	}
	for _, answer := range answers {
		folder := filepath.Dir(answer)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			body, err := os.ReadFile(answer)
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join(folder, "understood.txt")
			got := understood(t, body)
			if *update {
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

func understood(t *testing.T, body []byte) string {
	t.Helper()
	zone, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	var b book
	if err := b.read(body, zone); err != nil {
		return fmt.Sprintf("%s: %v\n", feeds.KindOf(err), err)
	}
	v, err := b.values(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		return fmt.Sprintf("%s: %v\n", feeds.KindOf(err), err)
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
