package openadr

import "encoding/json"

// ReportDescriptor asks for reports on an event. Fields that are absent have the defaults of the schema.
type ReportDescriptor struct {
	PayloadType     string  `json:"payloadType"`
	ReadingType     string  `json:"readingType,omitempty"` // empty: DIRECT_READ
	Units           string  `json:"units,omitempty"`
	Targets         Targets `json:"targets,omitempty"`         // of resources; none: all
	IsAggregate     bool    `json:"aggregate"`                 // one resource for all, their sum
	StartInterval   int     `json:"startInterval"`             // counted from 0; -1: the last
	NumIntervals    int     `json:"numIntervals"`              // -1: all
	IsHistorical    bool    `json:"historical"`                // of what was; otherwise of what will be
	Frequency       int     `json:"frequency"`                 // intervals between two reports; -1: as NumIntervals; 0: whenever the VEN likes
	Repeat          int     `json:"repeat"`                    // how many reports; -1: without end
	ReportIntervals string  `json:"reportIntervals,omitempty"` // empty: Intervals
}

// How the rows of a report go with those of its event.
const (
	Intervals     = "INTERVALS"      // the same
	SubIntervals  = "SUB_INTERVALS"  // finer ones under the same ids
	OpenIntervals = "OPEN_INTERVALS" // the VEN's own
)

// UnmarshalJSON begins with the defaults of the schema, which are not Go's.
func (d *ReportDescriptor) UnmarshalJSON(b []byte) error {
	type plain ReportDescriptor // without this method
	o := plain{StartInterval: -1, NumIntervals: -1, IsHistorical: true, Frequency: -1, Repeat: 1}
	if err := json.Unmarshal(b, &o); err != nil {
		return err
	}
	*d = ReportDescriptor(o)
	return nil
}

// Report is what a VEN tells of an event.
type Report struct {
	Metadata
	ProgramID          string                    `json:"programID,omitempty"` // of 3.0 only
	EventID            string                    `json:"eventID"`
	ClientName         string                    `json:"clientName"`
	ClientID           string                    `json:"clientID,omitempty"` // as the VTN knows us: of answers only
	ReportName         string                    `json:"reportName,omitempty"`
	PayloadDescriptors []ReportPayloadDescriptor `json:"payloadDescriptors,omitempty"`
	Resources          []ReportResource          `json:"resources"`
}

// ReportPayloadDescriptor says how the values of a report are to be read.
type ReportPayloadDescriptor struct {
	ObjectType  string   `json:"objectType"` // empty in a request: [ObjectReportDescriptor]
	PayloadType string   `json:"payloadType"`
	ReadingType string   `json:"readingType,omitempty"`
	Units       string   `json:"units,omitempty"`
	Accuracy    *float64 `json:"accuracy,omitempty"`
	Confidence  *int     `json:"confidence,omitempty"` // 0 to 100
}

// ReportResource is the rows of one resource.
type ReportResource struct {
	ResourceName   string          `json:"resourceName"`
	IntervalPeriod *IntervalPeriod `json:"intervalPeriod,omitempty"`
	Intervals      []Interval      `json:"intervals"`
}

// AggregatedReport is the resource that stands for the sum of all.
const AggregatedReport = "AGGREGATED_REPORT"
