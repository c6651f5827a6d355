package fram

import (
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"hearth/feeds"
	"hearth/feeds/fram/rate"
	cloud "hearth/sim/cloud/fram"
)

func TestMoneyOf_IsExact(t *testing.T) {
	for record, want := range map[string]string{
		`{}`:                                      "",
		`{"amount":null}`:                         "",
		`{"amount":"$5"}`:                         "amount: it is no amount, or two that differ",
		`{"amount":0.1}`:                          "0.1",
		`{"total_amount":"123456.123456789"}`:     "123456.123456789",
		`{"amount":-12.5,"currency":"usd"}`:       "-12.5",
		`{"amount":5,"totalAmount":5.00}`:         "5",
		`{"amount":5,"amount_due":4}`:             "amount: it is no amount, or two that differ",
		`{"amount":1e300}`:                        "amount: it is no amount, or two that differ",
		`{"amount":5,"currency":"EUR"}`:           `in "EUR", not in USD`,
		`{"currency":"EUR"}`:                      `in "EUR", not in USD`,
		`{"user":{"amount":7},"amount_paid":3.0}`: "",
	} {
		m, err := moneyOf(mustRead(t, record))
		got := money(m)
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", record, got, want)
		}
	}
}

func TestDate_IsADayOrItsMidnight(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "2026-07-15": "2026-07-15", "2026-07-15T00:00:00Z": "2026-07-15", "2026-07-15T00:00:00.000Z": "2026-07-15",
		"2026-07-15T07:00:00Z": "error", "2026-7-15": "error", "15.07.2026": "error", "2026-02-29": "error", "T": "error",
	} {
		got, err := date(text)
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestPeriod_EndsAtTheMidnightAfterItsLastDay(t *testing.T) {
	zone, err := time.LoadLocation(zoneName)
	if err != nil {
		t.Fatal(err)
	}
	for record, want := range map[string]string{
		`{"start_date":"2026-03-08","end_date":"2026-03-08"}`:                     "23h0m0s",
		`{"period_start":"2026-11-01","period_end":"2026-11-01"}`:                 "25h0m0s",
		`{"billing_period_start":"2026-01-01","billing_period_end":"2026-12-31"}`: "8760h0m0s",
		`{"startDate":"2026-01-01T00:00:00Z","endDate":"2026-01-02"}`:             "48h0m0s",
		`{"start_date":"2026-01-02","end_date":"2026-01-01"}`:                     "error",
		`{"start_date":"2026-01-02"}`:                                             "error",
		`{"start_date":"soon","end_date":"2026-01-01"}`:                           "error",
	} {
		p, err := period(mustRead(t, record), zone)
		got := p.Length().String()
		if err != nil {
			got = "error"
		}
		if got != want || err == nil && (p.Start.Location() != time.UTC || p.Start.In(zone).Hour() != 0 || p.End.In(zone).Hour() != 0) {
			t.Errorf("%s: %v, want %s", record, p, want)
		}
	}
}

// An application whose amount cannot be read leaves open what was paid; one of a payment that failed counts nothing.
func TestBills_SayOnlyWhatWasPaidForSure(t *testing.T) {
	for status, want := range map[string]string{"succeeded": "30", "": "30", "Settled": "30", "pending": "10", "VOIDED": "10"} {
		d := building()
		d.Invoices = d.Invoices[1:2]
		d.Transactions = []cloud.Transaction{{ID: idOf(51), Project: idOf(2), Status: "succeeded"}, {ID: idOf(52), Project: idOf(2), Status: status}}
		d.Applications = []cloud.Application{{Transaction: idOf(51), Invoice: idOf(42), Amount: dollars(10)}, {Transaction: idOf(52), Invoice: idOf(42), Amount: dollars(20)}}
		b := against(t, cloud.Config{Data: d}, nil)
		bills, err := b.Bills(t.Context(), localDays(t, b.Source, "2026-03-15", "2026-03-15"))
		if err != nil || len(bills) != 1 || money(bills[0].Applied) != want {
			t.Errorf("%q: %v, %s", status, err, tellBills(bills))
		}
	}
	d := building()
	d.Applications = nil
	b := against(t, cloud.Config{Data: d}, nil)
	bills, err := b.Bills(t.Context(), localDays(t, b.Source, "2026-03-15", "2026-03-15"))
	if err != nil || money(bills[0].Applied) != "0" || b.count("transactions?") != 0 {
		t.Errorf("nothing was paid: %v, %s after %q", err, tellBills(bills), b.asked)
	}
}

// byPath answers with a document for each path.
type byPath map[string]string

func (d byPath) RoundTrip(r *http.Request) (*http.Response, error) {
	return transport(func() string { return d[r.URL.Path] }).RoundTrip(r)
}

// Which of two rates is taken does not depend on their order.
func TestNewest_DoesNotDependOnTheOrder(t *testing.T) {
	s, err := New(home(), feeds.Net{})
	if err != nil {
		t.Fatal(err)
	}
	old := filing{ID: "1", Code: "E-ELEC", Effective: "2026-01-01", Map: raw(`{"flat":1}`)}
	late := filing{ID: "2", Code: "E-ELEC", Effective: "2026-07-01", Map: raw(`{"flat":2}`)}
	other := late
	other.ID, other.Map = "3", raw(`{"flat":3}`)
	for _, rates := range [][]filing{{old, late}, {late, old}, {old, late, late}} {
		b := newBook(s)
		if r, err := b.newest("2026-07-15", rates); err != nil || r.ID != "2" || len(b.odd.All()) != 1 {
			t.Errorf("%+v, %v, %q", r, err, b.odd.All())
		}
	}
	for _, rates := range [][]filing{{other, late}, {late, old, other}} {
		if _, err := newBook(s).newest("2026-07-15", rates); feeds.KindOf(err) != feeds.Temporary || err == nil {
			t.Errorf("two that differ: %v", err)
		}
	}
}

func TestSource_IsAskedByManyAtOnce(t *testing.T) {
	cfg := home()
	cfg.Project = ""
	s, err := New(cfg, feeds.Net{})
	if err != nil {
		t.Fatal(err)
	}
	s.client.HTTP = &http.Client{Transport: byPath{"/api/v1/units/" + idOf(3): `{"project_id":"` + idOf(2) + `"}`, "/api/v1/projects/" + idOf(2): `{"organization_id":"` + idOf(1) + `"}`}}
	s.client.Tokens = nil
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if o, err := s.organization(t.Context()); err != nil || o != idOf(1) {
				t.Error(o, err)
			}
		})
	}
	all.Wait()
}

func TestAsk_LeavesOutWhatIsEmpty(t *testing.T) {
	s, asked := answering(t, home(), http.StatusOK, []byte(`{}`))
	filter := url.Values{"project_id": {idOf(2)}, "unit_id": {""}, "invoice_ids": {"", "a"}}
	if _, err := s.ask(t.Context(), "payloads", "", filter); err != nil || (*asked)[0].Encode() != "invoice_ids=a&project_id="+idOf(2) || len(filter) != 3 || len(filter["invoice_ids"]) != 2 {
		t.Errorf("%v, %v, %v", err, *asked, filter)
	}
}

func mustRead(t *testing.T, text string) rate.Tree {
	t.Helper()
	n, err := rate.Read([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return n
}
