package podero

import (
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"hearth/feeds"
)

// What the vendor takes at most, in characters.
const (
	mostMeter    = 19
	mostSupplier = 100
)

// The kinds of contracts, as the reference spells them.
const (
	spotHourly = "spot_hourly"
	monthly    = "monthly"
	yearly     = "yearly"
)

var kinds = []string{spotHourly, monthly, yearly}

var isUUID = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// check says what is wrong of what the configuration holds.
func (cfg Config) check() error {
	bad := func(format string, args ...any) error { return feeds.Fail(feeds.Misconfigured, format, args...) }
	switch {
	case cfg.ClientID == "":
		return bad("client_id: is missing")
	case cfg.ClientSecret == "":
		return bad("client_secret: is missing")
	}
	for _, id := range []struct {
		key, value string
		isRequired bool
	}{{"organization", cfg.Organization, true}, {"user", cfg.User, true}, {"building", cfg.Building, false}} {
		if (id.isRequired || id.value != "") && !isUUID.MatchString(id.value) {
			return bad("%s %q: must be an id such as 016b78a7-0c7c-4241-a277-015c3ad3cb90", id.key, id.value)
		}
	}
	switch {
	case utf8.RuneCountInString(cfg.Meter) > mostMeter:
		return bad("meter %q: must have %d characters at most", cfg.Meter, mostMeter)
	case utf8.RuneCountInString(cfg.Supplier) > mostSupplier:
		return bad("supplier %q: must have %d characters at most", cfg.Supplier, mostSupplier)
	case cfg.Kind == "" && cfg.IsStanding:
		return bad("kind: is needed where publish is yes")
	}
	return feeds.OneOf("kind", cfg.Kind, append([]string{""}, kinds...)...)
}

// tokenPlace is where tokens are given. Without its slash the vendor's server sends on, and loses what was asked.
func tokenPlace(text string) (*url.URL, error) {
	u, err := feeds.Address("token_url", text)
	if err == nil && !strings.HasSuffix(u.Path, "/") {
		return nil, feeds.Fail(feeds.Misconfigured, "token_url %q: must end with a slash", text)
	}
	return u, err
}
