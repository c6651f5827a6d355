package energygrid

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strconv"

	"hearth/feeds"
	"hearth/feeds/wire"
)

const (
	pageSize = 500
	// mostPages is more than a year of quarter hours needs where the service gives as much as is asked for.
	mostPages = 100
)

// pages asks for a whole list. Where the token of a page has become stale, it begins again, once.
func (s *Source) pages(ctx context.Context, u *url.URL, query url.Values) ([][]byte, error) {
	bodies, err := s.turn(ctx, u, query)
	if len(bodies) > 0 && feeds.StatusOf(err) == http.StatusBadRequest {
		bodies, err = s.turn(ctx, u, query)
	}
	if len(bodies) > 0 && err != nil && feeds.KindOf(err) == feeds.Misconfigured { // the question itself was good
		err = feeds.Fail(feeds.Temporary, "page %d: %w", len(bodies)+1, err)
	}
	return bodies, err
}

// turn goes from page to page. The token is sent as it came, with the same question. With an error it is the pages
// before it.
func (s *Source) turn(ctx context.Context, u *url.URL, query url.Values) (bodies [][]byte, err error) {
	known := map[string]bool{}
	for token := ""; ; {
		q := maps.Clone(query)
		q.Set("pageSize", strconv.Itoa(pageSize))
		ask := wire.Request{URL: u.JoinPath()}
		if token != "" {
			q.Set("pageToken", token)
		}
		ask.URL.RawQuery = q.Encode()
		answer, err := s.client.Do(ctx, ask)
		if err != nil {
			return bodies, err
		}
		bodies = append(bodies, answer.Body)
		if token = next(answer.Body); token == "" {
			return bodies, nil
		}
		if known[token] || len(bodies) == mostPages {
			return bodies, feeds.Fail(feeds.Temporary, "%s: the list has no end after %d pages", u.Host+u.Path, len(bodies))
		}
		known[token] = true
	}
}

// next is the token of the page that follows; empty: none does. A bare list has no room for one.
func next(body []byte) string {
	var doc struct {
		Next string `json:"nextPageToken"`
	}
	if json.Unmarshal(body, &doc) != nil {
		return ""
	}
	return doc.Next
}
