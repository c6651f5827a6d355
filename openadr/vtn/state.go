package vtn

import (
	"encoding/json"
	"fmt"

	"hearth/openadr"
)

// state is what outlives a VTN: all objects but reports, which are many and of the past, and no tokens.
type state struct {
	Programs      []any               `json:"programs"`
	Events        []openadr.Event     `json:"events"`
	VENs          []openadr.VENObject `json:"vens"`
	Resources     []openadr.Resource  `json:"resources"`
	Subscriptions []keptSubscription  `json:"subscriptions"`
	Count         int                 `json:"count"` // ids ever made, so that none is made twice
}

// keptSubscription shows the bearer tokens, in the order of the operations.
type keptSubscription struct {
	openadr.Subscription
	Tokens []string `json:"tokens"`
}

// Save is everything that [VTN.Load] needs to go on, with the bearer tokens of subscriptions: keep it secret.
func (v *VTN) Save() ([]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	s := state{Events: v.events.items, VENs: v.vens.items, Resources: v.resources.items, Count: v.count}
	for _, p := range v.programs.items {
		s.Programs = append(s.Programs, whole(p))
	}
	for _, o := range v.subscriptions.items {
		kept := keptSubscription{Subscription: o}
		for _, op := range o.ObjectOperations {
			kept.Tokens = append(kept.Tokens, string(op.BearerToken))
		}
		s.Subscriptions = append(s.Subscriptions, kept)
	}
	return json.Marshal(s)
}

// Load takes what [VTN.Save] gave, in place of all there is but reports. Nobody is told. After an error nothing has
// changed.
func (v *VTN) Load(text []byte) error {
	var s struct {
		state
		Programs []openadr.Program `json:"programs"`
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return fmt.Errorf("load vtn: %w", err)
	}
	for i := range s.VENs {
		s.VENs[i].Raw = nil
	}
	for i := range s.Resources {
		s.Resources[i].Raw = nil
	}
	for i := range s.Events {
		s.Events[i].Raw = nil
	}
	subscriptions := make([]openadr.Subscription, len(s.Subscriptions))
	for i, kept := range s.Subscriptions {
		for n := range kept.ObjectOperations {
			kept.ObjectOperations[n].BearerToken = ""
			if n < len(kept.Tokens) {
				kept.ObjectOperations[n].BearerToken = openadr.Secret(kept.Tokens[n])
			}
		}
		subscriptions[i] = kept.Subscription
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.programs.items, v.events.items, v.vens.items = s.Programs, s.Events, s.VENs
	v.resources.items, v.subscriptions.items, v.count = s.Resources, subscriptions, s.Count
	return nil
}
