package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"hearth/energy"
)

// Secret is text that must not be seen; it prints and logs as "redacted".
type Secret string

// String hides the secret.
func (s Secret) String() string { return "redacted" }

// GoString hides the secret.
func (s Secret) GoString() string { return "redacted" }

// LogValue hides the secret.
func (s Secret) LogValue() slog.Value { return slog.StringValue("redacted") }

// MarshalText hides the secret.
func (s Secret) MarshalText() ([]byte, error) { return []byte("redacted"), nil }

// TimeOfDay is a local time, in minutes since midnight; 24:00 is the end of the day.
type TimeOfDay int

// String writes "19:30".
func (t TimeOfDay) String() string { return fmt.Sprintf("%02d:%02d", int(t)/60, int(t)%60) }

// String writes "19:30 to 07:00".
func (w Window) String() string { return w.After.String() + " to " + w.Before.String() }

var clockText = regexp.MustCompile(`^([01][0-9]|2[0-4]):([0-5][0-9])$`)

func parseTimeOfDay(s string) (TimeOfDay, error) {
	m := clockText.FindStringSubmatch(s)
	if m == nil {
		return 0, errors.New(`not a time of day, want for example "19:30"`)
	}
	h, _ := strconv.Atoi(m[1])
	minute, _ := strconv.Atoi(m[2])
	if t := TimeOfDay(h*60 + minute); t <= 24*60 {
		return t, nil
	}
	return 0, errors.New("a day ends at 24:00")
}

func parseDuration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, errors.New(`not a duration, want for example "15m" or "1h30m"`)
	}
	if d < 0 {
		return 0, errors.New("a duration cannot be negative")
	}
	return d, nil
}

func parsePositiveDuration(s string) (time.Duration, error) {
	d, err := parseDuration(s)
	if err == nil && d == 0 {
		return 0, errors.New("must be longer than nothing")
	}
	return d, err
}

func magnitude[T energy.Number](parse func(string) (T, error)) func(string) (T, error) {
	return func(s string) (T, error) {
		v, err := parse(s)
		if err == nil && v < 0 {
			return 0, errors.New("is a magnitude and cannot be negative")
		}
		return v, err
	}
}

// positive refuses nothing as well.
func positive[T energy.Number](parse func(string) (T, error)) func(string) (T, error) {
	return func(s string) (T, error) {
		v, err := parse(s)
		if err == nil && v <= 0 {
			return 0, errors.New("must be more than nothing")
		}
		return v, err
	}
}

func parseZone(s string) (*time.Location, error) {
	if s == "" || s == "Local" {
		return nil, errors.New(`name the zone, for example "Europe/Berlin"`)
	}
	zone, err := time.LoadLocation(s)
	if err != nil {
		return nil, errors.New(`not a time zone, want an IANA name, for example "Europe/Berlin"`)
	}
	return zone, nil
}

var nameText = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)

func parseName(s string) (string, error) {
	if !nameText.MatchString(s) {
		return "", errors.New("a name is small letters, digits, - and _, and begins with a letter or digit")
	}
	return s, nil
}

func parseText(s string) (string, error) {
	if strings.TrimSpace(s) == "" {
		return "", errors.New("is empty")
	}
	return s, nil
}

func parseCount(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return 0, errors.New("not a count, want 1 or more")
	}
	return n, nil
}

func parseBool(s string) (bool, error) {
	if s != "true" && s != "false" {
		return false, errors.New("want true or false")
	}
	return s == "true", nil
}

// parseMoneyPer reads "60 EUR/t" in the home's currency.
func parseMoneyPer(unit string, currency func() energy.Currency) func(string) (energy.Money, error) {
	return func(s string) (energy.Money, error) {
		want := string(currency()) + "/" + unit
		digits, isRight := strings.CutSuffix(strings.TrimSpace(s), " "+want)
		if !isRight {
			return 0, fmt.Errorf("want for example %q", "60 "+want)
		}
		m, err := energy.ParseDecimalMoney(digits)
		if err == nil && m < 0 {
			return 0, errors.New("cannot be negative")
		}
		return m, err
	}
}

// parsePriceIn reads "0.21 EUR/kWh" and refuses another currency than the home's.
func parsePriceIn(currency func() energy.Currency) func(string) (energy.Price, error) {
	return func(s string) (energy.Price, error) {
		p, c, err := energy.ParsePrice(s)
		if err != nil {
			return 0, fmt.Errorf("want for example %q", "0.21 "+string(currency())+"/kWh")
		}
		if c != currency() {
			return 0, fmt.Errorf("the home counts in %s", currency())
		}
		return p, nil
	}
}

// errSecret is of a value that must not be shown.
var errSecret = errors.New("holds a user or password")

var errSecretInURL = fmt.Errorf("%w: name them by user and password_file", errSecret)

func parseURL(schemes ...string) func(string) (string, error) {
	return func(s string) (string, error) {
		u, err := url.Parse(s)
		if err == nil && u.User != nil || (err != nil || u.Opaque != "") && strings.Contains(s, "@") {
			return "", errSecretInURL // first: what the other faults show may be read by anybody
		}
		if err != nil || u.Host == "" && (u.Scheme != "rtu" || u.Path == "") {
			return "", fmt.Errorf("not a URL, want for example %q", schemes[0]+"://192.168.1.20")
		}
		if !slices.Contains(schemes, u.Scheme) {
			return "", fmt.Errorf("begins with %q, want one of %s", u.Scheme, strings.Join(schemes, ", "))
		}
		return s, nil
	}
}

// parseListen reads an address of the page.
func parseListen(s string) (string, error) {
	if s, err := parseAddress(s); err != nil {
		return s, err
	}
	if host, _, _ := net.SplitHostPort(s); !isLoopback(host) {
		return "", errors.New("the page has no password yet, so it is served to this machine only: want 127.0.0.1")
	}
	return s, nil
}

// parseAddress reads any address and port of this machine.
func parseAddress(s string) (string, error) {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return "", errors.New(`want an address and a port, for example "127.0.0.1:8099"`)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return "", errors.New("not a port")
	}
	return s, nil
}

func isLoopback(host string) bool { return host == "localhost" || net.ParseIP(host).IsLoopback() }

func oneOf(words ...string) func(string) (string, error) {
	return func(s string) (string, error) {
		if !slices.Contains(words, s) {
			return "", fmt.Errorf("want one of %s", strings.Join(words, ", "))
		}
		return s, nil
	}
}
