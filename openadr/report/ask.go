package report

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"time"

	"hearth/energy"
	"hearth/openadr"
)

// Ask is one request for reports. It is only read.
type Ask struct {
	Event openadr.Event
	Index int // of the descriptor among the event's

	// Rows are the times of the event's intervals, one for each and in their order, neither repeated nor
	// cut by the event's duration. An event without intervals has none; they follow from its period.
	Rows []Row

	Anchor time.Time     // when an event without intervals that starts "now" was first received; zero: not known
	Pace   time.Duration // length of rows that are left to us; 0: a quarter of an hour
}

// Row is a row of an event or of a report.
type Row struct {
	ID int32 // as the event has it, which may have it twice; ours where the event has no intervals
	energy.Interval
	IsEndless bool // End means nothing
}

const (
	ownPace = 15 * time.Minute

	// maxRows bounds a report, and the intervals of an event that is reported on: a month of quarter hours.
	maxRows = 3000

	// All is reckoned between these years: their differences fit a time.Duration of 292 years.
	firstYear = 1900
	lastYear  = 2150
)

// Check says why an ask cannot be answered, now or ever; nil if it can. [Due] gives nothing for one that cannot.
func (a Ask) Check() error {
	_, err := a.schedule()
	if err == nil {
		_, err = a.terms()
	}
	return err
}

// Key names the ask among all of a VEN, for what was [Sent]. It follows what is asked, not its place in the
// event, so it stays when the VTN puts its descriptors in another order.
func (a Ask) Key() string {
	d, err := a.descriptor()
	if err != nil {
		return a.Event.ID
	}
	return fmt.Sprintf("%s %s %016x", a.Event.ID, d.PayloadType, a.hash(nil))
}

func (a Ask) descriptor() (openadr.ReportDescriptor, error) {
	if a.Index < 0 || a.Index >= len(a.Event.ReportDescriptors) {
		return openadr.ReportDescriptor{}, a.fault("no descriptor %d", a.Index)
	}
	return a.Event.ReportDescriptors[a.Index], nil
}

// hash is of the event, the descriptor and the rows.
func (a Ask) hash(rows []Row) uint64 {
	h := fnv.New64a()
	text, _ := json.Marshal(a.Event.ReportDescriptors[a.Index]) // numbers and text: that cannot fail
	_, _ = fmt.Fprintf(h, "%q %s\n", a.Event.ID, text)
	for _, r := range rows {
		_, _ = fmt.Fprintf(h, "%d %d %d\n", r.ID, r.Start.Unix(), r.Start.Nanosecond())
		if !r.IsEndless {
			_, _ = fmt.Fprintf(h, "%d %d\n", r.End.Unix(), r.End.Nanosecond())
		}
	}
	return h.Sum64()
}

func (a Ask) pace() time.Duration {
	if a.Pace <= 0 {
		return ownPace
	}
	return a.Pace
}

// isOpen says that the rows are left to us.
func isOpen(d openadr.ReportDescriptor) bool { return d.ReportIntervals == openadr.OpenIntervals }

func (a Ask) fault(format string, args ...any) error {
	return fmt.Errorf("report on event %s: "+format, append([]any{a.Event.ID}, args...)...)
}
