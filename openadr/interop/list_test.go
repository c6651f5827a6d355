package interop_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"hearth/openadr"
)

func ids(list openadr.List[openadr.Event], err error) ([]string, error) {
	var all []string
	for _, e := range list.Items {
		all = append(all, e.ID)
	}
	slices.Sort(all)
	if len(list.Malformed) > 0 {
		err = fmt.Errorf("malformed: %v", list.Malformed)
	}
	return all, err
}

func TestEvents_AreReadOverAllPages(t *testing.T) {
	u := vtn(t)
	id, called := u.program("")
	var want []string
	for i := range 107 {
		want = append(want, u.event(id, fmt.Sprintf(`"eventName":"%d",`, i)+hours(fmt.Sprintf("2026-03-%02dT%02d:00:00Z", 28+i/24%3, i%24), "0.1")))
	}
	slices.Sort(want)
	h := u.home()
	if got, err := ids(h.Events(t.Context(), openadr.Query{ProgramID: id})); err != nil || !slices.Equal(got, want) {
		t.Fatalf("%d events, want %d; %v", len(got), len(want), err)
	}
	if s := poll(t, h.follow(called)); len(s.ImportPrice.Points) != 72 {
		t.Errorf("%d prices", len(s.ImportPrice.Points))
	}
}

func TestPrograms_AreFoundByNameAmongMany(t *testing.T) {
	u := vtn(t)
	for range 60 {
		u.program("")
	}
	id, called := u.program(`,"attributes":[{"type":"RETAILER_NAME","values":["Example"]}],"programDescriptions":[{"URL":"https://example.com/tariff"}]`)
	h := u.home()
	list, err := h.Programs(t.Context(), openadr.Query{})
	if err != nil || len(list.Items) < 61 || len(list.Malformed) > 0 {
		t.Fatalf("%d programs, %v, %v", len(list.Items), list.Malformed, err)
	}
	i := slices.IndexFunc(list.Items, func(p openadr.Program) bool { return p.ProgramName == called })
	if i < 0 || list.Items[i].ID != id {
		t.Fatalf("%s is not found", called)
	}
	one, err := h.Program(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []openadr.Program{one, list.Items[i]} {
		if got := p.Attributes.Of("RETAILER_NAME"); len(got) != 1 || string(got[0]) != `"Example"` || p.PayloadDescriptors[0].Currency != "EUR" {
			t.Errorf("got %s", p.Raw)
		}
	}
}

func TestEvents_AreSeenByThoseTheyAreMeantFor(t *testing.T) {
	u := vtn(t)
	east, west := "east-"+name(t, ""), "west-"+name(t, "")
	program, called := u.program("")
	forAll := u.event(program, hours(today, "0.1"))
	forEast := u.event(program, fmt.Sprintf(`"priority":0,"targets":[%q,%q],`, east, west)+hours(today, "0.2"))
	owner, other, stranger := u.home(), u.home(), u.home()
	u.grant(owner.enrol(), east)
	other.enrol()
	for who, c := range map[string]struct {
		home home
		want []string
	}{
		"granted": {owner, []string{forAll, forEast}}, "without a grant": {other, []string{forAll}}, "not enrolled": {stranger, []string{forAll}},
	} {
		slices.Sort(c.want)
		if got, err := ids(c.home.Events(t.Context(), openadr.Query{ProgramID: program})); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v %v, want %v", who, got, err, c.want)
		}
	}
	e, err := owner.Event(t.Context(), forEast)
	if err != nil || !slices.Equal(e.Targets, []string{east}) {
		t.Errorf("targets %v, %v: want those granted", e.Targets, err)
	}
	if _, err := other.Event(t.Context(), forEast); openadr.KindOf(err) != openadr.NotFound {
		t.Errorf("of others: %v", err)
	}
	if got := line(poll(t, owner.follow(called)).ImportPrice); got != today+" 0.2" {
		t.Errorf("granted: prices %s", got)
	}
	if got := line(poll(t, other.follow(called)).ImportPrice); got != today+" 0.1" {
		t.Errorf("without a grant: prices %s", got)
	}
}

// With a grant taken away, what it showed is withdrawn, and nothing else.
func TestVEN_LosesWhatItMayNoLongerSee(t *testing.T) {
	u := vtn(t)
	group := name(t, "group")
	program, called := u.program("")
	u.event(program, hours(today, "0.1"))
	u.event(program, fmt.Sprintf(`"priority":0,"targets":[%q],`, group)+hours(today, "0.2"))
	h := u.home()
	v := h.enrol()
	u.grant(v, group)
	follower := h.follow(called)
	if got := line(poll(t, follower).ImportPrice); got != today+" 0.2" {
		t.Errorf("granted: %s", got)
	}
	u.grant(v)
	if got := line(poll(t, follower).ImportPrice); got != today+" 0.1" {
		t.Errorf("taken away: %s", got)
	}
}

func TestEvents_AreSearchedByTarget(t *testing.T) {
	u := vtn(t)
	group := name(t, "group")
	program, _ := u.program("")
	u.event(program, hours(today, "0.1"))
	mine := u.event(program, fmt.Sprintf(`"targets":[%q],`, group)+hours(today, "0.2"))
	h := u.home()
	u.grant(h.enrol(), group)
	q := openadr.Query{ProgramID: program, Targets: []string{group}}
	if got, err := ids(h.Events(t.Context(), q)); err != nil || !slices.Equal(got, []string{mine}) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestErrors_SayWhatIsWrong(t *testing.T) {
	u := vtn(t)
	good := u.home()
	wrong := u.home(func(c *openadr.Config) { c.ClientSecret = "guessed" })
	basic := u.home(func(c *openadr.Config) { c.AuthStyle = openadr.AuthBasic })
	anonymous := u.home(func(c *openadr.Config) { c.ClientID, c.ClientSecret = "", "" })
	program, _ := u.program("")
	_, err1 := wrong.Programs(t.Context(), openadr.Query{})
	_, err2 := anonymous.Programs(t.Context(), openadr.Query{})
	_, err3 := good.Program(t.Context(), "no-such-program")
	_, err4 := good.CreateReport(t.Context(), openadr.Report{EventID: "no-such-event", ClientName: "home"})
	_, err5 := basic.Program(t.Context(), program)
	for _, c := range []struct {
		what string
		err  error
		want openadr.Kind
	}{
		{"wrong secret", err1, openadr.Unauthorized}, {"anonymous", err2, openadr.Unauthorized}, {"no such program", err3, openadr.NotFound},
		{"report on nothing", err4, openadr.Conflict}, {"credentials in the header", err5, ""},
	} {
		if openadr.KindOf(c.err) != c.want || c.want == "" && c.err != nil || c.err != nil && strings.Contains(c.err.Error(), "guessed") {
			t.Errorf("%s: got %v, want kind %q", c.what, c.err, c.want)
		}
	}
	readOnly := u.want(http.StatusCreated, "POST", "/users", fmt.Sprintf(`{"reference":%q,"description":null,"scope":["read_targets"]}`, name(t, "reader")))
	u.want(http.StatusOK, "POST", "/users/"+readOnly.id(), fmt.Sprintf(`{"client_id":%q,"client_secret":"s"}`, name(t, "reader")))
	reader := u.home(func(c *openadr.Config) { c.ClientID, c.ClientSecret = name(t, "reader"), "s" })
	if _, err := reader.CreateVEN(t.Context(), openadr.VENObject{Name: "reader"}); openadr.KindOf(err) != openadr.Forbidden {
		t.Errorf("without the scope: %v", err)
	}
}
