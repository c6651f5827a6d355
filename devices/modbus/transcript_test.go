package modbus

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"hearth/devices"
	"hearth/energy"
)

// The transcripts beside the profiles are what their makers' words mean. The driver has to read and write
// just that: points in our units and sign, registers in the profile's order.
func TestDriver_SpeaksAsEveryTranscriptSays(t *testing.T) {
	for _, id := range modbusIDs(t) {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile("../profiles/testdata/" + id + "/transcript.txt")
			if err != nil {
				t.Fatal(err)
			}
			slave := newBank(map[uint16]uint16{})
			slave.isZeroElsewhere = true
			address, _ := serveBank(t, slave, "")
			p := &player{t: t, id: id, slave: slave, bus: openBus(t, "tcp://"+address, newHandClock(), newEager)}
			lines := strings.Split(string(text), "\n")
			for i := 0; i < len(lines); {
				next := i + 1
				for next < len(lines) && strings.HasPrefix(lines[next], "  ") {
					next++
				}
				p.play(lines[i], lines[i+1:next])
				i = next
			}
		})
	}
}

// player is a driver that acts a transcript.
type player struct {
	t      *testing.T
	id     string
	params map[string]string
	slave  *bank
	bus    *Bus
}

// device is a new one for each line: what a transcript says does not follow from what it said before.
func (p *player) device() *driver {
	_, d := newDevice(p.t, Config{Name: p.id, Profile: profileOf(p.t, p.id), Params: p.params, Bus: p.bus, Clock: newHandClock()})
	d.isSetUp = true
	return d
}

func (p *player) play(line string, want []string) {
	words := strings.Fields(line)
	switch {
	case len(words) == 0 || words[0] == "#":
	case words[0] == "params":
		p.params = map[string]string{}
		for _, pair := range words[1:] {
			name, value, _ := strings.Cut(pair, "=")
			p.params[name] = value
		}
	case words[0] == "holds":
		for i, w := range words[2:] {
			p.slave.set(uint16(number(p.t, words[1])+float64(i)), uint16(number(p.t, w)))
		}
	case words[0] == "read":
		p.read(want)
	case words[0] == "tell":
		p.tell(words[1:], want)
	}
}

// read compares each reading with its line; of what no line speaks nothing may be known.
func (p *player) read(want []string) {
	d := p.device()
	pollAll(p.t, d)
	said := map[string]bool{"online": true}
	for _, line := range want {
		words := strings.Fields(strings.Replace(line, ":", "", 1))
		name := words[0]
		said[name] = true
		r := d.read(name)
		isKnown := words[1] == "="
		if r.Valid != isKnown {
			p.t.Errorf("%q: the driver reads %+v", line, r)
		}
		if !isKnown {
			continue
		}
		v, err := strconv.ParseFloat(words[2], 64)
		switch {
		case name == "thermal_mode":
			v = float64(slices.IndexFunc(thermalModes, func(m devices.ThermalMode) bool { return string(m) == words[2] }))
		case err != nil:
			v = map[string]float64{"true": 1}[words[2]]
		}
		if math.Abs(v-r.Value) > 1e-6*max(1, math.Abs(v)) {
			p.t.Errorf("%q: the driver reads %v", line, r.Value)
		}
	}
	for name := range d.readings {
		if r := d.read(name); !said[name] && r.Valid {
			p.t.Errorf("the driver reads %s %v, of which the transcript says nothing", name, r.Value)
		}
	}
}

// tell compares what is written, word by word: neighbouring registers may come in one request.
func (p *player) tell(words, want []string) {
	var power energy.Watts
	var lease time.Duration
	for _, w := range words[1:] {
		if text, isPower := strings.CutSuffix(w, "W"); isPower {
			power = energy.Watts(number(p.t, text))
		} else {
			lease = time.Duration(number(p.t, strings.TrimSuffix(w, "s"))) * time.Second
		}
	}
	before := len(p.slave.log())
	if err := p.device().act(p.t.Context(), words[0], power, lease); err != nil && !strings.Contains(err.Error(), "the device ") {
		p.t.Errorf("tell %v: %v", words, err) // a bank does not count a lease down
	}
	var got, expected []string
	for _, w := range p.slave.log()[before:] {
		for i, v := range w.words {
			got = append(got, fmt.Sprint(int(w.addr)+i, " <- ", v))
		}
	}
	for _, line := range want {
		_, line, _ = strings.Cut(line, "register ")
		at, values, _ := strings.Cut(line, " <- ")
		for i, v := range strings.Fields(values) {
			expected = append(expected, fmt.Sprint(int(number(p.t, at))+i, " <- ", v))
		}
	}
	if !slices.Equal(got, expected) {
		p.t.Errorf("tell %v writes\n%v, want\n%v", words, got, expected)
	}
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
