package fram

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"strconv"
	"strings"

	"hearth/feeds"
	"hearth/feeds/fram/rate"
)

const (
	perPage   = 300 // the most that who is no administrator may ask for
	mostPages = 100
)

// list reads all pages of a list. Pages move while they are read: a record that comes again is the same.
func (s *Source) list(ctx context.Context, what string, filter url.Values) ([]json.RawMessage, error) {
	var all []json.RawMessage
	seen := map[string]bool{}
	for number := 1; number <= mostPages; number++ {
		q := url.Values{"page": {strconv.Itoa(number)}, "limit": {strconv.Itoa(perPage)}}
		maps.Copy(q, filter)
		body, err := s.ask(ctx, what, "", q)
		if err != nil {
			return nil, err
		}
		p, err := readPage(body)
		if err != nil {
			return nil, feeds.Fail(feeds.Temporary, "%s: page %d: %w", what, number, err)
		}
		before := len(all)
		for _, record := range p.data {
			if !seen[string(record)] {
				seen[string(record)], all = true, append(all, record)
			}
		}
		if len(p.data) > 0 && len(all) == before {
			return nil, feeds.Fail(feeds.Temporary, "%s: page %d has nothing but what was on those before it", what, number)
		}
		if p.isLast(number) {
			return all, nil
		}
	}
	return nil, feeds.Fail(feeds.Temporary, "%s: more than %d pages", what, mostPages)
}

// records are a list, read.
func (s *Source) records(ctx context.Context, what string, filter url.Values) ([]rate.Tree, error) {
	all, err := s.list(ctx, what, filter)
	if err != nil {
		return nil, err
	}
	return readAll(what, all)
}

// applications are a bare list, without pages.
func (s *Source) applications(ctx context.Context, filter url.Values) ([]rate.Tree, error) {
	body, err := s.ask(ctx, "applications", "", filter)
	if err != nil {
		return nil, err
	}
	var all []json.RawMessage
	if err := json.Unmarshal(body, &all); err != nil {
		return nil, feeds.Fail(feeds.Temporary, "applications: %w", err)
	}
	return readAll("applications", all)
}

func readAll(what string, all []json.RawMessage) ([]rate.Tree, error) {
	var out []rate.Tree
	for i, raw := range all {
		n, err := rate.Read(raw)
		if err != nil {
			return nil, broken(err, what, i)
		}
		out = append(out, n)
	}
	return out, nil
}

// broken says which record of a list cannot be read.
func broken(err error, what string, i int) error {
	return feeds.Fail(feeds.KindOf(err), "%s: record %d: %w", what, i, err)
}

// one asks for the record of an id.
func (s *Source) one(ctx context.Context, what, id string) (rate.Tree, error) {
	body, err := s.ask(ctx, what, id, nil)
	if err != nil {
		return rate.Tree{}, err
	}
	n, err := rate.Read(body)
	if err != nil {
		return n, feeds.Fail(feeds.Temporary, "%s: %w", what, err)
	}
	return n, nil
}

// page is a part of a list. Counts that were not told are zero.
type page struct {
	data         []json.RawMessage
	pages, limit int
}

func readPage(body []byte) (page, error) {
	var doc struct {
		Data       *[]json.RawMessage `json:"data"`
		Pagination json.RawMessage    `json:"pagination"`
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		return page{}, err
	}
	if doc.Data == nil {
		return page{}, errors.New("there is no data")
	}
	var told map[string]json.RawMessage
	_ = json.Unmarshal(doc.Pagination, &told) // what is none of the known forms says nothing
	count := func(names ...string) int {
		for _, name := range names {
			if n, err := strconv.Atoi(strings.Trim(string(told[name]), `"`)); err == nil && n > 0 {
				return n
			}
		}
		return 0
	}
	return page{*doc.Data, count("pages", "total_pages", "totalPages"), count("limit", "per_page")}, nil
}

// isLast says that no page comes after this one. Where nobody says how many there are, a short one is the last.
func (p *page) isLast(number int) bool {
	switch {
	case len(p.data) == 0:
		return true
	case p.pages > 0:
		return number >= p.pages
	case p.limit > 0:
		return len(p.data) < min(p.limit, perPage)
	}
	return len(p.data) < perPage
}
