package push

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hearth/openadr"
)

const goodToken = "hunter2-hunter2"

// newWebhook is one that has its token, and does not run.
func newWebhook(t testing.TB, r rig, change ...func(*WebhookConfig)) *Webhook {
	t.Helper()
	cfg := WebhookConfig{Name: "home", Listen: "127.0.0.1:0", CallbackURL: "http://127.0.0.1:1/hook", ClientName: "hearth"}
	for _, c := range change {
		c(&cfg)
	}
	w, err := NewWebhook(cfg, r.Parts)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// posted is a webhook with a token, behind a real server.
func posted(t testing.TB) (*Webhook, rig, string) {
	r := newRig(t, nil)
	w := newWebhook(t, r)
	token := openadr.Secret(goodToken)
	w.token.Store(&token)
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	return w, r, server.URL
}

// send returns the status and what was answered.
func send(t testing.TB, method, url, auth, body string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if auth != "" {
		req.Header.Set("Authorization", auth)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := (&http.Client{Transport: transport, Timeout: patience}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(text)
}

const someNotification = `{"objectType":"EVENT","operation":"UPDATE","object":{"id":"e1"}}`

func TestWebhook_EchoesTheChallengeAsPlainText(t *testing.T) {
	w, r, url := posted(t)
	for query, want := range map[string]struct {
		status int
		body   string
	}{
		"?echo=x":                               {200, "x"},
		"?a=1&echo=7f3c-9%20%2B%C3%A9&b=":       {200, "7f3c-9 +é"},
		"?echo=%3Cscript%3E1%3C/script%3E":      {200, "<script>1</script>"},
		"?echo=" + strings.Repeat("x", maxEcho): {200, strings.Repeat("x", maxEcho)},
		"?echo=" + strings.Repeat("x", 10_000):  {400, "Bad Request\n"},
		"?echo=":                                {404, "Not Found\n"},
		"":                                      {404, "Not Found\n"},
	} {
		w.sources.forgive(networkOf("127.0.0.1:1"))
		resp, body := send(t, http.MethodGet, url+"/any/path"+query, "", "")
		if resp.StatusCode != want.status || body != want.body {
			t.Errorf("%.40s: %d %.40q, want %d", query, resp.StatusCode, body, want.status)
		}
		if kind := resp.Header.Get("Content-Type"); kind != "text/plain; charset=utf-8" || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%.40s: served as %q", query, kind)
		}
	}
	if r.ear.count() != 0 {
		t.Error("a challenge is no hint")
	}
}

func TestWebhook_OnlyOurBearerGivesAHint(t *testing.T) {
	w, r, url := posted(t)
	for _, auth := range []string{
		"", "Bearer", "Bearer ", "Bearer x", "Bearer " + goodToken + "x", "Bearer " + goodToken[:14], "Basic " + goodToken,
		goodToken, "Bearer " + strings.ToUpper(goodToken), "Bearer\t" + goodToken, "Bearer x " + goodToken,
	} {
		w.sources.forgive(networkOf("127.0.0.1:1"))
		resp, body := send(t, http.MethodPost, url, auth, someNotification)
		if resp.StatusCode != http.StatusUnauthorized || resp.Header.Get("WWW-Authenticate") != "Bearer" || strings.Contains(body, goodToken) {
			t.Errorf("%q: %d %q", auth, resp.StatusCode, body)
		}
	}
	if r.ear.count() != 0 {
		t.Fatal("a stranger's notification is a hint")
	}
	for _, auth := range []string{"Bearer " + goodToken, "bearer " + goodToken, "BEARER  " + goodToken} {
		if resp, body := send(t, http.MethodPost, url, auth, someNotification); resp.StatusCode != http.StatusOK || body != "" {
			t.Errorf("%q: %d %q", auth, resp.StatusCode, body)
		}
	}
	if r.ear.count() != 1 {
		t.Errorf("%d hints at once", r.ear.count())
	}
	if c := w.Counts(); c.Heard != 3 || c.Rejected != 11 {
		t.Errorf("%+v", c)
	}
}

func TestWebhook_TwoTokensAreNone(t *testing.T) {
	w, r, _ := posted(t)
	for _, tokens := range [][]string{{"Bearer x", "Bearer " + goodToken}, {"Bearer " + goodToken, "Bearer x"}} {
		req := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(someNotification))
		req.Header["Authorization"] = tokens
		answer := httptest.NewRecorder()
		if w.ServeHTTP(answer, req); answer.Code != http.StatusUnauthorized || r.ear.count() != 0 {
			t.Errorf("%d, %d hints", answer.Code, r.ear.count())
		}
	}
}

// Before it runs it has no token, and then nothing is right, not even an empty one.
func TestWebhook_WithoutATokenOfItsOwnRejectsAll(t *testing.T) {
	r := newRig(t, nil)
	server := httptest.NewServer(newWebhook(t, r))
	defer server.Close()
	for _, auth := range []string{"", "Bearer ", "Bearer"} {
		if resp, _ := send(t, http.MethodPost, server.URL, auth, someNotification); resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("%q: %d", auth, resp.StatusCode)
		}
	}
}

func TestWebhook_GarbageIsNoHint(t *testing.T) {
	for body, want := range map[string]int{
		"":                                      400,
		"garbage":                               400,
		"null":                                  400,
		"{}":                                    400,
		"[]":                                    400,
		"7":                                     400,
		"<html>":                                400,
		`{"objectType":"EVENT"}`:                400,
		`{"operation":"CREATE"}`:                400,
		`{"objectType":7,"operation":"CREATE"}`: 400,
		`{"objectType":"EVENT","operation":["x"]}`:     400,
		someNotification[:40]:                          400,
		someNotification + "x":                         400,
		strings.Repeat("[", 100_000):                   400,
		`{"x":"` + strings.Repeat("x", maxBody) + `"}`: 413,

		someNotification: 200,
		`{"objectType":"EVENT","operation":"PUT","object":{"id":"e"}}`:                           200, // 3.0
		`{"objectType":"EVENT","operation":"POST","object":{"id":"e"},"targets":[{"type":"x"}]}`: 200,
		`{"objectType":"EVENT","operation":"DELETE"}`:                                            200,
		`{"objectType":"TARIFF","operation":"REPLACE","object":7,"more":[]}`:                     200, // unknown, and for us to ask
		`{"id":"e1","objectType":"EVENT","intervals":[]}`:                                        200, // the bare object
		" \n" + someNotification + "\n":                                                          200,
	} {
		_, r, url := posted(t)
		resp, _ := send(t, http.MethodPost, url, "Bearer "+goodToken, body)
		if hints := r.ear.count(); resp.StatusCode != want || (hints == 1) != (want == 200) {
			t.Errorf("%.60q: %d and %d hints, want %d", body, resp.StatusCode, hints, want)
		}
	}
}

func TestWebhook_KnowsThreeMethods(t *testing.T) {
	_, r, url := posted(t)
	for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions, "PROPFIND"} {
		if resp, _ := send(t, method, url, "Bearer "+goodToken, someNotification); resp.StatusCode != http.StatusMethodNotAllowed || resp.Header.Get("Allow") == "" {
			t.Errorf("%s: %d", method, resp.StatusCode)
		}
	}
	if resp, _ := send(t, http.MethodHead, url+"?echo=x", "", ""); resp.StatusCode != http.StatusOK {
		t.Errorf("HEAD: %d", resp.StatusCode)
	}
	if r.ear.count() != 0 {
		t.Error("a hint")
	}
}

// A storm is one hint now and one later, however many have come.
func TestWebhook_TenThousandNotificationsAreTwoHints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		w := newWebhook(t, r)
		token := openadr.Secret(goodToken)
		w.token.Store(&token)
		for range 10_000 {
			req := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(someNotification))
			req.Header.Set("Authorization", "Bearer "+goodToken)
			answer := httptest.NewRecorder()
			if w.ServeHTTP(answer, req); answer.Code != http.StatusOK {
				t.Fatal(answer.Code)
			}
		}
		if r.ear.count() != 1 {
			t.Errorf("%d hints at once", r.ear.count())
		}
		time.Sleep(time.Minute)
		if r.ear.count() != 2 || w.Counts().Heard != 10_000 {
			t.Errorf("%d hints in all, %+v", r.ear.count(), w.Counts())
		}
		_ = r.Bell.Close()
	})
}

// A stranger is answered some thirty times, and then once a second; who shows our token always is.
func TestWebhook_AStrangerCannotKeepUsBusy(t *testing.T) {
	w, r, url := posted(t)
	limited := 0
	for i := range 3 * burst {
		method, target := http.MethodPost, url
		if i%2 == 0 {
			method, target = http.MethodGet, url+"?echo=x"
		}
		if resp, _ := send(t, method, target, "Bearer wrong", someNotification); resp.StatusCode == http.StatusTooManyRequests {
			limited++
		}
	}
	if limited < burst || w.Counts().Limited != uint64(limited) {
		t.Errorf("%d of %d were limited, %+v", limited, 3*burst, w.Counts())
	}
	if resp, _ := send(t, http.MethodPost, url, "Bearer "+goodToken, someNotification); resp.StatusCode != http.StatusOK || r.ear.count() != 1 {
		t.Errorf("the VTN gets %d", resp.StatusCode)
	}
	if resp, _ := send(t, http.MethodGet, url+"?echo=x", "", ""); resp.StatusCode != http.StatusOK {
		t.Errorf("its challenge gets %d", resp.StatusCode)
	}
}

func FuzzIsNotification(f *testing.F) {
	for _, seed := range []string{someNotification, "", "null", `{"id":"x"}`, `{"objectType":"EVENT","operation":"PUT"}`, "[[[["} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if isNotification(body) && strings.TrimSpace(string(body))[0] != '{' {
			t.Errorf("%q is no object", body)
		}
	})
}
