package listen

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"hearth/feeds"
)

// What the configuration asks sources to be told is looked at this often: an order that says nothing new asks its
// publisher at most.
const orderEvery = time.Hour

// orderKey is where the store has what was sent last, by source and order.
const orderKey = "order/"

// orders carries out what the configuration asks the sources to be told, whenever what they say has changed. One that
// fails is tried again with the next look.
func (c *Chorus) orders(ctx context.Context) error {
	for {
		wait := c.cfg.Cycle // for the first prices
		if pays := c.tariff.Load(); pays != nil {
			for _, k := range c.sources {
				c.order(ctx, k, *pays)
			}
			wait = orderEvery
		}
		if err := c.clock.Sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// order carries out the standing orders of one source.
func (c *Chorus) order(ctx context.Context, k asked, pays feeds.Tariff) {
	account, ok := k.Source.(feeds.Account)
	if !ok {
		return
	}
	for _, o := range account.Orders() {
		if !o.IsStanding {
			continue
		}
		log := c.log.With("source", k.Name(), "order", o.Name)
		draft, err := o.Prepare(ctx, feeds.Settings{}, others(pays, k.Name()))
		key, text := orderKey+k.Name()+"/"+o.Name, fmt.Sprintf("%x", sha256.Sum256([]byte(draft.Text)))
		last := c.sent(key)
		if err == nil && draft.Send != nil && text != last {
			if _, err = draft.Send(ctx); err == nil {
				log.Info("order carried out")
				err = c.noteSent(key, text)
			}
		}
		if err != nil && ctx.Err() == nil {
			log.Warn("order is not carried out", "err", err)
		}
	}
}

// sent is what was sent last; empty where nothing was, or where it cannot be read.
func (c *Chorus) sent(key string) (last string) {
	text, ok, err := c.store.Get(key)
	if err == nil && ok {
		err = json.Unmarshal(text, &last)
	}
	if err != nil {
		c.log.Warn("stored state is not readable: beginning without it", "key", key, "err", err)
	}
	return last
}

func (c *Chorus) noteSent(key, sent string) error {
	text, err := json.Marshal(sent)
	if err != nil {
		return err
	}
	return c.store.Put(key, text)
}
