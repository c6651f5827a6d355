package discover

import (
	"fmt"
	"slices"
	"strings"
)

// Hazards adds to each thing what would surprise its owner: an order that the broker keeps for it, somebody else who
// gives it orders, a name that another thing has too, no timer of its own. Heard is all there is, with the topics that
// the things take orders at.
func Hazards(things []Thing, heard []Heard) {
	byTopic := map[string]Heard{}
	for _, h := range heard {
		byTopic[h.Topic] = h
	}
	names := map[string]int{}
	for _, t := range things {
		names[strings.ToLower(t.Name)]++
	}
	for i := range things {
		t := &things[i]
		_, commands := t.Topics()
		for _, topic := range commands {
			switch h, ok := byTopic[topic]; {
			case !ok || len(h.Payload) == 0:
			case h.IsRetained:
				t.Remarks = append(t.Remarks, fmt.Sprintf("the broker keeps the order %.40q at %s: it would be obeyed at every start; clear it", h.Payload, topic))
			default:
				t.Remarks = append(t.Remarks, fmt.Sprintf("somebody else gives it orders: %.40q at %s", h.Payload, topic))
			}
		}
		if names[strings.ToLower(t.Name)] > 1 {
			t.Remarks = append(t.Remarks, "another thing calls itself the same: see which is which before one is controlled")
		}
		if p := t.Profile(); p != nil && len(p.Actions) > 0 && p.Lease == nil {
			t.Remarks = append(t.Remarks, "unguarded: it keeps the last order if the agent falls silent")
		}
		if len(t.Fits) > 1 {
			var others []string
			for _, p := range t.Fits[1:] {
				others = append(others, p.ID)
			}
			t.Remarks = append(t.Remarks, "other profiles fit too: "+strings.Join(others, ", "))
		}
		slices.Sort(t.Remarks)
		t.Remarks = slices.Compact(t.Remarks)
	}
}
