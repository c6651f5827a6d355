package report

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hearth/openadr"
)

var update = flag.Bool("update", false, "write the want files of the golden folders")

// A golden folder has an event and the times at which it is asked what is due; each window is taken as sent.
type goldenInput struct {
	Event  openadr.Event    `json:"event"`
	Anchor time.Time        `json:"anchor"`
	Pace   openadr.Duration `json:"pace"`
	Calls  []openadr.Start  `json:"calls"`
}

func TestDue_GoldenFolders(t *testing.T) {
	files, err := filepath.Glob("testdata/*/input.json")
	if err != nil || len(files) < 25 {
		t.Fatalf("found %d golden folders: %v", len(files), err)
	}
	for _, file := range files {
		dir := filepath.Dir(file)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var in goldenInput
			if err := json.Unmarshal(b, &in); err != nil {
				t.Fatal(err)
			}
			got := play(in)
			want := filepath.Join(dir, "want.txt")
			if *update {
				if err := os.WriteFile(want, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if b, err = os.ReadFile(want); err != nil {
				t.Fatal(err)
			}
			if got != string(b) {
				t.Errorf("got:\n%s\nwant:\n%s", got, b)
			}
		})
	}
}

// play asks at each call and writes what is due, in the order of the descriptors.
func play(in goldenInput) string {
	var b strings.Builder
	asks := make([]Ask, len(in.Event.ReportDescriptors))
	for i := range asks {
		asks[i] = askOf(in.Event, in.Anchor)
		asks[i].Index, asks[i].Pace = i, time.Duration(in.Pace.Seconds)*time.Second
		if err := asks[i].Check(); err != nil {
			fmt.Fprintln(&b, err)
		}
	}
	sent := make([]Sent, len(asks))
	for _, call := range in.Calls {
		now, _ := call.Time()
		fmt.Fprintln(&b, now.Format("02 15:04"))
		for i, a := range asks {
			for _, w := range Due(a, sent[i], now) {
				sent[i] = sent[i].With(w)
				word := "of what was"
				if w.IsForecast {
					word = "of what will be"
				}
				fmt.Fprintf(&b, "  %s %s, due %s\n", a.Event.ReportDescriptors[i].PayloadType, word, w.Due.Format("02 15:04"))
				writeRows(&b, w.Rows)
			}
		}
	}
	return b.String()
}

// writeRows writes at most the first three and the last two.
func writeRows(b *strings.Builder, rows []Row) {
	for i, r := range rows {
		if i == 3 && len(rows) > 6 {
			fmt.Fprintf(b, "    ... %d more\n", len(rows)-5)
		}
		if i >= 3 && i < len(rows)-2 && len(rows) > 6 {
			continue
		}
		end := r.End.Format("02 15:04")
		if r.IsEndless {
			end = "for ever"
		}
		fmt.Fprintf(b, "    id %d  %s  %s\n", r.ID, r.Start.Format("02 15:04"), end)
	}
}
