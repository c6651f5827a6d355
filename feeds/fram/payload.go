package fram

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/fram/rate"
)

// payload is what was counted and charged for a unit in a billing period.
type payload struct {
	id, unit, invoice, status string
	period                    energy.Interval
	imported, exported, used  *energy.WattHours
	amount                    *energy.Money
	remarks                   []string // why a figure that is there was not read
}

// payloads are those of a unit, oldest first. What is of another unit, or of the whole project, is left out.
func (s *Source) payloads(ctx context.Context, project, unit string) ([]payload, error) {
	records, err := s.records(ctx, "payloads", url.Values{"project_id": {project}, "unit_id": {unit}, "sort": {"start_date:desc"}})
	if err != nil {
		return nil, err
	}
	var out []payload
	for i, n := range records {
		p, err := readPayload(n, s.zone)
		if err != nil {
			return nil, broken(err, "payloads", i)
		}
		if strings.EqualFold(p.unit, unit) {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b payload) int {
		if a.period.Start.Equal(b.period.Start) {
			return strings.Compare(a.id, b.id)
		}
		return a.period.Start.Compare(b.period.Start)
	})
	return out, nil
}

// readPayload reads what is said of the home; what is said of its tenant is not looked at.
func readPayload(n rate.Tree, zone *time.Location) (p payload, err error) {
	p = payload{
		id: n.Text("billing_payload_id", "payload_id", "id"), unit: n.Text("unit_id"), status: n.Text("status"),
		invoice: n.Text("invoice_id"),
	}
	if inner, _ := n.Child("invoice"); p.invoice == "" {
		p.invoice = inner.Text("invoice_id", "id")
	}
	if p.period, err = period(n, zone); err != nil {
		return p, err
	}
	for i, to := range []**energy.WattHours{&p.imported, &p.exported, &p.used} {
		if *to, err = n.Energy([]string{"import", "export", "usage"}[i]); err != nil {
			p.remarks = append(p.remarks, err.Error())
		}
	}
	if p.imported != nil && p.exported != nil && p.used != nil && *p.used+10 < *p.imported-*p.exported {
		p.remarks = append(p.remarks, "usage: it is less than what was imported and not exported")
	}
	p.amount, err = moneyOf(n)
	if inner, _ := n.Child("billing_amounts"); p.amount == nil && err == nil {
		p.amount, err = moneyOf(inner)
	}
	if err != nil && feeds.KindOf(err) != feeds.Misconfigured {
		p.remarks, err = append(p.remarks, err.Error()), nil
	}
	return p, err
}

// period is from the midnight of the first day to that after the last one, which is told as part of it.
func period(n rate.Tree, zone *time.Location) (energy.Interval, error) {
	first, err1 := date(n.Text("start_date", "period_start", "billing_period_start", "billing_start_date"))
	last, err2 := date(n.Text("end_date", "period_end", "billing_period_end", "billing_end_date"))
	if err := errors.Join(err1, err2); err != nil {
		return energy.Interval{}, err
	}
	if first == "" || last == "" || last < first {
		return energy.Interval{}, fmt.Errorf("the period is from %q to %q", first, last)
	}
	return energy.Interval{Start: dayOf(first, zone).Start.UTC(), End: dayOf(last, zone).End.UTC()}, nil
}

// date is a day, also where it is told as its midnight; empty where there is none.
func date(text string) (string, error) {
	day, clock, hasClock := strings.Cut(text, "T")
	if _, err := time.Parse(time.DateOnly, day); text != "" && err != nil || hasClock && strings.Trim(clock, "0:.Z") != "" {
		return "", fmt.Errorf("%q is no date", feeds.OneLine(text))
	}
	return day, nil
}

// dayOf is the local day of a date that was checked.
func dayOf(date string, zone *time.Location) energy.Interval {
	at, _ := time.ParseInLocation(time.DateTime, date+" 12:00:00", zone)
	return energy.Day(at, zone)
}

// Names under which an amount of money may stand.
var amounts = []string{"amount", "total_amount", "amount_due", "total_due", "billing_amount", "bill_amount", "invoice_amount", "amount_applied", "applied_amount"}

// moneyOf is the amount of a record; nil where there is none. Two that differ are none. Another currency is
// [feeds.Misconfigured].
func moneyOf(record rate.Tree) (*energy.Money, error) {
	if c := record.Text("currency"); c != "" && !strings.EqualFold(c, string(currency)) {
		return nil, feeds.Fail(feeds.Misconfigured, "in %q, not in %s", c, currency)
	}
	var found *energy.Money
	for _, name := range amounts {
		text := record.Text(name)
		if text == "" {
			continue
		}
		m, err := energy.ParseDecimalMoney(text)
		if err != nil || found != nil && *found != m {
			return nil, errors.New("amount: it is no amount, or two that differ")
		}
		found = &m
	}
	return found, nil
}
