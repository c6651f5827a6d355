package interop_test

import (
	"log/slog"
	"testing"
	"time"

	"hearth/energy"
	"hearth/openadr"
	"hearth/openadr/outbox"
	"hearth/openadr/report"
)

// owed is the time of an outbox.
type owed struct {
	still
	at time.Time
}

func (o owed) Now() time.Time { return o.at }

// From an event that asks for its usage to the report at the VTN, whose first answer is lost.
func TestOutbox_SendsEachReportOnce(t *testing.T) {
	u := vtn(t)
	program, called := u.program("")
	event := u.event(program, `"reportDescriptors":[{"payloadType":"USAGE","startInterval":0,"numIntervals":1,"frequency":1,"repeat":-1}],`+hours(today, "0.1", "0.2", "0.3"))
	base, lost := forgetful(t, u, "/reports")
	h := u.home(func(c *openadr.Config) { c.BaseURL = base })
	follower := h.follow(called)
	poll(t, follower)
	later := owed{at: now.Add(2*time.Hour + 5*time.Minute)}
	box := outbox.New(outbox.Config{Name: "utility", Client: h.id, Payloads: []string{"USAGE"}}, outbox.Parts{
		VTN: h, Store: &store{}, Clock: later, Pace: soon{}, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		Asks: follower.Asks, Resources: func() []openadr.Resource { return []openadr.Resource{{Name: "house"}} },
		Meter: report.MeterFunc(func(q report.Question) report.Answer {
			return report.EnergyOf(energy.Watts(500).Over(q.Span.Length()), report.OK)
		}),
	})
	box.Look(later.at)
	for try := 0; box.Flush(t.Context()) != nil && try < 5; try++ {
		t.Log(box.State().Err)
	}
	if s := box.State(); s.Waiting != 0 || s.Lost != 0 || s.Sent == 0 || lost.Load() == 0 {
		t.Fatalf("%+v, %d lost answers", s, lost.Load())
	}
	found, err := h.Reports(t.Context(), event, h.id)
	if err != nil || len(found.Items) != box.State().Sent {
		t.Fatalf("%d reports of %d, %v", len(found.Items), box.State().Sent, err)
	}
	for _, r := range found.Items {
		if got := rows(r); len(got) == 0 || !sameNumber(got[0], "0.5") {
			t.Errorf("rows %v", got)
		}
	}
}
