package config

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

func euros() energy.Currency { return "EUR" }

// reads holds a parser to what it takes and to what it says of the rest.
func reads[T comparable](t *testing.T, parse func(string) (T, error), good map[string]T, bad map[string]string) {
	t.Helper()
	for text, want := range good {
		if got, err := parse(text); err != nil || got != want {
			t.Errorf("%q is %v, %v, want %v", text, got, err, want)
		}
	}
	for text, says := range bad {
		got, err := parse(text)
		var none T
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q is %v, %v, want a fault that says %q", text, got, err, says)
		}
		if got != none {
			t.Errorf("%q is a fault and still gives %v", text, got)
		}
	}
}

func TestParseTimeOfDay(t *testing.T) {
	reads(t, parseTimeOfDay,
		map[string]TimeOfDay{"00:00": 0, "07:05": 425, "19:30": 1170, "23:59": 1439, "24:00": 1440},
		map[string]string{
			"": "want for example", "7:00": "want for example", "07:60": "want for example", "25:00": "want for example",
			"07:00:00": "want for example", "0700": "want for example", " 07:00": "want for example", "7 pm": "want for example",
			"24:01": "ends at 24:00", "٠٧:٠٠": "want for example",
		})
	rapid.Check(t, func(t *rapid.T) {
		want := TimeOfDay(rapid.IntRange(0, 24*60).Draw(t, "minute"))
		if got, err := parseTimeOfDay(want.String()); err != nil || got != want {
			t.Fatalf("%d prints %q and reads back as %d, %v", want, want, got, err)
		}
	})
}

func TestParseDuration(t *testing.T) {
	reads(t, parseDuration,
		map[string]time.Duration{"15m": 15 * time.Minute, "1h30m": 90 * time.Minute, "0s": 0, "0": 0, "1.5s": 1500 * time.Millisecond, "250ms": 250 * time.Millisecond},
		map[string]string{
			"": "want for example", "15": "want for example", "0x1F": "want for example", "1_000s": "want for example", "1d": "want for example",
			"15 m": "want for example", "9999999h": "want for example", "NaNs": "want for example", "-1s": "cannot be negative",
		})
	reads(t, parsePositiveDuration,
		map[string]time.Duration{"1ns": 1, "168h": 168 * time.Hour},
		map[string]string{"0s": "longer than nothing", "-0s": "longer than nothing", "-1s": "cannot be negative", "soon": "want for example"})
}

func TestMagnitude_RefusesASign(t *testing.T) {
	reads(t, magnitude(energy.ParseWatts),
		map[string]energy.Watts{"11kW": 11000, "0W": 0, "350 W": 350},
		map[string]string{"-1W": "cannot be negative", "11": "has no unit", "11 horses": `has the unit "horses"`, "0x1FW": `has the unit "FW"`, "1_000W": "not a number"})
	reads(t, magnitude(energy.ParseWattHours),
		map[string]energy.WattHours{"7.5kWh": 7500, "500Wh": 500},
		map[string]string{"-7kWh": "cannot be negative", "7kW": `has the unit "kW"`})
	reads(t, magnitude(energy.ParseGramsPerKWh),
		map[string]energy.GramsPerKWh{"380 g/kWh": 380},
		map[string]string{"-380 g/kWh": "cannot be negative", "380": "has no unit"})
}

func TestParseName(t *testing.T) {
	longest := strings.Repeat("a", 63)
	reads(t, parseName,
		map[string]string{"a": "a", "car-2": "car-2", "0_x": "0_x", longest: longest},
		map[string]string{
			"": "small letters", "Car": "small letters", "-a": "begins with", "_a": "begins with", "a b": "small letters",
			"küche": "small letters", "a.b": "small letters", "a\n": "small letters", longest + "a": "small letters",
		})
}

// What stands for itself must not be mistaken for something else: YAML's words and numbers stay text.
func TestParseWords(t *testing.T) {
	reads(t, parseBool, map[string]bool{"true": true},
		map[string]string{"True": "true or false", "yes": "true or false", "on": "true or false", "1": "true or false", "": "true or false"})
	if isTrue, err := parseBool("false"); isTrue || err != nil {
		t.Errorf("false is %v, %v", isTrue, err)
	}
	reads(t, parseCount, map[string]int{"1": 1, "24": 24},
		map[string]string{"0": "1 or more", "-1": "1 or more", "1.0": "1 or more", "0x1F": "1 or more", "1_000": "1 or more", "99999999999999999999": "1 or more", "": "1 or more"})
	reads(t, parseText, map[string]string{"x": "x", " x ": " x ", "Küche & Bad": "Küche & Bad"},
		map[string]string{"": "is empty", " \t\n": "is empty"})
	reads(t, oneOf("text", "json"), map[string]string{"text": "text", "json": "json"},
		map[string]string{"": "want one of text, json", "Text": "want one of text, json", "text ": "want one of text, json"})
}

func TestParseZone(t *testing.T) {
	for text, want := range map[string]string{"Europe/Berlin": "Europe/Berlin", "UTC": "UTC", "America/New_York": "America/New_York"} {
		if zone, err := parseZone(text); err != nil || zone.String() != want {
			t.Errorf("%q is %v, %v", text, zone, err)
		}
	}
	// An empty name and "Local" would be whatever the machine is set to.
	for text, says := range map[string]string{
		"": "name the zone", "Local": "name the zone", "Mars/Olympus": "IANA name", "europe berlin": "IANA name", "+02:00": "IANA name", "../../etc/passwd": "IANA name",
	} {
		if zone, err := parseZone(text); zone != nil || err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q is %v, %v", text, zone, err)
		}
	}
}

func TestParseMoneyPer(t *testing.T) {
	reads(t, parseMoneyPer("t", euros),
		map[string]energy.Money{"60 EUR/t": energy.MoneyOf(60), " 0.5 EUR/t ": energy.MoneyOf(0.5), "0 EUR/t": 0},
		map[string]string{
			"60": `want for example "60 EUR/t"`, "60 USD/t": `want for example "60 EUR/t"`, "60EUR/t": "want for example", "60 EUR/kWh": "want for example",
			"-1 EUR/t": "cannot be negative", "x EUR/t": "not a decimal", "99999999999999 EUR/t": "out of range",
		})
}

func TestParsePriceIn(t *testing.T) {
	reads(t, parsePriceIn(euros),
		map[string]energy.Price{"0.21 EUR/kWh": energy.PriceOf(0.21), "-0.05 EUR/kWh": energy.PriceOf(-0.05)},
		map[string]string{"0.21": `want for example "0.21 EUR/kWh"`, "0.21 USD/kWh": "the home counts in EUR", "21 ct/kWh": "want for example", "1_0 EUR/kWh": "want for example"})
}

func TestParseURL(t *testing.T) {
	reads(t, parseURL("tcp", "rtu"),
		map[string]string{"tcp://192.168.1.20:502": "tcp://192.168.1.20:502", "tcp://[::1]": "tcp://[::1]", "rtu:///dev/ttyUSB0?baud=9600": "rtu:///dev/ttyUSB0?baud=9600"},
		map[string]string{
			"": "not a URL", "192.168.1.20:502": "not a URL", "tcp:": "not a URL", "tcp://": "not a URL", "tcp:///502": "not a URL", "rtu://": "not a URL",
			"TCP:8080": "not a URL", "http://192.168.1.20": "want one of tcp, rtu", "//192.168.1.20": "want one of tcp, rtu",
		})
}

// Whatever else is wrong with a URL: one that may hold a password is never repeated in a fault.
func TestParseURL_NeverRepeatsAPassword(t *testing.T) {
	const with = "home: {name: H, zone: UTC, currency: EUR, max_import: 11kW}\nstorage: {path: h.db}\nmqtt:\n  - {name: a, url: %q}\n"
	for _, url := range []string{
		"tcp://hearth:s3cret@192.168.1.10", "mqtt://hearth:s3cret@192.168.1.10", "tcp://hearth:s3c%ret@192.168.1.10", "hearth:s3cret@192.168.1.10",
		"tcp://hearth:s3c ret@192.168.1.10", "//hearth:s3cret@192.168.1.10", "tcp://s3cret@/", "tcp://hearth:s3cret@192.168.1.10:port",
	} {
		_, err := Read(fmt.Appendf(nil, with, url), Environment{Dir: t.TempDir()})
		if err == nil || strings.Contains(err.Error(), "s3c") {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestParseListen_ServesThisMachineOnly(t *testing.T) {
	reads(t, parseListen,
		map[string]string{"127.0.0.1:8099": "127.0.0.1:8099", "[::1]:0": "[::1]:0", "localhost:80": "localhost:80", "127.1.2.3:1": "127.1.2.3:1"},
		map[string]string{
			"": "an address and a port", "8099": "an address and a port", "127.0.0.1": "an address and a port", "::1:80": "an address and a port",
			"127.0.0.1:http": "not a port", "127.0.0.1:65536": "not a port", "127.0.0.1:-1": "not a port", "127.0.0.1:": "not a port",
			":8099": "this machine only", "0.0.0.0:8099": "this machine only", "[::]:8099": "this machine only", "192.168.1.2:80": "this machine only", "gateway:80": "this machine only",
		})
}

// A parameter goes into topics and registers: what the profile would refuse at the start is a fault of the file.
func TestParseParam(t *testing.T) {
	reads(t, parseParam,
		map[string]string{"dishwasher": "dishwasher", "shelly/plug-1": "shelly/plug-1", "1": "1", "A:b_c.d": "A:b_c.d"},
		map[string]string{
			"": "letters A to Z", "plug/#": "letters A to Z", "a+b": "letters A to Z", "$SYS": "letters A to Z", "a b": "letters A to Z",
			"a\n": "letters A to Z", "küche": "letters A to Z", "{topic}": "letters A to Z", "a\x00b": "letters A to Z",
		})
}

func TestParseProfile_SuggestsWhatWasMeant(t *testing.T) {
	if p, err := new(reader).family("tasmota-plug"); err != nil || p.ID != "tasmota-plug" {
		t.Errorf("%v, %v", p, err)
	}
	for text, says := range map[string]string{"tasmota-plugs": `did you mean "tasmota-plug"?`, "x": "there are ", "../tasmota-plug": "no such profile"} {
		if p, err := new(reader).family(text); p != nil || err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, %v", text, p, err)
		}
	}
}

func TestWindow_LengthIsNeverMoreThanADay(t *testing.T) {
	for w, want := range map[Window]time.Duration{
		{0, 24 * 60}: 24 * time.Hour, {8 * 60, 8 * 60}: 24 * time.Hour, {19*60 + 30, 7 * 60}: 11*time.Hour + 30*time.Minute,
		{60, 61}: time.Minute, {23 * 60, 0}: time.Hour, {61, 60}: 24*time.Hour - time.Minute,
	} {
		if got := w.length(); got != want {
			t.Errorf("%v has %v, want %v", w, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		w := Window{TimeOfDay(rapid.IntRange(0, 24*60-1).Draw(t, "after")), TimeOfDay(rapid.IntRange(0, 24*60).Draw(t, "before"))}
		if l := w.length(); l <= 0 || l > 24*time.Hour {
			t.Fatalf("%v has %v", w, l)
		}
	})
}

func TestDistance_IsAMetric(t *testing.T) {
	word := rapid.StringMatching(`[a-c]{0,6}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := word.Draw(t, "a"), word.Draw(t, "b"), word.Draw(t, "c")
		ab, longer := distance(a, b), max(len(a), len(b))
		if ab != distance(b, a) || (ab == 0) != (a == b) || ab > longer || ab < int(math.Abs(float64(len(a)-len(b)))) {
			t.Fatalf("%q to %q is %d, back %d", a, b, ab, distance(b, a))
		}
		if distance(a, c) > ab+distance(b, c) {
			t.Fatalf("%q to %q is longer than by way of %q", a, c, b)
		}
	})
}
