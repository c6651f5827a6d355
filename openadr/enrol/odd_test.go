package enrol

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"hearth/openadr"
)

// odd is a Client of a VTN that lists in an odd way.
type odd struct {
	Client
	vens      func(*openadr.List[openadr.VENObject])
	resources func(*openadr.List[openadr.Resource])
}

func (o odd) VENs(ctx context.Context, name string) (openadr.List[openadr.VENObject], error) {
	list, err := o.Client.VENs(ctx, name)
	if o.vens != nil {
		o.vens(&list)
	}
	return list, err
}

func (o odd) Resources(ctx context.Context, venID, name string) (openadr.List[openadr.Resource], error) {
	list, err := o.Client.Resources(ctx, venID, name)
	if o.resources != nil {
		o.resources(&list)
	}
	return list, err
}

// An answer that says nothing, or that there is one already, is looked into at once.
func TestEnrol_LooksAtOnceWhereAnAnswerDoesNotTell(t *testing.T) {
	for _, d := range dialects {
		for _, m := range []mishap{blank, half} {
			r, s := open(t, d)
			r.set(func(req *http.Request) mishap {
				if req.Method == http.MethodPost {
					return m
				}
				return fine
			})
			place, _, err := Enrol(t.Context(), dial(t, s, d, "home"), house(), Place{})
			if err != nil {
				t.Errorf("%s, mishap %d: %v", d, m, err)
			}
			wantOnce(t, r.vtn, house(), place)
		}
	}
}

// A VEN that the list had left out is found by the refusal, and brought up to date in the same look.
func TestEnrol_UpdatesWhatARefusalHasShown(t *testing.T) {
	for _, d := range dialects {
		r, s := open(t, d)
		c := dial(t, s, d, "home")
		old := house()
		old.Attributes, old.Resources = Describe("", 1000, 0), nil
		if _, _, err := Enrol(t.Context(), c, old, Place{}); err != nil {
			t.Fatal(err)
		}
		count := 0
		r.set(func(req *http.Request) mishap {
			if count++; count == 1 {
				return nothing
			}
			return fine
		})
		place, changes, err := Enrol(t.Context(), c, house(), Place{})
		if err != nil || len(changes) != 3 || changes[0].Act != Update {
			t.Errorf("%s: %v %v", d, changes, err)
		}
		wantOnce(t, r.vtn, house(), place)
	}
}

// Where something is there that cannot be read, it may be ours: nothing is made beside it.
func TestEnrol_MakesNothingBesideWhatItCannotRead(t *testing.T) {
	for _, d := range dialects {
		r, s := open(t, d)
		garbled := []openadr.Malformed{{Err: errAnything}}
		c := odd{Client: dial(t, s, d, "home"), vens: func(l *openadr.List[openadr.VENObject]) { l.Malformed = garbled }}
		if _, changes, err := Enrol(t.Context(), c, house(), Place{}); err == nil || len(changes) > 0 || !strings.Contains(err.Error(), "cannot be read") {
			t.Errorf("%s: %v %v", d, changes, err)
		}
		c = odd{Client: c.Client, resources: func(l *openadr.List[openadr.Resource]) { l.Malformed = garbled }}
		place, changes, err := Enrol(t.Context(), c, house(), Place{})
		if err == nil || len(changes) != 1 || place.VENID == "" || len(r.vtn.Resources("")) > 0 {
			t.Errorf("%s: %+v %v %v", d, place, changes, err)
		}
	}
}

// In 3.0 a resource need not say behind which VEN it is: its path does.
func TestEnrol_UpdatesAResourceThatDoesNotSayWhose(t *testing.T) {
	for _, d := range dialects {
		r, s := open(t, d)
		c := odd{Client: dial(t, s, d, "home"), resources: func(l *openadr.List[openadr.Resource]) {
			for i := range l.Items {
				l.Items[i].VENID = ""
			}
		}}
		if _, _, err := Enrol(t.Context(), c, house(), Place{}); err != nil {
			t.Fatal(err)
		}
		want := house()
		want.Resources[0].Attributes = Describe("", 22_000, 0)
		place, changes, err := Enrol(t.Context(), c, want, Place{})
		if err != nil || len(changes) != 1 {
			t.Errorf("%s: %v %v", d, changes, err)
		}
		wantOnce(t, r.vtn, want, place)
	}
}

// Of two that a VTN has under one name, the one that was known is kept.
func TestEnrol_StaysWithTheOneItKnew(t *testing.T) {
	for known, want := range map[string]string{"": "a", "b": "b", "gone": "a"} {
		e := &errand{known: Place{VENID: known, Resources: map[string]string{"car": known}}}
		v, _ := e.pick([]openadr.VENObject{{Metadata: openadr.Metadata{ID: "c"}}, {Metadata: openadr.Metadata{ID: "b"}}, {Metadata: openadr.Metadata{ID: "a"}}})
		r, _ := e.one("car", openadr.List[openadr.Resource]{Items: []openadr.Resource{
			{Metadata: openadr.Metadata{ID: "b"}, Name: "car"}, {Metadata: openadr.Metadata{ID: "a"}, Name: "car"}, {Metadata: openadr.Metadata{ID: "0"}, Name: "other"},
		}})
		if v.ID != want || r.ID != want {
			t.Errorf("knowing %q: %s and %s, want %s", known, v.ID, r.ID, want)
		}
	}
}

// An id that is not our client's may be ours in the words of who issues tokens; a VTN that shows VENs of several
// clients shows those of others.
func TestEnrol_JudgesWhoseAVENIs(t *testing.T) {
	for _, d := range dialects {
		for name, c := range map[string]struct {
			others string // the client of a further VEN that is shown
			isOurs bool
		}{"alone": {"", true}, "beside more of that client": {"sub-1", true}, "beside ours": {"home", false}} {
			_, s := open(t, d)
			client := odd{Client: dial(t, s, d, "home"), vens: func(l *openadr.List[openadr.VENObject]) {
				for i := range l.Items {
					l.Items[i].ClientID = "sub-1"
				}
				if c.others != "" {
					l.Items = append(l.Items, openadr.VENObject{Metadata: openadr.Metadata{ID: "zz"}, Name: "else", ClientID: c.others})
				}
			}}
			if _, err := client.CreateVEN(t.Context(), openadr.VENObject{Name: "house"}); err != nil {
				t.Fatal(err)
			}
			w := house()
			w.Resources = nil
			if place, _, err := Enrol(t.Context(), client, w, Place{}); (err == nil) != c.isOurs || (place.VENID != "") != c.isOurs {
				t.Errorf("%s, %s: %+v %v", d, name, place, err)
			}
		}
	}
}
