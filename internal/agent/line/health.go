package line

import (
	"fmt"
	"strings"

	"hearth/api"
)

// Restore brings back what was known before the last stop. What cannot be read is named, and begun anew.
func (l *Line) Restore() (errs []error) {
	note := func(err error) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	note(l.VEN.Restore())
	if l.place != nil {
		note(l.place.Restore())
		note(l.outbox.Restore())
	}
	return errs
}

// Health is a line for each part beside the VEN that has trouble, or something to tell.
func (l *Line) Health() []api.Health {
	var lines []api.Health
	say := func(part, text string, isFine bool) {
		lines = append(lines, api.Health{Part: part + " " + l.cfg.Name, OK: isFine, Text: text})
	}
	if l.place != nil {
		if err := l.place.Err(); err != nil {
			say("enrolment", err.Error(), false)
		}
		l.reports(say)
	}
	if l.broker != nil && l.broker.Err() != nil {
		say("news", l.broker.Err().Error()+"; polling goes on", true)
	}
	if l.webhook != nil && l.webhook.Err() != nil {
		say("news", l.webhook.Err().Error()+"; polling goes on", true)
	}
	return lines
}

// reports says how the outbox fares, once there was anything to do.
func (l *Line) reports(say func(part, text string, isFine bool)) {
	s := l.outbox.State()
	switch {
	case s.Err != "":
		say("reports", fmt.Sprintf("%d wait: %s", s.Waiting, s.Err), false)
	case len(s.Declined) > 0:
		say("reports", "asked for, and cannot be made: "+strings.Join(s.Declined, "; "), true)
	case len(s.Withheld) > 0:
		say("reports", "asked for, and not allowed by the configuration: "+strings.Join(s.Withheld, ", "), true)
	case s.Sent > 0:
		say("reports", fmt.Sprintf("%d sent since the start", s.Sent), true)
	}
}
