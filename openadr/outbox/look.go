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

// Look puts what has become due by now into the outbox, and keeps it.
func (o *Outbox) Look(now time.Time) {
	asks := o.parts.Asks()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.state.Withheld, o.state.Declined = nil, nil
	seen := make(map[string]bool, len(asks))
	for _, a := range asks {
		a.Pace = o.cfg.Pace
		key := a.Key()
		seen[key] = true
		payload := a.Event.ReportDescriptors[a.Index].PayloadType
		switch {
		case payload == dataQuality:
		case !slices.Contains(o.cfg.Payloads, payload):
			note(&o.state.Withheld, payload)
		default:
			if err := o.take(a, key, now); err != nil {
				note(&o.state.Declined, err.Error())
			}
		}
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

// take queues what is due of an ask. The error says why it cannot be answered.
func (o *Outbox) take(a report.Ask, key string, now time.Time) error {
	if err := a.Check(); err != nil {
		return err
	}
	for _, w := range report.Due(a, o.done[key], now.Add(-settle)) {
		r, err := report.Make(a, w, o.parts.Resources(), o.parts.Meter, o.cfg.Client)
		if err != nil && !errors.Is(err, report.ErrNothing) {
			return err
		}
		o.done[key] = o.done[key].With(w)
		o.isDirty = true
		if err != nil {
			return err
		}
		if w.IsForecast {
			o.queue = slices.DeleteFunc(o.queue, func(l letter) bool { return l.IsForecast && l.Ask == key && l.Report.ReportName != r.ReportName })
		}
		if len(r.ReportName) > maxName {
			return fmt.Errorf("report on event %s: a name of %d characters", a.Event.ID, len(r.ReportName))
		}
		// The first one since the start may have been sent before it: the store is written now and then.
		o.queue = append(o.queue, letter{Ask: key, IsForecast: w.IsForecast, Report: r, isTried: !o.begun[key]})
		o.begun[key] = true
	}
	return nil
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
