package mqtt

import (
	"fmt"
	"testing"
	"time"

	"hearth/devices/devicetest"
	"hearth/devices/profiles"
)

const telemetry = `{"Time":"2026-03-29T12:00:00","ENERGY":{"TotalStartTime":"2026-01-01T00:00:00","Total":3.185,"Yesterday":3.058,"Today":0.127,"Power":%d,"ApparentPower":12,"ReactivePower":3,"Factor":0.97,"Voltage":230,"Current":0.05}}`

func benchDevice(b testing.TB) *device {
	p, err := profiles.Get("tasmota-plug")
	if err != nil {
		b.Fatal(err)
	}
	link := quietLink(b, Options{URL: "tcp://127.0.0.1:1", ClientID: "x"}, devicetest.NewClock(start))
	d, err := New(Config{Name: "boiler", Profile: p, Params: map[string]string{"topic": "boiler"}, Link: link})
	if err != nil {
		b.Fatal(err)
	}
	return d.Driver.(*device)
}

// A home with hundreds of talkative plugs says some thousand messages a second; twenty thousand are to pass
// on one core, from the link's hand to a reading.
func BenchmarkHandOver(b *testing.B) {
	d := benchDevice(b)
	var payloads [][]byte
	for i := range 16 {
		payloads = append(payloads, fmt.Appendf(nil, telemetry, i))
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		d.take(message{"tele/boiler/SENSOR", payloads[i%len(payloads)], false, start})
		for _, m := range d.inbox.takeAll() {
			d.read(b.Context(), m)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}

// BenchmarkBackPressure is a worker that stands still: what comes meanwhile costs the link little, and the
// newest stays.
func BenchmarkBackPressure(b *testing.B) {
	d := benchDevice(b)
	topics := []string{"tele/boiler/SENSOR", "stat/boiler/POWER", "tele/boiler/STATE"}
	payload := fmt.Appendf(nil, telemetry, 7)
	for i := 0; b.Loop(); i++ {
		d.take(message{topics[i%len(topics)], payload, false, start})
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}

// The newest value wins and what had to go is counted, however slow the worker is.
func TestHandOver_KeepsTheNewestAndCountsTheRest(t *testing.T) {
	d := benchDevice(t)
	const count = 20_000
	began := time.Now()
	for i := range count {
		d.take(message{"tele/boiler/SENSOR", fmt.Appendf(nil, telemetry, i%4000), false, start.Add(time.Duration(i))})
	}
	waiting := d.inbox.takeAll()
	for _, m := range waiting {
		d.read(t.Context(), m)
	}
	t.Logf("%d messages in %v", count, time.Since(began))
	if got := d.Power(); !got.Valid || got.Value != (count-1)%4000 {
		t.Errorf("the newest is %v", got)
	}
	if dropped := d.link.Counts().Dropped; dropped != uint64(count-len(waiting)) {
		t.Errorf("%d counted as dropped of %d, %d were kept", dropped, count, len(waiting))
	}
}
