package fram

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"hearth/feeds"
	cloud "hearth/sim/cloud/fram"
)

// A unit that may not be asked for, or is not there, is looked for among all; whatever else is wrong, others' homes are
// not listed because of it.
func TestFind_ListsOthersOnlyWhereTheUnitIsRefused(t *testing.T) {
	for status, isSearched := range map[int]bool{403: true, 404: true, 400: false, 401: false, 429: false, 500: false, 503: false} {
		publisher := cloud.New(cloud.Config{Data: building(), ClientID: "hearth", ClientSecret: secret, Audience: audience})
		lists := 0
		cfg := home()
		cfg.Project = ""
		s, err := New(cfg, feeds.Net{HTTP: &http.Client{Transport: within{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case strings.Contains(r.URL.Path, "/units/"):
				http.Error(w, "{}", status)
				return
			case r.Method == http.MethodGet:
				lists++
			}
			publisher.ServeHTTP(w, r)
		})}}})
		if err != nil {
			t.Fatal(err)
		}
		project, err := s.project(t.Context())
		if isSearched && (err != nil || project != idOf(2)) || !isSearched && (feeds.StatusOf(err) != status || project != "") || (lists > 0) != isSearched {
			t.Errorf("%d: %q, %v after %d lists", status, project, err, lists)
		}
	}
}

// What is configured is not asked for, and what was found is not forgotten.
func TestKnown_KeepsWhatItHas(t *testing.T) {
	s, err := New(home(), feeds.Net{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ now, want site }{
		{site{}, site{"", idOf(2)}}, {site{"o", "p"}, site{"o", idOf(2)}}, {site{"x", ""}, site{"o", idOf(2)}},
	} {
		if got := s.known(c.now); got != c.want {
			t.Errorf("%v: %v, want %v", c.now, got, c.want)
		}
	}
}

// A refusal by the token service is not one by the service: its status is none, and what it says stays.
func TestGrant_HidesItsStatus(t *testing.T) {
	for status, kind := range map[int]feeds.FailureKind{403: feeds.Misconfigured, 401: feeds.Misconfigured, 429: feeds.Temporary, 502: feeds.Temporary} {
		s, err := New(home(), feeds.Net{HTTP: &http.Client{Transport: within{http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "60")
			w.WriteHeader(status)
			_, _ = fmt.Fprint(w, `{"error_description":"not `+secret+`"}`)
		})}}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.ask(t.Context(), "organizations", "", nil)
		text := fmt.Sprint(err)
		if feeds.StatusOf(err) != 0 || feeds.KindOf(err) != kind || feeds.NotBefore(err).IsZero() || !strings.HasPrefix(text, "token: ") || strings.Contains(text, secret) || !strings.Contains(text, fmt.Sprint(status)) {
			t.Errorf("%d: %v", status, err)
		}
	}
}
