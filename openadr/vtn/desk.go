package vtn

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"hearth/openadr"
)

// Bounds on what clients may leave with a VTN that runs for months.
const (
	maxBody = 1 << 20 // bytes of one object
	maxKept = 10_000  // objects of one kind
)

// refusal is why a request is not granted; nil for no reason.
type refusal struct {
	status int
	detail string
}

func bad(format string, a ...any) *refusal {
	return &refusal{http.StatusBadRequest, fmt.Sprintf(format, a...)}
}

// desk is where clients read and write the objects of one kind that are their own (Definition, "VEN created
// object privacy"). What is another's is not there.
type desk[T any] struct {
	*shelf[T]
	owner   func(*T) *string
	fits    func(T, *http.Request) bool      // the filters of a search; the VTN is locked
	check   func(*T, *http.Request) *refusal // what can be said of a body alone
	admit   func(o, old *T) *refusal         // the same among all others, old nil for a new one; the VTN is locked
	confirm func(*T, *http.Request) *refusal // asks others; nil: nobody
	forgets bool                             // drops its oldest object rather than refuse a new one
	dropped func(id string)                  // after a deletion; nil: nothing to do; the VTN is locked
	shown   func(T) T                        // what answers hold; nil: all
}

// open serves a desk below a path; in 3.0 that of resources has a parameter.
func open[T any](v *VTN, path string, d *desk[T]) {
	v.mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) { list(v, w, r, d.found(v, r)) })
	v.mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) { d.write(v, w, r, http.StatusCreated) })
	v.mux.HandleFunc("GET "+path+"/{id}", func(w http.ResponseWriter, r *http.Request) { one(v, w, r, d.found(v, r), d.meta) })
	v.mux.HandleFunc("PUT "+path+"/{id}", func(w http.ResponseWriter, r *http.Request) { d.write(v, w, r, http.StatusOK) })
	v.mux.HandleFunc("DELETE "+path+"/{id}", func(w http.ResponseWriter, r *http.Request) { d.remove(v, w, r) })
}

// found is what the client has here that fits the search.
func (d *desk[T]) found(v *VTN, r *http.Request) []T {
	v.mu.Lock()
	defer v.mu.Unlock()
	var out []T
	for _, o := range d.items {
		if *d.owner(&o) == client(r) && d.fits(o, r) {
			out = append(out, d.show(o))
		}
	}
	return out
}

func (d *desk[T]) show(o T) T {
	if d.shown == nil {
		return o
	}
	return d.shown(o)
}

func (d *desk[T]) write(v *VTN, w http.ResponseWriter, r *http.Request, status int) {
	var o T
	why := read(w, r, &o)
	if why == nil {
		why = d.check(&o, r)
	}
	if why == nil && r.Method == http.MethodPut && !d.isOwn(v, r) {
		why = errNone // before anybody is asked
	}
	if why == nil && d.confirm != nil {
		why = d.confirm(&o, r)
	}
	if why == nil {
		o, why = d.place(v, r, o)
	}
	if why != nil {
		problem(w, why.status, why.detail)
		return
	}
	v.answer(w, status, d.show(o))
}

// place puts what a client wrote: in the place of its own, or as a new one.
func (d *desk[T]) place(v *VTN, r *http.Request, o T) (T, *refusal) {
	v.mu.Lock()
	defer v.mu.Unlock()
	*d.meta(&o) = openadr.Metadata{ID: r.PathValue("id")} // what a client says of it is ignored (Definition, "POST and PUT")
	*d.owner(&o) = client(r)
	var old *T
	if r.Method == http.MethodPut {
		if old = d.own(r); old == nil {
			return o, errNone
		}
	}
	if why := d.admit(&o, old); why != nil {
		return o, why
	}
	if old == nil && len(d.items) >= maxKept {
		if !d.forgets {
			return o, &refusal{http.StatusForbidden, "there is no room for more"}
		}
		d.items = slices.Delete(d.items, 0, 1)
	}
	o, _ = put(v, d.shelf, o)
	return o, nil
}

var errNone = &refusal{http.StatusNotFound, "no object with this id"}

// own is the object with the id of the path; nil if the client has none.
func (d *desk[T]) own(r *http.Request) *T {
	i := d.index(r.PathValue("id"))
	if i < 0 || *d.owner(&d.items[i]) != client(r) || !d.fits(d.items[i], r) {
		return nil
	}
	return &d.items[i]
}

func (d *desk[T]) isOwn(v *VTN, r *http.Request) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return d.own(r) != nil
}

func (d *desk[T]) remove(v *VTN, w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	isOwn := d.own(r) != nil
	var o T
	if isOwn {
		o, _ = d.drop(r.PathValue("id"))
		if d.dropped != nil {
			d.dropped(r.PathValue("id"))
		}
	}
	v.mu.Unlock()
	if !isOwn {
		problem(w, errNone.status, errNone.detail)
		return
	}
	v.answer(w, http.StatusOK, d.show(o))
}

// read takes the JSON of a body.
func read(w http.ResponseWriter, r *http.Request, into any) *refusal {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return &refusal{http.StatusRequestEntityTooLarge, "more than a megabyte"}
	case err != nil:
		return bad("the body ends early")
	}
	if err := json.Unmarshal(text, into); err != nil {
		return bad("%v", err)
	}
	return nil
}

// maxName is the length of the longest name and id, in characters (schema).
const maxName = 128

func isName(s string) bool {
	n := utf8.RuneCountInString(s)
	return n > 0 && n <= maxName
}

func isID(s string) bool {
	const legal = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
	return isName(s) && strings.Trim(s, legal) == ""
}

// asks says that a search leaves a field open, or wants this value of it.
func asks(r *http.Request, field, value string) bool {
	want := r.URL.Query().Get(field)
	return want == "" || want == value
}
