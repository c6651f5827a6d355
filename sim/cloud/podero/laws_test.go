package podero

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
)

func TestServer_ServesManyAtOnce(t *testing.T) {
	p := open(t, Config{})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 5 {
				p.ask(http.MethodPost, place, `{"building_id": "b"}`)
				p.ask(http.MethodGet, place, "")
			}
		})
	}
	all.Wait()
	ids := map[string]bool{}
	for _, c := range p.Contracts() {
		ids[c.ID] = true
	}
	if len(ids) != 40 || p.Writes() != 40 {
		t.Errorf("%d contracts, %d writes", len(ids), p.Writes())
	}
}

// What nobody has said is null and not empty, and a list without anything is a list.
func TestContracts_TellNullForWhatIsNotKnown(t *testing.T) {
	for isGuide, want := range map[bool][]string{false: {"energy_prices"}, true: {"energy_price"}} {
		p := open(t, Config{IsGuide: isGuide, Contracts: []Contract{{ID: "c"}}})
		_, body := p.ask(http.MethodGet, place, "")
		var docs []map[string]json.RawMessage
		if err := json.Unmarshal([]byte(body), &docs); err != nil || len(docs) != 1 {
			t.Fatalf("%s, %v", body, err)
		}
		for _, name := range []string{"building", "meter_id", "supplier", "currency_energy_price", "energy_price_includes_external_components", "energy_contract_type"} {
			if string(docs[0][name]) != "null" {
				t.Errorf("%s is %s", name, docs[0][name])
			}
		}
		if string(docs[0][want[0]]) != "[]" {
			t.Errorf("prices: %s", body)
		}
	}
}

// What was taken over from the configuration is not changed through it.
func TestNew_KeepsItsOwnContracts(t *testing.T) {
	given := []Contract{{ID: "c", Supplier: "x"}}
	p := open(t, Config{Contracts: given})
	given[0].Supplier = "y"
	p.Contracts()[0].Supplier = "z"
	if got := p.Contracts()[0].Supplier; got != "x" {
		t.Errorf("the supplier is %q", got)
	}
	if status, body := p.ask(http.MethodPut, place+"/c", `{"supplier": "w", "energy_price_includes_external_components": false}`); status != http.StatusOK || !strings.Contains(body, `"energy_price_includes_external_components":false`) || given[0].Supplier != "y" {
		t.Errorf("%d %s", status, body)
	}
}
