package fram

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
	"hearth/feeds"
	cloud "hearth/sim/cloud/fram"
)

// within asks a handler without a socket.
type within struct{ http.Handler }

func (h within) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result(), nil
}

// among is a source of a home whose publisher has some data, and answers 403 to some paths.
func among(t interface{ Fatal(...any) }, d cloud.Data, forbidden ...string) *Source {
	now := func() time.Time { return at("2026-07-15T18:00:00Z") }
	publisher := cloud.New(cloud.Config{Data: d, Now: now, ClientID: "hearth", ClientSecret: secret, Audience: audience})
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, path := range forbidden {
			if strings.HasSuffix(r.URL.Path, path) {
				http.Error(w, "{}", http.StatusForbidden)
				return
			}
		}
		publisher.ServeHTTP(w, r)
	})
	s, err := New(home(), feeds.Net{Now: now, HTTP: &http.Client{Transport: within{handler}}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var allTime = energy.Interval{Start: at("2020-01-01T00:00:00Z"), End: at("2040-01-01T00:00:00Z")}

// books are made-up bills of a home: payloads that share invoices, invoices that are not there or twice, payments that
// failed, and records that come again.
func books(t *rapid.T) cloud.Data {
	d := building()
	d.Payloads, d.Invoices, d.Transactions, d.Applications = nil, nil, nil, nil
	invoice := rapid.IntRange(40, 44)
	for n := range rapid.IntRange(1, 5).Draw(t, "payloads") {
		p := cloud.Payload{ID: idOf(100 + n), Project: idOf(2), Unit: pointer(idOf(3)), Start: fmt.Sprintf("2026-%02d-01", n/2+1), End: fmt.Sprintf("2026-%02d-28", n/2+1), Amount: dollars(float64(n))}
		if i := invoice.Draw(t, "invoice"); i > 40 {
			p.Invoice = pointer(idOf(i))
		}
		d.Payloads = append(d.Payloads, p)
	}
	amount := rapid.Int64Range(-5e9, 5e9)
	for range rapid.IntRange(0, 5).Draw(t, "invoices") {
		i := invoice.Draw(t, "invoice")
		d.Invoices = append(d.Invoices, cloud.Invoice{ID: idOf(i), Number: fmt.Sprint("N", i), Project: idOf(2), Unit: idOf(3), Status: "sent", Amount: energy.Money(rapid.SampledFrom([]int64{7e9, 8e9}).Draw(t, "amount"))})
	}
	status := rapid.SampledFrom([]string{"succeeded", "failed", "", "Pending"})
	for n := range 3 {
		d.Transactions = append(d.Transactions, cloud.Transaction{ID: idOf(50 + n), Project: idOf(2), Status: status.Draw(t, "status")})
	}
	for range rapid.IntRange(0, 7).Draw(t, "applications") {
		d.Applications = append(d.Applications, cloud.Application{
			ID: idOf(rapid.IntRange(60, 66).Draw(t, "id")), Transaction: idOf(rapid.IntRange(50, 53).Draw(t, "transaction")), Invoice: idOf(invoice.Draw(t, "invoice")), Amount: energy.Money(amount.Draw(t, "amount")),
		})
	}
	return d
}

// shuffled is the same lists in another order, with some records twice.
func shuffled[T any](t *rapid.T, all []T) []T {
	out := rapid.Permutation(all).Draw(t, "order")
	for range rapid.IntRange(0, min(2, len(all))).Draw(t, "again") {
		out = append(out, out[rapid.IntRange(0, len(out)-1).Draw(t, "which")])
	}
	return out
}

func TestBills_DoNotDependOnTheOrderOfLists(t *testing.T) {
	ctx := t.Context()
	rapid.Check(t, func(t *rapid.T) {
		d := books(t)
		first, err := among(t, d).Bills(ctx, allTime)
		if err != nil {
			t.Fatal(err)
		}
		d.Payloads, d.Invoices = shuffled(t, d.Payloads), shuffled(t, d.Invoices)
		d.Transactions, d.Applications = shuffled(t, d.Transactions), shuffled(t, d.Applications)
		second, err := among(t, d).Bills(ctx, allTime)
		if err != nil || tellBills(first) != tellBills(second) {
			t.Fatalf("%v, got\n%swant\n%s", err, tellBills(second), tellBills(first))
		}
	})
}

// What has been paid is the sum of what was applied and did not fail; where it is not said, and where the amount is the
// payload's although there is an invoice, a remark says why.
func TestBills_SayTheSumOrWhyThereIsNone(t *testing.T) {
	ctx := t.Context()
	rapid.Check(t, func(t *rapid.T) {
		d := books(t)
		bills, err := among(t, d).Bills(ctx, allTime)
		if err != nil || len(bills) != len(d.Payloads) {
			t.Fatal(bills, err)
		}
		failed := map[string]bool{}
		for _, x := range d.Transactions {
			failed[x.ID] = x.Status == "failed" || x.Status == "Pending"
		}
		for _, b := range bills {
			if b.Applied == nil {
				if b.Invoice != "" && len(b.Remarks) == 0 {
					t.Fatalf("nobody says why: %s", tellBills(bills))
				}
				continue
			}
			id, n := b.Invoice, 0
			if _, err := fmt.Sscanf(id, "N%d", &n); err == nil {
				id = idOf(n)
			}
			want, seen := energy.Money(0), map[string]bool{}
			for _, a := range d.Applications {
				if a.Invoice == id && !failed[a.Transaction] && !seen[a.ID] {
					want, seen[a.ID] = want+a.Amount, true
				}
			}
			if *b.Applied != want {
				t.Fatalf("%v was paid, want %v:\n%s%+v", *b.Applied, want, tellBills(bills), d.Applications)
			}
		}
	})
}

// A list that these credentials may not see leaves figures out of a bill, and says so; payloads are needed.
func TestBills_AreToldAsFarAsTheyMayBeSeen(t *testing.T) {
	for path, want := range map[string]string{
		"/invoices":                 `"92.17" USD "` + idOf(42) + `" "" ""|invoices: these credentials may not see them: `,
		"/transaction-applications": `"92.67" USD "2026-0042" "sent" ""|applications: these credentials may not see them: `,
		"/transactions":             `"92.67" USD "2026-0042" "sent" ""|transactions: these credentials may not see them: `,
	} {
		s := among(t, building(), path)
		bills, err := s.Bills(t.Context(), localDays(t, s, "2026-03-15", "2026-03-15"))
		line, remark, _ := strings.Cut(want, "|")
		if got := tellBills(bills); err != nil || !strings.Contains(got, line) || !strings.Contains(got, "remark "+remark) || strings.Count(got, "\n") != 3 {
			t.Errorf("%s: %v\n%s", path, err, got)
		}
	}
	for _, path := range []string{"/billing-payloads", "/oauth/token"} {
		s := among(t, building(), path)
		if bills, err := s.Bills(t.Context(), allTime); bills != nil || feeds.KindOf(err) != feeds.Misconfigured || (feeds.StatusOf(err) == http.StatusForbidden) != (path == "/billing-payloads") {
			t.Errorf("%s: %v, %v", path, bills, err)
		}
	}
}

func TestLedger_SaysWhatIsUnclear(t *testing.T) {
	const paid20 = `{"id":"a1","invoice_id":"i1","transaction_id":"t1","amount":20}`
	for name, c := range map[string]struct {
		invoices, applications []string
		want                   string
	}{
		"all is there":           {[]string{`{"id":"i1","number":"N1","amount":"5.10"}`}, []string{paid20}, `"5.1" "N1" "20" `},
		"told twice":             {[]string{`{"id":"i1","amount":5}`, `{"invoice_id":"i1","total_amount":5.0}`}, []string{paid20, paid20}, `"5" "i1" "20" `},
		"two invoices":           {[]string{`{"id":"i1","amount":5}`, `{"id":"i1","amount":6}`}, []string{paid20}, `"1" "i1" "20" invoice: two records of it differ`},
		"two applications":       {[]string{`{"id":"i1","amount":5}`}, []string{paid20, strings.Replace(paid20, "20", "21", 1)}, `"5" "i1" "" paid: the amount of a payment cannot be read, or two records of it differ`},
		"an amount without name": {[]string{`{"id":"i1","sum":5}`}, []string{strings.Replace(paid20, "amount", "sum", 1)}, `"1" "i1" "" invoice: amount: there is none|paid: the amount of a payment cannot be read, or two records of it differ`},
		"an amount that is none": {[]string{`{"id":"i1","amount":"five"}`}, nil, `"1" "i1" "0" invoice: amount: it is no amount, or two that differ`},
		"another invoice":        {[]string{`{"id":"i2","amount":5}`}, nil, `"1" "i1" "" invoice: it is not in the list of invoices`},
		"no ids":                 {[]string{`{"id":"i1","amount":5}`}, []string{`{"invoice_id":"i1","amount":2}`, `{"invoice_id":"i1","amount":2}`}, `"5" "i1" "4" `},
	} {
		l := ledger{payloads: map[string]int{"i1": 1}, invoices: map[string]invoice{}}
		for _, text := range c.invoices {
			if err := l.addInvoice(mustRead(t, text)); err != nil {
				t.Fatal(err)
			}
		}
		for _, text := range c.applications {
			if err := l.addApplication(mustRead(t, text)); err != nil {
				t.Fatal(err)
			}
		}
		one := dollars(1)
		b := l.bill(payload{invoice: "i1", amount: &one})
		if got := fmt.Sprintf("%q %q %q %s", money(b.Amount), b.Invoice, money(b.Applied), strings.Join(b.Remarks, "|")); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	var l ledger
	for _, add := range []func() error{
		func() error { return l.addInvoice(mustRead(t, `{"id":"i1","amount":5,"currency":"EUR"}`)) },
		func() error { return l.addApplication(mustRead(t, `{"id":"a1","currency":"CAD"}`)) },
	} {
		if err := add(); feeds.KindOf(err) != feeds.Misconfigured {
			t.Errorf("another currency: %v", err)
		}
	}
}

func TestBills_AskForManyInvoicesInParts(t *testing.T) {
	d := building()
	d.Payloads = nil
	for n := range 100 {
		id := idOf(2000 + n)
		d.Payloads = append(d.Payloads, cloud.Payload{ID: idOf(3000 + n), Project: idOf(2), Unit: pointer(idOf(3)), Start: "2026-03-01", End: "2026-03-31", Invoice: &id})
		d.Invoices = append(d.Invoices, cloud.Invoice{ID: id, Project: idOf(2), Unit: idOf(3)})
		d.Applications = append(d.Applications, cloud.Application{Transaction: idOf(51), Invoice: id, Amount: dollars(1)})
	}
	b := against(t, cloud.Config{Data: d}, nil)
	bills, err := b.Bills(t.Context(), allTime)
	if err != nil || len(bills) != 100 || b.count("transaction-applications?") != 3 {
		t.Errorf("%d bills, %v after %d questions", len(bills), err, b.count("transaction-applications?"))
	}
	for _, bill := range bills {
		if money(bill.Applied) != "1" {
			t.Fatal(tellBills(bills))
		}
	}
	for _, asked := range b.asked {
		if len(asked) > 2200 {
			t.Errorf("a question of %d characters", len(asked))
		}
	}
}
