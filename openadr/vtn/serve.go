package vtn

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"hearth/openadr"
)

func (v *VTN) routes() {
	resources := "/resources"
	if v.cfg.Dialect == openadr.Dialect31 {
		v.mux.HandleFunc("GET /auth/server", v.authServer)
		v.mux.HandleFunc("GET /notifiers", v.notifiers)
		v.openTopics()
	} else {
		resources = "/vens/{ven}/resources"
	}
	if v.cfg.Dialect == openadr.Dialect300 {
		v.mux.HandleFunc("GET /auth/token", v.authToken)
	}
	v.mux.HandleFunc("POST /auth/token", v.authToken)
	v.open("/programs", v.programDesk())
	v.open("/events", v.eventDesk())
	v.open("/vens", v.venDesk())
	v.open(resources, v.resourceDesk())
	v.open("/reports", v.reportDesk())
	v.open("/subscriptions", v.subscriptionDesk())
	v.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		problem(w, http.StatusNotFound, "no such path or method")
	})
}

// ServeHTTP notes the request, then answers it or misbehaves.
func (v *VTN) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	v.requests = append(v.requests[max(0, len(v.requests)-maxRequests+1):], r.Method+" "+r.URL.RequestURI())
	f := v.fault
	v.mu.Unlock()
	if f.on != nil && f.on(r) {
		f.kind.serve(w, r, http.HandlerFunc(v.serve))
		return
	}
	v.serve(w, r)
}

func (v *VTN) serve(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/auth/") {
		v.mux.ServeHTTP(w, r)
		return
	}
	client, ok := v.authorized(r)
	if !ok {
		problem(w, http.StatusUnauthorized, "no valid token")
		return
	}
	v.mux.ServeHTTP(w, withClient(r, client))
}

// list answers with the page that skip and limit ask for.
func (v *VTN) list(w http.ResponseWriter, r *http.Request, objects []any) {
	q := r.URL.Query()
	skip, errSkip := number(q.Get("skip"), 0)
	limit, errLimit := number(q.Get("limit"), v.cfg.PageLimit)
	if _, err := v.activeOnly(r); err != nil {
		problem(w, http.StatusBadRequest, "active must be true or false")
		return
	}
	if errSkip != nil || errLimit != nil || skip < 0 || limit < 0 || limit > maxPage {
		problem(w, http.StatusBadRequest, "skip must be 0 or more, limit 0 to 50")
		return
	}
	objects = objects[min(skip, len(objects)):]
	page := append([]any{}, objects[:min(limit, v.cfg.PageLimit, len(objects))]...) // [] rather than null
	v.answer(w, http.StatusOK, page)
}

func number(s string, otherwise int) (int, error) {
	if s == "" {
		return otherwise, nil
	}
	return strconv.Atoi(s)
}

func (v *VTN) one(w http.ResponseWriter, r *http.Request, objects []any) {
	if i := named(objects, r); i >= 0 {
		v.answer(w, http.StatusOK, objects[i])
		return
	}
	problem(w, errNone.status, errNone.detail)
}

// named is where the object with the id of the path is; -1 for none.
func named(objects []any, r *http.Request) int {
	return slices.IndexFunc(objects, func(o any) bool { return metaOf(o).ID == r.PathValue("id") })
}

// answer speaks the VTN's dialect.
func (v *VTN) answer(w http.ResponseWriter, status int, body any) {
	text, err := v.text(body)
	if err != nil {
		problem(w, http.StatusInternalServerError, err.Error())
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // the client is gone: nobody left to tell
}

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}

func problem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(openadr.Problem{Title: http.StatusText(status), Status: status, Detail: detail})
}
