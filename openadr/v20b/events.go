package v20b

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"hearth/openadr"
)

// Bounds of what is remembered.
const (
	maxEvents    = 1000
	maxWithdrawn = 1000
	maxContexts  = 100
	withdrawnFor = 24 * time.Hour // longer than any pause between polls
)

// take makes the VTN's list ours: it is complete, so what is not in it is withdrawn.
func (c *Client) take(d *distribution) {
	if len(d.Events) > maxEvents { // half a list is no list
		c.notes = append(c.notes, fmt.Errorf("%d events, more than %d", len(d.Events), maxEvents))
		return
	}
	now, listed := c.cfg.Now(), map[string]bool{}
	for i := range d.Events {
		e := &d.Events[i]
		e.ID = strings.TrimSpace(e.ID)
		if !isName(e.ID) {
			c.notes = append(c.notes, fmt.Errorf("event id %.40q: want 1 to %d characters", e.ID, maxName))
			continue
		}
		listed[e.ID] = true
		c.takeOne(e, strings.TrimSpace(d.RequestID), now)
	}
	c.withdrawOthers(listed, now)
}

// takeOne adopts a version of an event, and notes the reply that is owed to it.
func (c *Client) takeOne(e *event, request string, now time.Time) {
	old := c.know.Events[e.ID]
	number, err := strconv.ParseUint(strings.TrimSpace(e.Modification), 10, 32)
	if err != nil {
		number, err = uint64(old.Modification), fmt.Errorf("modification number %.20q is none", e.Modification)
	}
	r := reply{id: e.ID, modification: uint32(number), request: request, opt: optOut}
	if r.modification < old.Modification {
		if _, isOwed := c.owed[e.ID]; isOwed {
			return // to the newer one, further up in the list
		}
		r.code, r.description, r.opt = codeOutOfSequence, "an older version", c.optOf(e.ID)
	} else {
		next := slot{Modification: r.modification, Program: c.program(e.Context), Told: old.Told, Request: old.Request}
		if err == nil {
			err = c.fill(&next, &r, &old, e, now)
		}
		if err != nil {
			r.code, r.description = codeInvalidData, openadr.OneLine(err.Error())
			next.Fault = err.Error()
			if old.isListed() {
				next.Event, next.Until, next.Program, next.IsUseless = old.Event, old.Until, old.Program, old.IsUseless
			}
		}
		c.put(e.ID, next)
	}
	if strings.EqualFold(strings.TrimSpace(e.Response), "always") {
		c.owed[e.ID] = r
	}
}

// fill makes of an event what is to be known of it, and what to reply.
func (c *Client) fill(next *slot, r *reply, old *slot, e *event, now time.Time) error {
	status := strings.ToLower(strings.TrimSpace(e.Status))
	isTest := !isFalse(e.Test)
	isOver := status == "cancelled" || status == "canceled" || status == "completed"
	isOurs := e.Target.isFor(c.know.VENID, c.cfg.Resources)
	if isTest || isOver || !isOurs {
		next.Event, next.Until, next.Program, next.Withdrawn = old.Event, old.Until, c.program(e.Context), old.Withdrawn
		if next.Withdrawn.IsZero() {
			next.Withdrawn = now
		}
		if r.code, r.description, r.opt = codeOK, "OK", c.optOf(e.ID); !isOurs {
			r.code, r.description, r.opt = codeNotForUs, "for other targets", optOut
		}
		return nil
	}
	made, err := read(e, next.Program)
	if err != nil {
		return err
	}
	next.Event = made.Raw
	if !made.isEndless {
		next.Until = made.end.Add(2 * made.late)
	}
	for _, n := range made.notes {
		next.Notes = append(next.Notes, n.Error())
	}
	if next.IsUseless = !made.isUsed; next.IsUseless {
		r.code, r.description = codeNoSuchSignal, "no signal that this VEN follows"
	} else {
		r.code, r.description, r.opt = codeOK, "OK", c.optOf(e.ID)
	}
	return nil
}

// isFalse says that an event is no test: whatever else stands there, it must not act (profile 2.0b, testEvent).
func isFalse(test string) bool {
	test = strings.TrimSpace(test)
	return test == "" || strings.EqualFold(test, "false")
}

func (c *Client) put(id string, s slot) {
	if old, isKnown := c.know.Events[id]; !isKnown || !reflect.DeepEqual(old, s) {
		c.know.Events[id] = s
		c.isUnsaved = true
	}
	if s.isListed() && !slices.Contains(c.know.Contexts, s.Program) {
		c.know.Contexts = append(c.know.Contexts, s.Program)
		c.know.Contexts = c.know.Contexts[max(0, len(c.know.Contexts)-maxContexts):]
		c.isUnsaved = true
	}
}

// withdrawOthers withdraws what is not listed.
func (c *Client) withdrawOthers(listed map[string]bool, now time.Time) {
	for id, s := range c.know.Events {
		if !listed[id] && s.Withdrawn.IsZero() {
			s.Withdrawn, s.Fault, s.Notes = now, "", nil
			c.put(id, s)
			delete(c.owed, id)
		}
	}
}

// prune forgets what was withdrawn long ago, and the oldest of too much.
func (c *Client) prune(now time.Time) {
	var gone []string
	for _, id := range slices.Sorted(maps.Keys(c.know.Events)) {
		if !c.know.Events[id].Withdrawn.IsZero() {
			gone = append(gone, id)
		}
	}
	slices.SortStableFunc(gone, func(a, b string) int {
		return c.know.Events[a].Withdrawn.Compare(c.know.Events[b].Withdrawn)
	})
	for i, id := range gone {
		if age := now.Sub(c.know.Events[id].Withdrawn); age > withdrawnFor || i < len(gone)-maxWithdrawn {
			delete(c.know.Events, id)
			c.isUnsaved = true
		}
	}
}

// program is the id of the program that a market context is; events without one are of the VTN.
func (c *Client) program(context string) string {
	for _, name := range [...]string{strings.TrimSpace(context), c.know.VTNID} {
		if isName(name) {
			return name
		}
	}
	return "vtn"
}

// programOf makes a program as if it had come over the wire.
func programOf(name string) (p openadr.Program, err error) {
	p.ID, p.ProgramName, p.ObjectType = name, name, openadr.ObjectProgram
	raw, err := json.Marshal(p)
	if err == nil {
		err = json.Unmarshal(raw, &p)
	}
	if err != nil {
		return p, errors.Join(fmt.Errorf("program %.40q", name), err)
	}
	return p, nil
}

func number(n uint32) string { return strconv.FormatUint(uint64(n), 10) }
