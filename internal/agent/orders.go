package agent

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// What the configuration asks sources to be told is looked at this often: an order that says nothing new asks its
// publisher at most.
const orderEvery = time.Hour

// orderKey is where the store has what was sent last, by source and order.
const orderKey = "order/"

// orders carries out what the configuration asks the sources to be told, whenever what they say has changed. One that
// fails is tried again with the next look.
func (a *Agent) orders(ctx context.Context) error {
	for {
		wait := a.cfg.Cycle // for the first prices
		if pays := a.tariff.Load(); pays != nil {
			for _, k := range a.sources {
				a.order(ctx, k, *pays)
			}
			wait = orderEvery
		}
		if err := a.clock.Sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// order carries out the standing orders of one source.
func (a *Agent) order(ctx context.Context, k asked, pays feeds.Tariff) {
	account, ok := k.Source.(feeds.Account)
	if !ok {
		return
	}
	for _, o := range account.Orders() {
		if !o.IsStanding {
			continue
		}
		log := a.log.With("source", k.Name(), "order", o.Name)
		draft, err := o.Prepare(ctx, feeds.Settings{}, others(pays, k.Name()))
		key, text := orderKey+k.Name()+"/"+o.Name, fmt.Sprintf("%x", sha256.Sum256([]byte(draft.Text)))
		last := ""
		recallOne(a, key, &last)
		if err == nil && draft.Send != nil && text != last {
			if _, err = draft.Send(ctx); err == nil {
				log.Info("order carried out")
				err = a.putOne(key, text)
			}
		}
		if err != nil && ctx.Err() == nil {
			log.Warn("order is not carried out", "err", err)
		}
	}
}

// putOne writes one value to the store; unlike keep it may be called beside the cycle.
func (a *Agent) putOne(key string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return a.store.Put(key, text)
}

// others is a tariff without what one source has said.
func others(t feeds.Tariff, name string) feeds.Tariff {
	t.Import, t.Export = unsaid(t.Import, name), unsaid(t.Export, name)
	return t
}

func unsaid(s energy.Series[energy.Price], name string) energy.Series[energy.Price] {
	out := energy.Series[energy.Price]{Currency: s.Currency}
	for _, p := range s.Points {
		if p.Origin == nil || p.Origin.Source != name {
			out.Points = append(out.Points, p)
		}
	}
	return out
}
