package v20b

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"hearth/energy"
	"hearth/openadr"
)

const (
	usageSpecifier = "hearth-usage"
	usageName      = "TELEMETRY_USAGE"

	// maxRows bounds one report: two days of minutes. maxRequests bounds what a VTN may have running.
	maxRows     = 2880
	maxRequests = 20
)

// telemetry is a report that the VTN has asked for.
type telemetry struct {
	ID        string        `json:"id"`
	Specifier string        `json:"specifier"`
	Points    []string      `json:"points"`
	Every     time.Duration `json:"every"` // length of a row
	Back      time.Duration `json:"back"`  // of a report; zero: one over all of the time, at its end
	Start     time.Time     `json:"start"`
	End       time.Time     `json:"end,omitzero"` // zero: without end
	Sent      time.Time     `json:"sent,omitzero"`
}

// point is something that can be measured: one number of a resource.
type point struct {
	id       string // rID
	resource string
	isPower  bool
}

func (c *Client) points() []point {
	var all []point
	if c.cfg.Reports != nil {
		for _, r := range c.cfg.Reports.Resources {
			all = append(all, point{r + ":energy", r, false}, point{r + ":power", r, true})
		}
	}
	return all
}

// registerReports says what can be reported. With reports switched off, that is an empty list.
func (c *Client) registerReports(ctx context.Context) error {
	inner := []markup{text("pyld:requestID", newID())}
	if points := c.points(); len(points) > 0 {
		var about []markup
		for _, p := range points {
			about = append(about, c.describe(p))
		}
		about = append(about, text("ei:reportRequestID", "0"), text("ei:reportSpecifierID", usageSpecifier),
			text("ei:reportName", "METADATA_"+usageName), instant("ei:createdDateTime", c.cfg.Now()))
		inner = append(inner, el("oadr:oadrReport", about...))
	}
	m, err := c.exchange(ctx, serviceReport, "oadrRegisterReport", append(inner, text("ei:venID", c.know.VENID))...)
	if err != nil || m.RegisteredReport == nil || len(m.RegisteredReport.Requests) == 0 {
		return err
	}
	return c.order(ctx, m.RegisteredReport)
}

func (c *Client) describe(p point) markup {
	unit := el("power:energyReal", text("power:itemDescription", "RealEnergy"), text("power:itemUnits", "Wh"), text("scale:siScaleCode", "k"))
	kind := "usage"
	if p.isPower {
		kind = "demand"
		// The schema wants attributes of the wire, which are nominal and say nothing of what is measured.
		unit = el("power:powerReal", text("power:itemDescription", "RealPower"), text("power:itemUnits", "W"), text("scale:siScaleCode", "k"),
			el("power:powerAttributes", text("power:hertz", "50"), text("power:voltage", "230"), truth("power:ac", true)))
	}
	return el("oadr:oadrReportDescription", text("ei:rID", p.id), el("ei:reportDataSource", text("ei:resourceID", p.resource)),
		text("ei:reportType", kind), unit, text("ei:readingType", "Mean"),
		el("oadr:oadrSamplingRate", text("oadr:oadrMinPeriod", openadr.DurationOf(c.cfg.Reports.Pace).String()),
			text("oadr:oadrMaxPeriod", "P1D"), truth("oadr:oadrOnChange", false)))
}

// order takes requests for reports, and says which are running.
func (c *Client) order(ctx context.Context, a *asked) error {
	code, description := codeOK, "OK"
	for i := range a.Requests {
		if strings.TrimSpace(a.Requests[i].SpecifierID) == "METADATA" {
			c.isIntroduced = false // with the next poll
			continue
		}
		t, err := c.accept(&a.Requests[i])
		if err != nil {
			code, description = codeNoSuchReport, openadr.OneLine(err.Error())
			continue
		}
		c.know.Requests = slices.DeleteFunc(c.know.Requests, func(o telemetry) bool { return o.ID == t.ID })
		c.know.Requests = append(c.know.Requests, t)
		c.isUnsaved = true
	}
	_, err := c.exchange(ctx, serviceReport, "oadrCreatedReport", response(code, description, strings.TrimSpace(a.RequestID)),
		c.pending(), text("ei:venID", c.know.VENID))
	return err
}

func (c *Client) pending() markup {
	var ids []markup
	for _, t := range c.know.Requests {
		ids = append(ids, text("ei:reportRequestID", t.ID))
	}
	return el("oadr:oadrPendingReports", ids...)
}

// accept reads a request; an error says why it cannot be met.
func (c *Client) accept(o *reportOrder) (telemetry, error) {
	t := telemetry{ID: strings.TrimSpace(o.ID), Specifier: strings.TrimSpace(o.SpecifierID)}
	points := c.points()
	switch {
	case len(points) == 0:
		return t, errors.New("this VEN reports nothing")
	case !isName(t.ID), t.Specifier != usageSpecifier:
		return t, fmt.Errorf("report %.40q of %.40q is not offered", t.ID, t.Specifier)
	case len(c.know.Requests) >= maxRequests:
		return t, errors.New("too many reports")
	}
	for _, id := range o.Points {
		id = strings.TrimSpace(id)
		if !slices.ContainsFunc(points, func(p point) bool { return p.id == id }) {
			return t, fmt.Errorf("point %.40q is not offered", id)
		}
		t.Points = append(t.Points, id)
	}
	return t, c.times(&t, o)
}

// times reads when rows and reports are. A granularity of PT0S leaves the rows to us; without a time to report
// back there is one report at the end, and where nothing ends, or a snapshot is asked for, one of the last row.
func (c *Client) times(t *telemetry, o *reportOrder) error {
	now := c.cfg.Now()
	var length time.Duration
	for _, d := range [...]struct {
		text string
		into *time.Duration
	}{{o.Granularity, &t.Every}, {o.Back, &t.Back}, {o.Length, &length}} {
		if strings.TrimSpace(d.text) == "" {
			continue
		}
		parsed, err := openadr.ParseDuration(d.text)
		if err != nil {
			return err
		}
		*d.into, _ = lengthOf(parsed, now) // none that we can reckon: as none at all
	}
	isSnapshot := t.Every == 0 && t.Back == 0
	if t.Every == 0 {
		t.Every = max(t.Back, c.cfg.Reports.Pace)
	}
	if t.Start = stamp(o.Start); t.Start.IsZero() || t.Start.Year() < firstYear || t.Start.Year() > lastYear {
		t.Start = now.UTC().Truncate(t.Every)
	}
	switch {
	case isSnapshot, t.Back == 0 && length == 0:
		t.End = now.UTC().Truncate(t.Every)
		t.Start = t.End.Add(-t.Every)
	case length > 0:
		t.End = t.Start.Add(length)
	}
	if t.Back == 0 {
		t.Back = t.End.Sub(t.Start)
	}
	switch {
	case t.Every < time.Second:
		return errors.New("rows of less than a second")
	case t.Back/t.Every > maxRows:
		return fmt.Errorf("more than %d rows in a report", maxRows)
	}
	return nil
}

// window is the newest that is due; false if there is none, or it was sent. Older ones are passed over, so that
// a VTN that was away is not flooded.
func (t *telemetry) window(now time.Time) (energy.Interval, bool) {
	until := now
	if !t.End.IsZero() && t.End.Before(now) {
		until = t.End
	}
	passed := until.Sub(t.Start)
	if passed <= 0 {
		return energy.Interval{}, false
	}
	turns := passed / t.Back
	w := energy.Interval{End: t.Start.Add(turns * t.Back)}
	w.Start = w.End.Add(-t.Back)
	if until.Equal(t.End) && w.End.Before(until) { // what is left of the last one
		w = energy.Interval{Start: w.End, End: until}
	} else if turns == 0 {
		return w, false
	}
	return w, w.End.After(t.Sent)
}

// report sends what is due. What the VTN refuses is not sent again.
func (c *Client) report(ctx context.Context) error {
	now := c.cfg.Now()
	var faults []error
	for i := 0; i < len(c.know.Requests); i++ {
		t := c.know.Requests[i]
		w, isDue := t.window(now)
		if !isDue {
			continue
		}
		cancel, err := c.update(ctx, &t, w)
		if err != nil {
			faults = append(faults, err)
			if openadr.KindOf(err) != openadr.Refused {
				continue
			}
		}
		c.know.Requests[i].Sent, c.isUnsaved = w.End, true
		if !t.End.IsZero() && !w.End.Before(t.End) {
			c.know.Requests = slices.Delete(c.know.Requests, i, i+1)
			i--
		}
		if cancel != nil {
			c.drop(cancel.Requests)
			break // places have changed; the next poll goes on
		}
	}
	return errors.Join(faults...)
}

// cancelReports ends reports, and says which go on.
func (c *Client) cancelReports(ctx context.Context, r *cancelReport) error {
	c.drop(r.Requests)
	_, err := c.exchange(ctx, serviceReport, "oadrCanceledReport", fine(strings.TrimSpace(r.RequestID)), c.pending(), text("ei:venID", c.know.VENID))
	return err
}

func (c *Client) drop(ids []string) {
	c.know.Requests = slices.DeleteFunc(c.know.Requests, func(t telemetry) bool {
		return slices.ContainsFunc(ids, func(id string) bool { return strings.TrimSpace(id) == t.ID })
	})
	c.isUnsaved = true
}
