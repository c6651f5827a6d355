package digiwatt

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"hearth/feeds"
)

// Operations of the vendor's text, by the names that "paths" and the questions have for them.
const (
	users        = "users"
	onboarding   = "onboarding"
	consumption  = "consumption"
	distribution = "distribution"
	realtime     = "realtime"
	latest       = "latest"
	performance  = "performance"
	habits       = "habits"
	trend        = "trend"
	yearly       = "yearly"
	compound     = "compound"
	saving       = "saving"
	greenness    = "greenness"
)

// defaults are where the operations are presumed: the vendor's text names none but that of the token.
var defaults = map[string]string{
	users:        "/users",
	onboarding:   "/users/{account_number}/onboarding",
	consumption:  "/consumption/{account_number}/{period}",
	distribution: "/consumption/{account_number}/distribution/{period}",
	realtime:     "/consumption/{account_number}/realtime",
	latest:       "/consumption/{account_number}/latest",
	performance:  "/consumption/{account_number}/performance/{period}",
	habits:       "/consumption/{account_number}/habits/{period}",
	trend:        "/consumption/{account_number}/trend",
	yearly:       "/consumption/{account_number}/distribution/yearly",
	compound:     "/consumption/{account_number}/compound",
	saving:       "/consumption/{account_number}/saving",
	greenness:    "/greenness",
}

var placeholder = regexp.MustCompile(`\{[^}]*\}`)

// checkPaths wants of each template what its operation cannot do without: a path of all periods would answer
// something, and nobody would know what.
func checkPaths(paths map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(paths)) {
		template := paths[name]
		usual := defaults[name]
		bad := func(format string, args ...any) error {
			return feeds.Fail(feeds.Misconfigured, "paths."+name+": "+format, args...)
		}
		if err := feeds.OneOf("paths", name, slices.Sorted(maps.Keys(defaults))...); err != nil {
			return err
		}
		if !strings.HasPrefix(template, "/") {
			return bad("%q must begin with /, as it is below url", template)
		}
		if _, err := url.Parse(placeholder.ReplaceAllString(template, "x")); err != nil {
			return bad("%q is no path", template)
		}
		for _, p := range placeholder.FindAllString(template, -1) {
			if p != "{account_number}" && !(p == "{period}" && strings.Contains(usual, p)) {
				return bad("there is no %s here", p)
			}
		}
		if strings.Contains(usual, "{period}") && !strings.Contains(template, "{period}") {
			return bad("{period} is missing")
		}
	}
	return nil
}

// address is where an operation is.
func (s *Source) address(operation string, p Period) (*url.URL, error) {
	template, isSet := s.cfg.Paths[operation]
	if !isSet {
		template = defaults[operation]
	}
	if strings.Contains(template, "{account_number}") && s.cfg.Account == "" {
		return nil, feeds.Fail(feeds.Misconfigured, "account_number: is missing, and %s needs it", operation)
	}
	path, query, _ := strings.Cut(template, "?")
	u := s.base.JoinPath(fill(path, url.PathEscape, s.cfg.Account, p))
	u.RawQuery = fill(query, url.QueryEscape, s.cfg.Account, p)
	return u, nil
}

func fill(template string, escape func(string) string, account string, p Period) string {
	return strings.NewReplacer("{account_number}", escape(account), "{period}", escape(string(p))).Replace(template)
}
