package modbus

import (
	"bytes"
	"encoding/binary"
	"net"
	"sync"
	"testing"

	"hearth/devices/devicetest"
	"hearth/devices/profiles"
)

// oneWay are the profiles of what only takes or only gives, which the suite cannot make do the other.
var oneWay = map[string]bool{"my-pv": true, "lambda-eu-l": true, "huawei-sun2000-inverter": true}

// required are parameters without a default.
var required = map[string]map[string]string{"victron-gx-mode3": {"vebus": "227"}}

func modbusIDs(t testing.TB) (ids []string) {
	t.Helper()
	for _, id := range profiles.IDs() {
		if profileOf(t, id).Transport == profiles.Modbus {
			ids = append(ids, id)
		}
	}
	return ids
}

// Every profile against a slave made of it: what it takes for its registers are the profile's, what it does
// with them is its nature.
func TestDrivers_PassTheConformanceSuite(t *testing.T) {
	for _, id := range modbusIDs(t) {
		if oneWay[id] {
			continue
		}
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			devicetest.Run(t, func(t *testing.T) devicetest.Rig {
				clock := devicetest.NewClock(start)
				peer := newSimulated(t, id, clock)
				bus := openBus(t, "tcp://"+peer.address+"?timeout=100ms", clock, newSteady)
				device, err := New(Config{Name: id, Profile: profileOf(t, id), Params: required[id], Bus: bus, Clock: clock, Log: quiet()})
				if err != nil {
					t.Fatal(err)
				}
				return devicetest.Rig{Device: device, Peer: peer, Clock: clock, MaxAge: defaultMaxAge}
			})
		})
	}
}

// What acts has a nature, or its slave would obey for ever.
func TestSimulated_EveryActorHasANature(t *testing.T) {
	for _, id := range modbusIDs(t) {
		p := profileOf(t, id)
		if _, isActor := p.Action("set_power"); isActor && (natures[id].watchdog == nil) != (p.Lease == nil) {
			t.Errorf("%s: a lease in the profile, a watchdog in the slave: %t, %t", id, p.Lease != nil, natures[id].watchdog != nil)
		}
	}
}

// station is a Modbus TCP slave that can be made to fail.
type station struct {
	address string
	clock   *devicetest.Clock
	running sync.WaitGroup
	onWrite func(addr uint16) // the registers hold what was written; mu is held
	settle  func()            // brings the registers up to the clock; mu is held
	absurd  func(addr uint16) uint16

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
	if s.fault != devicetest.Lying { // a liar stays as it is
		s.settle()
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
	if s.fault == devicetest.Garbage && s.asked%2 == 0 {
		return bytes.Repeat([]byte{0xA5}, 100)
	}
	out := make([]uint16, count)
	for i := range out {
		at := addr + uint16(i)
		if out[i] = s.words[at]; s.fault == devicetest.Garbage {
			out[i] = s.absurd(at)
		}
	}
	return answerTCP(request, out...)
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
