package main

import (
	"fmt"
	"strings"
	"time"

	"hearth/scheduler"
)

// slotRules is how long slots are up to which time: "5m:3h,15m:24h,60m". Only the last rule has no time, and holds to
// the end; without one, the rule before it does.
type slotRules []scheduler.Rule

// UnmarshalText reads the text of a flag.
func (r *slotRules) UnmarshalText(text []byte) error {
	*r = nil
	parts := strings.Split(string(text), ",")
	for i, part := range parts {
		length, until, hasUntil := strings.Cut(part, ":")
		rule := scheduler.Rule{}
		var err error
		if rule.Slot, err = time.ParseDuration(length); err == nil && hasUntil {
			rule.Until, err = time.ParseDuration(until)
		}
		isLast := i == len(parts)-1
		if err != nil || rule.Slot <= 0 || hasUntil && rule.Until <= 0 || !hasUntil && !isLast {
			return fmt.Errorf("%q: want a length and up to when it holds, as in 5m:3h,15m:24h,60m", part)
		}
		*r = append(*r, rule)
	}
	return nil
}
