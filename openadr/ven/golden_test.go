package ven

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
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

	IsOld     bool              `json:"is_old"`
	Private   map[string]string `json:"private"`
	Hundreds  []string          `json:"hundreds"`
	Resources []string          `json:"resources"`
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
	in.Conventions = Conventions{IsOld: g.IsOld, Private: g.Private, Hundreds: g.Hundreds, Resources: g.Resources, Seed: "home-7"}
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
	writeCurves(&b, "", c)
	for _, r := range c.Rejected {
		fmt.Fprintf(&b, "rejected %v\n", r)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Resources)) {
		writeCurves(&b, name+": ", c.Resources[name])
	}
	return b.String()
}

func writeCurves(b *strings.Builder, of string, c Curves) {
	writeSeries(b, of+"import", c.ImportPrice)
	writeSeries(b, of+"export", c.ExportPrice)
	writeSeries(b, of+"alternate", c.AlternatePrice)
	writeSeries(b, of+"carbon", c.Carbon)
	writeSeries(b, of+"renewable", c.RenewableShare)
	writeSeries(b, of+"max import", c.MaxImport)
	writeSeries(b, of+"max export", c.MaxExport)
	writeSeries(b, of+"import subscription", c.ImportSubscription)
	writeSeries(b, of+"export subscription", c.ExportSubscription)
	writeSeries(b, of+"import reservation", c.ImportReservation)
	writeSeries(b, of+"export reservation", c.ExportReservation)
	writeSeries(b, of+"level", c.Level)
	writeSeries(b, of+"dispatch", c.Dispatch)
	writeSeries(b, of+"dispatch change", c.DispatchChange)
	writeSeries(b, of+"charge", c.Charge)
	writeSeries(b, of+"control", c.Control)
	writeSeries(b, of+"load shape", c.LoadShape)
	writeSeries(b, of+"inverter", c.Inverter)
	for _, a := range c.Alerts {
		fmt.Fprintf(b, "%salert\n  %s  %s  %s %q %v  %s\n", of, moment(a.Start), moment(a.End), a.Kind, a.Text, a.Cause, a.Origin.Source)
	}
}

func writeSeries[T any](b *strings.Builder, name string, s energy.Series[T]) {
	if len(s.Points) == 0 {
		return
	}
	fmt.Fprintln(b, strings.TrimSpace(name+" "+string(s.Currency)))
	for _, p := range s.Points {
		fmt.Fprintf(b, "  %s  %s  %v  %s\n", moment(p.Start), moment(p.End), p.Value, p.Origin.Source)
	}
}

func moment(t time.Time) string { return t.Format("2006-01-02T15:04:05.999999999Z") }
