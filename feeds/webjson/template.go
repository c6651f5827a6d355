package webjson

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// template is an address with times in it: {start} and {end} of the span, {date} of a day. After a colon stands their
// form: {start:unix}, {date:20060102}.
type template struct {
	text    string
	isDaily bool // it asks for a day at a time
}

var isPlace = regexp.MustCompile(`\{([^{}:]*)(?::([^{}]*))?\}`)

// Two times of which everything differs: a form that shows them alike shows nothing.
var (
	early = time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	late  = time.Date(2032, 11, 27, 18, 39, 40, 0, time.UTC)
)

// parseTemplate checks an address. Errors do not repeat it: a key may be part of it.
func parseTemplate(text string) (template, error) {
	t := template{text: text}
	for _, found := range isPlace.FindAllStringSubmatch(text, -1) {
		switch name, form := found[1], found[2]; {
		case name != "start" && name != "end" && name != "date":
			return t, feeds.Fail(feeds.Misconfigured, "url: {%s} is not one of {start}, {end} and {date}", feeds.OneLine(name))
		case form != "" && form != "unix" && form != "unixms" && early.Format(form) == late.Format(form):
			return t, feeds.Fail(feeds.Misconfigured, "url: {%s:%s} is no form of a time", name, feeds.OneLine(form))
		case name == "date":
			t.isDaily = true
		}
	}
	u, err := url.Parse(isPlace.ReplaceAllString(text, "%3A")) // what a time may become, and a host may not be
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || strings.ContainsAny(isPlace.ReplaceAllString(text, ""), "{}") {
		return t, feeds.Fail(feeds.Misconfigured, "url: must be that of a web service, without user and password, such as https://prices.example/v1?from={start}&to={end}")
	}
	return t, nil
}

// at is the address for a span.
func (t template) at(span energy.Interval, zone *time.Location) *url.URL {
	text := isPlace.ReplaceAllStringFunc(t.text, func(place string) string {
		found := isPlace.FindStringSubmatch(place)
		at, form := span.Start, found[2]
		if found[1] == "end" {
			at = span.End
		}
		if found[1] == "date" && form == "" {
			form = time.DateOnly
		}
		return strings.ReplaceAll(url.QueryEscape(shown(at, form, zone)), "%2F", "/") // {date:2006/01} is two folders
	})
	u, err := url.Parse(text)
	if err != nil {
		panic(err) // it was checked, and what is filled in is escaped
	}
	return u
}

func shown(at time.Time, form string, zone *time.Location) string {
	switch form {
	case "":
		return at.UTC().Format(time.RFC3339)
	case "unix":
		return strconv.FormatInt(at.Unix(), 10)
	case "unixms":
		return strconv.FormatInt(at.UnixMilli(), 10)
	}
	return at.In(zone).Format(form)
}
