package sunspec

import (
	"bytes"
	"encoding/binary"
	"io"
	"log/slog"
	"math"
	"net"
	"sync"
	"testing"
	"time"

	"hearth/devices"
	"hearth/devices/devicetest"
	"hearth/devices/modbus"
	"hearth/energy"
	"hearth/sim/slave"
)

// The one suite that judges all drivers judges made profiles too.
func TestMadeProfiles_PassTheConformanceSuite(t *testing.T) {
	for name, c := range map[string]struct {
		dump  string
		o     Options
		build func(s *station, m Map) devicetest.Peer
	}{
		"model 124": {"fronius-gen24", Options{Part: Battery}, newStoragePeer},
		"model 704": {"seven-hundred", Options{Part: Battery}, newDERPeer},
		"meter":     {"fronius-meter", Options{Sign: 1}, newMeterPeer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			devicetest.Run(t, func(t *testing.T) devicetest.Rig {
				d := loadDump(t, c.dump)
				m := mustWalk(t, d)
				p, _, err := m.Profile(c.o)
				if err != nil {
					t.Fatal(err)
				}
				clock := devicetest.NewClock(start)
				s := &station{t: t, clock: clock, bank: d.bank(), settle: func() {}, onWrite: func(uint16) {}}
				peer := c.build(s, m)
				s.open("127.0.0.1:0")
				t.Cleanup(func() { s.close(); s.running.Wait() })
				at, err := modbus.ParseAddress("tcp://" + s.address + "?timeout=100ms")
				if err != nil {
					t.Fatal(err)
				}
				bus := modbus.NewBus(at, clock, func() devices.Pace { return steady{} })
				t.Cleanup(func() { bus.Close() })
				device, err := modbus.New(modbus.Config{Name: "it", Profile: p, Bus: bus, Clock: clock, Log: slog.New(slog.DiscardHandler)})
				if err != nil {
					t.Fatal(err)
				}
				return devicetest.Rig{Device: device, Peer: peer, Clock: clock, MaxAge: 2 * time.Minute}
			})
		})
	}
}

// station is a Modbus TCP slave that can be made to fail.
type station struct {
	t       *testing.T
	address string
	clock   *devicetest.Clock
	running sync.WaitGroup
	onWrite func(addr uint16) // the registers hold what was written; mu is held
	settle  func()            // brings the registers up to the clock; mu is held

	mu       sync.Mutex
	bank     slave.Bank
	fault    devicetest.Fault
	commands int
	asked    int
	listener net.Listener
	conns    []net.Conn
}

func (s *station) open(address string) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		s.t.Error(err)
		return
	}
	s.mu.Lock()
	s.listener, s.address = l, l.Addr().String()
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
	for {
		frame := make([]byte, 260)
		if _, err := io.ReadFull(c, frame[:6]); err != nil {
			return
		}
		n := 6 + int(binary.BigEndian.Uint16(frame[4:]))
		if _, err := io.ReadFull(c, frame[6:n]); err != nil {
			return
		}
		if answer := s.answer(frame[:n]); answer != nil {
			_, _ = c.Write(answer) // the client may have given up: that is the test
		}
	}
}

// answer is what the slave says to a request of function 3 or 16; nil: nothing.
func (s *station) answer(request []byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	addr, count := binary.BigEndian.Uint16(request[8:]), binary.BigEndian.Uint16(request[10:])
	s.asked++
	if s.fault == devicetest.Silent {
		return nil
	}
	if request[7] == 16 {
		s.commands++
		for i := range count {
			if s.fault != devicetest.Lying {
				s.bank[addr+i] = binary.BigEndian.Uint16(request[13+2*i:])
				s.onWrite(addr + i)
			}
		}
		return frame(request, request[6:12])
	}
	if s.fault != devicetest.Lying { // a liar stays as it is
		s.settle()
	}
	if s.fault == devicetest.Garbage && s.asked%2 == 0 {
		return bytes.Repeat([]byte{0xA5}, 100)
	}
	words, err := s.bank.Read(addr, count)
	if err != nil {
		return frame(request, []byte{request[6], request[7] | 0x80, 2})
	}
	pdu := []byte{request[6], request[7], byte(2 * count)}
	for _, w := range words {
		if s.fault == devicetest.Garbage {
			w = 0x8000 // not there, and scaled by what is not there
		}
		pdu = binary.BigEndian.AppendUint16(pdu, w)
	}
	return frame(request, pdu)
}

func frame(request, unitAndPDU []byte) []byte {
	out := append([]byte(nil), request[:4]...)
	return append(binary.BigEndian.AppendUint16(out, uint16(len(unitAndPDU))), unitAndPDU...)
}

// Fail gives the slave a fault; gone means that nobody listens.
func (s *station) Fail(f devicetest.Fault) {
	s.mu.Lock()
	was, address := s.fault, s.address
	s.fault = f
	s.mu.Unlock()
	if f == devicetest.Gone && was != f {
		s.close()
	}
	if was == devicetest.Gone && f != was {
		s.open(address)
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

// meterPeer is a meter of models 201 to 204 that counts taking as positive.
type meterPeer struct {
	*station
	at uint16
}

func newMeterPeer(s *station, m Map) devicetest.Peer {
	model, _ := m.first(integerMeters...)
	return &meterPeer{s, uint16(model.Addr)}
}

func (p *meterPeer) Measure(w energy.Watts) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bank[p.at+22], p.bank[p.at+18] = 0, uint16(int16(w))
}

// storagePeer does at once what model 124 is told, until its timer is over.
type storagePeer struct {
	*station
	at, mppt uint16
	told     time.Time
}

func newStoragePeer(s *station, m Map) devicetest.Peer {
	control, _ := m.first(storage)
	strings, _ := m.first(strings160)
	p := &storagePeer{station: s, at: uint16(control.Addr), mppt: uint16(strings.Addr)}
	s.onWrite = func(addr uint16) {
		if addr == p.at+5 {
			p.told = s.clock.Now()
		}
	}
	s.settle = func() {
		limit := time.Duration(s.bank[p.at+15]) * time.Second
		if limit > 0 && s.clock.Now().Sub(p.told) > limit {
			s.bank[p.at+5] = 0
		}
	}
	return p
}

func (p *storagePeer) Measure(w energy.Watts) {
	p.mu.Lock()
	defer p.mu.Unlock()
	charge, discharge := p.mppt+uint16(module(2).power.offset), p.mppt+uint16(module(3).power.offset)
	p.bank[p.mppt+4] = 0
	p.bank[charge], p.bank[discharge] = uint16(max(w, 0)), uint16(max(-w, 0))
}

// Told is the power both rates pin it to.
func (p *storagePeer) Told() (energy.Watts, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settle()
	in, out := int16(p.bank[p.at+13]), int16(p.bank[p.at+12])
	return energy.Watts(math.Round(float64(in) * 1.024)), p.bank[p.at+5] == 3 && in == -out
}

// derPeer does at once what model 704 is told; its time left counts down.
type derPeer struct {
	*station
	at, ac uint16
	told   time.Time
}

func newDERPeer(s *station, m Map) devicetest.Peer {
	control, _ := m.first(derControls)
	ac, _ := m.first(derAC)
	p := &derPeer{station: s, at: uint16(control.Addr), ac: uint16(ac.Addr)}
	s.onWrite = func(addr uint16) {
		if addr == p.at+31 || addr == p.at+32 {
			p.told = s.clock.Now()
		}
	}
	s.settle = func() {
		left := time.Duration(s.bank[p.at+32])*time.Second - s.clock.Now().Sub(p.told)
		if left <= 0 && s.bank[p.at+22] == 1 {
			s.bank[p.at+22] = s.bank[p.at+30]
		}
		s.bank.U32(p.at+33, uint32(max(left, 0)/time.Second))
	}
	return p
}

func (p *derPeer) Measure(w energy.Watts) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bank[p.ac+116], p.bank[p.ac+10] = 0, uint16(int16(-w))
}

func (p *derPeer) Told() (energy.Watts, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settle()
	set := int32(uint32(p.bank[p.at+24])<<16 | uint32(p.bank[p.at+25]))
	return -energy.Watts(set), p.bank[p.at+22] == 1
}
