package v20b

import (
	"context"
	"slices"

	"hearth/energy"
	"hearth/openadr"
	"hearth/openadr/report"
)

// update sends a report, unless there is nothing at all to tell.
func (c *Client) update(ctx context.Context, t *telemetry, w energy.Interval) (*cancelReport, error) {
	rows := c.rows(t, w)
	if len(rows) == 0 {
		return nil, nil
	}
	m, err := c.exchange(ctx, serviceReport, "oadrUpdateReport", text("pyld:requestID", newID()),
		el("oadr:oadrReport", el("strm:intervals", rows...), text("ei:eiReportID", newID()), text("ei:reportRequestID", t.ID),
			text("ei:reportSpecifierID", t.Specifier), text("ei:reportName", usageName), instant("ei:createdDateTime", c.cfg.Now())),
		text("ei:venID", c.know.VENID))
	if err != nil || m.UpdatedReport == nil {
		return nil, err
	}
	return m.UpdatedReport.Cancel, nil
}

// rows asks the meter. A row of which nothing is known is not there.
func (c *Client) rows(t *telemetry, w energy.Interval) []markup {
	var rows []report.Row
	for at := w.Start; at.Before(w.End) && len(rows) <= maxRows; at = at.Add(t.Every) {
		end := at.Add(t.Every)
		if end.After(w.End) {
			end = w.End
		}
		rows = append(rows, report.Row{ID: int32(len(rows)), Interval: energy.Interval{Start: at, End: end}})
	}
	values := make([][]markup, len(rows))
	for _, p := range c.points() {
		if !slices.Contains(t.Points, p.id) {
			continue
		}
		d := openadr.ReportDescriptor{PayloadType: "USAGE", Units: "KWH"}
		if p.isPower {
			d = openadr.ReportDescriptor{PayloadType: "DEMAND", Units: "KW"}
		}
		ask := report.Ask{Event: openadr.Event{ReportDescriptors: []openadr.ReportDescriptor{d}}}
		ask.Event.ID = t.ID
		made, err := report.Make(ask, report.Window{Name: usageName, Due: w.End, Rows: rows}, []openadr.Resource{{Name: p.resource}}, c.cfg.Reports.Meter, c.cfg.VENName)
		if err != nil {
			continue // no resource has such a thing
		}
		for i, row := range made.Resources[0].Intervals {
			values[i] = append(values[i], measured(p, d.PayloadType, row.Payloads))
		}
	}
	var out []markup
	for i, r := range rows {
		for _, value := range values[i] { // one to an interval: VTNs that are content with more are few
			if value != "" {
				out = append(out, el("ei:interval", el("xcal:dtstart", instant("xcal:date-time", r.Start)), lasting(r.Length()), value))
			}
		}
	}
	return out
}

// measured is one value with its quality; nothing where it is missing.
func measured(p point, kind string, payloads []openadr.ValuesMap) markup {
	value, quality := "", "Quality Good - Non Specific"
	for _, o := range payloads {
		switch {
		case len(o.Values) != 1:
		case o.Type == kind:
			value = string(o.Values[0])
		case string(o.Values[0]) == `"ESTIMATED"`:
			quality = "Quality Uncertain - Non Specific"
		case string(o.Values[0]) == `"BAD"`:
			quality = "Quality Bad - Non Specific"
		}
	}
	if value == "" {
		return ""
	}
	return el("oadr:oadrReportPayload", text("ei:rID", p.id), el("ei:payloadFloat", text("ei:value", value)),
		text("oadr:oadrDataQuality", quality))
}
