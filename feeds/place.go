package feeds

import (
	"cmp"
	"net/url"
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

// Address is that of a web service, as a key has it. Every error is of kind [Misconfigured].
func Address(key, text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return nil, Fail(Misconfigured, "%s %q: must be that of a web service", key, text)
	}
	return u, nil
}
