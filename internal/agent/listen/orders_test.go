package listen

import (
	"context"
	"errors"
	"slices"
	"testing"

	"hearth/energy"
	"hearth/feeds"
)

func TestOrders_AreCarriedOutWhenThereIsSomethingToDo(t *testing.T) {
	d := atTable(t)
	p := d.publishes("account")
	p.Says = feeds.Values{Import: euro(0.5)}
	d.publishes("exchange").Says = feeds.Values{Import: euro(0.4, 0.3)}
	var sent []string
	var fails error
	text := "a"
	order := func(name string, isStanding bool) feeds.Order {
		return feeds.Order{Name: name, IsStanding: isStanding, Prepare: func(_ context.Context, _ feeds.Settings, pays feeds.Tariff) (feeds.Draft, error) {
			if p := pays.Import.Points; len(p) != 1 || p[0].Value != energy.PriceOf(0.3) {
				t.Errorf("what the account has said itself is no news to it: %+v", p)
			}
			return feeds.Draft{Text: "write " + text, Send: func(context.Context) (feeds.Table, error) {
				sent = append(sent, name)
				return feeds.Table{}, nil
			}}, fails
		}}
	}
	p.Takes = []feeds.Order{order("contract", true), order("budget", false)}
	d.open()
	d.chorus.AskAll(d.Context())
	d.chorus.NotePays(d.signals(noon))
	for range 3 {
		d.chorus.order(t.Context(), d.chorus.sources[0], *d.chorus.tariff.Load())
	}
	if !slices.Equal(sent, []string{"contract"}) || d.log.Says("order carried out", "source=account", "order=contract") != 1 {
		t.Errorf("sent %v", sent)
	}
	d.open() // what was sent is known after a restart
	d.chorus.AskAll(d.Context())
	d.chorus.NotePays(d.signals(noon))
	d.chorus.order(t.Context(), d.chorus.sources[0], *d.chorus.tariff.Load())
	text = "b"
	d.chorus.order(t.Context(), d.chorus.sources[0], *d.chorus.tariff.Load())
	if !slices.Equal(sent, []string{"contract", "contract"}) {
		t.Errorf("after a restart and a change, sent %v", sent)
	}
	fails = errors.New("the publisher is asleep")
	d.chorus.order(t.Context(), d.chorus.sources[0], *d.chorus.tariff.Load())
	if d.log.Says("level=WARN", "order is not carried out", "asleep") != 1 {
		t.Error("nothing is said of an order that fails")
	}
}
