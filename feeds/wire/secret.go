package wire

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"hearth/feeds"
)

// shortest is the length from which a value is hidden: what is shorter is in too many words to be replaced.
const shortest = 6

// Hide takes out of an error whatever of the request may be secret, its token too: servers like to repeat what they
// were sent. What is left is brief. The client's own errors are so already; an answer that turns out to be an error is
// the source's business.
func (c *Client) Hide(r Request, err error) error {
	if err == nil {
		return nil
	}
	return feeds.Brief(feeds.Reworded(err, hidden(err.Error(), c.secrets(r))))
}

func (c *Client) secrets(r Request) []string {
	all := slices.Clone(c.Secrets)
	if c.Tokens != nil {
		all = append(all, c.Tokens.secrets()...)
	}
	for _, values := range r.URL.Query() {
		all = append(all, values...)
	}
	for name, values := range r.Headers {
		if name != "Content-Type" && name != "Accept" {
			all = append(all, values...)
		}
	}
	for _, values := range c.Headers {
		all = append(all, values...)
	}
	if password, isSet := r.URL.User.Password(); isSet {
		all = append(all, password)
	}
	return append(all, told(r)...)
}

// told is what a body says.
func told(r Request) []string {
	var texts []string
	switch r.Headers.Get("Content-Type") {
	case formType:
		form, err := url.ParseQuery(string(r.Body))
		for _, values := range form {
			if err == nil {
				texts = append(texts, values...)
			}
		}
	case jsonType:
		var fields map[string]json.RawMessage
		if json.Unmarshal(r.Body, &fields) != nil {
			return nil
		}
		for _, raw := range fields {
			var text string
			if json.Unmarshal(raw, &text) == nil {
				texts = append(texts, text)
			}
		}
	}
	return texts
}

// hidden is the text with every secret replaced, as it is and as a URL would write it. A day is no secret, and
// stands in half of all questions.
func hidden(text string, secrets []string) string {
	slices.SortStableFunc(secrets, func(a, b string) int { return len(b) - len(a) }) // the whole before its parts
	for _, s := range secrets {
		if len(s) < shortest || isDay(s) {
			continue
		}
		for _, form := range []string{s, url.QueryEscape(s), url.PathEscape(s)} {
			text = strings.ReplaceAll(text, form, "***")
			text = hiddenParts(text, form)
		}
	}
	return text
}

// hiddenParts is the text without what is left of a secret beside an ellipsis: a token is longer than the line that an
// answer is cut to.
func hiddenParts(text, secret string) string {
	const ellipsis = "…"
	parts := strings.Split(text, ellipsis)
	for i := range len(parts) - 1 {
		for n := min(len(secret), len(parts[i])); n >= shortest; n-- {
			if head, isThere := strings.CutSuffix(parts[i], secret[:n]); isThere {
				parts[i] = head + "***"
				break
			}
		}
		after := strings.TrimPrefix(parts[i+1], " ")
		for n := min(len(secret), len(after)); n >= shortest; n-- {
			if tail, isThere := strings.CutPrefix(after, secret[len(secret)-n:]); isThere {
				parts[i+1] = " ***" + tail
				break
			}
		}
	}
	return strings.Join(parts, ellipsis)
}

func isDay(s string) bool {
	_, err := time.Parse(time.DateOnly, s[:min(len(s), len(time.DateOnly))])
	return err == nil
}
