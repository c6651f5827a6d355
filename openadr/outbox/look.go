package outbox

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"hearth/openadr/report"
)

// settle is how long after its end a time is reported on: the last measurements of it are still on their way.
const settle = time.Minute

// dataQuality is a descriptor that goes with all others (report-payloads, DATA_QUALITY).
const dataQuality = "DATA_QUALITY"

// Look puts what has become due by now into the outbox, and keeps it. The reports are made before the lock is taken: a
// long one reads weeks of measurements.
func (o *Outbox) Look(now time.Time) {
	var made []letter
	var withheld, declined []string
	seen := map[string]bool{}
	for _, a := range o.parts.Asks() {
		key := a.Key()
		seen[key] = true
		payload := a.Event.ReportDescriptors[a.Index].PayloadType
		switch {
		case payload == dataQuality:
		case !slices.Contains(o.cfg.Payloads, payload):
			note(&withheld, payload)
		default:
			letters, err := o.write(a, key, now)
			if made = append(made, letters...); err != nil {
				note(&declined, err.Error())
			}
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.state.Withheld, o.state.Declined = withheld, declined
	for _, l := range made {
		o.take(l)
	}
	for key, sent := range o.done { // an event that comes back within the day is the same one
		if !seen[key] && now.Sub(sent.Until).Abs() > 24*time.Hour {
			delete(o.done, key)
			o.isDirty = true
		}
	}
	o.bound()
	if o.isDirty {
		o.save()
	}
}

// write makes what is due of an ask. The error says why it cannot be answered, or not in full.
func (o *Outbox) write(a report.Ask, key string, now time.Time) ([]letter, error) {
	if err := a.Check(); err != nil {
		return nil, err
	}
	var out []letter
	for _, w := range report.Due(a, o.done[key], now.Add(-settle)) {
		l := letter{Ask: key, IsForecast: w.IsForecast, window: w}
		r, err := report.Make(a, w, o.parts.Resources(), o.parts.Meter, o.cfg.Client)
		switch {
		case errors.Is(err, report.ErrNothing):
			return append(out, l), err // there is nothing to tell of this window, now or later
		case err != nil:
			return out, err
		case len(r.ReportName) > maxName:
			return out, fmt.Errorf("report on event %s: a name of %d characters", a.Event.ID, len(r.ReportName))
		}
		l.Report = r
		out = append(out, l)
	}
	return out, nil
}

// take queues a letter, unless it is empty. The first one of an ask since the start may have been sent before it: the
// store is written now and then.
func (o *Outbox) take(l letter) {
	o.done[l.Ask] = o.done[l.Ask].With(l.window)
	o.isDirty = true
	if l.Report.ReportName == "" {
		return
	}
	if l.IsForecast {
		o.queue = slices.DeleteFunc(o.queue, func(x letter) bool {
			return x.IsForecast && x.Ask == l.Ask && x.Report.ReportName != l.Report.ReportName
		})
	}
	l.isTried = !o.begun[l.Ask]
	o.begun[l.Ask] = true
	o.queue = append(o.queue, l)
}

// maxName is the longest name of a report (openadr3.yaml, report).
const maxName = 128

// maxWaiting bounds what waits: four days of quarter-hourly reports. They are kept in one piece, which an SD card has
// to write for each.
const maxWaiting = 400

// bound drops the oldest of too many.
func (o *Outbox) bound() {
	if n := len(o.queue) - maxWaiting; n > 0 {
		o.queue = slices.Delete(o.queue, 0, n)
		o.state.Lost += n
		o.told.dropped += n
	}
}

// maxNotes bounds what is noted of one kind.
const maxNotes = 10

// note adds a text that is not there yet, on one short line.
func note(all *[]string, text string) {
	text = strings.ToValidUTF8(text[:min(len(text), 200)], "")
	if !slices.Contains(*all, text) && len(*all) < maxNotes {
		*all = append(*all, text)
	}
}
