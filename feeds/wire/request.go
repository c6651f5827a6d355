package wire

import (
	"encoding/base64"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"hearth/feeds"
)

// Request is one question. Its URL may hold a key in its query; an error names the host and path only.
type Request struct {
	Method  string // empty: GET
	URL     *url.URL
	Headers http.Header
	Body    []byte
	// Accepts are the media types that an answer may have; none: JSON.
	Accepts []string
	// Good are the statuses that are answers; none: 200.
	Good []int
}

// Answer is what came.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// PostForm is a question in a form, as most token endpoints want it.
func PostForm(u *url.URL, form url.Values) Request {
	return Request{
		Method: http.MethodPost, URL: u, Body: []byte(form.Encode()),
		Headers: http.Header{"Content-Type": {formType}},
	}
}

// PutJSON is a question in a document that replaces something, as [PostJSON].
func PutJSON(u *url.URL, v any) Request {
	r := PostJSON(u, v)
	r.Method = http.MethodPut
	return r
}

// PostJSON is a question in a document. The document is one of ours: it panics where it cannot be written.
func PostJSON(u *url.URL, v any) Request {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return Request{Method: http.MethodPost, URL: u, Body: body, Headers: http.Header{"Content-Type": {jsonType}}}
}

// Basic is the Authorization of a name and a password.
func Basic(name, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(name+":"+password))
}

const (
	jsonType = "application/json"
	formType = "application/x-www-form-urlencoded"
)

// checkType refuses what is of another kind than asked for: the page of a captive portal has status 200 as well.
func (r Request) checkType(a Answer) error {
	if len(a.Body) == 0 {
		return nil
	}
	kind, _, err := mime.ParseMediaType(a.Header.Get("Content-Type"))
	isDocument := strings.HasSuffix(kind, "+json") && slices.Contains(r.accepts(), jsonType)
	if err == nil && (isDocument || slices.Contains(r.accepts(), kind)) {
		return nil
	}
	return feeds.Fail(feeds.Temporary, "%s: the answer is %q, not %s", r.place(), feeds.OneLine(a.Header.Get("Content-Type")), strings.Join(r.accepts(), " or "))
}

func (r Request) accepts() []string {
	if len(r.Accepts) == 0 {
		return []string{jsonType}
	}
	return r.Accepts
}

func (r Request) good() []int {
	if len(r.Good) == 0 {
		return []int{http.StatusOK}
	}
	return r.Good
}

// place is where a request goes, without what may be secret.
func (r Request) place() string {
	path := r.URL.Path
	if path != "" && path[0] != '/' { // what was joined to a host without path
		path = "/" + path
	}
	return r.URL.Host + path
}
