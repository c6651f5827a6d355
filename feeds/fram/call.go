package fram

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"hearth/feeds"
	"hearth/feeds/wire"
)

// resources are the paths of what is asked for. The publisher spells the first one only; the others are guesses, and
// may be configured.
var resources = map[string]string{
	"organizations": "/organizations",
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

// demanded are the filters of which a question needs one, unless an administrator asks: without it the answer is 403.
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

// needID refuses an id that is missing, too.
func needID(key, id string) error {
	if id == "" {
		return feeds.Fail(feeds.Misconfigured, "%s: is missing", key)
	}
	return checkID(key, id)
}

// ask asks for a document. Empty filters are left out. A filter that the service demands is missed here, so that a 403
// is about permissions.
func (s *Source) ask(ctx context.Context, what, id string, filter url.Values) ([]byte, error) {
	q := url.Values{}
	for name, values := range filter {
		for _, v := range values {
			if v != "" {
				q.Add(name, v)
			}
		}
	}
	if needs := demanded[what]; needs != nil && !slices.ContainsFunc(needs, q.Has) {
		return nil, feeds.Fail(feeds.Misconfigured, "%s: the filter %s is missing, and the service demands it", what, strings.Join(needs, " or "))
	}
	u := s.base.JoinPath(strings.ReplaceAll(s.paths[what], "{id}", url.PathEscape(id)))
	u.RawQuery = q.Encode()
	a, err := s.client.Do(ctx, wire.Request{URL: u})
	if status := feeds.StatusOf(err); status == http.StatusForbidden {
		err = fmt.Errorf("%s: these credentials may not see them: %w", what, err)
	}
	return a.Body, err
}
