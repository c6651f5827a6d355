package listen

import (
	"errors"
	"testing"
	"time"

	"hearth/feeds"
)

func TestHealth_AVTNThatWasNotAskedYetIsNotWell(t *testing.T) {
	d := atTable(t)
	d.isShy = true
	d.follow("utility", "EUR")
	d.open()
	if h := d.chorus.Health(noon)[0]; h.Part != "vtn utility" || h.OK || h.Text != "was not asked yet" || h.Since != nil {
		t.Errorf("%+v", h)
	}
}

// A source that answers confirms what it said before, and only what is its own.
func TestConfirmed_ByTheSourceItself(t *testing.T) {
	d := atTable(t)
	d.follow("first", "EUR").Publish("PRICE", noon, 0.1, 0.1)
	d.follow("first-b", "EUR")
	d.open()
	p, _ := at(d.signals(noon).ImportPrice, noon)
	d.clock.Move(10 * time.Minute)
	d.poll("first-b")
	if got := d.chorus.Confirmed(p.Origin, d.clock.Now()); !got.Equal(noon) {
		t.Errorf("confirmed %v by another source", got)
	}
	d.poll("first")
	if got := d.chorus.Confirmed(p.Origin, d.clock.Now()); !got.Equal(noon.Add(10 * time.Minute)) {
		t.Errorf("confirmed %v", got)
	}
}

// So does a source that is asked, and none beside it.
func TestConfirmed_ByWhoeverWasAsked(t *testing.T) {
	d := atTable(t)
	d.publishes("exchange").Says = feeds.Values{Import: euro(0.5, 0.2)}
	other := d.publishes("other")
	other.Err = errors.New("asleep")
	d.open()
	d.chorus.AskAll(t.Context())
	d.clock.Move(10 * time.Minute)
	p, _ := at(d.signals(noon).ImportPrice, noon)
	other.Err = nil
	_ = d.chorus.sources[1].Fetch(t.Context())
	if got := d.chorus.Confirmed(p.Origin, d.clock.Now()); !got.Equal(noon) {
		t.Errorf("confirmed %v by another source", got)
	}
	_ = d.chorus.sources[0].Fetch(t.Context())
	if got := d.chorus.Confirmed(p.Origin, d.clock.Now()); !got.Equal(noon.Add(10 * time.Minute)) {
		t.Errorf("confirmed %v", got)
	}
}
