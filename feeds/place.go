package feeds

import (
	"cmp"
	"net/url"
	"strings"
	"time"
)

// Place is where a source finds its publisher, and the zone of its days: the address that is configured, or the
// publisher's own where none is. Every error is of kind [Misconfigured].
func Place(configured, own, zone string) (*url.URL, *time.Location, error) {
	u, err := Address(AddressKey.Name, cmp.Or(configured, own))
	if err != nil {
		return nil, nil, err
	}
	z, err := time.LoadLocation(zone)
	if err != nil || zone == "" {
		return nil, nil, Fail(Misconfigured, "zone %q: must be a time zone such as Europe/Berlin", zone)
	}
	return u, z, nil
}

// Address is that of a web service, as a key has it. A password in it is refused and not shown: it would stand in every
// error. Every error is of kind [Misconfigured].
func Address(key, text string) (*url.URL, error) {
	u, err := url.Parse(text)
	isNone := err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == ""
	switch {
	case isNone && strings.Contains(text, "@"), !isNone && u.User != nil:
		return nil, Fail(Misconfigured, "%s: must be an address of a web service, without user and password", key)
	case isNone:
		return nil, Fail(Misconfigured, "%s %q: must be that of a web service", key, text)
	}
	return u, nil
}
