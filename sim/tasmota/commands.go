package tasmota

import (
	"strings"
	"time"
)

// pulseMax is the longest PulseTime: 64800 s.
const pulseMax = 64900

// command obeys one message on cmnd/<topic>/<name> and answers on stat/. Whoever calls it holds turn.
func (p *Plug) command(name, payload string) {
	switch strings.TrimSuffix(strings.ToUpper(name), "1") {
	case "POWER":
		p.power(payload)
	case "PULSETIME":
		p.pulse(payload)
	case "TELEPERIOD":
		if s, ok := number(payload, 10, 3600); ok {
			p.period = time.Duration(s) * time.Second
		}
		p.result(map[string]int{"TelePeriod": int(p.period / time.Second)})
	case "POWERDELTA":
		if set, ok := number(payload, 0, 32000); ok {
			p.delta = set
		}
		p.result(map[string]int{"PowerDelta1": p.delta})
	case "POWERONSTATE":
		if set, ok := number(payload, 0, 5); ok {
			p.powerOn = set
		}
		p.result(map[string]int{"PowerOnState": p.powerOn})
	case "STATE":
		p.result(p.state(p.socket.Look()))
	case "STATUS":
		p.status(payload)
	default:
		p.result(map[string]string{"Command": "Unknown"})
	}
}

// power switches, or tells: an empty payload is a query. The answer to a switch says what was asked
// for, as the firmware does that drives a pin and never looks at the relay.
func (p *Plug) power(payload string) {
	on := p.socket.Look().IsOn
	if asked, ok := parseSwitch(payload, on); ok {
		p.socket.Turn(asked)
		p.wasOn = p.socket.Look().IsOn
		on = asked
	}
	p.announce(on)
}

func (p *Plug) pulse(payload string) {
	if set, ok := number(payload, 0, pulseMax); ok {
		p.socket.SetPulse(pulseLength(set))
	}
	r := p.socket.Look()
	p.result(map[string]any{"PulseTime1": map[string]int{
		"Set": pulseSetting(r.Pulse), "Remaining": pulseSetting(r.Left),
	}})
}

func (p *Plug) status(payload string) {
	r := p.socket.Look()
	switch payload {
	case "8", "10":
		p.publish("stat", "STATUS"+payload, text(map[string]any{"StatusSNS": p.sensor(r)}), false)
	case "11":
		p.publish("stat", "STATUS11", text(map[string]any{"StatusSTS": p.state(r)}), false)
	default:
		p.result(map[string]string{"Command": "Error"})
	}
}

// announce says the relay's state on both of its topics.
func (p *Plug) announce(on bool) {
	p.result(map[string]string{"POWER": onOff(on)})
	p.publish("stat", "POWER", []byte(onOff(on)), false)
}

func (p *Plug) result(body any) { p.publish("stat", "RESULT", text(body), false) }
