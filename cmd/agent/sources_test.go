package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"hearth/api"
	"hearth/energy"
	"hearth/feeds"
	"hearth/internal/agent"
)

// anExchange answers as aWATTar does, with a price for each hour that is asked for.
func anExchange(t *testing.T) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, _ := strconv.ParseInt(r.URL.Query().Get("start"), 10, 64)
		end, _ := strconv.ParseInt(r.URL.Query().Get("end"), 10, 64)
		var rows []string
		for at := start; at < end; at += 3_600_000 {
			rows = append(rows, fmt.Sprintf(`{"start_timestamp":%d,"end_timestamp":%d,"marketprice":%d.5,"unit":"Eur/MWh"}`, at, at+3_600_000, at/3_600_000%24*10-40))
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"data":[%s]}`, strings.Join(rows, ","))
	}))
	t.Cleanup(s.Close)
	return s
}

// atHome writes a configuration with sources, and returns its name.
func atHome(t *testing.T, sources string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "hearth.yaml")
	text := "home: {name: H, zone: Europe/Berlin, currency: EUR, max_import: 9kW}\nstorage: {path: h.db}\nhttp: {listen: \"127.0.0.1:1\"}\n" + sources
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestSources_FetchShowsWhatCameAndHowItWasUnderstood(t *testing.T) {
	exchange := anExchange(t)
	file := atHome(t, "sources: [{name: exchange, type: awattar, country: DE, url: \""+exchange.URL+"\"}]\n")
	code, out, errs := hearth(t.Context(), "", "sources", "fetch", "exchange", "--config", file)
	if code != exitOK || !strings.Contains(out, "import price EUR/kWh") || !strings.Contains(out, "-0.0405  final") || !strings.Contains(out, "┤") {
		t.Errorf("%d\n%s%s", code, out, errs)
	}
	code, out, errs = hearth(t.Context(), "", "sources", "fetch", "exchange", "--json", "--config", file)
	if code != exitOK || !strings.Contains(out, `"currency": "EUR"`) || strings.Contains(out, "solar") {
		t.Errorf("%d\n%s%s", code, out, errs)
	}
	exchange.Close()
	code, _, errs = hearth(t.Context(), "", "sources", "fetch", "exchange", "--config", file)
	if code != exitUnavailable || !strings.Contains(errs, "hearth: source exchange: ") || !strings.Contains(errs, "(temporary)") {
		t.Errorf("%d %s", code, errs)
	}
}

func TestSources_ListWithoutAnAgentShowsWhatItKnew(t *testing.T) {
	exchange := anExchange(t)
	file := atHome(t, "sources: [{name: exchange, type: awattar, country: DE, url: \""+exchange.URL+"\"}]\n")
	code, out, errs := hearth(t.Context(), "", "sources", "--config", file)
	if code != exitOK || !strings.Contains(out, "exchange  nothing yet") || !strings.Contains(out, "never") || !strings.Contains(errs, "no agent answers at 127.0.0.1:1") {
		t.Errorf("%d\n%s%s", code, out, errs)
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(file), "h.db")); err == nil {
		t.Error("to look has made a store")
	}
	code, out, _ = hearth(t.Context(), "", "sources", "--config", atHome(t, ""))
	if code != exitOK || !strings.Contains(out, "No sources are configured") {
		t.Errorf("%d %s", code, out)
	}
}

func TestSources_SayWhatCannotBeAsked(t *testing.T) {
	file := atHome(t, "sources: [{name: exchange, type: awattar, country: DE}]\n")
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"fetch", "other"}, exitUsage, "other: there is no source of this name; there are: exchange"},
		{[]string{"ask", "exchange"}, exitUsage, "answers no questions"},
		{[]string{"tell", "exchange"}, exitUsage, "takes no orders"},
		{[]string{"bills", "exchange"}, exitUsage, "knows no bills"},
	} {
		code, _, errs := hearth(t.Context(), "", append(append([]string{"sources"}, c.args...), "--config", file)...)
		if code != c.code || !strings.Contains(errs, c.says) {
			t.Errorf("%v: %d %s", c.args, code, errs)
		}
	}
	if code, _, errs := hearth(t.Context(), "", "sources", "types", "crystal-ball"); code != exitUsage || !strings.Contains(errs, "no such type") {
		t.Errorf("%d %s", code, errs)
	}
}

// docs/sources.md is what the program knows of itself, and every sample in it builds a source.
func TestSources_DocumentIsWhatTheProgramSays(t *testing.T) {
	page, err := os.ReadFile("../../docs/sources.md")
	if err != nil {
		t.Fatal(err)
	}
	code, out, errs := hearth(t.Context(), "", "sources", "types", "--markdown")
	if code != exitOK || out != string(page) {
		t.Errorf("docs/sources.md is not what `hearth sources types --markdown` prints: %d %s", code, errs)
	}
	for _, typ := range agent.SourceTypes() {
		t.Run(typ.Name, func(t *testing.T) {
			source, err := ofSample(typ)
			if err != nil {
				t.Fatalf("%v in\n%s", err, sampleOf(typ))
			}
			about := source.About()
			if len(about.Kinds) == 0 || about.Zone == nil || about.Ahead > 15*24*time.Hour {
				t.Errorf("%+v", about)
			}
			if _, err := os.Stat(filepath.Join("../../feeds", typ.Name, "README.md")); err != nil {
				t.Error(err)
			}
		})
	}
	code, out, _ = hearth(t.Context(), "", "sources", "types")
	if code != exitOK || strings.Count(out, "\n") != len(agent.SourceTypes()) {
		t.Errorf("%d\n%s", code, out)
	}
	if code, out, _ = hearth(t.Context(), "", "sources", "types", "awattar"); code != exitOK || !strings.Contains(out, "  - name: exchange\n    type: awattar\n") {
		t.Errorf("%d\n%s", code, out)
	}
}

func TestBills_DaysAreThoseThatWereAskedFor(t *testing.T) {
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, rome)
	day := func(text string) time.Time {
		at, err := time.ParseInLocation(time.DateOnly, text, rome)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, c := range []struct{ from, to, start, end, fault string }{
		{"2026-03-29", "2026-03-29", "2026-03-29", "2026-03-30", ""}, // one day, of 23 hours
		{"", "", "2025-11-21", "2026-11-22", ""},
		{"2026-11-01", "", "2026-11-01", "2026-11-22", ""},
		{"2026-11-02", "2026-11-01", "", "", "--to is before --from"},
		{"soon", "", "", "", "want a day"},
		{"", "31.12.2026", "", "", "want a day"},
	} {
		got, err := sourcesBillsCommand{From: c.from, To: c.to}.span(now, rome)
		if c.fault != "" {
			if err == nil || !strings.Contains(err.Error(), c.fault) {
				t.Errorf("%+v: %v", c, err)
			}
			continue
		}
		if err != nil || !got.Start.Equal(day(c.start)) || !got.End.Equal(day(c.end)) {
			t.Errorf("%+v: %v, %v", c, got, err)
		}
	}
}

// What was billed stands beside what was metered where the whole period was; what a biller writes cannot move the
// cursor of a terminal.
func TestBills_AreComparedWithWhatWasMetered(t *testing.T) {
	may := energy.Interval{Start: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), End: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)}
	billed, amount := energy.WattHours(310_000), energy.MoneyOf(93)
	bill := feeds.Bill{Period: may, Imported: &billed, Amount: &amount, Currency: "USD", Status: "sent\x1b[2J\a", Invoice: "17\r\n", Remarks: []string{"odd\x1b[31m"}}
	metered, cost := 300_500.0, 90.25
	for coverage, want := range map[float64][]string{
		1:   {"2026-05-01", "2026-05-31", "310.000", "300.500", "+9.500", "93 USD", "90.25"},
		0.9: {"310.000        -        -", "90.0 % of the period was metered here: not compared", "2026-05-01: remark: odd"},
	} {
		var out strings.Builder
		if err := writeBills(&out, []feeds.Bill{bill}, []api.Energy{{Imported: &metered, Cost: &cost, Coverage: coverage}}, time.UTC); err != nil {
			t.Fatal(err)
		}
		for _, text := range want {
			if !strings.Contains(out.String(), text) {
				t.Errorf("no %q in\n%s", text, out.String())
			}
		}
		if strings.ContainsAny(out.String(), "\x1b\a\r") {
			t.Errorf("%q", out.String())
		}
	}
}
