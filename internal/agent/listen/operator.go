package listen

import (
	"fmt"
	"strings"
	"time"

	"hearth/api"
	"hearth/energy"
	"hearth/feeds"
	"hearth/openadr/ven"
)

// soon is how far ahead what an operator has announced is told.
const soon = 24 * time.Hour

// operator is a line for each limit that holds or is announced, and for each alert. They are no faults: we obey.
func (c *Chorus) operator(v followed, said ven.Curves, now time.Time) []api.Health {
	var lines []api.Health
	say := func(text string) { lines = append(lines, api.Health{Part: "operator " + v.name, OK: true, Text: text}) }
	ahead := energy.Span(now, soon)
	for _, side := range []struct {
		verb   string
		limits energy.Series[ven.Told[energy.Watts]]
	}{{"taken", said.MaxImport}, {"given", said.MaxExport}} {
		for _, p := range side.limits.Points {
			if p.Overlap(ahead).IsEmpty() {
				continue
			}
			say(fmt.Sprintf("at most %v may be %s %s", p.Value.Value, side.verb, c.span(p.Interval, now)))
		}
	}
	for _, a := range said.Alerts {
		if !a.Overlap(ahead).IsEmpty() {
			kind := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(a.Kind, "ALERT_"), "_", " "))
			say(fmt.Sprintf("alert, %s, %s: %s", kind, c.span(a.Interval, now), feeds.OneLine(a.Text)))
		}
	}
	return lines
}

// span says when something is, by the clock on the wall.
func (c *Chorus) span(i energy.Interval, now time.Time) string {
	end := i.End.In(c.cfg.Home.Zone).Format("Mon 15:04")
	if !i.Start.After(now) {
		return "until " + end
	}
	return "from " + i.Start.In(c.cfg.Home.Zone).Format("Mon 15:04") + " to " + end
}
