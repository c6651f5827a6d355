package listen

import (
	"testing"
	"time"

	"hearth/openadr"
)

// What an operator asks is one line when it begins to hold and one when it is over; cycles and new editions of the same
// say nothing, a restart says it again.
func TestTellOrders_SaysABeginningAndAnEndOnce(t *testing.T) {
	d := atTable(t)
	utility := d.follow("utility", "EUR")
	d.open()
	const begins, ends = `msg="operator's order holds"`, `msg="operator's order is over"`
	expect := func(when string, begun, ended int) {
		t.Helper()
		if b, e := d.log.Says("level=INFO", begins), d.log.Says("level=INFO", ends); b != begun || e != ended {
			t.Errorf("%s: %d began and %d ended, want %d and %d", when, b, e, begun, ended)
		}
	}
	cycles := func(n int, step time.Duration) {
		for range n {
			d.clock.Move(step)
			d.signals(d.clock.Now())
		}
	}
	limit := event(t, "e1", "IMPORT_CAPACITY_LIMIT", "4.2", `,"eventName":"evening"`)
	utility.Said = []openadr.Event{limit}
	d.clock.Set(noon.Add(-time.Minute))
	d.poll("utility")
	cycles(5, 10*time.Second)
	expect("announced", 0, 0)
	cycles(5, 10*time.Second)
	expect("begun", 1, 0)
	if d.log.Says(begins, "vtn=utility", "event=e1", "kind=import_limit", `title="At most 4.2kW may be taken"`, "until=2026-05-12T13:00:00Z") != 1 {
		t.Error("not with its keys")
	}
	for _, name := range []string{"evening", "late evening"} {
		utility.Said = []openadr.Event{event(t, "e1", "IMPORT_CAPACITY_LIMIT", "4.2", `,"eventName":"`+name+`"`)}
		d.poll("utility")
		cycles(3, 10*time.Second)
	}
	expect("published again", 1, 0)
	d.open() // a restart
	cycles(2, 10*time.Second)
	expect("after a restart", 2, 0)
	utility.Said = append(utility.Said, event(t, "e2", "ALERT_FIRE", `"x"`, ""))
	d.poll("utility")
	cycles(2, 10*time.Second)
	expect("another", 3, 0)
	cycles(2, time.Hour)
	expect("over", 3, 2)
	if d.log.Says(ends, "vtn=utility", "event=e1", "until=2026-05-12T13:00:00Z") != 1 || d.log.Says(ends, "event=e2") != 1 {
		t.Error("the end is not with its keys")
	}
	cycles(3, time.Hour)
	expect("long over", 3, 2)
}

// What is withdrawn is over, another value is another order, and what never ends has no end in the log.
func TestTellOrders_AWithdrawalIsAnEnd(t *testing.T) {
	d := atTable(t)
	utility := d.follow("utility", "EUR")
	utility.Said = []openadr.Event{event(t, "e", "SIMPLE", "1", "")}
	d.open().signals(noon)
	utility.Said = []openadr.Event{event(t, "e", "SIMPLE", "2", "")}
	d.poll("utility")
	d.signals(noon)
	if d.log.Says("order is over", "moderate") != 1 || d.log.Says("order holds", "high") != 1 {
		t.Error("another level is another order")
	}
	endless := event(t, "f", "IMPORT_CAPACITY_LIMIT", "5", "")
	endless.IntervalPeriod.Duration = &openadr.Duration{Infinite: true}
	utility.Said = []openadr.Event{endless}
	d.poll("utility")
	d.signals(noon)
	if d.log.Says("order is over", "high") != 1 || d.log.Says("order holds", "event=f", "until=open") != 1 || len(d.chorus.holding) != 1 {
		t.Errorf("withdrawn for one without end: %+v", d.chorus.holding)
	}
}
