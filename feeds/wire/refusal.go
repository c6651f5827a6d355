package wire

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hearth/feeds"
)

// refusal is what a status that is no answer says.
func (c *Client) refusal(r Request, a Answer, token string) error {
	text := hidden(a.Detail(), []string{token, strings.TrimPrefix(token, "Bearer ")})
	f := &feeds.Failure{Kind: feeds.Temporary, Status: a.Status, Err: fmt.Errorf("%s: status %d%s", r.place(), a.Status, text)}
	switch {
	case a.Status == http.StatusTooManyRequests, a.Status == http.StatusRequestTimeout, a.Status == http.StatusTooEarly:
	case a.Status >= 400 && a.Status < 500:
		f.Kind = feeds.Misconfigured
	}
	f.After = RetryAfter(a.Header, c.Time())
	return f
}

// Detail is what an error document says of itself, in one short line after a colon: problem+json (RFC 9457), OAuth
// (RFC 6749), and what is about, a message that holds its text too. It may repeat what was sent: [Client.Hide].
func (a Answer) Detail() string {
	var doc struct {
		Detail, Title, Reason, Message, Error json.RawMessage
		Description                           json.RawMessage `json:"error_description"`
	}
	if json.Unmarshal(a.Body, &doc) != nil {
		return ""
	}
	for _, raw := range []json.RawMessage{doc.Detail, doc.Title, doc.Description, doc.Reason, doc.Message, doc.Error} {
		var text string
		var inner struct{ Text string }
		if json.Unmarshal(raw, &text) != nil && json.Unmarshal(raw, &inner) == nil {
			text = inner.Text
		}
		if text != "" {
			return ": " + feeds.OneLine(text)
		}
	}
	return ""
}

// RetryAfter is when a server allows to ask again; the zero time when it does not say. A date is compared with the
// server's own clock where it shows it: ours may be wrong.
func RetryAfter(h http.Header, now time.Time) time.Time {
	text := h.Get("Retry-After")
	wait := time.Duration(-1)
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		wait = time.Duration(min(seconds, int64(feeds.MaxPatience/time.Second))) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wait = at.Sub(serverTime(h, now))
	}
	if wait < 0 {
		return time.Time{}
	}
	return now.Add(min(wait, feeds.MaxPatience))
}

// serverTime is the time by the server's clock, or ours where it does not show it.
func serverTime(h http.Header, now time.Time) time.Time {
	if at, err := http.ParseTime(h.Get("Date")); err == nil {
		return at
	}
	return now
}
