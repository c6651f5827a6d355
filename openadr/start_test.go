package openadr

import (
	"encoding/json"
	"testing"
	"time"
)

func TestParseStart_TellsNowFromInstantsAndFromNothing(t *testing.T) {
	for text, want := range map[string]Start{
		"":                          {},
		"0001-01-01":                Now(),
		"0001-01-01T00:00:00":       Now(),
		"0001-01-01T00:00:00Z":      Now(),
		"0001-01-01T00:00:00+00:00": Now(),
		"0000-00-00":                Now(),
		"0000-00-00T00:00:00Z":      Now(),
		"0000-01-01":                Now(),
		"2026-03-29T01:30:00Z":      At(time.Date(2026, 3, 29, 1, 30, 0, 0, time.UTC)),
		"2026-03-29T01:30:00.5Z":    At(time.Date(2026, 3, 29, 1, 30, 0, 5e8, time.UTC)),
		"2026-03-29T01:30:00+02:00": At(time.Date(2026, 3, 28, 23, 30, 0, 0, time.UTC)),
		"2026-03-29T01:30:00-0800":  At(time.Date(2026, 3, 29, 9, 30, 0, 0, time.UTC)),
		"2026-03-29T01:30:00-08":    At(time.Date(2026, 3, 29, 9, 30, 0, 0, time.UTC)),
		"2026-03-29 01:30:00Z":      At(time.Date(2026, 3, 29, 1, 30, 0, 0, time.UTC)),
		"2026-03-29T01:30:00":       At(time.Date(2026, 3, 29, 1, 30, 0, 0, time.UTC)),
		"2026-03-29T01:30Z":         At(time.Date(2026, 3, 29, 1, 30, 0, 0, time.UTC)),
		"2026-03-29":                At(time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC)),
		"0002-01-01T00:00:00Z":      At(time.Date(2, 1, 1, 0, 0, 0, 0, time.UTC)),
	} {
		if got, err := ParseStart(text); err != nil || got != want {
			t.Errorf("%q: got %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"now", "tomorrow", "17:15:16", "2026-13-01", "2026-02-30", "1774747800", "2026-03-29T25:00:00Z"} {
		if got, err := ParseStart(text); err == nil {
			t.Errorf("%q: got %q, want an error", text, got)
		}
	}
}

func TestStart_SurvivesJSON(t *testing.T) {
	for _, s := range []Start{{}, Now(), At(time.Date(2026, 3, 29, 1, 30, 0, 5e8, time.UTC))} {
		b, err := json.Marshal(IntervalPeriod{Start: s})
		if err != nil {
			t.Fatal(err)
		}
		var got IntervalPeriod
		if err := json.Unmarshal(b, &got); err != nil || got.Start != s {
			t.Errorf("%s: got %q, %v; want %q", b, got.Start, err, s)
		}
	}
	if b, _ := json.Marshal(IntervalPeriod{}); string(b) != "{}" {
		t.Errorf("an absent start is written: %s", b)
	}
	var p IntervalPeriod
	if err := json.Unmarshal([]byte(`{"start":null,"duration":null}`), &p); err != nil || p != (IntervalPeriod{}) {
		t.Errorf("null is not absent: %+v, %v", p, err)
	}
}

func FuzzParseStart(f *testing.F) {
	for _, s := range []string{"0001-01-01", "0000-00-00T00:00:00Z", "2026-03-29T01:30:00-0800", "2026-03-29", "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseStart(s)
		if err != nil {
			return
		}
		if again, err := ParseStart(got.String()); err != nil || again != got {
			t.Fatalf("%q reads as %q, which reads as %q, %v", s, got, again, err)
		}
	})
}
