package outbox

import (
	"context"
	"errors"
	"slices"

	"hearth/openadr"
)

// Flush sends what waits, the oldest first, until one fails. The error is why; nil when nothing waits any more.
func (o *Outbox) Flush(ctx context.Context) error {
	for {
		l, ok := o.first()
		if !ok {
			return o.finish(nil)
		}
		outcome, err := o.deliver(ctx, &l)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		o.settleAccount(l, outcome, err)
		if outcome == waits {
			return o.finish(err)
		}
	}
}

// first is the oldest letter.
func (o *Outbox) first() (letter, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.queue) == 0 {
		return letter{}, false
	}
	return o.queue[0], true
}

// outcome is what became of a letter.
type outcome int

const (
	sent    outcome = iota
	refused         // the VTN will never take it
	waits           // it may take it later
)

// deliver sends one letter. What was tried before is looked for: if it is there, it is replaced by the same.
func (o *Outbox) deliver(ctx context.Context, l *letter) (outcome, error) {
	if l.isTried {
		there, err := o.find(ctx, l.Report)
		if err != nil {
			return waits, err
		}
		if there.ID != "" {
			r := l.Report
			r.Metadata = openadr.Metadata{ID: there.ID}
			_, err := o.parts.VTN.UpdateReport(ctx, r)
			return o.judge(l, err), err
		}
	}
	_, err := o.parts.VTN.CreateReport(ctx, l.Report)
	if openadr.KindOf(err) == openadr.Conflict && !l.isTried {
		l.isTried = true // there is one already, or the event is gone: the second time tells
		return o.deliver(ctx, l)
	}
	return o.judge(l, err), err
}

// judge reads the outcome off an error.
func (o *Outbox) judge(l *letter, err error) outcome {
	switch openadr.KindOf(err) {
	case openadr.NotFound, openadr.Conflict, openadr.Refused, openadr.TooLarge:
		return refused
	case openadr.Unauthorized, openadr.Forbidden: // nothing was done
		return waits
	}
	if err != nil {
		l.isTried = true
		return waits
	}
	return sent
}

// find looks for a report at the VTN by its name; the zero one when it is not there, or when the VTN shows none.
func (o *Outbox) find(ctx context.Context, r openadr.Report) (openadr.Report, error) {
	list, err := o.parts.VTN.Reports(ctx, r.EventID, r.ClientName)
	switch openadr.KindOf(err) {
	case openadr.Forbidden, openadr.NotFound:
		return openadr.Report{}, nil
	}
	if i := slices.IndexFunc(list.Items, func(x openadr.Report) bool { return x.ReportName == r.ReportName }); i >= 0 {
		return list.Items[i], err
	}
	return openadr.Report{}, err
}

// settleAccount takes a letter out, or puts back what is known of it now.
func (o *Outbox) settleAccount(l letter, what outcome, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	i := slices.IndexFunc(o.queue, func(x letter) bool { return x.Ask == l.Ask && x.Report.ReportName == l.Report.ReportName })
	if i < 0 {
		return
	}
	switch what {
	case waits:
		o.queue[i].isTried = l.isTried
		return
	case sent:
		o.state.Sent++
		o.state.LastSent = o.parts.Clock.Now()
	case refused:
		o.state.Lost++
		o.told.refused = append(o.told.refused, refusal{l.Report.EventID, l.Report.ReportName, err})
	}
	o.queue = slices.Delete(o.queue, i, i+1)
	o.isDirty = true
}

// finish notes how a sending ended.
func (o *Outbox) finish(err error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.state.Err = ""; err != nil && !errors.Is(err, openadr.ErrNotAsked) { // which the poll is already lost for
		o.state.Err = err.Error()
	}
	if o.isDirty {
		o.save()
	}
	return err
}
