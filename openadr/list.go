package openadr

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"time"
)

// List is what a VTN listed: the objects in its order, each id once, and what could not be read.
type List[T any] struct {
	Items     []T
	Malformed []Malformed
	LeftOut   int // objects that the query did not want
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

// collector gathers the pages of a walk. Of what is not wanted it keeps the id.
type collector[T object] struct {
	list     List[T]
	isWanted func(T) bool // nil: everything is
	seen     map[string]sight
	wrong    map[uint64]bool // hashes of malformed elements already listed
	seed     maphash.Seed
	size     int // bytes of all elements that were kept
}

// sight is the newest version of an object that was seen.
type sight struct {
	at       int // index in list.Items; leftOut
	modified time.Time
}

const leftOut = -1

func newCollector[T object](isWanted func(T) bool) *collector[T] {
	return &collector[T]{isWanted: isWanted, seen: map[string]sight{}, wrong: map[uint64]bool{}, seed: maphash.MakeSeed()}
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
		sum := maphash.Bytes(c.seed, raw)
		if isFresh = !c.wrong[sum]; isFresh {
			c.wrong[sum] = true
			c.list.Malformed = append(c.list.Malformed, Malformed{idOf(raw), err})
		}
		return isFresh
	}
	meta := item.identity()
	old, isKnown := c.seen[meta.ID]
	if !isKnown {
		old.at = leftOut
	} else if !meta.Modified.After(old.modified) {
		return false
	}
	c.seen[meta.ID] = sight{c.place(item, old.at, len(raw)), meta.Modified.Time}
	return !isKnown
}

// place keeps a version of an object, in the place of the one before, and says where. One that is no longer
// wanted stays in its place, to be taken out in the end: see [collector.result].
func (c *collector[T]) place(item T, at, size int) int {
	switch isWanted := c.isWanted == nil || c.isWanted(item); {
	case at != leftOut:
		c.list.Items[at] = item
	case !isWanted:
		return leftOut
	default:
		at = len(c.list.Items)
		c.list.Items = append(c.list.Items, item)
	}
	c.size += size
	return at
}

// result is what was wanted, after the last page.
func (c *collector[T]) result() List[T] {
	if c.isWanted != nil {
		c.list = c.list.only(c.isWanted)
		c.list.Items = slices.Clip(c.list.Items)
	}
	c.list.LeftOut = len(c.seen) - len(c.list.Items)
	return c.list
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
