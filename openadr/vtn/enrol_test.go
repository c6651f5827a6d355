package vtn

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"hearth/openadr"
)

var dialects = []openadr.Dialect{openadr.Dialect31, openadr.Dialect30, openadr.Dialect300}

// town is a started VTN with two homes that may ask it.
func town(t *testing.T, cfg Config) *VTN {
	t.Helper()
	cfg.ClientID, cfg.ClientSecret = "home", "s"
	cfg.Clients = map[string]openadr.Secret{"other": "s"}
	v := New(cfg)
	served(t, v)
	return v
}

// dial is the client of a home.
func dial(t *testing.T, v *VTN, id string) *openadr.Client {
	t.Helper()
	c, err := openadr.New(openadr.Config{BaseURL: v.URL(), Dialect: v.cfg.Dialect, ClientID: id, ClientSecret: "s"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func wantKind(t *testing.T, what string, err error, want openadr.Kind) {
	t.Helper()
	if openadr.KindOf(err) != want {
		t.Errorf("%s: %v, want %q", what, err, want)
	}
}

func enrolled(t *testing.T, c *openadr.Client, name string) openadr.VENObject {
	t.Helper()
	ven, err := c.CreateVEN(t.Context(), openadr.VENObject{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return ven
}

func TestVTN_EnrolsEachNameOnce(t *testing.T) {
	for _, d := range dialects {
		v := town(t, Config{Dialect: d})
		home, other := dial(t, v, "home"), dial(t, v, "other")
		ven := enrolled(t, home, "house")
		if ven.ID == "" || ven.ClientID != "home" || ven.ObjectType != openadr.ObjectVEN || ven.Created.IsZero() || ven.Modified.IsZero() {
			t.Errorf("%s: enrolled as %+v", d, ven)
		}
		for who, c := range map[string]*openadr.Client{"home": home, "other": other} {
			_, err := c.CreateVEN(t.Context(), openadr.VENObject{Name: "house"})
			wantKind(t, "the same name by "+who, err, openadr.Conflict)
		}
		flat := enrolled(t, other, "flat")
		flat.Name = "house"
		_, err := other.UpdateVEN(t.Context(), flat)
		wantKind(t, "renamed to a taken name", err, openadr.Conflict)
		if got := v.VENs(); len(got) != 2 || got[0].Name != "house" || got[1].Name != "flat" {
			t.Errorf("%s: a refused request changed something: %+v", d, got)
		}
	}
}

func TestVTN_ShowsAClientItsOwnOnly(t *testing.T) {
	for _, d := range dialects {
		v := town(t, Config{Dialect: d})
		home, other := dial(t, v, "home"), dial(t, v, "other")
		ven := enrolled(t, home, "house")
		pump, err := home.CreateResource(t.Context(), openadr.Resource{Name: "pump", VENID: ven.ID})
		if err != nil || pump.VENID != ven.ID || pump.ClientID != "home" || pump.ObjectType != openadr.ObjectResource {
			t.Fatalf("%s: %+v, %v", d, pump, err)
		}
		for c, want := range map[*openadr.Client]int{home: 1, other: 0} {
			vens, err := c.VENs(t.Context(), "")
			resources, err2 := c.Resources(t.Context(), ven.ID, "")
			if err != nil || err2 != nil || len(vens.Items) != want || len(resources.Items) != want || len(vens.Malformed)+len(resources.Malformed) > 0 {
				t.Errorf("%s: %d vens and %d resources, want %d of each: %v %v", d, len(vens.Items), len(resources.Items), want, err, err2)
			}
		}
		_, err = other.UpdateVEN(t.Context(), ven)
		wantKind(t, "another's ven", err, openadr.NotFound)
		_, err = other.UpdateResource(t.Context(), pump)
		wantKind(t, "another's resource", err, openadr.NotFound)
		_, err = other.CreateResource(t.Context(), openadr.Resource{Name: "x", VENID: ven.ID})
		wantKind(t, "behind another's ven", err, openadr.NotFound)
		_, err = home.CreateResource(t.Context(), openadr.Resource{Name: "pump", VENID: ven.ID})
		wantKind(t, "a second pump", err, openadr.Conflict)
	}
}

// Names of resources are unique behind their VEN only, and the search tells them apart.
func TestVTN_ResourcesAreFoundByVENAndName(t *testing.T) {
	for _, d := range dialects {
		v := town(t, Config{Dialect: d, PageLimit: 1})
		c := dial(t, v, "home")
		for _, name := range []string{"a", "b"} {
			ven := enrolled(t, c, name)
			for _, thing := range []string{"pump", "car", "meter"} {
				if _, err := c.CreateResource(t.Context(), openadr.Resource{Name: thing, VENID: ven.ID}); err != nil {
					t.Fatal(err)
				}
			}
			all, err := c.Resources(t.Context(), ven.ID, "")
			one, err2 := c.Resources(t.Context(), ven.ID, "car")
			if err != nil || err2 != nil || len(all.Items) != 3 || len(one.Items) != 1 || one.Items[0].Name != "car" || one.Items[0].VENID != ven.ID {
				t.Errorf("%s: %+v of %+v, %v %v", d, one.Items, all.Items, err, err2)
			}
			if got := v.Resources(ven.ID); len(got) != 3 {
				t.Errorf("%s: the business side sees %d", d, len(got))
			}
		}
	}
}

// The VTN filters itself, which a client that filters what it gets does not show.
func TestVTN_FindsVENsAndResources(t *testing.T) {
	v := New(Config{})
	for _, name := range []string{"a", "b"} {
		ask(v, "POST", "/vens", "", `{"objectType":"VEN_VEN_REQUEST","venName":"`+name+`"}`)
		ask(v, "POST", "/resources", "", `{"objectType":"VEN_RESOURCE_REQUEST","resourceName":"pump","venID":"`+v.VENs()[len(v.VENs())-1].ID+`"}`)
	}
	for id, target := range map[string]string{"id-1": "north", "id-2": "north", "id-3": "south"} {
		if err := v.Grant(id, target); err != nil {
			t.Fatal(err)
		}
	}
	for query, want := range map[string]string{
		"/vens": "id-1 id-3", "/vens?venName=b": "id-3", "/vens?venName=c": "", "/vens?targets=north": "id-1", "/vens?targets=west": "",
		"/vens?targets=north&targets=south&skip=1": "id-3", "/vens?targets=north&venName=b": "",
		"/resources": "id-2 id-4", "/resources?resourceName=pump&limit=1": "id-2", "/resources?venID=id-3": "id-4",
		"/resources?targets=north": "id-2", "/resources?targets=south": "", "/resources?resourceName=car": "",
	} {
		if got := ids(t, v, query); got != want {
			t.Errorf("GET %s: %q, want %q", query, got, want)
		}
	}
}

// A VEN cannot write targets, in any way, and an update does not take the granted ones.
func TestVTN_TargetsAreTheBusinessSides(t *testing.T) {
	for _, d := range dialects {
		v := town(t, Config{Dialect: d})
		token := tokenOf(t, v)
		wish := `{"objectType":"VEN_VEN_REQUEST","venName":"house","targets":["GROUP:vip"]}`
		if w := ask(v, "POST", "/vens", token, wish); w.Code != 201 || strings.Contains(w.Body.String(), "vip") {
			t.Errorf("%s: %d %s", d, w.Code, w.Body)
		}
		ven := v.VENs()[0]
		if err := v.Grant(ven.ID, "GROUP:a"); err != nil {
			t.Fatal(err)
		}
		if w := ask(v, "PUT", "/vens/"+ven.ID, token, wish); w.Code != 200 {
			t.Errorf("%s: %d %s", d, w.Code, w.Body)
		}
		if got := v.VENs()[0].Targets; fmt.Sprint(got) != "[GROUP:a]" {
			t.Errorf("%s: after an update it may see %v", d, got)
		}
		if v.Grant("nobody", "x") == nil {
			t.Error("granted to nobody")
		}
	}
}

func TestVTN_DeletesAVENWithItsResources(t *testing.T) {
	v := town(t, Config{})
	home := dial(t, v, "home")
	ven, rest := enrolled(t, home, "house"), enrolled(t, home, "barn")
	for _, o := range []openadr.Resource{{Name: "pump", VENID: ven.ID}, {Name: "pump", VENID: rest.ID}} {
		if _, err := home.CreateResource(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	token := tokenOf(t, v)
	w := ask(v, "DELETE", "/vens/"+ven.ID, token, "")
	var gone openadr.VENObject
	if err := json.Unmarshal(w.Body.Bytes(), &gone); err != nil || w.Code != 200 || gone.ID != ven.ID || gone.Name != "house" {
		t.Errorf("deleting answers %d %s", w.Code, w.Body)
	}
	if w := ask(v, "DELETE", "/vens/"+ven.ID, token, ""); w.Code != 404 {
		t.Errorf("deleted twice: %d", w.Code)
	}
	if got := v.Resources(""); len(got) != 1 || got[0].VENID != rest.ID {
		t.Errorf("left are %+v", got)
	}
	if enrolled(t, home, "house").ID == ven.ID {
		t.Error("an id was made twice")
	}
}

// refused sends bodies and wants each status, and nothing kept of any.
func refused(t *testing.T, v *VTN, path string, bodies map[string]int) {
	t.Helper()
	token := tokenOf(t, v)
	for body, want := range bodies {
		w := ask(v, "POST", path, token, body)
		var p openadr.Problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != want || p.Status != want || p.Detail == "" {
			t.Errorf("%.80s: %d %s, want %d", body, w.Code, w.Body, want)
		}
	}
	if n := len(v.vens.items) + len(v.resources.items) + len(v.reports.items) + len(v.subscriptions.items); n > 0 {
		t.Errorf("%d objects were kept of what was refused", n)
	}
}

func TestVTN_RefusesWhatTheSchemaDoes(t *testing.T) {
	long := strings.Repeat("x", 129)
	v := New(Config{ClientID: "home", ClientSecret: "s"})
	refused(t, v, "/vens", map[string]int{
		`{`: 400, `[]`: 400, `"x"`: 400, `{"venName":7}`: 400, "null": 400,
		`{"venName":"a"}`:                                                           400,
		`{"objectType":"VEN","venName":"a"}`:                                        400,
		`{"objectType":"VEN_VEN_REQUEST"}`:                                          400,
		`{"objectType":"VEN_VEN_REQUEST","venName":""}`:                             400,
		`{"objectType":"VEN_VEN_REQUEST","venName":"` + long + `"}`:                 400,
		`{"objectType":"BL_VEN_REQUEST","venName":"a","clientID":"home"}`:           403,
		`{"objectType":"VEN_VEN_REQUEST","x":"` + strings.Repeat("x", 1<<20) + `"}`: 413,
	})
	refused(t, v, "/resources", map[string]int{
		`{"objectType":"VEN_RESOURCE_REQUEST","resourceName":"a"}`:                  400,
		`{"objectType":"VEN_RESOURCE_REQUEST","resourceName":"a","venID":"a b"}`:    400,
		`{"objectType":"VEN_RESOURCE_REQUEST","venID":"a"}`:                         400,
		`{"resourceName":"a","venID":"a"}`:                                          400,
		`{"objectType":"BL_RESOURCE_REQUEST","resourceName":"a","venID":"a"}`:       403,
		`{"objectType":"VEN_RESOURCE_REQUEST","resourceName":"a","venID":"nobody"}`: 404,
	})
}

// What clients leave is bounded: of reports the newest stay, of the rest the oldest.
func TestVTN_KeepsNoMoreThanItSays(t *testing.T) {
	v := New(Config{ClientID: "home", ClientSecret: "s"})
	token := tokenOf(t, v)
	v.Put(event("e", "p"))
	v.vens.items = make([]openadr.VENObject, maxKept)
	v.reports.items = make([]openadr.Report, maxKept)
	if w := ask(v, "POST", "/vens", token, `{"objectType":"VEN_VEN_REQUEST","venName":"one more"}`); w.Code != 403 {
		t.Errorf("a ven too many: %d", w.Code)
	}
	if w := ask(v, "POST", "/reports", token, `{"eventID":"e","clientName":"c","resources":[]}`); w.Code != 201 {
		t.Errorf("a report: %d %s", w.Code, w.Body)
	}
	if n := len(v.VENs()); n != maxKept {
		t.Errorf("%d vens", n)
	}
	if all := v.Reports(); len(all) != maxKept || all[maxKept-1].EventID != "e" {
		t.Errorf("%d reports", len(all))
	}
}
