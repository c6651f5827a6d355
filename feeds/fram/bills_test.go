package fram

import (
	"fmt"
	"strings"
	"testing"

	"hearth/energy"
	"hearth/feeds"
	cloud "hearth/sim/cloud/fram"
)

func dollars(amount float64) energy.Money { return energy.MoneyOf(amount) }

// building is an organization with a project, two homes in it, and their bills of three months.
func building() cloud.Data {
	payload := func(n int, unit, start, end string, amount float64, invoice int) cloud.Payload {
		p := cloud.Payload{
			ID: idOf(n), Project: idOf(2), Unit: pointer(unit), User: pointer(idOf(4)), Start: start, End: end, Amount: dollars(amount),
			Import: raw(`{"peak":80.5,"off_peak":219.5}`), Export: raw(`{"total":42}`), Usage: raw(`{"grid":300,"solar":99}`),
		}
		if invoice > 0 {
			p.Invoice = pointer(idOf(invoice))
		}
		return p
	}
	whole := payload(39, "", "2026-03-01", "2026-03-31", 900, 0)
	whole.Unit, whole.User = nil, nil
	return cloud.Data{
		Organizations: []cloud.Organization{{ID: idOf(1), Name: "Harbour Homes"}},
		Projects:      []cloud.Project{{ID: idOf(2), Organization: idOf(1), Name: "Quay", State: "CA", ZIP: "94000", Utility: "Coast Electric"}},
		Units: []cloud.Unit{
			{ID: idOf(3), Project: idOf(2), Number: "4B", Meter: "M-17", Tenant: "Ada Tenant", Email: "ada@example.org"},
			{ID: idOf(5), Project: idOf(2), Number: "5A", Tenant: "Bob Tenant"},
		},
		Payloads: []cloud.Payload{
			payload(31, idOf(3), "2026-01-31", "2026-02-28", 80, 41), payload(32, idOf(3), "2026-03-01", "2026-03-31", 92.17, 42),
			payload(33, idOf(3), "2026-04-01", "2026-04-30", 70, 0), payload(34, idOf(5), "2026-03-01", "2026-03-31", 55, 43), whole,
		},
		Invoices: []cloud.Invoice{
			{ID: idOf(41), Number: "2026-0041", Project: idOf(2), Unit: idOf(3), Date: "2026-03-05", Status: "paid", Amount: dollars(80)},
			{ID: idOf(42), Number: "2026-0042", Project: idOf(2), Unit: idOf(3), Date: "2026-04-05", Status: "sent", Amount: dollars(92.67)},
			{ID: idOf(43), Number: "2026-0043", Project: idOf(2), Unit: idOf(5), Date: "2026-04-05", Status: "sent", Amount: dollars(55)},
		},
		Transactions: []cloud.Transaction{
			{ID: idOf(51), Project: idOf(2), User: idOf(4), Type: "ach", Status: "succeeded", Amount: dollars(100)},
			{ID: idOf(52), Project: idOf(2), User: idOf(4), Type: "ach", Status: "Failed", Amount: dollars(72.67)},
		},
		Applications: []cloud.Application{
			{ID: idOf(61), Transaction: idOf(51), Invoice: idOf(41), Amount: dollars(80)},
			{ID: idOf(62), Transaction: idOf(51), Invoice: idOf(42), Amount: dollars(20)},
			{ID: idOf(63), Transaction: idOf(52), Invoice: idOf(42), Amount: dollars(72.67)},
		},
	}
}

func tellBills(bills []feeds.Bill) string {
	var out strings.Builder
	for _, b := range bills {
		fmt.Fprintf(&out, "%s %q %q %q %q %s %q %q %q\n", b.Period, kWh(b.Imported), kWh(b.Exported), kWh(b.Used), money(b.Amount), b.Currency, b.Invoice, b.Status, money(b.Applied))
		for _, r := range b.Remarks {
			fmt.Fprintf(&out, "remark %s\n", r)
		}
	}
	return out.String()
}

func TestBills_AreJoinedWithWhatWasPaid(t *testing.T) {
	b := against(t, cloud.Config{Data: building()}, func(c *Config) { c.Project = "" })
	bills, err := b.Bills(t.Context(), localDays(t, b.Source, "2026-01-01", "2026-12-31"))
	const want = `[2026-01-31T08:00:00Z, 2026-03-01T08:00:00Z) "300" "42" "" "80" USD "2026-0041" "paid" "80"
remark usage: the meaning of "grid" is not known
[2026-03-01T08:00:00Z, 2026-04-01T07:00:00Z) "300" "42" "" "92.67" USD "2026-0042" "sent" "20"
remark usage: the meaning of "grid" is not known
[2026-04-01T07:00:00Z, 2026-05-01T07:00:00Z) "300" "42" "" "70" USD "" "" ""
remark usage: the meaning of "grid" is not known
`
	if got := tellBills(bills); err != nil || got != want {
		t.Errorf("%v, got\n%swant\n%s", err, got, want)
	}
}

// The last day of a period belongs to it, and the midnight after it does not.
func TestBills_AreThoseOfTheSpan(t *testing.T) {
	b := against(t, cloud.Config{Data: building()}, nil)
	for days, want := range map[[2]string]int{
		{"2026-02-28", "2026-02-28"}: 1, {"2026-02-28", "2026-03-01"}: 2, {"2026-05-01", "2026-05-31"}: 0, {"2026-04-30", "2026-05-01"}: 1,
	} {
		if bills, err := b.Bills(t.Context(), localDays(t, b.Source, days[0], days[1])); err != nil || len(bills) != want {
			t.Errorf("%v: %d bills, want %d, %v", days, len(bills), want, err)
		}
	}
	if b.count("transactions?") != 2 || b.count("invoices?") != 2 {
		t.Errorf("asked %q: without an invoice there is nothing to join", b.asked)
	}
}

// An invoice over two payloads says nothing of either.
func TestBills_DoNotDivideAnInvoice(t *testing.T) {
	d := building()
	d.Payloads[0].Invoice = d.Payloads[1].Invoice
	b := against(t, cloud.Config{Data: d}, nil)
	bills, err := b.Bills(t.Context(), localDays(t, b.Source, "2026-02-28", "2026-03-01"))
	if err != nil || len(bills) != 2 || money(bills[0].Amount) != "80" || money(bills[1].Amount) != "92.17" || bills[1].Applied != nil || bills[1].Invoice != "2026-0042" {
		t.Errorf("%v, %s", err, tellBills(bills))
	}
	bills, err = b.Bills(t.Context(), localDays(t, b.Source, "2026-03-15", "2026-03-15"))
	if err != nil || len(bills) != 1 || money(bills[0].Amount) != "92.17" || bills[0].Applied != nil {
		t.Errorf("asked about one of both: %v, %s", err, tellBills(bills))
	}
}

func TestBills_NeedAUnit(t *testing.T) {
	b := against(t, cloud.Config{Data: building()}, func(c *Config) { c.Unit = "" })
	if _, err := b.Bills(t.Context(), energy.Interval{}); feeds.KindOf(err) != feeds.Misconfigured || !strings.HasPrefix(err.Error(), "unit: ") || len(b.asked) != 0 {
		t.Errorf("%v after %q", err, b.asked)
	}
}

func TestOrganization_IsTheOnlyOneOrThatOfTheProject(t *testing.T) {
	none := func(c *Config) { c.Unit, c.Project = "", "" }
	for name, c := range map[string]struct {
		data   cloud.Data
		change func(*Config)
		want   string
	}{
		"given":          {many(), func(c *Config) { c.Organization = idOf(1003) }, idOf(1003)},
		"of the project": {many(), nil, idOf(1)},
		"of the unit":    {many(), func(c *Config) { c.Project = "" }, idOf(1)},
		"the only one":   {building(), none, idOf(1)},
		"one of many":    {many(), none, "organization: is missing, and these credentials see 701 of them"},
	} {
		b := against(t, cloud.Config{Data: c.data}, c.change)
		got, err := b.organization(t.Context())
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
