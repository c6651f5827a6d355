package reading

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"hearth/feeds"
)

func berlin(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func stamps(t *testing.T, form string) Stamps {
	t.Helper()
	s, err := ParseStamps(form, berlin(t))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// raws are JSON values with blanks between them.
func raws(texts string) (all []json.RawMessage) {
	for text := range strings.FieldsSeq(texts) {
		all = append(all, json.RawMessage(strings.ReplaceAll(text, "_", " ")))
	}
	return all
}

func shown(times []time.Time) string {
	var all []string
	for _, at := range times {
		text := "-"
		if !at.IsZero() {
			text = at.Format("0102 1504Z07")
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

func TestStamps_ReadEveryForm(t *testing.T) {
	for name, c := range map[string]struct{ form, stamps, want string }{
		"as usual":             {"", `"2026-05-12T10:00:00Z" "2026-05-12T12:15:00+02:00" null`, "0512 1000Z, 0512 1015Z, -"},
		"seconds":              {"unix", `1778580000 "1778580900" 1778581800.0`, "0512 1000Z, 0512 1015Z, 0512 1030Z"},
		"milliseconds":         {"unixms", `1778580000000`, "0512 1000Z"},
		"of the home's zone":   {"2006-01-02 15:04", `"2026-05-12_12:00" "2026-01-12_12:00"`, "0512 1000Z, 0112 1100Z"},
		"with an offset":       {"2006-01-02T15:04-0700", `"2026-05-12T12:00+0300"`, "0512 0900Z"},
		"of Greenwich":         {"2006-01-02T15:04Z", `"2026-05-12T12:00Z"`, "0512 1200Z"},
		"a number as a layout": {"2006010215", `2026051212`, "0512 1000Z"},
	} {
		got, remarks, err := stamps(t, c.form).Times(raws(c.stamps))
		if err != nil || shown(got) != c.want || len(remarks) > 0 {
			t.Errorf("%s: %s, %q, %v, want %s", name, shown(got), remarks, err, c.want)
		}
	}
}

// On the night when the clock goes back 02:00 is there twice, and the first is summer's; when it goes forward, never.
func TestStamps_TakeTheNightOfTheChangeAsItIs(t *testing.T) {
	for name, c := range map[string]struct {
		stamps, want string
		remarks      int
	}{
		"twice, in order":        {`"2026-10-25_01:00" "2026-10-25_02:00" "2026-10-25_02:00" "2026-10-25_03:00"`, "1024 2300Z, 1025 0000Z, 1025 0100Z, 1025 0200Z", 0},
		"quarter hours":          {`"2026-10-25_02:45" "2026-10-25_02:00" "2026-10-25_02:45"`, "1025 0045Z, -, 1025 0145Z", 1},
		"only once":              {`"2026-10-25_01:00" "2026-10-25_02:00" "2026-10-25_03:00"`, "1024 2300Z, -, 1025 0200Z", 1},
		"three times":            {`"2026-10-25_02:00" "2026-10-25_02:00" "2026-10-25_02:00"`, "-, -, -", 1},
		"an hour that was not":   {`"2026-03-29_01:00" "2026-03-29_02:00" "2026-03-29_03:00"`, "0329 0000Z, -, 0329 0100Z", 1},
		"twice on another night": {`"2026-10-24_02:00" "2026-10-24_02:00"`, "1024 0000Z, 1024 0000Z", 0},
	} {
		got, remarks, err := stamps(t, "2006-01-02 15:04").Times(raws(c.stamps))
		if err != nil || shown(got) != c.want || len(remarks) != c.remarks {
			t.Errorf("%s: %s, %q, %v, want %s", name, shown(got), remarks, err, c.want)
		}
	}
}

// A whole day of what the clock on the wall shows is a whole day, on every day of the year that is odd.
func TestStamps_TileDaysOfEveryLength(t *testing.T) {
	for _, c := range []struct {
		zone, day string
		slots     int
	}{
		{"Europe/Berlin", "2026-10-25", 100}, {"Europe/Berlin", "2026-03-29", 92}, {"America/New_York", "2026-11-01", 100},
		{"America/New_York", "2026-03-08", 92}, {"Australia/Lord_Howe", "2026-04-05", 98}, {"Europe/Berlin", "2026-05-12", 96},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		start, err := time.ParseInLocation("2006-01-02", c.day, zone)
		if err != nil {
			t.Fatal(err)
		}
		var all []json.RawMessage
		for i := range c.slots {
			all = append(all, json.RawMessage(start.Add(time.Duration(i)*15*time.Minute).Format(`"2006-01-02 15:04"`)))
		}
		s, err := ParseStamps("2006-01-02 15:04", zone)
		if err != nil {
			t.Fatal(err)
		}
		got, remarks, err := s.Times(all)
		if err != nil || len(remarks) > 0 {
			t.Fatal(remarks, err)
		}
		for i, at := range got {
			if want := start.Add(time.Duration(i) * 15 * time.Minute); !at.Equal(want) {
				t.Errorf("%s %s: slot %d begins %v, want %v", c.zone, c.day, i, at, want)
			}
		}
	}
}

func TestStamps_RefuseAnotherForm(t *testing.T) {
	for form, all := range map[string][]string{
		"": {`"2026-05-12"`, `1778580000`, `{}`, `true`}, "unix": {`1778580000000`, `"soon"`, `9223372036854775807`, `-9223372036854775808`, `1e9`},
		"unixms": {`1778580000`}, "2006-01-02 15:04": {`"2026-05-12T10:00:00Z"`, `"1026-05-12_10:00"`},
	} {
		for _, one := range all {
			got, _, err := stamps(t, form).Times(raws(one))
			if err == nil || feeds.KindOf(err) != feeds.Misconfigured {
				t.Errorf("%s: %s is %s, %v", form, one, shown(got), err)
			}
		}
	}
	for _, form := range []string{"2006-01-02", "15:04", "iso8601", "2006-01-02 15:04 MST", "2006-01-02 03:04"} {
		if _, err := ParseStamps(form, time.UTC); feeds.KindOf(err) != feeds.Misconfigured || err == nil || !strings.HasPrefix(err.Error(), "stamps ") {
			t.Errorf("%s: %v", form, err)
		}
	}
	if _, err := ParseStamps("2006-01-02 15:04", nil); err == nil || !strings.HasPrefix(err.Error(), "zone: ") {
		t.Error(err)
	}
}

// A list in which nothing fits the clock is told of in a few lines.
func TestStamps_SayLittleOfMany(t *testing.T) {
	var all []json.RawMessage
	for second := range 3600 {
		all = append(all, json.RawMessage(fmt.Sprintf(`"2026-03-29 02:%02d:%02d"`, second/60, second%60)))
	}
	if _, remarks, err := stamps(t, "2006-01-02 15:04:05").Times(all); err != nil || len(remarks) != 20 || !strings.HasPrefix(remarks[19], "and ") {
		t.Errorf("%q, %v", remarks, err)
	}
}
