package fram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"hearth/feeds"
	"hearth/feeds/wire"
)

// ErrFilter says that a filter is missing without which the service answers 403. Nothing was asked.
var ErrFilter = errors.New("is missing, and the service demands it")

// resources are the paths of what is asked for. The publisher spells the first one only; the others are guesses, and
// may be configured.
var resources = map[string]string{
	"organizations": "/organizations",
	"organization":  "/organizations/{id}",
	"projects":      "/projects",
	"project":       "/projects/{id}",
	"units":         "/units",
	"unit":          "/units/{id}",
	"invoices":      "/invoices",
	"transactions":  "/transactions",
	"applications":  "/transaction-applications",
	"payloads":      "/billing-payloads",
	"rates":         "/aggregated-utility-rates",
	"rate":          "/aggregated-utility-rates/{id}",
}

// demanded are the filters of which a question needs one, unless an administrator asks.
var demanded = map[string][]string{
	"projects": {"organization_id"}, "units": {"project_id"}, "payloads": {"project_id"},
	"invoices": {"project_id", "organization_id"}, "transactions": {"project_id", "organization_id"},
	"applications": {"invoice_id", "invoice_ids", "transaction_id"},
}

var isPath = regexp.MustCompile(`^(/[A-Za-z0-9_.~-]+|/\{id\})+$`)

func newPaths(configured map[string]string) (map[string]string, error) {
	out := maps.Clone(resources)
	for _, name := range slices.Sorted(maps.Keys(configured)) {
		own, isKnown := resources[name]
		path := configured[name]
		switch {
		case !isKnown:
			return nil, feeds.Fail(feeds.Misconfigured, "paths.%s: must be one of %s", name, strings.Join(slices.Sorted(maps.Keys(resources)), ", "))
		case !isPath.MatchString(path) || strings.Count(path, "{id}") != strings.Count(own, "{id}"):
			return nil, feeds.Fail(feeds.Misconfigured, "paths.%s %q: must be a path such as %s", name, path, own)
		}
		out[name] = path
	}
	return out, nil
}

var isID = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// checkID refuses what cannot be an id; an empty one is not given.
func checkID(key, id string) error {
	if id != "" && !isID.MatchString(id) {
		return feeds.Fail(feeds.Misconfigured, "%s %q: must be an id such as 7c60d51f-b44e-4682-87d6-449835ea4de6", key, feeds.OneLine(id))
	}
	return nil
}

// ask asks for a document. Empty filters are left out.
func (s *Source) ask(ctx context.Context, what, id string, filter url.Values) ([]byte, error) {
	q := url.Values{}
	for name, values := range filter {
		if values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" }); len(values) > 0 {
			q[name] = values
		}
	}
	needs := demanded[what]
	if len(needs) > 0 && !slices.ContainsFunc(needs, q.Has) {
		return nil, feeds.Fail(feeds.Misconfigured, "%s: the filter %s %w", what, strings.Join(needs, " or "), ErrFilter)
	}
	u := s.base.JoinPath(strings.ReplaceAll(s.paths[what], "{id}", url.PathEscape(id)))
	u.RawQuery = q.Encode()
	a, err := s.client.Do(ctx, wire.Request{URL: u})
	if err != nil && strings.Contains(err.Error(), u.Host+u.Path+": status 403") { // wire tells a status in its text only
		return nil, &feeds.Failure{Kind: feeds.Misconfigured, After: feeds.NotBefore(err), Err: forbidden{what, err}}
	}
	return a.Body, err
}

// forbidden is a 403 although no filter is missing.
type forbidden struct {
	what string
	err  error
}

func (f forbidden) Error() string {
	return f.what + ": these credentials may not see them: " + f.err.Error()
}

func (f forbidden) Unwrap() error { return f.err }

const (
	perPage   = 300 // the most that who is no administrator may ask for
	mostPages = 100
)

// list reads all pages of a list.
func (s *Source) list(ctx context.Context, what string, filter url.Values) ([]json.RawMessage, error) {
	var all []json.RawMessage
	var before []byte
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
		data, _ := json.Marshal(p.data)
		if number > 1 && len(p.data) > 0 && bytes.Equal(data, before) {
			return nil, feeds.Fail(feeds.Temporary, "%s: page %d is the one before it again", what, number)
		}
		all, before = append(all, p.data...), data
		if p.isLast(number) {
			return all, nil
		}
	}
	return nil, feeds.Fail(feeds.Temporary, "%s: more than %d pages", what, mostPages)
}

// page is a part of a list. Counts that were not told are zero.
type page struct {
	data         []json.RawMessage
	pages, limit int
}

func readPage(body []byte) (page, error) {
	var doc struct {
		Data       json.RawMessage `json:"data"`
		Pagination json.RawMessage `json:"pagination"`
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		return page{}, err
	}
	var p page
	if doc.Data == nil {
		return p, errors.New("there is no data")
	}
	if err := json.Unmarshal(doc.Data, &p.data); err != nil {
		return p, err
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
	p.pages, p.limit = count("pages", "total_pages", "totalPages"), count("limit", "per_page")
	return p, nil
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
