package openadr

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// List is what a VTN listed: the objects in its order, each id once, and what could not be read.
type List[T any] struct {
	Items     []T
	Malformed []Malformed
}

// Malformed is an element that was left out of a list.
type Malformed struct {
	ID  string // empty if even that could not be read
	Err error
}

// object is what lists are made of.
type object interface {
	Program | Event | Report | VENObject | Resource | Subscription
	identity() Metadata
}

// collector gathers the pages of a walk.
type collector[T object] struct {
	list  List[T]
	at    map[string]int  // index of an id in list.Items
	wrong map[string]bool // texts of malformed elements already listed
}

func newCollector[T object]() *collector[T] {
	return &collector[T]{at: map[string]int{}, wrong: map[string]bool{}}
}

// add reads one page. It returns the number of elements, and of those not seen on an earlier page: an
// insertion during the walk shifts a known one onto the next page.
func (c *collector[T]) add(body []byte) (count, fresh int, err error) {
	elements, err := elements(body)
	if err != nil {
		return 0, 0, err
	}
	for _, raw := range elements {
		if c.addOne(raw) {
			fresh++
		}
	}
	return len(elements), fresh, nil
}

func (c *collector[T]) addOne(raw json.RawMessage) (isFresh bool) {
	var item T
	err := json.Unmarshal(raw, &item)
	if err == nil {
		err = item.identity().check()
	}
	if err != nil {
		if isFresh = !c.wrong[string(raw)]; isFresh {
			c.wrong[string(raw)] = true
			c.list.Malformed = append(c.list.Malformed, Malformed{idOf(raw), err})
		}
		return isFresh
	}
	meta := item.identity()
	i, isKnown := c.at[meta.ID]
	switch {
	case !isKnown:
		c.at[meta.ID] = len(c.list.Items)
		c.list.Items = append(c.list.Items, item)
	case meta.Modified.After(c.list.Items[i].identity().Modified.Time):
		c.list.Items[i] = item
	}
	return !isKnown
}

// elements cuts a list into its elements. A lone object counts as a list of one, as 3.0.0 had it.
func elements(body []byte) ([]json.RawMessage, error) {
	body = bytes.TrimSpace(body)
	if len(body) > 0 && body[0] == '{' {
		if idOf(body) == "" {
			return nil, errors.New("answer is an object without an id, not a list")
		}
		return []json.RawMessage{body}, nil
	}
	var list []json.RawMessage
	if err := json.Unmarshal(body, &list); err != nil {
		return nil, fmt.Errorf("answer is not a list: %w", err)
	}
	if list == nil {
		return nil, errors.New("answer is null, not a list")
	}
	return list, nil
}

func idOf(raw json.RawMessage) string {
	var o struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(raw, &o) != nil || len(o.ID) > maxID {
		return ""
	}
	return o.ID
}

// only is the list without the items that are not wanted, the malformed as they are.
func (l List[T]) only(isWanted func(T) bool) List[T] {
	l.Items = slices.DeleteFunc(l.Items, func(item T) bool { return !isWanted(item) })
	return l
}
