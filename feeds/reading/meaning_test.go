package reading

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
)

var noon = time.Date(2026, 5, 12, 12, 0, 0, 0, time.UTC)

// one is what a number in a unit means.
func one(kind feeds.Kind, unit string, home energy.Currency, n json.Number) string {
	u, err := ParseUnit(unit, kind, home)
	if err != nil {
		return feedtest.Failure(err)
	}
	slots := []Slot{{energy.Span(noon, time.Hour), n}}
	told := feedtest.Told(Meaning{kind, u, home}.Values(slots, &energy.Origin{Status: "x"}))
	return strings.TrimSuffix(strings.TrimPrefix(told, string(kind)+" 2026-05-12T12:00:00Z 1h0m0s "), " x\n")
}

func TestUnit_SaysWhatANumberCounts(t *testing.T) {
	for _, c := range []struct {
		kind feeds.Kind
		unit string
		home energy.Currency
		n    json.Number
		want string
	}{
		{feeds.ImportPrice, "EUR/MWh", "EUR", "84.13", "0.08413 EUR/kWh"},
		{feeds.ImportPrice, "EUR / MWh", "EUR", "-12.5", "-0.0125 EUR/kWh"},
		{feeds.ImportPrice, "EUR/kWh", "EUR", "0.1", "0.1 EUR/kWh"},
		{feeds.ExportPrice, "ct/kWh", "EUR", "8.03", "0.0803 EUR/kWh"},
		{feeds.ImportPrice, "€/kWh", "EUR", "3e-1", "0.3 EUR/kWh"},
		{feeds.ImportPrice, "Öre/kWh", "SEK", "45", "0.45 SEK/kWh"},
		{feeds.ImportPrice, "p/kWh", "GBP", "24.5", "0.245 GBP/kWh"},
		{feeds.ImportPrice, "ct/MWh", "EUR", "1", "0.00001 EUR/kWh"},
		{feeds.Carbon, "gCO2/kWh", "", "380.5", "380.5 g/kWh"},
		{feeds.Carbon, "kg/MWh", "", "380", "380 g/kWh"},
		{feeds.Renewable, "%", "", "7", "7%"},
		{feeds.Renewable, "%", "", "130", "130%"},
		{feeds.Solar, "kW", "", "4.2", "4.2kW"},
		{feeds.Solar, "W", "", "0", "0W"},
	} {
		if got := one(c.kind, c.unit, c.home, c.n); got != c.want {
			t.Errorf("%s %s %s: %s, want %s", c.kind, c.n, c.unit, got, c.want)
		}
	}
}

func TestUnit_RefusesWhatItIsNot(t *testing.T) {
	for _, c := range []struct {
		kind feeds.Kind
		unit string
		n    json.Number
		want string
	}{
		{feeds.ImportPrice, "SEK/kWh", "1", `configuration: "SEK/kWh": is not in "EUR", the home's currency`},
		{feeds.ImportPrice, "öre/kWh", "1", `configuration: "öre/kWh": is no part of "EUR", the home's currency`},
		{feeds.ImportPrice, "EUR", "1", `configuration: "EUR": is no unit of a price`},
		{feeds.ImportPrice, "%", "1", `configuration: "%": is no unit of a price`},
		{feeds.ImportPrice, "/kWh", "1", `configuration: "/kWh": is not in "EUR"`},
		{feeds.Carbon, "EUR/kWh", "1", `configuration: "EUR/kWh": is no unit of carbon`},
		{feeds.Solar, "Wh", "1", `configuration: "Wh": is no unit of solar, which may be in MW, W, kW`},
		{feeds.ImportPrice, "EUR/kWh", "1e308", `temporary: at 2026-05-12T12:00Z: "1e308": is no price`},
		{feeds.ImportPrice, "EUR/kWh", "unknown", `temporary: at 2026-05-12T12:00Z: "unknown": is no price`},
		{feeds.Carbon, "g/kWh", "-1", `temporary: at 2026-05-12T12:00Z: "-1": is no value from 0 to 5000`},
		{feeds.Carbon, "g/kWh", "NaN", `temporary: at 2026-05-12T12:00Z: "NaN": is no value`},
		{feeds.Solar, "W", "1e308", `temporary: at 2026-05-12T12:00Z: "1e308": is no value from 0 to 1e+09`},
		{feeds.Renewable, "%", "1001", `temporary: at 2026-05-12T12:00Z: "1001": is no value`},
	} {
		if got := one(c.kind, c.unit, "EUR", c.n); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s %s: %swant %s", c.n, c.unit, got, c.want)
		}
	}
}

func TestContradicts_KnowsCurrencies(t *testing.T) {
	for said, want := range map[string]bool{"EUR / MWh": false, "eur": false, "SEK/kWh": true, "SEK": true, "€/kWh": false, "£/kWh": true, "kWh": false, "": false, "%": false, "price": false, "ct/kWh": false, "öre/kWh": true} {
		if got := Contradicts(said, "EUR"); got != want {
			t.Errorf("%q: %v", said, got)
		}
	}
}

func TestValues_RefuseTwoValuesAtOnce(t *testing.T) {
	u, err := ParseUnit("EUR/kWh", feeds.ImportPrice, "EUR")
	if err != nil {
		t.Fatal(err)
	}
	m := Meaning{feeds.ImportPrice, u, "EUR"}
	slot := func(n json.Number) Slot { return Slot{energy.Span(noon, time.Hour), n} }
	if v, err := m.Values([]Slot{slot("1"), slot("2")}, nil); feeds.KindOf(err) != feeds.Temporary || err == nil {
		t.Errorf("%+v, %v", v, err)
	}
	if v, err := m.Values([]Slot{slot("1"), slot("1.0")}, nil); err != nil || len(v.Import.Points) != 1 {
		t.Errorf("%+v, %v", v, err)
	}
	if v, err := m.Values(nil, nil); err != nil || len(v.Coverage()) != 0 {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestKindAndStatus_HaveNames(t *testing.T) {
	for _, name := range KindKey().Among {
		kind, err := ParseKind(name)
		if err != nil {
			t.Error(err)
		}
		want := energy.Forecast
		if IsPrice(kind) {
			want = energy.Final
		}
		if status, err := ParseStatus("", kind); err != nil || status != want {
			t.Errorf("%s is %s, %v", name, status, err)
		}
	}
	for _, name := range StatusKey().Among {
		if status, err := ParseStatus(name, feeds.Carbon); err != nil || string(status) != name {
			t.Error(status, err)
		}
	}
	_, err1 := ParseKind("price")
	_, err2 := ParseStatus("sure", feeds.Carbon)
	if got := fmt.Sprint(err1, "; ", err2); got != `kind "price": must be import, export, carbon, renewable or solar; status "sure": must be final, preliminary or forecast` {
		t.Error(got)
	}
}
