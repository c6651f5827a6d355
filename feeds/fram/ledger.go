package fram

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/fram/rate"
)

// ledger is what lists say of bills. In which order they say it makes no difference.
type ledger struct {
	payloads     map[string]int // how many there are of each invoice
	invoices     map[string]invoice
	applications []application
	unpaid       map[string]bool // transactions that have moved no money
	blind        string          // why a list was not seen; empty: all were
}

// invoice is what was sent to be paid.
type invoice struct {
	number, status string
	amount         energy.Money
	err            error // why there is no amount
}

// application is a part of a transaction that pays a part of an invoice.
type application struct {
	id, invoice, transaction string
	amount                   energy.Money
	isUnclear                bool // there is no amount, or there are two
}

// Where an id may stand.
var (
	invoiceID     = []string{"invoice_id", "id"}
	applicationID = []string{"transaction_application_id", "application_id", "id"}
)

var (
	errNoAmount = errors.New("amount: there is none")
	errDiffer   = errors.New("two records of it differ")
)

// need is an amount, or why there is none. Another currency is fatal.
func need(n rate.Tree) (m energy.Money, why, fatal error) {
	found, err := moneyOf(n)
	switch {
	case feeds.KindOf(err) == feeds.Misconfigured:
		return 0, nil, err
	case err != nil:
		return 0, err, nil
	case found == nil:
		return 0, errNoAmount, nil
	}
	return *found, nil, nil
}

func (l *ledger) addInvoice(n rate.Tree) (err error) {
	i := invoice{number: n.Text("invoice_number", "number"), status: n.Text("status")}
	if i.amount, i.err, err = need(n); err != nil {
		return err
	}
	id := n.Text(invoiceID...)
	if other, isTwice := l.invoices[id]; isTwice && fmt.Sprint(other) != fmt.Sprint(i) {
		i = invoice{err: errDiffer}
	}
	l.invoices[id] = i
	return nil
}

func (l *ledger) addApplication(n rate.Tree) (err error) {
	a := application{id: n.Text(applicationID...), invoice: n.Text("invoice_id"), transaction: n.Text("transaction_id")}
	var why error
	if a.amount, why, err = need(n); err != nil {
		return err
	}
	a.isUnclear = why != nil
	at := slices.IndexFunc(l.applications, func(o application) bool { return a.id != "" && a.id == o.id })
	switch {
	case at < 0:
		l.applications = append(l.applications, a)
	case l.applications[at] != a:
		l.applications[at].isUnclear, a.isUnclear = true, true
		l.applications = append(l.applications, a)
	}
	return nil
}

// bill is what a payload says, with its invoice. An invoice of several payloads says nothing of either.
func (l *ledger) bill(p payload) feeds.Bill {
	b := feeds.Bill{
		Period: p.period, Imported: p.imported, Exported: p.exported, Used: p.used,
		Amount: p.amount, Currency: currency, Invoice: p.invoice, Status: p.status, Remarks: slices.Clone(p.remarks),
	}
	if p.invoice == "" {
		return b
	}
	i, isThere := l.invoices[p.invoice]
	b.Invoice, b.Status = cmp.Or(i.number, p.invoice), cmp.Or(i.status, p.status)
	switch {
	case isThere && l.payloads[p.invoice] > 1:
		b.Remarks = append(b.Remarks, fmt.Sprintf("invoice: it is of %d payloads, and nobody knows which part is of this one", l.payloads[p.invoice]))
		return b
	case isThere && i.err == nil:
		b.Amount = &i.amount
	case isThere:
		b.Remarks = append(b.Remarks, "invoice: "+i.err.Error())
	case l.blind == "":
		b.Remarks = append(b.Remarks, "invoice: it is not in the list of invoices")
		return b
	}
	if l.blind != "" {
		b.Remarks = append(b.Remarks, l.blind)
		return b
	}
	paid, err := l.applied(p.invoice)
	if err != nil {
		b.Remarks = append(b.Remarks, "paid: "+err.Error())
		return b
	}
	b.Applied = &paid
	return b
}

// applied is how much of an invoice was paid.
func (l *ledger) applied(invoice string) (sum energy.Money, err error) {
	for _, a := range l.applications {
		if a.invoice == invoice && !l.unpaid[a.transaction] {
			if a.isUnclear {
				return 0, errors.New("the amount of a payment cannot be read, or two records of it differ")
			}
			sum += a.amount
		}
	}
	return sum, nil
}
