package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/tariff"
)

const withExchange = "sources: [{name: exchange, type: exchange, country: DE}]\n"

// Every key there is.
const wholeTariff = `tariff:
  holidays: {country: IT, except: [Epifania], own: ["06-24", "2026-10-05"]}
  versions:
    - until: 2026-05-15
      import:
        vat: 10%
        components:
          - {name: energy, spot: {source: exchange, factor: 1.0275, adder: 0.0121 EUR/kWh, floor: 0 EUR/kWh}}
          - {name: band, bands: {calendar: f1-f2-f3, F1: 0.02 EUR/kWh, F2: 0.01 EUR/kWh, F3: 0 EUR/kWh}}
          - name: grid
            vat: exempt
            time_of_use:
              - {months: [jun, jul], days: [mo, tu, we, th, fr], from: "16:00", to: "21:00", price: 0.08 EUR/kWh}
              - {price: 0.03 EUR/kWh}
          - {name: levy, tiers: [{up_to: 150kWh, price: 0.01 EUR/kWh}, {price: 0.02 EUR/kWh}]}
          - {name: excise, vat: included, fixed: 0.0227 EUR/kWh}
          - {name: meter, standing: 8.50 EUR/month}
      export:
        components: [{name: feed-in, spot: {source: exchange}}]
      peaks:
        - {name: power, price: 2.5 EUR/kW, highest: 3, one_per_day: true, averaging: 60m, minimum: 2kW, windows: [{days: [mo], from: "07:00", to: "19:00"}]}
    - from: 2026-05-15
      import: {components: [{name: all, fixed: 0.25 EUR/kWh}]}
modbus: [{name: m, url: "tcp://127.0.0.1:1"}]
devices: [{name: grid, kind: grid, profile: eastron-sdm630, link: m, params: {unit: 1}}]
`

func TestTariff_ReadsEveryKey(t *testing.T) {
	cfg, faults := readWith(t, withExchange+wholeTariff, "")
	if faults != "" {
		t.Fatal(faults)
	}
	tr := cfg.Tariff
	if tr.Zone.String() != "Europe/Rome" || tr.Currency != "EUR" || tr.Holidays.Country != "IT" || len(tr.Holidays.Except) != 1 || len(tr.Holidays.Own) != 2 || len(tr.Versions) != 2 {
		t.Errorf("%+v", tr)
	}
	v := tr.Versions[0]
	c := v.Import.Components
	peak := v.Peaks[0]
	for what, isSo := range map[string]bool{
		"vat":       v.Import.VAT == tariff.One/10,
		"spot":      *c[0].Spot.Floor == 0 && c[0].Spot.Factor == 1_027_500_000 && c[0].Spot.Adder == energy.PriceOf(0.0121) && c[0].Spot.Source == "exchange",
		"bands":     c[1].Bands.Calendar == "f1-f2-f3" && len(c[1].Bands.Prices) == 3 && c[1].Bands.Prices["F2"] == energy.PriceOf(0.01),
		"hours":     len(c[2].TimeOfUse) == 2 && c[2].TimeOfUse[0].Days == tariff.Weekdays && c[2].TimeOfUse[0].From == 16*60 && c[2].TimeOfUse[1].To == 24*60 && c[2].VAT == tariff.Exempt,
		"months":    len(c[2].TimeOfUse[0].Months) == 2 && c[2].TimeOfUse[0].Months[1] == time.July,
		"tiers":     len(c[3].Tiers) == 2 && c[3].Tiers[0].UpTo == 150_000,
		"fixed":     *c[4].Fixed == energy.PriceOf(0.0227) && c[4].VAT == tariff.Included,
		"standing":  c[5].Standing.Per == tariff.PerMonth && c[5].Standing.Amount == energy.MoneyOf(8.5),
		"export":    v.Export != nil && v.Export.Components[0].Spot.Factor == tariff.One,
		"until":     v.Until == tariff.Date{Year: 2026, Month: 5, Day: 15} && tr.Versions[1].From == v.Until,
		"peak":      peak.Highest == 3 && peak.OnePerDay && peak.Averaging == time.Hour && peak.Minimum == 2000 && peak.Price == energy.MoneyOf(2.5) && len(peak.Windows) == 1,
		"no export": tr.Versions[1].Export == nil,
	} {
		if !isSo {
			t.Errorf("%s: %+v", what, v)
		}
	}
}

func TestTariff_WithoutDatesIsOneVersion(t *testing.T) {
	cfg, faults := readWith(t, "tariff: {import: {components: [{name: all, fixed: 0.25 EUR/kWh}]}}\n", "")
	if faults != "" || len(cfg.Tariff.Versions) != 1 || cfg.Tariff.Versions[0].From != (tariff.Date{}) {
		t.Errorf("%+v, %s", cfg, faults)
	}
}

func TestTariff_FaultsNamePathAndLine(t *testing.T) {
	for old, c := range map[string]struct{ fresh, want string }{
		"source: exchange, factor":   {"source: exchnge, factor", `line 11: tariff.versions[0].import.components[0].spot.source: "exchnge": no source or OpenADR server is called "exchnge"`},
		"from: 2026-05-15":           {"from: 2026-06-01", `line 6: tariff.versions: nothing holds from 2026-05-15 to 2026-06-01`},
		"kind: grid":                 {"kind: meter", `line 5: tariff: tiers and peaks go by the meter of the house connection: there is no device of kind grid`},
		"factor: 1.0275":             {"factor: 1e3", `line 11: tariff.versions[0].import.components[0].spot.factor: "1e3": number "1e3": want a decimal`},
		"vat: 10%":                   {"vat: 0.1", `line 9: tariff.versions[0].import.vat: "0.1": want for example "19%"`},
		"F2: 0.01 EUR/kWh":           {"F4: 0.01 EUR/kWh", `line 12: tariff.versions[0].import.components[1].bands.prices: F2 is missing`},
		"country: IT":                {"country: XX", `line 5: tariff.holidays.country: "XX" is not known`},
		"- {price: 0.03 EUR/kWh}":    {"- {from: \"01:00\", price: 0.03 EUR/kWh}", `line 13: tariff.versions[0].import.components[2].time_of_use: `},
		"up_to: 150kWh":              {"up_to: 0kWh", `line 18: tariff.versions[0].import.components[3].tiers[0].up_to: 0Wh is not more`},
		"standing: 8.50 EUR/month":   {"standing: 8.50 EUR/week", `line 20: tariff.versions[0].import.components[5].standing: "8.50 EUR/week": want for example`},
		"until: 2026-05-15":          {"until: 2026-05-16", `line 25: tariff.versions[1].from: overlaps versions[0]`},
		"months: [jun, jul]":         {"months: [june]", `line 16: tariff.versions[0].import.components[2].time_of_use[0].months[0]: "june": want some of jan`},
		"days: [mo, tu, we, th, fr]": {"days: [noday]", `line 16: tariff.versions[0].import.components[2].time_of_use[0].days: "[noday]": day "noday": want one of`},
		"price: 2.5 EUR/kW,":         {"price: 2.5 USD/kW,", `line 24: tariff.versions[0].peaks[0].price: "2.5 USD/kW": want for example "60 EUR/kW"`},
		"vat: exempt":                {"vat: none", `line 14: tariff.versions[0].import.components[2].vat: "none": want included or exempt`},
		"fixed: 0.0227 EUR/kWh":      {"fixd: 0.0227 EUR/kWh", `line 19: tariff.versions[0].import.components[4].fixd: unknown key; did you mean "fixed"?`},
	} {
		_, faults := readWith(t, withExchange+strings.Replace(wholeTariff, old, c.fresh, 1), "")
		first, _, _ := strings.Cut(faults, "\n")
		if !strings.HasPrefix(first, c.want) {
			t.Errorf("%s:\n%s\nwant\n%s", c.fresh, faults, c.want)
		}
	}
}

func TestParseShare(t *testing.T) {
	reads(t, parseShare,
		map[string]tariff.Decimal{"19%": 190_000_000, "0%": 0, "5.5%": 55_000_000, "0.000001%": 10},
		map[string]string{"": "want", "19": "want", "0.19": "want", "x%": "want", "1e1%": "want", "0.00000001%": "want"})
}

// Sources of one price stand in for each other; what no rule asks for is no price of the home unless the owner says so.
func TestTariff_SpotPricesAndTheirStandIns(t *testing.T) {
	rules := "tariff:\n  import: {components: [{name: energy, spot: {source: %s}}]}\n"
	both := "sources:\n  - {name: exchange, type: exchange, country: DE}\n  - {name: backup, type: exchange, country: AT%s}\n"
	for name, c := range map[string]struct{ source, use, want string }{
		"both":    {"[exchange, backup]", "", ""},
		"one":     {"exchange", "", "line 5: sources[1].use: its prices are used for nothing"},
		"carbon":  {"exchange", ", use: [carbon]", ""},
		"owner's": {"exchange", ", use: [import price]", ""},
		"no such": {"[exchange, other]", ", use: [carbon]", `line 7: tariff.import.components[0].spot.source: "[exchange, other]": no source or OpenADR server is called "other"`},
		"a share": {"backup", ", use: [carbon]", `line 7: tariff.import.components[0].spot.source: "backup": backup yields no import price`},
	} {
		cfg, faults := readWith(t, fmt.Sprintf(both, c.use)+fmt.Sprintf(rules, c.source), "")
		if first, _, _ := strings.Cut(faults, "\n"); c.want == "" && faults != "" || !strings.HasPrefix(first, c.want) {
			if name != "a share" || !strings.Contains(faults, c.want) {
				t.Errorf("%s:\n%s\nwant\n%s", name, faults, c.want)
			}
		}
		if name == "both" && (cfg == nil || !slices.Equal(SpotNames(cfg.Tariff.Sources()[0]), []string{"exchange", "backup"})) {
			t.Errorf("%+v", cfg)
		}
	}
}
