package podero

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

// anyContract is one that could be written.
func anyContract(t *rapid.T) contract {
	isWhole := rapid.Bool().Draw(t, "whole")
	word := rapid.StringMatching(`[A-Za-z0-9 ÄÖÜäöüß"<&\\-]{0,19}`)
	c := contract{
		ID: contractID, Building: rapid.SampledFrom([]string{"", building, other}).Draw(t, "building"), Meter: word.Draw(t, "meter"), Supplier: word.Draw(t, "supplier"),
		Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Currency: rapid.SampledFrom([]string{"EUR", "CHF"}).Draw(t, "currency"), IsWhole: &isWhole,
	}
	at := day.Start
	for range rapid.IntRange(0, 30).Draw(t, "prices") {
		value := energy.Price(rapid.Int64Range(-5_000_000_000_000, 5_000_000_000_000).Draw(t, "price"))
		c.Prices = append(c.Prices, price{at, &value})
		at = at.Add(time.Duration(rapid.IntRange(1, 200).Draw(t, "minutes")) * time.Minute)
	}
	return c
}

// sent is a contract as its text on the wire.
func sent(t *rapid.T, c contract, isGuide bool) map[string]json.RawMessage {
	body, err := json.Marshal(c.body(isGuide, user))
	if err != nil {
		t.Fatal(err)
	}
	doc := map[string]json.RawMessage{}
	if err := json.Unmarshal(body, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// readOne reads one contract back from its text.
func readOne(t *rapid.T, doc map[string]json.RawMessage) contract {
	body, err := json.Marshal([]any{doc})
	if err != nil {
		t.Fatal(err)
	}
	all, err := readContracts(body)
	if err != nil || len(all) != 1 || all[0].Fault != nil {
		t.Fatalf("%s: %+v, %v", body, all, err)
	}
	return all[0]
}

// A contract says the same in either spelling, to the last decimal, and in any mixture of both.
func TestContract_IsTheSameInBothSpellings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyContract(t)
		published, guide := sent(t, c, false), sent(t, c, true)
		mixed := maps.Clone(published)
		for _, names := range [][2]string{{"energy_contract_type", "energy_contract_type"}, {"energy_prices", "energy_price"}, {"building_id", "building"}} {
			if rapid.Bool().Draw(t, names[1]) {
				delete(mixed, names[0])
				if value, isThere := guide[names[1]]; isThere {
					mixed[names[1]] = value
				}
			}
		}
		for name, doc := range map[string]map[string]json.RawMessage{"published": published, "guide": guide, "mixed": mixed} {
			if got := readOne(t, doc); !got.isSame(c) || !c.isSame(got) || !got.hold(c.Prices) || len(got.Prices) != len(c.Prices) {
				t.Fatalf("%s: %s is %+v, was %+v", name, doc, got, c)
			}
		}
	})
}

// Whatever is changed of a contract is seen, and would be written.
func TestContract_IsAnotherOneWithAnyChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyContract(t)
		changed, isWhole := c, !*c.IsWhole
		switch what := rapid.SampledFrom([]string{"meter", "supplier", "kind", "currency", "whole", "unsaid", "price", "building"}).Draw(t, "what"); what {
		case "meter":
			changed.Meter += "x"
		case "supplier":
			changed.Supplier += "x"
		case "kind":
			changed.Kind = kinds[(len(c.Kind)+1)%3]
			if changed.Kind == c.Kind {
				changed.Kind = ""
			}
		case "currency":
			changed.Currency = strings.ToLower(c.Currency)
		case "whole":
			changed.IsWhole = &isWhole
		case "unsaid":
			changed.IsWhole = nil
		case "building":
			changed.Building = strings.TrimPrefix(building+other, c.Building)
		case "price":
			if len(c.Prices) == 0 {
				return
			}
			changed.Prices = append([]price(nil), c.Prices...)
			last := &changed.Prices[len(changed.Prices)-1]
			value := *last.Value + 1
			last.Value = &value
		}
		if changed.isSame(c) {
			t.Fatalf("%+v is %+v", changed, c)
		}
	})
}

// What a contract says of the time that is over does not matter; what it lacks of the time to come does.
func TestContract_HoldsWhatIsToCome(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyContract(t)
		if len(c.Prices) < 3 {
			return
		}
		n := rapid.IntRange(0, len(c.Prices)-2).Draw(t, "over")
		if !c.hold(c.Prices[n:]) {
			t.Fatalf("%d are over: %+v", n, c.Prices)
		}
		less := c
		less.Prices = c.Prices[:len(c.Prices)-1]
		if less.hold(c.Prices[n:]) {
			t.Fatalf("the last one is missing: %+v", c.Prices)
		}
	})
}
