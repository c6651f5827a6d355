package sim

import (
	"fmt"

	"hearth/energy"
	"hearth/sim/house"
	"hearth/sim/tasmota"
)

// StopBroker kills the MQTT broker: plugs and agent lose their connections. Start comes first.
func (h *Home) StopBroker() error { return h.sockets.broker.stop() }

// StartBroker brings it back on the same port, with nothing retained.
func (h *Home) StartBroker() error { return h.sockets.broker.start() }

// SilenceMeter makes the grid's meter answer nothing but the gateway's exception 11, or answer again.
func (h *Home) SilenceMeter(isSilent bool) {
	h.look(func(*house.House) { h.isMeterSilent = isSilent })
}

// Oven has somebody cook with a power that nobody has planned for, in both homes; 0 ends it.
func (h *Home) Oven(power energy.Watts) {
	h.look(func(*house.House) { h.oven = power })
}

// PlugLies makes a plug answer commands as if it obeyed while its relay stays, or obey again. Asked for
// its state it tells the truth.
func (h *Home) PlugLies(plug string, lies bool) {
	s := h.socket(plug)
	h.look(func(now *house.House) { s.plug(now).Sticks = lies })
}

// PlugOffline cuts a plug's radio or brings it back; the relay stays as it is. Start comes first.
func (h *Home) PlugOffline(plug string, isOffline bool) { h.firmware(plug).SetOffline(isOffline) }

// PressButton is the resident switching a plug by hand.
func (h *Home) PressButton(plug string) {
	s := h.socket(plug)
	h.look(func(now *house.House) { s.plug(now).Turn(!s.plug(now).IsOn) })
}

func (h *Home) socket(plug string) socket {
	if plug != Dishwasher && plug != Boiler {
		panic(fmt.Sprintf("simulated home: no plug %q", plug)) // a mistake in the test that asks
	}
	return socket{h, plug}
}

func (h *Home) firmware(plug string) *tasmota.Plug { return h.sockets.plugs[h.socket(plug).name] }
