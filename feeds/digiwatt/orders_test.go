package digiwatt

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"hearth/feeds"
	"hearth/feeds/feedtest"
)

// home is a household in a configuration, with what it takes to pair.
func home(base string, more ...string) feeds.Settings {
	return settings(base, append([]string{
		"pod", "IT001E12345678", "company_code", "hearth",
		"house.type", "apartment", "house.dimension", "87", "house.province", "MI",
		"residents.adults", "2", "residents.children", "1", "residents.elderlies", "0",
		"appliances.oven", "1", "appliances.airConditioner", "2",
	}, more...)...)
}

func order(t *testing.T, s *Source, name string) feeds.Order {
	t.Helper()
	for _, o := range s.Orders() {
		if o.Name == name {
			return o
		}
	}
	t.Fatalf("there is no order %q", name)
	return feeds.Order{}
}

const (
	pairing = `{"pod":"IT001E12345678","account_number":"1234567890","company_code":"hearth"}`
	family  = `{"house":{"type":"apartment","dimesion":87,"province":"MI"},"residents":{"adults":2,"children":1,"elderlies":0},` +
		`"appliances":[{"appliance":"airConditioner","quantity":2},{"appliance":"oven","quantity":1}]}`
)

// A draft shows the very bytes that are sent, and preparing it sends nothing.
func TestOrders_SendWhatTheyHaveShown(t *testing.T) {
	for _, c := range []struct{ name, path, body, answer, want string }{
		{"pair", "/users", pairing, pairing, "pair\nwhat | as the vendor has it\npod | IT001E12345678\naccount_number | 1234567890\ncompany_code | hearth\n"},
		{"onboard", "/users/1234567890/onboarding", family, `{"account_number": "1234567890", "onboarding_data": ` + family + `}`,
			"onboard\nwhat | as the vendor has it\nhouse | apartment\nsize (m²) | 87\nprovince | MI\nadults | 2\nchildren | 1\nelderly | 0\nairConditioner | 2\noven | 1\n"},
	} {
		count := 0
		base := vendor(t, func(w http.ResponseWriter, r *http.Request) {
			count++
			body, err := io.ReadAll(r.Body)
			if err != nil || string(body) != c.body || r.Method != http.MethodPost || r.URL.Path != c.path || r.Header.Get("Content-Type") != "application/json" {
				t.Errorf("%s: %s %s %s, %v", c.name, r.Method, r.URL, body, err)
			}
			w.WriteHeader(http.StatusCreated)
			fmt.Fprintf(w, `{"status": 201, "data": %s}`, c.answer)
		})
		s := open(t, home(base), noon)
		draft, err := order(t, s, c.name).Prepare(t.Context(), nil, feeds.Tariff{})
		if err != nil || draft.Text != "POST "+base+c.path+"\n"+c.body || count != 0 {
			t.Fatalf("%s: after %d requests %q, %v", c.name, count, draft.Text, err)
		}
		again, err := order(t, s, c.name).Prepare(t.Context(), nil, feeds.Tariff{})
		if err != nil || again.Text != draft.Text {
			t.Errorf("%s: the second draft is %q, %v", c.name, again.Text, err)
		}
		if draft.Send == nil {
			t.Fatalf("%s: nothing to send, and nobody can know that", c.name)
		}
		if table, err := draft.Send(t.Context()); err != nil || feedtest.ToldTable(table, nil) != c.want || count != 1 {
			t.Errorf("%s: after %d requests %s, %v", c.name, count, feedtest.ToldTable(table, nil), err)
		}
	}
}

func TestOrders_TellWhatTheVendorUnderstoodOtherwise(t *testing.T) {
	const remark = "remark the vendor has something else than it was told"
	for _, c := range []struct {
		name, answer string
		isRemarked   bool
	}{
		{"pair", strings.Replace(pairing, "12345678\"", "99999999\"", 1), true},
		{"onboard", `{"onboarding_data": ` + strings.Replace(family, "dimesion", "dimension", 1) + `}`, false},
		{"onboard", `{"onboarding_data": ` + strings.Replace(family, "87", "78", 1) + `}`, true},
		{"onboard", `{"onboarding_data": ` + strings.Replace(family, `"oven"`, `"fridge"`, 1) + `}`, true},
		{"onboard", `{"onboarding_data": ` + strings.Replace(family, `]}`, `,{"appliance":"fridge","quantity":1}]}`, 1) + `}`, false},
	} {
		s := open(t, home(vendor(t, says(`{"status": 200, "data": `+c.answer+`}`))), noon)
		draft, err := order(t, s, c.name).Prepare(t.Context(), nil, feeds.Tariff{})
		if err != nil {
			t.Fatal(err)
		}
		if table, err := draft.Send(t.Context()); err != nil || strings.Contains(feedtest.ToldTable(table, nil), remark) != c.isRemarked {
			t.Errorf("%s %s: %s, %v", c.name, c.answer, feedtest.ToldTable(table, nil), err)
		}
	}
}

func TestOrders_FailWhereTheVendorDoes(t *testing.T) {
	for name, bodies := range map[string][]string{
		"pair":    {`{"status": 200, "data": []}`, `{"status": 409, "data": {}}`, ``},
		"onboard": {`{"status": 200, "data": {}}`, `{"status": 200, "data": {"onboarding_data": []}}`, `{"status": 200, "data": {"account_number": "1", "onboarding_data": {}}}`, `{"status": 500, "data": {}}`},
	} {
		for _, body := range bodies {
			s := open(t, home(vendor(t, says(body))), noon)
			draft, err := order(t, s, name).Prepare(t.Context(), nil, feeds.Tariff{})
			if err != nil {
				t.Fatal(err)
			}
			if table, err := draft.Send(t.Context()); err == nil || strings.Contains(err.Error(), secret) {
				t.Errorf("%s %s: %v", name, body, table)
			}
		}
	}
}

func TestOrders_NameWhatIsMissing(t *testing.T) {
	for key, name := range map[string]string{"pod": "pair", "company_code": "pair", "account_number": "pair"} {
		s := home("http://127.0.0.1:1")
		delete(s, key)
		if _, err := order(t, open(t, s, noon), name).Prepare(t.Context(), nil, feeds.Tariff{}); feeds.KindOf(err) != feeds.Misconfigured || !strings.HasPrefix(fmt.Sprint(err), key+": is missing") {
			t.Errorf("%s without %s: %v", name, key, err)
		}
	}
	bare := open(t, settings("http://127.0.0.1:1"), noon)
	if _, err := order(t, bare, "onboard").Prepare(t.Context(), nil, feeds.Tariff{}); !strings.HasPrefix(fmt.Sprint(err), "house: is missing") {
		t.Error(err)
	}
	nobody := home("http://127.0.0.1:1")
	delete(nobody, "account_number")
	if _, err := order(t, open(t, nobody, noon), "onboard").Prepare(t.Context(), nil, feeds.Tariff{}); !strings.HasPrefix(fmt.Sprint(err), "account_number: is missing") {
		t.Error(err)
	}
}

func TestOrders_StandWhereTheConfigurationSaysSo(t *testing.T) {
	for onboard, want := range map[string]bool{"yes": true, "no": false, "": false} {
		s := open(t, home("http://127.0.0.1:1", "onboard", onboard), noon)
		if got := order(t, s, "onboard").IsStanding; got != want || order(t, s, "pair").IsStanding {
			t.Errorf("onboard %q: standing %v", onboard, got)
		}
	}
}

// What is sent without appliances has no list at all: the vendor then presumes some, and an empty list may be none.
func TestOnboard_WithoutAppliancesNamesNone(t *testing.T) {
	s := home("http://127.0.0.1:1")
	delete(s, "appliances.oven")
	delete(s, "appliances.airConditioner")
	draft, err := order(t, open(t, s, noon), "onboard").Prepare(t.Context(), nil, feeds.Tariff{})
	if err != nil || strings.Contains(draft.Text, "appliances") {
		t.Errorf("%q, %v", draft.Text, err)
	}
}
