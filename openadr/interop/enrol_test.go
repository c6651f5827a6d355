package interop_test

import (
	"encoding/json"
	"slices"
	"testing"

	"hearth/openadr"
	"hearth/openadr/enrol"
)

func attribute(kind, value string) openadr.Attributes {
	return openadr.Attributes{{Type: kind, Values: []json.RawMessage{json.RawMessage(value)}}}
}

// A restart that has lost its notes enrols again, and finds itself.
func TestVENs_AreEnrolledOnce(t *testing.T) {
	u := vtn(t)
	h := u.home()
	none, err := h.VENs(t.Context(), h.id)
	if err != nil || len(none.Items) != 0 {
		t.Fatalf("before: %v, %v", none.Items, err)
	}
	first, err := h.CreateVEN(t.Context(), openadr.VENObject{Name: h.id, Attributes: attribute("MAX_POWER_EXPORT", "9.5")})
	if err != nil || first.ID == "" || first.ClientID != h.id {
		t.Fatalf("%+v, %v", first, err)
	}
	if _, err := h.CreateVEN(t.Context(), openadr.VENObject{Name: h.id}); openadr.KindOf(err) != openadr.Conflict {
		t.Errorf("again: %v", err)
	}
	found, err := h.VENs(t.Context(), h.id)
	if err != nil || len(found.Items) != 1 || found.Items[0].ID != first.ID {
		t.Fatalf("found %+v, %v", found, err)
	}
	if got := found.Items[0].Attributes.Of("MAX_POWER_EXPORT"); len(got) != 1 || string(got[0]) != "9.5" {
		t.Errorf("attributes %s", found.Items[0].Raw)
	}
	if all, err := u.home().VENs(t.Context(), ""); err != nil || len(all.Items) != 0 {
		t.Errorf("others see %v, %v", all.Items, err)
	}
}

// The one who may write targets does, and a VEN that describes itself anew keeps them.
func TestVENs_KeepTheirTargetsWhenTheyChange(t *testing.T) {
	u := vtn(t)
	h := u.home()
	v := h.enrol()
	u.grant(v, "group-1", "group-2")
	changed, err := h.UpdateVEN(t.Context(), openadr.VENObject{
		Metadata: v.Metadata, Name: v.Name, Attributes: attribute("DESCRIPTION", `"a small house"`), Targets: openadr.Targets{"all"},
	})
	if err != nil || changed.ID != v.ID || !slices.Equal(changed.Targets, []string{"group-1", "group-2"}) || len(changed.Attributes) != 1 {
		t.Errorf("%+v, %v", changed, err)
	}
	v.ID = "no-such-ven"
	if _, err := h.UpdateVEN(t.Context(), v); openadr.KindOf(err) != openadr.NotFound {
		t.Errorf("of a VEN that is gone: %v", err)
	}
}

func TestResources_AreEnrolledOnceAndChanged(t *testing.T) {
	u := vtn(t)
	h := u.home()
	v := h.enrol()
	for _, device := range []string{"pump", "battery"} {
		r, err := h.CreateResource(t.Context(), openadr.Resource{Name: device, VENID: v.ID, Attributes: attribute("MAX_POWER_CONSUMPTION", "3.25")})
		if err != nil || r.ID == "" || r.VENID != v.ID || r.Name != device {
			t.Fatalf("%+v, %v", r, err)
		}
	}
	if _, err := h.CreateResource(t.Context(), openadr.Resource{Name: "pump", VENID: v.ID}); openadr.KindOf(err) != openadr.Conflict {
		t.Errorf("again: %v", err)
	}
	all, err := h.Resources(t.Context(), v.ID, "")
	if err != nil || len(all.Items) != 2 {
		t.Fatalf("%v, %v", all.Items, err)
	}
	one, err := h.Resources(t.Context(), v.ID, "battery")
	if err != nil || len(one.Items) != 1 || one.Items[0].Name != "battery" {
		t.Fatalf("%v, %v", one.Items, err)
	}
	r := one.Items[0]
	r.Attributes = attribute("MAX_POWER_EXPORT", "5")
	if r, err = h.UpdateResource(t.Context(), r); err != nil || r.Attributes.Of("MAX_POWER_EXPORT") == nil || r.Attributes.Of("MAX_POWER_CONSUMPTION") != nil {
		t.Errorf("%s, %v", r.Raw, err)
	}
	stranger := u.home()
	if _, err := stranger.UpdateResource(t.Context(), r); openadr.KindOf(err) != openadr.NotFound && openadr.KindOf(err) != openadr.Forbidden {
		t.Errorf("by a stranger: %v", err)
	}
}

// A resource is a target of its VEN's home as much as the VEN itself.
func TestResources_BringTheirTargets(t *testing.T) {
	u := vtn(t)
	h := u.home()
	v := h.enrol()
	r, err := h.CreateResource(t.Context(), openadr.Resource{Name: "pump", VENID: v.ID})
	if err != nil {
		t.Fatal(err)
	}
	group := name(t, "pumps")
	u.want(200, "PUT", "/resources/"+r.ID, `{"objectType":"BL_RESOURCE_REQUEST","resourceName":"pump","venID":"`+v.ID+`","targets":["`+group+`"]}`)
	program, called := u.program("")
	u.event(program, `"targets":["`+group+`"],`+hours(today, "0.2"))
	if got := line(poll(t, h.follow(called)).ImportPrice); got != today+" 0.2" {
		t.Errorf("prices %q", got)
	}
}

// wish is what the home wants to be known as.
func (h home) wish() enrol.Wish {
	return enrol.Wish{Name: h.id, ClientID: h.id, Attributes: attribute("DESCRIPTION", `"a small house"`), Resources: []enrol.Resource{
		{Name: "pump", Attributes: attribute("MAX_POWER_CONSUMPTION", "3.25")}, {Name: "battery", Attributes: attribute("MAX_POWER_EXPORT", "5")},
	}}
}

func changes(all []enrol.Change) (names []string) {
	for _, c := range all {
		names = append(names, c.String())
	}
	slices.Sort(names)
	return names
}

func TestEnrol_MakesAHomeKnownOnce(t *testing.T) {
	u := vtn(t)
	h := u.home()
	w := h.wish()
	first, done, err := enrol.Enrol(t.Context(), h, w, enrol.Place{})
	if want := []string{"create resource battery", "create resource pump", "create ven " + h.id}; err != nil || !slices.Equal(changes(done), want) {
		t.Fatalf("did %v, %v", done, err)
	}
	again, done, err := enrol.Enrol(t.Context(), h, w, enrol.Place{}) // all notes lost
	if err != nil || len(done) != 0 || again.VENID != first.VENID || again.Resources["pump"] != first.Resources["pump"] {
		t.Errorf("again: did %v, %v; place %+v, want %+v", done, err, again, first)
	}
	u.grant(openadr.VENObject{Metadata: openadr.Metadata{ID: first.VENID}, Name: h.id, ClientID: h.id}, "group-1")
	w.Resources[0].Attributes = attribute("MAX_POWER_CONSUMPTION", "4")
	place, done, err := enrol.Enrol(t.Context(), h, w, first)
	if err != nil || !slices.Contains(changes(done), "update resource pump") || !slices.Equal(place.Targets, []string{"group-1"}) {
		t.Errorf("changed: did %v, %v; targets %v", done, err, place.Targets)
	}
}

func TestEnrol_FindsWhatItHasMadeWithoutAnAnswer(t *testing.T) {
	u := vtn(t)
	for _, path := range []string{"/vens", "/resources"} {
		base, lost := forgetful(t, u, path)
		h := u.home(func(c *openadr.Config) { c.BaseURL = base })
		place, _, err := enrol.Enrol(t.Context(), h, h.wish(), enrol.Place{})
		for try := 0; err != nil && try < 3; try++ {
			place, _, err = enrol.Enrol(t.Context(), h, h.wish(), place)
		}
		if err != nil || lost.Load() == 0 || place.VENID == "" || len(place.Resources) != 2 {
			t.Fatalf("%s: %+v, %v after %d lost answers", path, place, err, lost.Load())
		}
		if all, err := h.Resources(t.Context(), place.VENID, ""); err != nil || len(all.Items) != 2 {
			t.Errorf("%s: %d resources, %v", path, len(all.Items), err)
		}
	}
}

// The VTN has one VEN for each client; the one that is there is used, under the name it has.
func TestEnrol_UsesTheVENThatIsThere(t *testing.T) {
	h := vtn(t).home()
	there, w := h.enrol(), h.wish()
	w.Name += "-annex"
	place, _, err := enrol.Enrol(t.Context(), h, w, enrol.Place{})
	if err != nil || place.VENID != there.ID || place.VENName != there.Name {
		t.Errorf("%+v, %v; want %s", place, err, there.ID)
	}
}
