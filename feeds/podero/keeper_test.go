package podero

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
	"hearth/feeds/keep"
	cloud "hearth/sim/cloud/podero"
)

// clock is a time that is set by hand.
type clock struct{ now *time.Time }

func (c clock) Now() time.Time { return *c.now }

func (c clock) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

// constant is a yearly contract of one price.
func constant(price string) cloud.Contract {
	isWhole := true
	return cloud.Contract{
		ID: contractID, Building: building, Kind: "yearly", Currency: "EUR", IsWhole: &isWhole,
		Prices: []cloud.Price{{Price: json.Number(price), At: "2025-11-01T00:00:00+00:00"}},
	}
}

// A constant price is there for the days to come, day after day, and a new one takes its place at once.
func TestConstant_IsThereForAsFarAsIsAsked(t *testing.T) {
	old, fresh := open(t, cloud.Config{Contracts: []cloud.Contract{constant("0.2")}}), open(t, cloud.Config{Contracts: []cloud.Contract{constant("0.3")}})
	now := day.Start.Add(9 * time.Hour)
	s := old.source(t, nil)
	k := keep.New("podero", "home", keep.Parts{Source: s, Store: &feedtest.Memory{}, Clock: clock{&now}})
	for range 3 {
		old.now, fresh.now = now, now
		if err := k.Fetch(t.Context()); err != nil {
			t.Fatal(err)
		}
		ahead := energy.Span(now, 48*time.Hour)
		if v := k.Values(); len(v.Gaps(feeds.ImportPrice, ahead)) != 0 {
			t.Errorf("at %s: gaps %v", now, v.Gaps(feeds.ImportPrice, ahead))
		}
		now = now.Add(24 * time.Hour)
	}
	s.base = fresh.source(t, nil).base // as if the contract had changed
	s.client.Tokens = fresh.source(t, nil).client.Tokens
	if err := k.Fetch(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, isThere := k.Values().Import.At(now); !isThere || got.String() != "0.3" {
		t.Errorf("after the change the price is %v, %v", got, isThere)
	}
}

// What stands is carried out again whenever it is looked at, and that changes nothing.
func TestContract_StandsForDaysWithFewWrites(t *testing.T) {
	v := open(t, cloud.Config{})
	s := v.source(t, feeds.Settings{"building": building, "kind": "spot_hourly", "publish": "yes"})
	known := day
	for hour := range 72 {
		v.now = day.Start.Add(time.Duration(hour)*time.Hour + 5*time.Minute)
		if hour%24 == 14 { // the next day comes out
			known.End = known.End.Add(24 * time.Hour)
		}
		draft, err := prepare(t, s, tariffOf(known, time.Hour, 310, 280, 250))
		if err != nil {
			t.Fatal(err)
		}
		if draft.Send != nil {
			send(t, draft, err)
		}
	}
	if v.Writes() != 4 || len(v.Contracts()) != 1 { // the first time, and for each day that came out
		t.Errorf("%d writes of %d contracts in three days", v.Writes(), len(v.Contracts()))
	}
}
