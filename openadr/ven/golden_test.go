package ven

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/openadr"
)

var update = flag.Bool("update", false, "write the want files of the golden folders")

// fetched is when every event of the golden folders was fetched.
var fetched = time.Date(2026, 3, 27, 15, 0, 0, 0, time.UTC)

type goldenInput struct {
	Window   energy.Interval      `json:"window"`
	Currency energy.Currency      `json:"currency"`
	Anchors  map[string]time.Time `json:"anchors"` // by event id
	Programs []openadr.Program    `json:"programs"`
	Events   []openadr.Event      `json:"events"`
}

func readGolden(t testing.TB, dir string) (Input, energy.Interval) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "input.json"))
	if err != nil {
		t.Fatal(err)
	}
	var g goldenInput
	if err := json.Unmarshal(b, &g); err != nil {
		t.Fatalf("%s: %v", dir, err)
	}
	in := Input{Source: "ven", Currency: g.Currency, Programs: g.Programs, Anchors: Anchors{}}
	for _, e := range g.Events {
		in.Events = append(in.Events, Received{e, fetched})
		if at, ok := g.Anchors[e.ID]; ok {
			in.Anchors[AnchorKey(&e)] = at
		}
	}
	return in, g.Window
}

func TestTimeline_GoldenFolders(t *testing.T) {
	dirs, err := filepath.Glob("testdata/*/input.json")
	if err != nil || len(dirs) < 40 {
		t.Fatalf("found %d golden folders: %v", len(dirs), err)
	}
	for _, path := range dirs {
		dir := filepath.Dir(path)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			in, window := readGolden(t, dir)
			got := text(Timeline(in, window))
			want := filepath.Join(dir, "want.txt")
			if *update {
				if err := os.WriteFile(want, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			b, err := os.ReadFile(want)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(b) {
				t.Errorf("got:\n%s\nwant:\n%s", got, b)
			}
			slices.Reverse(in.Events)
			if again := text(Timeline(in, window)); again != got {
				t.Errorf("with the events in reverse order:\n%s\nwant:\n%s", again, got)
			}
		})
	}
}

// text writes curves for people to read and to compare.
func text(c Curves) string {
	var b strings.Builder
	writeSeries(&b, "import", c.ImportPrice)
	writeSeries(&b, "export", c.ExportPrice)
	writeSeries(&b, "carbon", c.Carbon)
	for _, r := range c.Rejected {
		fmt.Fprintf(&b, "rejected %v\n", r)
	}
	return b.String()
}

func writeSeries[T any](b *strings.Builder, name string, s energy.Series[T]) {
	if len(s.Points) == 0 {
		return
	}
	fmt.Fprintln(b, strings.TrimSpace(name+" "+string(s.Currency)))
	for _, p := range s.Points {
		const layout = "2006-01-02T15:04:05.999999999Z"
		fmt.Fprintf(b, "  %s  %s  %v  %s\n", p.Start.Format(layout), p.End.Format(layout), p.Value, p.Origin.Source)
	}
}
