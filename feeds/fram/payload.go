package fram

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// payload is what was counted and charged for a unit in a billing period.
type payload struct {
	id, unit, invoice, status string
	period                    energy.Interval
	imported, exported, used  *energy.WattHours
	amount                    *energy.Money
	remarks                   []string // why a figure that is there was not read
}

// readPayload reads what is said of the home; what is said of its tenant is not looked at.
func readPayload(raw json.RawMessage, zone *time.Location) (payload, error) {
	n, err := parse(raw)
	if err != nil {
		return payload{}, err
	}
	p := payload{
		id: textOf(n, "billingpayloadid", "payloadid", "id"), unit: textOf(n, "unitid"),
		invoice: textOf(n, "invoiceid"), status: textOf(n, "status"),
	}
	if inner, has := n.child("invoice"); has && p.invoice == "" {
		p.invoice = textOf(inner, "invoiceid", "id")
	}
	if p.period, err = period(n, zone); err != nil {
		return p, err
	}
	remark := func(err error) {
		if err != nil {
			p.remarks = append(p.remarks, fmt.Sprintf("%s: %v", p.period.Start.In(zone).Format(time.DateOnly), err))
		}
	}
	for i, to := range []**energy.WattHours{&p.imported, &p.exported, &p.used} {
		*to, err = energyOf(n, []string{"import", "export", "usage"}[i])
		remark(err)
	}
	if p.imported != nil && p.exported != nil && p.used != nil && *p.used+10 < *p.imported-*p.exported {
		remark(errors.New("usage: it is less than what was imported and not exported"))
	}
	if p.amount, err = moneyOf(n); feeds.KindOf(err) == feeds.Misconfigured {
		return p, err
	}
	if inner, has := n.child("billingamounts"); has && p.amount == nil && err == nil {
		p.amount, err = moneyOf(inner)
	}
	remark(err)
	return p, nil
}

// period is from the midnight of the first day to that after the last one, which is told as part of it.
func period(n node, zone *time.Location) (energy.Interval, error) {
	first, err1 := date(textOf(n, "startdate", "periodstart", "billingperiodstart", "billingstartdate"))
	last, err2 := date(textOf(n, "enddate", "periodend", "billingperiodend", "billingenddate"))
	if err := errors.Join(err1, err2); err != nil {
		return energy.Interval{}, err
	}
	if first == "" || last == "" || last < first {
		return energy.Interval{}, fmt.Errorf("the period is from %q to %q", first, last)
	}
	return energy.Interval{Start: dayOf(first, zone).Start.UTC(), End: dayOf(last, zone).End.UTC()}, nil
}

// dayOf is the local day of a date that was checked.
func dayOf(date string, zone *time.Location) energy.Interval {
	at, _ := time.Parse(time.DateOnly, date)
	return energy.Day(time.Date(at.Year(), at.Month(), at.Day(), 12, 0, 0, 0, zone), zone)
}
