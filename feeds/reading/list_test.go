package reading

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"hearth/feeds"
)

// told is a list of slots, and what is odd about it.
func told(t *testing.T, l List, document string) string {
	t.Helper()
	slots, remarks, err := l.Slots(path(t, "[]").All(json.RawMessage(document)))
	if err != nil {
		return fmt.Sprintf("%s: %v", feeds.KindOf(err), err)
	}
	var all []string
	for _, s := range slots {
		all = append(all, fmt.Sprintf("%s %s %s", s.Start.Format("1504"), s.Length(), s.Number))
	}
	return strings.Join(append(all, remarks...), "; ")
}

func list(t *testing.T, end string, step time.Duration) List {
	t.Helper()
	l := List{Start: path(t, "at"), Value: path(t, "v"), Step: step, Stamps: stamps(t, "2006-01-02T15:04Z07:00")}
	if end != "" {
		l.End = path(t, end)
	}
	return l
}

func at(clock string) string { return `"2026-05-12T` + clock + `Z"` }

func TestList_EndsWhereItIsTold(t *testing.T) {
	three := fmt.Sprintf(`[{"at":%s,"v":1},{"at":%s,"v":"2.50"},{"at":%s,"v":3}]`, at("10:00"), at("10:30"), at("12:00"))
	ended := fmt.Sprintf(`[{"at":%s,"end":%s,"v":1},{"at":%s,"end":null,"v":2}]`, at("10:00"), at("10:15"), at("11:00"))
	alone := fmt.Sprintf(`[{"at":%s,"v":1}]`, at("10:00"))
	for name, c := range map[string]struct {
		l              List
		document, want string
	}{
		"by the neighbours":              {list(t, "", 0), three, "1000 30m0s 1; 1030 30m0s 2.50; 1200 30m0s 3"},
		"a step at most":                 {list(t, "", 15*time.Minute), three, "1000 15m0s 1; 1030 15m0s 2.50; 1200 15m0s 3"},
		"the step is longer":             {list(t, "", time.Hour), three, "1000 30m0s 1; 1030 30m0s 2.50; 1200 30m0s 3"},
		"an end, and none":               {list(t, "end", 0), ended, "1000 15m0s 1; 1100 1h0m0s 2"},
		"alone, with a step":             {list(t, "", time.Hour), alone, "1000 1h0m0s 1"},
		"alone":                          {list(t, "", 0), alone, "configuration: step: is missing, and the slot at 2026-05-12T10:00:00Z says neither its end nor has it neighbours"},
		"a value is missing":             {list(t, "", 0), strings.Replace(three, `"v":"2.50"`, `"v":null`, 1), "1000 30m0s 1; 1200 30m0s 3"},
		"another field":                  {list(t, "", 0), strings.Replace(three, `"v":"2.50"`, `"w":2`, 1), "1000 30m0s 1; 1200 30m0s 3"},
		"the same twice":                 {list(t, "", time.Hour), strings.Replace(alone, "[", "["+alone[1:len(alone)-1]+",", 1), "1000 1h0m0s 1"},
		"newest first":                   {list(t, "", 0), fmt.Sprintf(`[{"at":%s,"v":2},{"at":%s,"v":1}]`, at("11:00"), at("10:00")), "1000 1h0m0s 1; 1100 1h0m0s 2"},
		"a start is missing":             {list(t, "", 0), `[{"v":1}]`, `configuration: start: item 0 has no "at"`},
		"an end before its start":        {list(t, "end", 0), fmt.Sprintf(`[{"at":%s,"end":%s,"v":1}]`, at("10:00"), at("09:00")), "temporary: item 0: from 2026-05-12T10:00:00Z to 2026-05-12T09:00:00Z"},
		"a value that is none":           {list(t, "", 0), fmt.Sprintf(`[{"at":%s,"v":{}}]`, at("10:00")), `configuration: value: item 0: "{}" is no number`},
		"a start that is none":           {list(t, "", 0), `[{"at":"now","v":1}]`, `configuration: start: stamps: item 0: "now" is not in the form 2006-01-02T15:04Z07:00`},
		"an end that is none":            {list(t, "end", 0), fmt.Sprintf(`[{"at":%s,"end":"later","v":1}]`, at("10:00")), `configuration: end: stamps: item 0: "later" is not in the form 2006-01-02T15:04Z07:00`},
		"items that are no objects":      {list(t, "", 0), `[1]`, `configuration: start: item 0 has no "at"`},
		"longer than a day is a mistake": {list(t, "end", 0), fmt.Sprintf(`[{"at":%s,"end":"2026-05-14T10:00Z","v":1}]`, at("10:00")), "temporary: item 0: from 2026-05-12T10:00:00Z to 2026-05-14T10:00:00Z"},
	} {
		if got := told(t, c.l, c.document); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

func TestList_LeavesOutWhatTheClockCannotTell(t *testing.T) {
	l := list(t, "end", 0)
	l.Stamps = stamps(t, "2006-01-02T15:04")
	got := told(t, l, `[{"at":"2026-10-25T01:00","end":"2026-10-25T02:00","v":1},{"at":"2026-10-25T03:00","end":"2026-10-25T04:00","v":2}]`)
	if want := "0200 1h0m0s 2; 2026-10-25 02:00 is there 1 times in the list and 2 times on the clock in Europe/Berlin: left out"; got != want {
		t.Errorf("%s", got)
	}
}

func TestList_HasAnEnd(t *testing.T) {
	items := make([]json.RawMessage, mostItems+1)
	if _, _, err := list(t, "", 0).Slots(items); feeds.KindOf(err) != feeds.Temporary || err == nil {
		t.Error(err)
	}
}

// Whatever a list holds, what is understood of it is sound.
func FuzzList(f *testing.F) {
	f.Add(`[{"at":"2026-05-12T10:00Z","v":1},{"at":"2026-05-12T11:00Z","end":"2026-05-12T12:00Z","v":"-0.5"}]`)
	f.Add(`[{"at":"2026-10-25T02:00Z","v":1e308}]`)
	zone := berlin(f)
	f.Fuzz(func(t *testing.T, document string) {
		var items []json.RawMessage
		if json.Unmarshal([]byte(document), &items) != nil {
			return
		}
		for _, form := range []string{"2006-01-02T15:04Z07:00", "2006-01-02T15:04", "unix"} {
			s, err := ParseStamps(form, zone)
			if err != nil {
				t.Fatal(err)
			}
			slots, _, err := List{Start: Path{"at"}, End: Path{"end"}, Value: Path{"v"}, Stamps: s}.Slots(items)
			if err != nil {
				continue
			}
			unit, err := ParseUnit("EUR/MWh", feeds.ImportPrice, "EUR")
			if err != nil {
				t.Fatal(err)
			}
			v, err := Meaning{feeds.ImportPrice, unit, "EUR"}.Values(slots, nil)
			if bad := v.Check(feeds.About{Kinds: feeds.Kinds, Currency: "EUR"}); err == nil && bad != nil {
				t.Error(bad)
			}
		}
	})
}
