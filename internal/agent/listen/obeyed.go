package listen

import (
	"slices"
	"time"

	"hearth/energy"
	"hearth/internal/agent/decide"
	"hearth/internal/config"
)

// Obeyed is what became of one operator's word in a time: the highest level of SIMPLE that the home went by, nil for
// none, and whether anything bent the plan. What was told and not followed counts for neither. It is not known of times
// that began longer ago than what he said is kept. It may be called from anywhere.
func (c *Chorus) Obeyed(name string, within energy.Interval) (level *int, isCurtailed, isKnown bool) {
	now := c.clock.Now()
	for _, v := range c.vens {
		if v.name != name || within.Start.Before(now.Add(-keptBack)) {
			continue
		}
		for _, o := range c.ordersOf(v, v.Signals(now).Curves, within) {
			isCurtailed = isCurtailed || o.Kind != decide.Notice && o.Kind != decide.Unfollowed
			if o.Level > 0 && (level == nil || o.Level > *level) {
				level = &o.Level
			}
		}
		isKnown = true
	}
	return level, isCurtailed, isKnown
}

// keptBack is how long what an operator said stays in his timeline.
const keptBack = 24 * time.Hour

// IsOptedOut says that the people of the home do not take part in what an operator asks; his limits hold all the same.
func (c *Chorus) IsOptedOut(name string) bool {
	return slices.ContainsFunc(c.cfg.OpenADR, func(v config.VTN) bool { return v.Name == name && v.IsOptedOut })
}
