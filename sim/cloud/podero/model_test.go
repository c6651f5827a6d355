package podero

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// asJSON is a contract as somebody sends it, in one of the spellings.
func asJSON(c Contract, isGuide bool) string {
	building, prices, kind := "building_id", "energy_prices", c.Kind
	if isGuide {
		building, prices, kind = "building", "energy_price", guide[c.Kind]
	}
	doc := map[string]any{"owner": "u", building: c.Building, "supplier": c.Supplier, "energy_contract_type": kind, "currency_energy_price": c.Currency, prices: c.Prices}
	body, err := json.Marshal(doc)
	if err != nil {
		panic(err)
	}
	return string(body)
}

func anyContract(t *rapid.T) Contract {
	c := Contract{
		Building: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "building"), Supplier: rapid.StringMatching(`[a-z]{0,8}`).Draw(t, "supplier"),
		Kind: rapid.SampledFrom(slices.Sorted(maps.Keys(guide))).Draw(t, "kind"), Currency: "EUR",
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "prices") {
		c.Prices = append(c.Prices, Price{json.Number(fmt.Sprint(i)), fmt.Sprintf("2026-03-29T%02d:00:00Z", i)})
	}
	return c
}

// Whatever is written, in whatever order, by the partner or by a supplier: the contracts are those that a list of them
// would hold, and each write counts once.
func TestServer_IsAListOfContracts(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		isGuide := rapid.Bool().Draw(r, "guide")
		p := open(t, Config{IsGuide: isGuide})
		var model []Contract
		writes := 0
		for range rapid.IntRange(1, 20).Draw(r, "steps") {
			c := anyContract(r)
			switch rapid.SampledFrom([]string{"create", "update", "put", "lose"}).Draw(r, "what") {
			case "create":
				status, body := p.ask(http.MethodPost, place, asJSON(c, isGuide))
				var made struct{ ID string }
				if json.Unmarshal([]byte(body), &made) != nil || status != http.StatusOK || made.ID == "" {
					r.Fatalf("%d %s", status, body)
				}
				c.ID = made.ID
				model, writes = append(model, c), writes+1
			case "update":
				if len(model) == 0 {
					continue
				}
				i := rapid.IntRange(0, len(model)-1).Draw(r, "which")
				c.ID = model[i].ID
				if status, body := p.ask(http.MethodPut, place+"/"+c.ID, asJSON(c, isGuide)); status != http.StatusOK {
					r.Fatalf("%d %s", status, body)
				}
				model[i], writes = c, writes+1
			case "put":
				i := slices.IndexFunc(model, func(o Contract) bool { return o.Building == c.Building })
				p.Put(c)
				if i < 0 {
					model, i = append(model, c), len(model)
				}
				c.ID = p.Contracts()[i].ID
				if c.ID == "" || model[i].ID != "" && model[i].ID != c.ID {
					r.Fatalf("the contract of %s has become %q", c.Building, c.ID)
				}
				model[i] = c
			case "lose":
				if status, _ := p.ask(http.MethodPut, place+"/nobody", asJSON(c, isGuide)); status != http.StatusNotFound {
					r.Fatalf("a contract that is not there: %d", status)
				}
			}
		}
		if got := p.Contracts(); fmt.Sprint(got) != fmt.Sprint(model) || p.Writes() != writes {
			r.Fatalf("%d writes, want %d\n%v\n%v", p.Writes(), writes, got, model)
		}
	})
}

// Prices are taken where each begins later than the one before, whatever the offsets in which that is written.
func TestContracts_WantTimesThatAscend(t *testing.T) {
	p := open(t, Config{})
	rapid.Check(t, func(r *rapid.T) {
		c := Contract{Currency: "EUR", Kind: "monthly", Building: "b"}
		isGood, last := true, -1
		for range rapid.IntRange(0, 6).Draw(r, "prices") {
			hour := rapid.IntRange(0, 12).Draw(r, "hour")
			isGood, last = isGood && hour > last, hour
			zone := time.FixedZone("", 3600*rapid.IntRange(-12, 12).Draw(r, "offset"))
			at := time.Date(2026, 3, 29, hour, 0, 0, 0, time.UTC).In(zone)
			c.Prices = append(c.Prices, Price{"1", at.Format(time.RFC3339)})
		}
		status, body := p.ask(http.MethodPost, place, asJSON(c, false))
		if (status == http.StatusOK) != isGood || !isGood && !strings.Contains(body, "later timestamp") {
			r.Fatalf("%v: %d %s", c.Prices, status, body)
		}
	})
}

// A token is good until its end, and what has ended is not kept.
func TestToken_EndsWhenItSays(t *testing.T) {
	p := open(t, Config{})
	for _, c := range []struct {
		wait   time.Duration
		isGood bool
	}{{0, true}, {10*time.Hour - time.Second, true}, {time.Second, false}, {time.Hour, false}} {
		p.now = p.now.Add(c.wait)
		if status, _ := p.ask(http.MethodGet, place, ""); (status == http.StatusOK) != c.isGood {
			t.Errorf("after another %v: %d", c.wait, status)
		}
	}
	p.login()
	if len(p.tokens) != 1 {
		t.Errorf("%d tokens are kept", len(p.tokens))
	}
	old := p.token
	p.login()
	p.token = old
	if status, _ := p.ask(http.MethodGet, place, ""); status != http.StatusOK {
		t.Errorf("another token has ended the first: %d", status)
	}
}

func TestNewID_IsAnIDOfItsOwn(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$`)
	known := map[string]bool{}
	for range 100 {
		id := newID()
		if !form.MatchString(id) || known[id] {
			t.Fatal(id)
		}
		known[id] = true
	}
}
