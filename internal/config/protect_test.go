package config

import (
	"strings"
	"testing"
	"time"
)

// protected is a home with a grid meter and what is said of protection; without the meter where that is left out.
func protected(t *testing.T, protection string, hasMeter bool) (Protection, error) {
	t.Helper()
	text := "home: {name: x, zone: UTC, currency: EUR, max_import: 17kW}\nstorage: {path: x.db}\n" + protection
	if hasMeter {
		text += "\nmodbus: [{name: cabinet, url: \"tcp://127.0.0.1:1502\"}]\ndevices: [{name: grid, kind: grid, profile: eastron-sdm630, link: cabinet}]\n"
	}
	c, err := Read([]byte(text), Environment{Dir: t.TempDir()})
	if err != nil {
		return Protection{}, err
	}
	return c.Protection, nil
}

// It is on wherever there is a meter to go by, and off where the owner says so or nothing can be measured.
func TestProtection_IsOnWhereThereIsAMeter(t *testing.T) {
	for _, c := range []struct {
		text     string
		hasMeter bool
		want     Protection
	}{
		{"", true, Protection{Every: 2 * time.Second, FollowsExport: true}},
		{"cycle: 1s", true, Protection{Every: time.Second, FollowsExport: true}},
		{"", false, Protection{FollowsExport: true}},
		{"protection: {enabled: false}", true, Protection{FollowsExport: true}},
		{"protection: {enabled: false}", false, Protection{FollowsExport: true}},
		{"protection: {every: 5s, fuse: 3x25A, surplus: false}", true, Protection{5 * time.Second, Fuse{3, 25}, false}},
		{"protection: {fuse: 1x100A}", true, Protection{2 * time.Second, Fuse{1, 100}, true}},
	} {
		got, err := protected(t, c.text, c.hasMeter)
		if err != nil || got != c.want {
			t.Errorf("%q: %+v %v, want %+v", c.text, got, err, c.want)
		}
	}
}

func TestProtection_NamesEachFault(t *testing.T) {
	for text, want := range map[string]string{
		"protection: {every: 100ms}":   `protection.every: "100ms": want 1s to the length of a cycle`,
		"protection: {every: 11s}":     `protection.every: "11s": want 1s to the length of a cycle`,
		"protection: {fuse: 25A}":      `protection.fuse: "25A": want phases and amperes, for example "3x25A" or "1x63A"`,
		"protection: {fuse: 2x25A}":    `protection.fuse: "2x25A": want phases and amperes`,
		"protection: {fuse: 3x25}":     `protection.fuse: "3x25": current "25" has no unit`,
		"protection: {fuse: 3x0A}":     `protection.fuse: "3x0A": must be more than nothing`,
		"protection: {fuse: 3x20A}":    `protection.fuse: "3x20A": bears 13.8kW, and home.max_import is 17kW`,
		"protection: {enabled: maybe}": `protection.enabled: "maybe": want true or false`,
		"protection: {phases: 3}":      `protection.phases: unknown key`,
	} {
		_, err := protected(t, text, true)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	if _, err := protected(t, "protection: {fuse: 3x25A}", false); err == nil || !strings.Contains(err.Error(), "protection: goes by the meter") {
		t.Error(err)
	}
}

func TestFuse_ReadsWhatItWrites(t *testing.T) {
	for _, text := range []string{"3x25A", "1x63A", "3x0.5A"} {
		f, err := parseFuse(text)
		if err != nil || f.String() != text {
			t.Errorf("%s: %v, %v", text, f, err)
		}
	}
	if got := (Fuse{3, 25}).MaxImport(); got != 17250 {
		t.Error(got)
	}
}
