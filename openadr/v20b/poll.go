package v20b

import (
	"context"
	"errors"
	"strings"

	"hearth/openadr"
)

// maxDrain bounds the messages of one poll. A VTN that has more is heard with the next.
const maxDrain = 20

// sync brings what we know up to date, unless it was asked less than a poll's time ago. A poll that failed does
// not count: whoever calls has its own pace for faults.
func (c *Client) sync(ctx context.Context) error {
	now := c.cfg.Now()
	if age := now.Sub(c.polled); !c.polled.IsZero() && age >= 0 && age < c.PollEvery() {
		return nil
	}
	c.notes = nil
	if err := c.restore(); err != nil {
		return err
	}
	defer c.save()
	if c.isCanceled {
		return fail("poll", openadr.Unauthorized, "the registration was canceled")
	}
	err := c.round(ctx)
	if errors.Is(err, errStranger) {
		if err = c.register(ctx); err == nil {
			err = c.round(ctx)
		}
	}
	if err != nil {
		return known("oadrPoll", err)
	}
	c.prune(now)
	c.polled = now
	return nil
}

// round is one conversation: who we are, what we owe, what there is, what we measured.
func (c *Client) round(ctx context.Context) error {
	if c.know.RegistrationID == "" {
		if err := c.register(ctx); err != nil {
			return err
		}
	}
	if err := c.introduce(ctx); err != nil {
		return err
	}
	if err := c.aside(ctx, c.reply(ctx)); err != nil {
		return err
	}
	for range maxDrain {
		m, err := c.exchange(ctx, servicePoll, "oadrPoll", text("ei:venID", c.know.VENID))
		if err != nil {
			return err
		}
		isMore, err := c.handle(ctx, &m)
		if err = c.aside(ctx, err); err != nil {
			return err
		}
		if c.isCanceled {
			return nil
		}
		if !isMore {
			break
		}
	}
	c.reconsider()
	if err := c.aside(ctx, c.reply(ctx)); err != nil {
		return err
	}
	return c.aside(ctx, c.report(ctx))
}

// aside notes a fault that is none of the events': they are obeyed, whether or not the VTN takes our answers.
func (c *Client) aside(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil || errors.Is(err, errStranger) {
		return err
	}
	c.notes = append(c.notes, err)
	return nil
}

// introduce says what we can report and asks for all events: after the start, and after a registration. It is
// the one time that a plain response means that there are no events.
func (c *Client) introduce(ctx context.Context) error {
	if c.isIntroduced {
		return nil
	}
	if err := c.aside(ctx, c.registerReports(ctx)); err != nil {
		return err
	}
	m, err := c.exchange(ctx, serviceEvent, "oadrRequestEvent",
		el("pyld:eiRequestEvent", text("pyld:requestID", newID()), text("ei:venID", c.know.VENID)))
	if err != nil {
		return err
	}
	switch {
	case m.Distribute != nil:
		c.take(m.Distribute)
	case m.Response != nil:
		c.withdrawOthers(nil, c.cfg.Now())
	default:
		return fail("post oadrRequestEvent", openadr.Unreadable, "the answer is another message")
	}
	c.isIntroduced = true
	return nil
}

// handle does what the VTN asks for in its answer to a poll; false when that was nothing. What we do not know
// is noted: the VTN may have more to say that we do.
func (c *Client) handle(ctx context.Context, m *message) (isMore bool, err error) {
	ven := text("ei:venID", c.know.VENID)
	switch {
	case m.Distribute != nil:
		c.take(m.Distribute)
		return true, c.reply(ctx)
	case m.CancelRegistration != nil:
		return false, c.canceled(ctx, m.CancelRegistration)
	case m.Reregister != nil:
		_, _ = c.exchange(ctx, serviceRegister, "oadrResponse", fine(""), ven) // a courtesy: the registration answers too
		return false, errStranger
	case m.CreateReport != nil:
		return true, c.order(ctx, m.CreateReport)
	case m.CancelReport != nil:
		return true, c.cancelReports(ctx, m.CancelReport)
	case m.RegisterReport != nil: // what the VTN could report to us
		_, err := c.exchange(ctx, serviceReport, "oadrRegisteredReport", fine(strings.TrimSpace(m.RegisterReport.RequestID)), ven)
		return true, err
	case *m == message{}, m.Response != nil:
		return false, nil
	}
	c.notes = append(c.notes, errors.New("poll: a message that we do not know"))
	return true, nil
}
