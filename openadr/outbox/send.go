package outbox

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"hearth/openadr"
)

// Flush sends what waits, the oldest first, until one fails in a way that concerns all. A report that the VTN cannot
// digest does not hold up the others: it is tried again, and given up when it has failed often while others went
// through. The error is why something waits still; nil when nothing does.
func (o *Outbox) Flush(ctx context.Context) error {
	var stuck []letter
	var why error
	sentAny := false
	for {
		l, ok := o.next(stuck)
		if !ok {
			break
		}
		what, err := o.deliver(ctx, &l)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if o.settleAccount(l, what, err); what == waits {
			return o.finish(err)
		}
		sentAny = sentAny || what == sent
		if what == indigestible {
			stuck, why = append(stuck, l), err
		}
		if len(stuck) >= maxStuck && !sentAny { // it is not the report
			return o.finish(why)
		}
	}
	if sentAny {
		o.count(stuck, why)
	}
	return o.finish(why)
}

// next is the oldest letter that is not stuck.
func (o *Outbox) next(stuck []letter) (letter, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, l := range o.queue {
		if !slices.ContainsFunc(stuck, l.isSame) {
			return l, true
		}
	}
	return letter{}, false
}

func (l letter) isSame(o letter) bool {
	return l.Ask == o.Ask && l.Report.ReportName == o.Report.ReportName
}

// maxStuck is how many reports may fail one after the other before the VTN is left alone.
const maxStuck = 3

// maxFailed is how often a report may fail while others go through.
const maxFailed = 10

// count notes the failures of what is stuck, and gives up what has failed too often.
func (o *Outbox) count(stuck []letter, why error) {
	for _, l := range stuck {
		o.mu.Lock()
		i := slices.IndexFunc(o.queue, l.isSame)
		if i >= 0 {
			o.queue[i].failed++
		}
		isHopeless := i >= 0 && o.queue[i].failed >= maxFailed
		o.mu.Unlock()
		if isHopeless {
			o.settleAccount(l, refused, why)
		}
	}
}

// outcome is what became of a letter.
type outcome int

const (
	sent         outcome = iota
	refused              // the VTN will never take it
	waits                // it may take it later, and so all others
	indigestible         // it may take it later, and the others now
)

// deliver sends one letter. What was tried before is looked for: if it is there, it is replaced by the same.
func (o *Outbox) deliver(ctx context.Context, l *letter) (outcome, error) {
	if l.isTried {
		there, err := o.find(ctx, l.Report)
		if err != nil {
			return o.judge(l, err), err
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
	if err == nil {
		return sent
	}
	l.isTried = true
	var e *openadr.Error
	if errors.As(err, &e) && (e.Status == http.StatusInternalServerError || e.Status == http.StatusNotImplemented) {
		return indigestible
	}
	return waits
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
	i := slices.IndexFunc(o.queue, l.isSame)
	if i < 0 {
		return
	}
	switch what {
	case waits, indigestible:
		o.queue[i].isTried = l.isTried
		return
	case sent:
		o.state.Sent++
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
