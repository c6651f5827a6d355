package digiwatt

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hearth/feeds"
)

var noon = time.Date(2026, 7, 22, 12, 0, 0, 0, time.UTC)

const now532 = `{"status": %d, "data": {"account_number": "1234567890", "realtime_consumption": 532}}`

// A good status inside does not make up for a bad one outside, nor the other way round.
func TestAnswer_IsGoodInsideAndOutside(t *testing.T) {
	for _, c := range []struct {
		outside, inside int
		kind            feeds.FailureKind // empty: it is good
	}{
		{200, 200, ""}, {201, 201, ""}, {200, 201, ""},
		{500, 200, feeds.Temporary}, {503, 503, feeds.Temporary}, {404, 200, feeds.Misconfigured},
		{200, 500, feeds.Temporary}, {200, 429, feeds.Temporary}, {200, 408, feeds.Temporary}, {200, 404, feeds.Misconfigured},
		{200, 401, feeds.Misconfigured}, {200, 302, feeds.Temporary}, {200, 0, feeds.Temporary},
	} {
		s := open(t, settings(vendor(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.outside)
			fmt.Fprintf(w, now532, c.inside)
		})), noon)
		w, err := s.Realtime(t.Context())
		if c.kind == "" && (err != nil || w != 532) || c.kind != "" && (err == nil || feeds.KindOf(err) != c.kind) {
			t.Errorf("%d outside, %d inside: %v, %v", c.outside, c.inside, w, err)
		}
	}
}

func TestAnswer_ThatIsNoneIsTemporary(t *testing.T) {
	for _, body := range []string{
		``, `{}`, `[]`, `{"status": 200}`, `{"status": 200, "data": null}`, `{"data": {"realtime_consumption": 1}}`,
		`{"status": "good", "data": {}}`, `{"status": 200, "data": {}}`, `{"status": 200, "data": {"realtime_consumption": "much"}}`,
		`{"status": 200, "data": {"realtime_consumption": null}}`, `{"status": 200, "data": []}`,
	} {
		s := open(t, settings(vendor(t, says(body))), noon)
		if w, err := s.Realtime(t.Context()); err == nil || feeds.KindOf(err) != feeds.Temporary || !strings.HasPrefix(err.Error(), "realtime: ") {
			t.Errorf("%s: %v, %v", body, w, err)
		}
	}
	for operation, body := range map[string]string{
		latest: `{"status": 200, "data": {}}`, yearly: `{"status": 200, "data": {"electricity_data": null}}`,
		trend: `{"status": 200, "data": {}}`, saving: `{"status": 200, "data": {}}`, greenness: `{"status": 200, "data": {}}`,
	} {
		s := open(t, settings(vendor(t, says(body))), noon)
		if table, err := ask(t, s, operation, nil); err == nil || !strings.Contains(err.Error(), "is missing") {
			t.Errorf("%s: %v, %v", operation, table, err)
		}
	}
	s := open(t, settings(vendor(t, says(`{"status": 200, "data": {}}`))), noon)
	if _, err := s.Performance(t.Context(), Yesterday); err == nil || !strings.Contains(err.Error(), "performance is missing") {
		t.Error(err)
	}
}

func TestAnswer_OfAnotherQuestionIsRefused(t *testing.T) {
	for body, want := range map[string]string{
		`{"account_number": "999", "performance": {}}`:                         `configuration: performance: account_number: is "999" in the answer, not "1234567890"`,
		`{"period": "last-month", "performance": {}}`:                          `temporary: performance: the answer is of "last-month", not of yesterday`,
		`{"account_number": 1234567890, "period": "", "performance": {}}`:      ``,
		`{"account_number": null, "performance": {"min_consumption": 1.5e-3}}`: ``,
	} {
		s := open(t, settings(vendor(t, says(`{"status": 200, "data": `+body+`}`))), noon)
		_, err := s.Performance(t.Context(), Yesterday)
		if err == nil && want != "" || err != nil && want != fmt.Sprintf("%s: %v", feeds.KindOf(err), err) {
			t.Errorf("%s: %v, want %s", body, err, want)
		}
	}
}

// bank gives a token for a form, and counts.
type bank struct {
	t     *testing.T
	count int
	good  func(token string) bool
	// isInside says that a refusal has status 200 outside.
	isInside bool
}

func (b *bank) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path == "/auth/token" {
		b.count++
		body, err := io.ReadAll(r.Body)
		const want = "client_id=hearth-client&client_secret=" + secret + "&grant_type=client_credentials"
		if err != nil || string(body) != want || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" || r.Method != http.MethodPost {
			b.t.Errorf("%s %q as %q, %v", r.Method, body, r.Header.Get("Content-Type"), err)
		}
		fmt.Fprintf(w, `{"access_token": "token-number-%d", "expires_in": 36000, "token_type": "Bearer"}`, b.count)
		return
	}
	if b.good(r.Header.Get("Authorization")) {
		fmt.Fprintf(w, now532, 200)
		return
	}
	if !b.isInside {
		w.WriteHeader(http.StatusUnauthorized)
	}
	fmt.Fprintf(w, `{"status": 401, "data": %q, "message": %q}`, r.Header.Get("Authorization"), r.Header.Get("Authorization"))
}

// A token is asked for with a form, once, and once more where it is refused, wherever the refusal stands.
func TestTokens_AreReplacedOnce(t *testing.T) {
	for _, isInside := range []bool{false, true} {
		for good, want := range map[string]int{"Bearer token-number-1": 1, "Bearer token-number-2": 2, "never": 2} {
			b := &bank{t: t, isInside: isInside, good: func(token string) bool { return token == good }}
			server := httptest.NewServer(b)
			s := open(t, settings(server.URL), noon)
			for range 2 {
				_, err := s.Realtime(t.Context())
				if (err != nil) != (good == "never") {
					t.Errorf("%s: %v", good, err)
				}
				if err != nil && (feeds.KindOf(err) != feeds.Misconfigured || strings.Contains(err.Error(), "token-number") || strings.Contains(err.Error(), secret)) {
					t.Errorf("%s: %v", good, err)
				}
				if good == "never" {
					break
				}
			}
			if b.count != want {
				t.Errorf("%s, inside %v: %d tokens", good, isInside, b.count)
			}
			server.Close()
		}
	}
}

func TestTokens_ComeFromWhereTheyAreConfigured(t *testing.T) {
	isAsked := false
	bank := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		isAsked = r.URL.Path == "/realms/italy/token"
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, token)
	}))
	defer bank.Close()
	s := open(t, settings(vendor(t, says(fmt.Sprintf(now532, 200))), "token_url", bank.URL+"/realms/italy/token"), noon)
	if _, err := s.Realtime(t.Context()); err != nil || !isAsked {
		t.Errorf("asked %v, %v", isAsked, err)
	}
}
