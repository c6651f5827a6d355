package agent

import (
	"context"
	"time"

	"hearth/feeds"
)

// What the configuration asks sources to be told is looked at this often: an order that says nothing new asks its
// publisher at most.
const orderEvery = time.Hour

// orders carries out what the configuration asks the sources to be told, at the start and whenever that has changed:
// an order looks by itself whether there is anything to do. One that fails is tried again with the next look.
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
		draft, err := o.Prepare(ctx, feeds.Settings{}, pays)
		if err == nil && draft.Send != nil {
			if _, err = draft.Send(ctx); err == nil {
				log.Info("order carried out")
			}
		}
		if err != nil && ctx.Err() == nil {
			log.Warn("order is not carried out", "err", err)
		}
	}
}
