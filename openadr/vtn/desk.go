package vtn

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
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

// desk is where clients read and write the objects of one kind. A VEN's are its own (Definition, "VEN created
// object privacy"): what is another's is not there. The business side has all.
type desk struct {
	rack
	seen    func(*http.Request) []any             // what a search finds; nil: all that fits and is the client's
	writers func(*http.Request) *refusal          // nil: whoever reads
	adapt   func([]byte) ([]byte, error)          // makes a request what the object is read from; nil: it is
	fits    func(o any, r *http.Request) bool     // the filters of a search; nil: none; the VTN is locked
	check   func(o any, r *http.Request) *refusal // what can be said of a body alone
	admit   func(o, old any) *refusal             // the same among all others, old nil for a new one; nil: nothing; the VTN is locked
	confirm func(o any, r *http.Request) *refusal // asks others; nil: nobody
	isNamed bool                                  // the business side says whose it is
	forgets bool                                  // drops its oldest object rather than refuse a new one
	dropped func(id string)                       // before a deletion; nil: nothing to do; the VTN is locked
}

// open serves a desk below a path; in 3.0 that of resources has a parameter.
func (v *VTN) open(path string, d *desk) {
	if d.seen == nil {
		d.seen = func(r *http.Request) []any { return d.found(v, r) }
	}
	v.mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) { v.list(w, r, d.seen(r)) })
	v.mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) { d.write(v, w, r, http.StatusCreated) })
	v.mux.HandleFunc("GET "+path+"/{id}", func(w http.ResponseWriter, r *http.Request) { v.one(w, r, d.seen(r)) })
	v.mux.HandleFunc("PUT "+path+"/{id}", func(w http.ResponseWriter, r *http.Request) { d.write(v, w, r, http.StatusOK) })
	v.mux.HandleFunc("DELETE "+path+"/{id}", func(w http.ResponseWriter, r *http.Request) { d.remove(v, w, r) })
}

// found is what the client may have here that fits the search.
func (d *desk) found(v *VTN, r *http.Request) (out []any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range d.length() {
		o := d.look(i)
		owner := ownerOf(o)
		isTheirs := v.isBusiness(client(r)) || owner != nil && *owner == client(r)
		if isTheirs && d.isFit(o, r) {
			out = append(out, d.copied(i))
		}
	}
	return out
}

func (d *desk) isFit(o any, r *http.Request) bool { return d.fits == nil || d.fits(o, r) }

func (d *desk) write(v *VTN, w http.ResponseWriter, r *http.Request, status int) {
	o := d.blank()
	why := d.refuse(r)
	if why == nil {
		why = read(w, r, d.adapt, o)
	}
	if why == nil {
		why = d.check(o, r)
	}
	if why == nil && r.Method == http.MethodPut && !d.isOwn(v, r) {
		why = errNone // before anybody is asked
	}
	if why == nil && d.confirm != nil {
		why = d.confirm(o, r)
	}
	if why == nil {
		why = d.place(v, r, o)
	}
	if why != nil {
		problem(w, why.status, why.detail)
		return
	}
	v.answer(w, status, o)
}

// refuse turns away who may not write.
func (d *desk) refuse(r *http.Request) *refusal {
	if d.writers == nil {
		return nil
	}
	return d.writers(r)
}

// place puts what a client wrote: in the place of its own, or as a new one.
func (d *desk) place(v *VTN, r *http.Request, o any) *refusal {
	v.mu.Lock()
	defer v.mu.Unlock()
	*metaOf(o) = openadr.Metadata{ID: r.PathValue("id")} // what a client says of it is ignored (Definition, "POST and PUT")
	if owner := ownerOf(o); owner != nil && !(d.isNamed && v.isBusiness(client(r))) {
		*owner = client(r)
	}
	var old any
	if r.Method == http.MethodPut {
		i := d.own(v, r)
		if i < 0 {
			return errNone
		}
		old = d.look(i)
	}
	if d.admit != nil {
		if why := d.admit(o, old); why != nil {
			return why
		}
	}
	if old == nil && d.length() >= maxKept {
		if !d.forgets {
			return forbidden("there is no room for more")
		}
		d.cut(0, 1)
	}
	v.put(d, o)
	return nil
}

var errNone = &refusal{http.StatusNotFound, "no object with this id"}

// own is where the object with the id of the path is; -1 if the client has none to change. The business side reads
// what VENs report and subscribe to, and leaves it to them.
func (d *desk) own(v *VTN, r *http.Request) int {
	i := index(d, r.PathValue("id"))
	if i < 0 {
		return -1
	}
	owner := ownerOf(d.look(i))
	isTheirs := owner == nil || *owner == client(r) || d.isNamed && v.isBusiness(client(r))
	if !isTheirs || !d.isFit(d.look(i), r) {
		return -1
	}
	return i
}

func (d *desk) isOwn(v *VTN, r *http.Request) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return d.own(v, r) >= 0
}

func (d *desk) remove(v *VTN, w http.ResponseWriter, r *http.Request) {
	o, why := d.takeOff(v, r)
	if why != nil {
		problem(w, why.status, why.detail)
		return
	}
	v.answer(w, http.StatusOK, o)
}

func (d *desk) takeOff(v *VTN, r *http.Request) (o any, why *refusal) {
	if why := d.refuse(r); why != nil {
		return nil, why
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if d.own(v, r) < 0 {
		return nil, errNone
	}
	if d.dropped != nil {
		d.dropped(r.PathValue("id"))
	}
	return v.withdraw(d, r.PathValue("id")), nil
}

// read takes the JSON of a body, adapted if it has to be.
func read(w http.ResponseWriter, r *http.Request, adapt func([]byte) ([]byte, error), into any) *refusal {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return &refusal{http.StatusRequestEntityTooLarge, "more than a megabyte"}
	case err != nil:
		return bad("the body ends early")
	}
	if adapt != nil {
		text, err = adapt(text)
	}
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
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
