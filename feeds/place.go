package feeds

import (
	"net/url"
	"time"
)

// Place is where a source finds its publisher, and the zone of its days: the address that is configured, or the
// publisher's own where none is. Every error is of kind [Misconfigured].
func Place(configured, own, zone string) (*url.URL, *time.Location, error) {
	text := own
	if configured != "" {
		text = configured
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return nil, nil, Fail(Misconfigured, "url %q: must be that of a web service", text)
	}
	z, err := time.LoadLocation(zone)
	if err != nil || zone == "" {
		return nil, nil, Fail(Misconfigured, "zone %q: must be a time zone such as Europe/Berlin", zone)
	}
	return u, z, nil
}
