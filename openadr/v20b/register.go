package v20b

import (
	"context"
	"errors"
	"strings"
	"time"

	"hearth/openadr"
)

// Offer is what a VTN says of itself to anybody.
type Offer struct {
	VTNID     string
	Profiles  []Profile
	PollEvery time.Duration // zero: it does not say
}

// Profile is a version that a VTN speaks, and over what.
type Profile struct {
	Name       string   // "2.0b"
	Transports []string // "simpleHttp"
}

// Query asks what the VTN offers, without registering (oadrQueryRegistration).
func (c *Client) Query(ctx context.Context) (Offer, error) {
	const name = "oadrQueryRegistration"
	m, err := c.exchange(ctx, serviceRegister, name, text("pyld:requestID", newID()))
	if err != nil {
		return Offer{}, known(name, err)
	}
	if m.Registered == nil {
		return Offer{}, fail("post "+name, openadr.Unreadable, "the answer is another message")
	}
	o := Offer{VTNID: openadr.OneLine(m.Registered.VTNID), PollEvery: m.Registered.every(c.cfg.Now())}
	for _, p := range m.Registered.Profiles {
		o.Profiles = append(o.Profiles, Profile(p))
	}
	return o, nil
}

func (r *registered) every(now time.Time) time.Duration {
	d, err := openadr.ParseDuration(r.PollEvery)
	if err != nil {
		return 0
	}
	if length, isFinite := lengthOf(d, now); isFinite {
		return length
	}
	return longestEvery
}

// register makes us known, as the one we were where we have been. A VTN that no longer knows that one is asked
// once more, as a new VEN.
func (c *Client) register(ctx context.Context) error {
	err := c.createRegistration(ctx)
	var refusal *openadr.Error
	isRefused := errors.As(err, &refusal) && refusal.Kind == openadr.Refused && refusal.Status == 0 // by the VTN, and no proxy
	if c.know.RegistrationID != "" && (errors.Is(err, errStranger) || isRefused) {
		c.forget()
		err = c.createRegistration(ctx)
	}
	return known("oadrCreatePartyRegistration", err)
}

func (c *Client) createRegistration(ctx context.Context) error {
	const name = "oadrCreatePartyRegistration"
	m, err := c.exchange(ctx, serviceRegister, name,
		text("pyld:requestID", newID()), optional("ei:registrationID", c.know.RegistrationID), optional("ei:venID", c.know.VENID),
		text("oadr:oadrProfileName", "2.0b"), text("oadr:oadrTransportName", "simpleHttp"), text("oadr:oadrTransportAddress", ""),
		truth("oadr:oadrReportOnly", false), truth("oadr:oadrXmlSignature", false), text("oadr:oadrVenName", c.cfg.VENName),
		truth("oadr:oadrHttpPullModel", true))
	if err != nil {
		return err
	}
	if m.Registered == nil {
		return fail("post "+name, openadr.Unreadable, "the answer is another message")
	}
	ven, id := strings.TrimSpace(m.Registered.VENID), strings.TrimSpace(m.Registered.RegistrationID)
	if !isName(ven) || !isName(id) { // this is how some VTNs refuse
		return fail("post "+name, openadr.Unauthorized, "the VTN gave no ids")
	}
	c.know.VENID, c.know.RegistrationID, c.know.VTNID = ven, id, openadr.OneLine(m.Registered.VTNID)
	c.know.Every = m.Registered.every(c.cfg.Now())
	c.pace(c.know.Every)
	c.isUnsaved, c.isIntroduced = true, false
	return nil
}

// forget drops the ids, but for one that was given out of band.
func (c *Client) forget() {
	c.know.VENID, c.know.RegistrationID, c.know.Requests = c.cfg.VENID, "", nil
	c.isUnsaved, c.isIntroduced = true, false
}

// known is the error for those outside: that the VTN does not know us is one of credentials.
func known(name string, err error) error {
	if errors.Is(err, errStranger) {
		return fail("post "+name, openadr.Unauthorized, err.Error())
	}
	return err
}

// canceled answers a VTN that gives us up, and withdraws what it told us. We do not ask again by ourselves:
// after a restart, or by [Client.Register].
func (c *Client) canceled(ctx context.Context, m *cancellation) error {
	_, err := c.exchange(ctx, serviceRegister, "oadrCanceledPartyRegistration", fine(strings.TrimSpace(m.RequestID)),
		text("ei:registrationID", c.know.RegistrationID), text("ei:venID", c.know.VENID))
	c.forget()
	c.isCanceled = true
	c.withdrawOthers(nil, c.cfg.Now())
	if errors.Is(err, errStranger) {
		return nil // so be it
	}
	return err
}

// Register registers anew, whatever was before. It is needed only after the VTN has given us up.
func (c *Client) Register(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.restore(); err != nil {
		return err
	}
	defer c.save()
	c.isCanceled = false
	return c.register(ctx)
}

// Leave ends the registration, and withdraws what the VTN told us.
func (c *Client) Leave(ctx context.Context) error {
	const name = "oadrCancelPartyRegistration"
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.restore(); err != nil {
		return err
	}
	defer c.save()
	if c.know.RegistrationID != "" {
		_, err := c.exchange(ctx, serviceRegister, name, text("pyld:requestID", newID()),
			text("ei:registrationID", c.know.RegistrationID), text("ei:venID", c.know.VENID))
		if err != nil && !errors.Is(err, errStranger) {
			return err
		}
	}
	c.forget()
	c.isCanceled = true
	c.withdrawOthers(nil, c.cfg.Now())
	return nil
}
