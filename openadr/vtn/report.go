package vtn

import (
	"net/http"
	"slices"

	"hearth/openadr"
)

func (v *VTN) reportDesk() *desk {
	return &desk{
		rack: &v.reports,
		fits: func(x any, r *http.Request) bool {
			o := x.(*openadr.Report)
			return asks(r, "eventID", o.EventID) && asks(r, "clientName", o.ClientName) && asks(r, "programID", v.programOf(o))
		},
		check:   func(o any, _ *http.Request) *refusal { return v.checkReport(o.(*openadr.Report)) },
		writers: v.venOnly,
		admit:   v.admitReport,
		forgets: true,
	}
}

// programOf is the program of a report: in 3.1 that of its event; empty once the event is gone.
func (v *VTN) programOf(o *openadr.Report) string {
	if i := index(&v.events, o.EventID); o.ProgramID == "" && i >= 0 {
		return v.events.items[i].ProgramID
	}
	return o.ProgramID
}

// checkReport wants what the schema requires.
func (v *VTN) checkReport(o *openadr.Report) *refusal {
	is31 := v.cfg.Dialect == openadr.Dialect31
	if is31 {
		o.ProgramID = ""
	}
	switch {
	case !is31 && !isID(o.ProgramID):
		return bad("programID: not an object id")
	case !isID(o.EventID):
		return bad("eventID: not an object id")
	case !isName(o.ClientName):
		return bad("clientName: want 1 to %d characters", maxName)
	case o.Resources == nil:
		return bad("resources are missing")
	}
	for _, d := range o.PayloadDescriptors {
		if !isName(d.PayloadType) || is31 && d.ObjectType != openadr.ObjectReportDescriptor {
			return bad("payloadDescriptors: want a payloadType and the objectType %s", openadr.ObjectReportDescriptor)
		}
	}
	for _, r := range o.Resources {
		if why := checkRows(r); why != nil {
			return why
		}
	}
	return nil
}

func checkRows(r openadr.ReportResource) *refusal {
	if !isName(r.ResourceName) || r.Intervals == nil {
		return bad("resources: each wants a resourceName and intervals")
	}
	for _, row := range r.Intervals {
		if row.Payloads == nil {
			return bad("interval %d has no payloads", row.ID)
		}
		for _, p := range row.Payloads {
			if !isName(p.Type) || p.Values == nil {
				return bad("interval %d: a payload wants a type and values", row.ID)
			}
		}
	}
	return nil
}

// admitReport wants the event to be there for the client. The API lists no 404 for POST /reports, so a missing
// one is a conflict.
func (v *VTN) admitReport(x, before any) *refusal {
	o := x.(*openadr.Report)
	old, _ := before.(*openadr.Report)
	if old != nil && old.EventID == o.EventID {
		return nil // the event may have been withdrawn since
	}
	i := index(&v.events, o.EventID)
	if i < 0 {
		return &refusal{http.StatusConflict, "no event with this id"}
	}
	e := v.events.items[i]
	if _, isVisible := sight(e.Targets, v.granted(o.ClientID), nil); !isVisible || o.ProgramID != "" && o.ProgramID != e.ProgramID {
		return &refusal{http.StatusConflict, "no event with this id"}
	}
	return nil
}

// Reports lists what was reported, oldest first; the newest ten thousand are kept.
func (v *VTN) Reports() []openadr.Report {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.reports.items)
}
