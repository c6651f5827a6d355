package sim

import (
	"time"

	"hearth/sim/house"
	"hearth/sim/tasmota"
)

// socket is the hardware of one plug of the home.
type socket struct {
	home *Home
	name string
}

func (h *Home) newPlug(name string) *tasmota.Plug {
	return tasmota.New(tasmota.Options{
		Topic:  name,
		Broker: h.sockets.broker.url(),
		Clock:  h.clock,
		Tick:   h.tick(),
		Log:    h.log,
	}, socket{h, name})
}

// plug is the socket's part of a house.
func (s socket) plug(h *house.House) *house.Plug {
	if s.name == Dishwasher {
		return &h.DishPlug
	}
	return &h.BoilerPlug
}

// Look is what the firmware reads off its meter and its relay.
func (s socket) Look() tasmota.Reading {
	var out tasmota.Reading
	s.home.look(func(h *house.House) {
		p := s.plug(h)
		out = tasmota.Reading{
			At: s.home.clock.Now().In(s.home.zone), IsOn: p.IsOn, Power: p.Power, Energy: p.Energy,
			Pulse: p.Pulse, Left: p.Left,
		}
	})
	return out
}

// Turn drives the relay's pin.
func (s socket) Turn(on bool) {
	s.home.look(func(h *house.House) { s.plug(h).Turn(on) })
}

// SetPulse sets the timer of each "on" that follows.
func (s socket) SetPulse(d time.Duration) {
	s.home.look(func(h *house.House) { s.plug(h).Pulse = d })
}
