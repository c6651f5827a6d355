package vtn

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hearth/openadr"
)

// Each client sees what is granted to everybody, to its VENs and to its resources, of each object only the
// targets that it was granted, and nothing by what another was granted.
func TestVTN_GrantsCountForTheirClientOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		some := func(what string) []string {
			return rapid.SliceOfNDistinct(rapid.SampledFrom(groups), 0, 2, rapid.ID).Draw(t, what)
		}
		cfg := Config{ClientID: "home", ClientSecret: "s", Clients: map[string]openadr.Secret{"other": "s"}, Granted: some("everybody")}
		v := New(cfg)
		grants, tokens := map[string][]string{}, map[string]string{}
		for _, who := range []string{"home", "other", "home"} {
			tokens[who] = tokenFor(t, v, who)
			w := ask(v, "POST", "/vens", tokens[who], fmt.Sprintf(`{"objectType":"VEN_VEN_REQUEST","venName":"%s%d"}`, who, len(v.VENs())))
			ven := v.VENs()[len(v.VENs())-1]
			ask(v, "POST", "/resources", tokens[who], fmt.Sprintf(`{"objectType":"VEN_RESOURCE_REQUEST","resourceName":"pump","venID":%q}`, ven.ID))
			for _, id := range []string{ven.ID, v.Resources(ven.ID)[0].ID} {
				targets := some("granted to " + who)
				if err := v.Grant(id, targets...); err != nil {
					t.Fatal(err, w.Body)
				}
				grants[who] = append(grants[who], targets...)
			}
		}
		for i := range 8 {
			e := v.Put(event(fmt.Sprint("e", i), "p", some("targets")...))
			for who, token := range tokens {
				var want []string
				for _, g := range e.Targets {
					if slices.Contains(grants[who], g) || slices.Contains(cfg.Granted, g) {
						want = append(want, g)
					}
				}
				w := ask(v, "GET", "/events/"+e.ID, token, "")
				var got openadr.Event
				if isVisible := len(want) > 0 || len(e.Targets) == 0; isVisible != (w.Code == 200) {
					t.Fatalf("%s of %v to %s with %v: %d", e.ID, e.Targets, who, grants[who], w.Code)
				} else if isVisible && (json.Unmarshal(w.Body.Bytes(), &got) != nil || !slices.Equal([]string(got.Targets), want)) {
					t.Fatalf("%s of %v shows %v to %s, want %v", e.ID, e.Targets, got.Targets, who, want)
				}
			}
		}
	})
}

func tokenFor(t interface{ Fatalf(string, ...any) }, v *VTN, id string) string {
	w := ask(v, "POST", "/auth/token", "", "grant_type=client_credentials&client_secret=s&client_id="+id)
	var got struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return got.Token
}

// The real client sees a granted event in each dialect, by asking for its target too, and no longer once the
// grant is taken back.
func TestVTN_GrantsCanBeTakenBack(t *testing.T) {
	for _, d := range dialects {
		v := town(t, Config{Dialect: d})
		home, other := dial(t, v, "home"), dial(t, v, "other")
		house := enrolled(t, home, "house")
		v.Put(event("open", "p"))
		v.Put(event("vip", "p", "GROUP:vip", "GROUP:secret"))
		seen := func(c *openadr.Client, targets ...string) (out []string) {
			list, err := c.Events(t.Context(), openadr.Query{Targets: targets})
			if err != nil || len(list.Malformed) > 0 {
				t.Fatal(err, list.Malformed)
			}
			for _, e := range list.Items {
				out = append(out, fmt.Sprint(e.ID, e.Targets))
			}
			return out
		}
		for _, c := range []struct {
			grant, asked []string
			want         string
		}{
			{nil, nil, "[open[]]"},
			{[]string{"GROUP:vip"}, nil, "[open[] vip[GROUP:vip]]"},
			{[]string{"GROUP:vip"}, []string{"GROUP:vip"}, "[vip[GROUP:vip]]"},
			{[]string{"GROUP:vip"}, []string{"GROUP:secret"}, "[]"},
			{[]string{"GROUP:else"}, nil, "[open[]]"},
		} {
			if err := v.Grant(house.ID, c.grant...); err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(seen(home, c.asked...)); got != c.want {
				t.Errorf("%s: granted %v, asking for %v: %s, want %s", d, c.grant, c.asked, got, c.want)
			}
			if got := fmt.Sprint(seen(other)); got != "[open[]]" {
				t.Errorf("%s: the other sees %s", d, got)
			}
		}
	}
}
