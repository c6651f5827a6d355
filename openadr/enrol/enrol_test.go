package enrol

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"hearth/openadr"
)

func TestEnrol_TwiceChangesNothing(t *testing.T) {
	for _, d := range dialects {
		r, s := open(t, d)
		c := dial(t, s, d, "home")
		place, changes, err := Enrol(t.Context(), c, house(), Place{})
		if err != nil || len(changes) != 3 || changes[0].String() != "create ven house" || changes[2].String() != "create resource battery" {
			t.Fatalf("%s: %v %v", d, changes, err)
		}
		wantOnce(t, r.vtn, house(), place)
		for name, known := range map[string]Place{"known": place, "forgotten": {}} {
			before := len(r.vtn.Requests())
			again, changes, err := Enrol(t.Context(), c, house(), known)
			if err != nil || len(changes) != 0 || !again.isSame(place) {
				t.Errorf("%s, %s: %+v %v %v", d, name, again, changes, err)
			}
			for _, asked := range r.vtn.Requests()[before:] {
				if !strings.HasPrefix(asked, "GET ") && !strings.Contains(asked, "/auth/") {
					t.Errorf("%s, %s: %s", d, name, asked)
				}
			}
		}
	}
}

func TestPreview_WritesNothingAndSaysWhatEnrolDoes(t *testing.T) {
	for _, d := range dialects {
		r, s := open(t, d)
		c := dial(t, s, d, "home")
		for range 2 {
			_, said, err := Preview(t.Context(), c, house(), Place{})
			if err != nil || len(r.vtn.VENs()) > 1 {
				t.Fatal(err)
			}
			before := len(r.vtn.VENs()) + len(r.vtn.Resources(""))
			_, _, _ = Preview(t.Context(), c, house(), Place{})
			if after := len(r.vtn.VENs()) + len(r.vtn.Resources("")); before != after {
				t.Errorf("%s: a preview made something", d)
			}
			_, done, err := Enrol(t.Context(), c, house(), Place{})
			if err != nil || !reflect.DeepEqual(said, done) {
				t.Errorf("%s: said %v, did %v, %v", d, said, done, err)
			}
		}
	}
}

// What the business side wrote outlives an update of ours: its targets, its attributes and its names.
func TestEnrol_UpdatesItsOwnAttributesOnly(t *testing.T) {
	for _, d := range dialects {
		r, s := open(t, d)
		c := dial(t, s, d, "home")
		old := house()
		old.Attributes = append(openadr.Attributes{{Type: "X_FEEDER", Values: number(7)}}, Describe("", 9000, 0)...)
		place, _, err := Enrol(t.Context(), c, old, Place{})
		if err != nil {
			t.Fatal(err)
		}
		grant(t, r, place.VENID, "GROUP:north", "GROUP:east")
		grant(t, r, place.Resources["battery"], "GROUP:cells", "GROUP:east")
		want := house()
		want.Resources[1].Attributes = Describe("", 6000, 4600)
		now, changes, err := Enrol(t.Context(), c, want, place)
		if err != nil || len(changes) != 2 || changes[0].String() != "update ven house" || changes[1].String() != "update resource battery" {
			t.Fatalf("%s: %v %v", d, changes, err)
		}
		wantOnce(t, r.vtn, want, now)
		if got := []string(now.Targets); !slices.Equal(got, []string{"GROUP:north", "GROUP:east", "GROUP:cells"}) {
			t.Errorf("%s: targets %v", d, got)
		}
		ven := r.vtn.VENs()[0]
		if ven.Attributes.Of("X_FEEDER") == nil || !slices.Equal(ven.Targets, openadr.Targets{"GROUP:north", "GROUP:east"}) {
			t.Errorf("%s: left of the ven is %+v", d, ven)
		}
	}
}

func grant(t *testing.T, r *road, id string, targets ...string) {
	t.Helper()
	if err := r.vtn.Grant(id, targets...); err != nil {
		t.Fatal(err)
	}
}

func TestEnrol_TellsATakenNameFromItsOwn(t *testing.T) {
	for _, d := range dialects {
		r, s := open(t, d)
		if _, _, err := Enrol(t.Context(), dial(t, s, d, "other"), Wish{Name: "house", ClientID: "other"}, Place{}); err != nil {
			t.Fatal(err)
		}
		place, changes, err := Enrol(t.Context(), dial(t, s, d, "home"), house(), Place{})
		if !errors.Is(err, ErrTaken) || place.VENID != "" || len(changes) != 0 || !strings.Contains(err.Error(), "by somebody else") {
			t.Errorf("%s: %+v %v %v", d, place, changes, err)
		}
		if got := r.vtn.VENs(); len(got) != 1 || got[0].ClientID != "other" {
			t.Errorf("%s: %+v", d, got)
		}
	}
}

// single is a VTN with one VEN for each client, as openleadr-rs has it.
type single struct{ Client }

func (o single) CreateVEN(ctx context.Context, v openadr.VENObject) (openadr.VENObject, error) {
	if list, err := o.VENs(ctx, ""); err != nil || len(list.Items) > 0 {
		return v, errors.Join(err, &openadr.Error{Op: "create ven", Kind: openadr.Conflict, Status: http.StatusConflict})
	}
	return o.Client.CreateVEN(ctx, v)
}

func TestEnrol_UsesTheOnlyVENThereMayBe(t *testing.T) {
	for _, d := range dialects {
		r, s := open(t, d)
		c := single{dial(t, s, d, "home")}
		old := house()
		old.Name = "cottage"
		before, _, err := Enrol(t.Context(), c, old, Place{})
		if err != nil {
			t.Fatal(err)
		}
		place, changes, err := Enrol(t.Context(), c, house(), before)
		if err != nil || place.VENID != before.VENID || place.VENName != "cottage" || place.Wished != "house" || len(changes) != 0 {
			t.Errorf("%s: %+v %v %v", d, place, changes, err)
		}
		wantOnce(t, r.vtn, house(), place)
		stranger := house()
		stranger.ClientID = "somebody"
		if _, _, err := Enrol(t.Context(), c, stranger, Place{}); !errors.Is(err, ErrTaken) || !strings.Contains(err.Error(), "cottage") {
			t.Errorf("%s: %v", d, err)
		}
	}
}

func TestEnrol_FollowsAVENThatTheBusinessSideRenamed(t *testing.T) {
	r, s := open(t, openadr.Dialect31)
	c := dial(t, s, openadr.Dialect31, "home")
	before, _, err := Enrol(t.Context(), c, house(), Place{})
	if err != nil {
		t.Fatal(err)
	}
	v := r.vtn.VENs()[0]
	v.Name = "EAN-871"
	if _, err := c.UpdateVEN(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	place, changes, err := Enrol(t.Context(), c, house(), before)
	if err != nil || place.VENID != before.VENID || place.VENName != "EAN-871" || len(changes) != 0 {
		t.Errorf("%+v %v %v", place, changes, err)
	}
	wantOnce(t, r.vtn, house(), place)
}

func TestEnrol_ClosedDoorsAreNoFaults(t *testing.T) {
	_, s := open(t, openadr.Dialect31)
	refused := func(status int, kind openadr.Kind) error {
		return &openadr.Error{Op: "vens", Kind: kind, Status: status}
	}
	for name, c := range map[string]struct {
		read, write error
		isClosed    bool
	}{
		"no path":           {refused(404, openadr.NotFound), nil, true},
		"no scope":          {refused(403, openadr.Forbidden), nil, true},
		"not built":         {refused(501, openadr.Unavailable), nil, true},
		"read only":         {nil, refused(405, openadr.Refused), true},
		"no scope to write": {nil, refused(403, openadr.Forbidden), true},
		"bad credentials":   {refused(401, openadr.Unauthorized), nil, false},
		"away":              {refused(503, openadr.Unavailable), nil, false},
		"bad name":          {nil, refused(400, openadr.Refused), false},
		"anything":          {errAnything, nil, false},
	} {
		_, changes, err := Enrol(t.Context(), closedTo{dial(t, s, openadr.Dialect31, "home"), c.read, c.write}, house(), Place{})
		if err == nil || errors.Is(err, ErrNotOffered) != c.isClosed || len(changes) > 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEnrol_RefusesAWishThatNobodyCouldHold(t *testing.T) {
	for name, w := range map[string]Wish{
		"no name":          {},
		"a thing twice":    {Name: "h", Resources: []Resource{{Name: "a"}, {Name: "a"}}},
		"a nameless thing": {Name: "h", Resources: []Resource{{}}},
	} {
		if place, _, err := Enrol(t.Context(), nil, w, Place{}); err == nil || place.VENID != "" {
			t.Errorf("%s: %+v %v", name, place, err)
		}
	}
}

// One thing that the VTN refuses keeps no other from being known.
func TestEnrol_OneRefusedResourceCostsNoOther(t *testing.T) {
	for _, d := range dialects {
		r, s := open(t, d)
		w := house()
		w.Resources = slices.Insert(w.Resources, 0, Resource{Name: strings.Repeat("x", 200)})
		place, changes, err := Enrol(t.Context(), dial(t, s, d, "home"), w, Place{})
		if openadr.KindOf(err) != openadr.Refused || len(changes) != 3 {
			t.Errorf("%s: %v %v", d, changes, err)
		}
		wantOnce(t, r.vtn, house(), place)
	}
}

func TestMerged_ComparesByMeaning(t *testing.T) {
	theirs := openadr.Attributes{{Type: maxConsumption, Values: number(11)}, {Type: "X", Values: number(1)}}
	theirs[0].Values[0] = []byte("11.000")
	if _, differs := merged(theirs, Describe("", 11_000, 0)); differs {
		t.Error("11.000 differs from 11")
	}
	got, differs := merged(theirs, Describe("", 3700, 0))
	if !differs || len(got) != 2 || string(got.Of(maxConsumption)[0]) != "3.7" || got.Of("X") == nil {
		t.Errorf("%v %v", got, differs)
	}
	if got := Describe("", 0, -1); got != nil {
		t.Errorf("nobody has said %v", got)
	}
	if got := Describe(strings.Repeat("é", 200), 0, 0); len([]rune(string(got.Of(description)[0]))) != 130 {
		t.Errorf("too long: %s", got)
	}
}
