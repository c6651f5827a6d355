package listen

import (
	"slices"

	"hearth/energy"
	"hearth/internal/agent/decide"
	"hearth/internal/config"
)

// Obeyed is what one operator asks now: the level of SIMPLE that was told, nil for none, and whether anything bends the
// plan. It may be called from anywhere.
func (c *Chorus) Obeyed(name string) (level *int, isCurtailed bool) {
	now := c.clock.Now()
	for _, v := range c.vens {
		if v.name != name {
			continue
		}
		said := v.Signals(now).Curves
		if told, ok := said.Level.At(now); ok {
			level = &told.Value
		}
		for _, o := range c.ordersOf(v, said, energy.Span(now, 1)) {
			isCurtailed = isCurtailed || o.Kind != decide.Notice && o.Kind != decide.Unfollowed
		}
	}
	return level, isCurtailed
}

// IsOptedOut says that the people of the home do not take part in what an operator asks; his limits hold all the same.
func (c *Chorus) IsOptedOut(name string) bool {
	return slices.ContainsFunc(c.cfg.OpenADR, func(v config.VTN) bool { return v.Name == name && v.IsOptedOut })
}
