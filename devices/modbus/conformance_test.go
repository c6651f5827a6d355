package modbus

import (
	"bytes"
	"encoding/binary"
	"net"
	"sync"
	"testing"
	"time"

	"hearth/devices/devicetest"
	"hearth/energy"
)

func TestDrivers_PassTheConformanceSuite(t *testing.T) {
	for id, build := range map[string]func(*station) devicetest.Peer{
		"eastron-sdm630": func(s *station) devicetest.Peer { return newMeterPeer(s) },
		"keba-p30":       func(s *station) devicetest.Peer { return newKebaPeer(s) },
		"huawei-luna":    func(s *station) devicetest.Peer { return newHuaweiPeer(s) },
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			devicetest.Run(t, func(t *testing.T) devicetest.Rig {
				clock := devicetest.NewClock(start)
				s := &station{clock: clock, words: map[uint16]uint16{}, address: freePort(t)}
				peer := build(s)
				s.open(t)
				t.Cleanup(func() { s.close(); s.running.Wait() })
				bus := openBus(t, "tcp://"+s.address+"?timeout=100ms", clock, newSteady)
				device, err := New(Config{Name: id, Profile: profileOf(t, id), Bus: bus, Clock: clock, Log: quiet()})
				if err != nil {
					t.Fatal(err)
				}
				return devicetest.Rig{Device: device, Peer: peer, Clock: clock, MaxAge: defaultMaxAge}
			})
		})
	}
}

// station is a Modbus TCP slave that can be made to fail.
type station struct {
	address string
	clock   *devicetest.Clock
	power   uint16 // where the two registers of the power are
	running sync.WaitGroup
	onWrite func(addr uint16) // the registers hold what was written; mu is held
	settle  func()            // brings the registers up to the clock; mu is held

	mu       sync.Mutex
	t        *testing.T
	words    map[uint16]uint16
	fault    devicetest.Fault
	commands int
	asked    int
	listener net.Listener
	conns    []net.Conn
}

func (s *station) open(t *testing.T) {
	l, err := net.Listen("tcp", s.address)
	if err != nil {
		t.Error(err)
		return
	}
	s.mu.Lock()
	s.t, s.listener = t, l
	s.mu.Unlock()
	s.running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns = append(s.conns, c)
			s.mu.Unlock()
			s.running.Go(func() { s.serve(c) })
		}
	})
}

func (s *station) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listener.Close()
	for _, c := range s.conns {
		c.Close()
	}
	s.conns = nil
}

func (s *station) serve(c net.Conn) {
	defer c.Close()
	for request := askTCP(c); request != nil; request = askTCP(c) {
		if answer := s.answer(request); answer != nil {
			send(c, answer)
		}
	}
}

// answer is what the slave says to a request of function 3, 4, 6 or 16; nil: nothing.
func (s *station) answer(request []byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	addr, count := binary.BigEndian.Uint16(request[8:]), binary.BigEndian.Uint16(request[10:])
	s.asked++
	if s.fault == devicetest.Silent {
		return nil
	}
	if request[7] == 6 || request[7] == 16 {
		s.commands++
		data := request[10:12]
		if request[7] == 16 {
			data = request[13:]
		}
		for i, w := range words(data) {
			if s.fault != devicetest.Lying {
				s.words[addr+uint16(i)] = w
				s.onWrite(addr + uint16(i))
			}
		}
		return frameTCP(request, request[6:12])
	}
	if s.fault != devicetest.Lying { // a liar stays as it is
		s.settle()
	}
	if s.fault == devicetest.Garbage && s.asked%2 == 0 {
		return bytes.Repeat([]byte{0xA5}, 100)
	}
	out := make([]uint16, count)
	for i := range out {
		at := addr + uint16(i)
		if out[i] = s.words[at]; s.fault == devicetest.Garbage {
			out[i] = []uint16{0x7FFF, 0xFFFF}[(at-s.power)%2] // not a number, not there, or absurd
		}
	}
	return answerTCP(request, out...)
}

func (s *station) set32(addr uint16, v uint32) {
	s.words[addr], s.words[addr+1] = uint16(v>>16), uint16(v)
}

func (s *station) get32(addr uint16) uint32 {
	return uint32(s.words[addr])<<16 | uint32(s.words[addr+1])
}

func (s *station) measure(addr uint16, raw uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set32(addr, raw)
}

// Fail gives the slave a fault; gone means that nobody listens.
func (s *station) Fail(f devicetest.Fault) {
	s.mu.Lock()
	was, t := s.fault, s.t
	s.fault = f
	s.mu.Unlock()
	if f == devicetest.Gone && was != f {
		s.close()
	}
	if was == devicetest.Gone && f != was {
		s.open(t)
	}
}

func (s *station) Restart() {
	s.Fail(devicetest.Gone)
	s.Fail(devicetest.Healthy)
}

func (s *station) Commands() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.commands
}

// meterPeer is an Eastron meter.
type meterPeer struct{ *station }

func newMeterPeer(s *station) *meterPeer {
	s.power, s.settle = 52, func() {}
	return &meterPeer{s}
}

func (p *meterPeer) Measure(w energy.Watts) {
	data, err := kind{registers: 2, isFloat: true}.encode(float64(w))
	if err != nil {
		panic(err)
	}
	p.measure(52, binary.BigEndian.Uint32(data))
}

// kebaPeer is a station with a vehicle that charges whenever it may.
type kebaPeer struct {
	*station
	fed time.Time
}

func newKebaPeer(s *station) *kebaPeer {
	p := &kebaPeer{station: s}
	s.power = 1020
	s.words[1005] = 7
	s.words[5014], s.words[5004], s.words[5016] = 1, 6000, 6000
	s.onWrite = func(addr uint16) {
		if addr == 5018 {
			p.fed = s.clock.Now()
		}
	}
	s.settle = func() {
		if limit := time.Duration(s.words[5018]) * time.Second; limit > 0 && s.clock.Now().Sub(p.fed) > limit {
			s.words[5004], s.words[5014] = s.words[5016], 1 // failsafe
		}
		s.words[1001] = 5
		if s.words[5014] == 1 {
			s.words[1001] = 3
		}
		s.set32(1100, uint32(s.words[5004]))
	}
	return p
}

func (p *kebaPeer) Measure(w energy.Watts) { p.measure(1020, uint32(w*1000)) }

// Told takes the failsafe current for the station's own control.
func (p *kebaPeer) Told() (energy.Watts, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settle()
	if p.words[5014] == 0 {
		return 0, true
	}
	return energy.Watts(p.words[5004]) * 0.69, p.words[5004] != p.words[5016]
}

// huaweiPeer is a battery that does at once what it is forced to, until the period is over.
type huaweiPeer struct {
	*station
	forced time.Time
}

func newHuaweiPeer(s *station) *huaweiPeer {
	p := &huaweiPeer{station: s}
	s.power = 37765
	s.words[37760] = 500
	s.onWrite = func(addr uint16) {
		if addr == 47100 {
			p.forced = s.clock.Now()
		}
	}
	s.settle = func() {
		if s.clock.Now().Sub(p.forced) > time.Duration(s.words[47083])*time.Minute {
			s.words[47100] = 0
		}
	}
	return p
}

func (p *huaweiPeer) Measure(w energy.Watts) { p.measure(37765, uint32(int32(w))) }

func (p *huaweiPeer) Told() (energy.Watts, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settle()
	switch p.words[47100] {
	case 1:
		return energy.Watts(p.get32(47247)), true
	case 2:
		return -energy.Watts(p.get32(47249)), true
	}
	return 0, false
}
