package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"hearth/energy"
	"hearth/openadr"
	"hearth/openadr/report"
	"hearth/openadr/ven"
	"hearth/openadr/vtn"
)

var noon = time.Date(2026, 5, 12, 12, 0, 0, 0, time.UTC)

// memory is a Store.
type memory struct {
	values map[string][]byte
	puts   int
	err    error
}

func (m *memory) Get(key string) ([]byte, bool, error) {
	v, ok := m.values[key]
	return v, ok, m.err
}

func (m *memory) Put(key string, value []byte) error {
	if m.puts++; m.err != nil {
		return m.err
	}
	if m.values == nil {
		m.values = map[string][]byte{}
	}
	m.values[key] = value
	return nil
}

// hand is a Clock that a test turns; who sleeps by it moves it.
type hand struct {
	mu sync.Mutex
	at time.Time
}

func (h *hand) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *hand) Sleep(ctx context.Context, d time.Duration) error {
	h.turn(d)
	return context.Cause(ctx)
}

func (h *hand) turn(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

// patient waits five minutes after a failure.
type patient struct{}

func (patient) Next(err error) time.Duration {
	if err != nil {
		return 5 * time.Minute
	}
	return time.Minute
}

// office is an outbox with a real VTN at the other end of the wire.
type office struct {
	*Outbox
	t      *testing.T
	cfg    Config
	vtn    *vtn.VTN
	client *openadr.Client
	engine *ven.VEN
	store  *memory
	clock  *hand
	log    *strings.Builder

	isSending string // payload type of the report on the way
}

// watched notes what is sent.
type watched struct {
	*openadr.Client
	office *office
}

func (w watched) CreateReport(ctx context.Context, r openadr.Report) (openadr.Report, error) {
	w.office.isSending = r.PayloadDescriptors[0].PayloadType
	return w.Client.CreateReport(ctx, r)
}

func open(t *testing.T, dialect openadr.Dialect) *office {
	t.Helper()
	o := &office{
		t: t, cfg: Config{Name: "wire", Client: "home", Payloads: []string{"USAGE", "DEMAND", "USAGE_FORECAST"}},
		vtn: vtn.New(vtn.Config{Dialect: dialect}), store: &memory{}, clock: &hand{at: noon}, log: &strings.Builder{},
	}
	if err := o.vtn.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.vtn.Close() })
	o.vtn.PutProgram(openadr.Program{Metadata: openadr.Metadata{ID: "p"}, ProgramName: "reports"})
	var err error
	if o.client, err = openadr.New(openadr.Config{BaseURL: o.vtn.URL(), Dialect: dialect}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.client.Close() })
	o.engine = ven.New(ven.Config{Name: "wire", Currency: "EUR"},
		ven.Parts{Client: o.client, Store: &memory{}, Clock: o.clock, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	o.restart()
	return o
}

// restart is a new outbox on the same store.
func (o *office) restart() {
	o.t.Helper()
	handler := slog.NewTextHandler(o.log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "ven" {
			return slog.Attr{}
		}
		return a
	}})
	o.Outbox = New(o.cfg, Parts{
		VTN: watched{o.client, o}, Store: o.store, Clock: o.clock, Pace: patient{}, Log: slog.New(handler), Asks: o.engine.Asks,
		Resources: func() []openadr.Resource { return []openadr.Resource{{Name: "grid"}} },
		Meter: report.MeterFunc(func(q report.Question) report.Answer {
			if q.Quantity == report.Power {
				return report.PowerOf(1500, report.OK)
			}
			return report.EnergyOf(energy.WattHours(q.Span.Length().Hours()*1000), report.OK)
		}),
	})
	if err := o.Restore(); err != nil {
		o.t.Fatal(err)
	}
}

// wants publishes an event of hours from noon on that asks for reports.
func (o *office) wants(id string, hours int, descriptors string) {
	o.t.Helper()
	var rows []string
	for i := range hours {
		rows = append(rows, fmt.Sprintf(`{"id":%d,"payloads":[{"type":"SIMPLE","values":[0]}]}`, i))
	}
	var e openadr.Event
	text := fmt.Sprintf(`{"id":%q,"programID":"p","intervalPeriod":{"start":"2026-05-12T12:00:00Z","duration":"PT1H"},"intervals":[%s],"reportDescriptors":[%s]}`,
		id, strings.Join(rows, ","), descriptors)
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		o.t.Fatal(err)
	}
	o.vtn.Put(e)
	o.poll()
}

func (o *office) poll() {
	o.t.Helper()
	if err := o.engine.Poll(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
}

// pass moves the clock and does what Run does meanwhile, every minute.
func (o *office) pass(d time.Duration) {
	o.t.Helper()
	for end := o.clock.Now().Add(d); o.clock.Now().Before(end); o.clock.turn(time.Minute) {
		o.Look(o.clock.Now())
		_ = o.Flush(o.t.Context())
		o.tell()
	}
}

// there is what the VTN has, by name, and how often.
func (o *office) there() map[string]int {
	all := map[string]int{}
	for _, r := range o.vtn.Reports() {
		all[r.ReportName]++
	}
	return all
}

func (o *office) expect(reports int) {
	o.t.Helper()
	all := o.there()
	if len(all) != reports {
		o.t.Errorf("%d reports at the VTN, want %d: %v", len(all), reports, all)
	}
	for name, n := range all {
		if n != 1 {
			o.t.Errorf("report %q is there %d times", name, n)
		}
	}
}

// writes picks the requests that write reports.
func writes(r *http.Request) bool {
	return strings.Contains(r.URL.Path, "/reports") && r.Method != http.MethodGet
}

// copyOf is the store as it is, for after a crash.
func (m *memory) copyOf() *memory { return &memory{values: maps.Clone(m.values)} }

var errFull = errors.New("disk full")
