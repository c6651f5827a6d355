package sunspec

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	client "github.com/simonvetter/modbus"
	"go.uber.org/goleak"

	"hearth/devices"
	"hearth/devices/modbus"
	"hearth/devices/profiles"
	"hearth/sim/slave"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// dump is the registers of a device as a person writes them down: models with the values that matter. What is
// not written reads Fill, which for most types is "not implemented".
type dump struct {
	Base   uint16      `json:"base"`
	Models []dumpModel `json:"models"`
	NoEnd  bool        `json:"no_end"` // the registers end without an end marker
}

type dumpModel struct {
	ID   int                `json:"id"`
	Len  int                `json:"len"`
	Fill *uint16            `json:"fill"`
	Text map[string]string  `json:"text"`
	W16  map[string]int     `json:"w16"`
	W32  map[string]int64   `json:"w32"`
	W64  map[string]uint64  `json:"w64"`
	F32  map[string]float32 `json:"f32"`
}

func (d dump) bank() slave.Bank {
	b := slave.Bank{d.Base: markerHigh, d.Base + 1: markerLow}
	at := d.Base + 2
	for _, m := range d.Models {
		m.put(b, at)
		at += uint16(2 + m.Len)
	}
	if !d.NoEnd {
		b[at], b[at+1] = endMarker, 0
	}
	return b
}

func (m dumpModel) put(b slave.Bank, at uint16) {
	fill := uint16(0xFFFF)
	if m.Fill != nil {
		fill = *m.Fill
	}
	b[at], b[at+1] = uint16(m.ID), uint16(m.Len)
	end := at + uint16(2+m.Len)
	for a := at + 2; a != end; a++ {
		b[a] = fill
	}
	for offset, text := range m.Text {
		for i := range len(text) {
			word := uint16(text[i])
			if i%2 == 0 {
				b[place(at, offset)+uint16(i/2)] = word << 8
				continue
			}
			b[place(at, offset)+uint16(i/2)] |= word
		}
	}
	for offset, v := range m.W16 {
		b[place(at, offset)] = uint16(v)
	}
	for offset, v := range m.W32 {
		b.U32(place(at, offset), uint32(v))
	}
	for offset, v := range m.W64 {
		b.U32(place(at, offset), uint32(v>>32))
		b.U32(place(at, offset)+2, uint32(v))
	}
	for offset, v := range m.F32 {
		b.U32(place(at, offset), math.Float32bits(v))
	}
}

func place(at uint16, offset string) uint16 {
	n, err := strconv.Atoi(offset)
	if err != nil {
		panic(err)
	}
	return at + uint16(n)
}

func loadDump(t testing.TB, name string) dump {
	t.Helper()
	var d dump
	loadJSON(t, filepath.Join("testdata/dumps", name+".json"), &d)
	return d
}

func loadJSON(t testing.TB, path string, into any) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := json.NewDecoder(f)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// memory is a Reader of a bank that nobody serves.
type memory struct {
	bank   slave.Bank
	silent error // for registers that do not exist, instead of an exception
	reads  int
}

func (m *memory) Read(_ context.Context, addr, count uint16) ([]uint16, error) {
	m.reads++
	words, err := m.bank.Read(addr, count)
	if err != nil && m.silent != nil {
		return nil, m.silent
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return words, nil
}

func mustWalk(t testing.TB, d dump) Map {
	t.Helper()
	m, err := Walk(t.Context(), &memory{bank: d.bank()})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// wire is a Reader over a real connection, with a client that is not the driver's.
type wire struct{ client *client.ModbusClient }

func dial(t testing.TB, address string) wire {
	t.Helper()
	c, err := client.NewClient(&client.ClientConfiguration{URL: "tcp://" + address, Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return wire{c}
}

func (w wire) Read(_ context.Context, addr, count uint16) ([]uint16, error) {
	words, err := w.client.ReadRegisters(addr, count, client.HOLDING_REGISTER)
	if errors.Is(err, client.ErrIllegalDataAddress) {
		err = fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return words, err
}

// served is a dump behind a socket.
type served struct {
	mu     sync.Mutex
	bank   slave.Bank
	writes []write16
	before func(slave.Bank) // called before each read
}

type write16 struct {
	addr  uint16
	words []uint16
}

func serve(t testing.TB, d dump) (*served, string) {
	t.Helper()
	s := &served{bank: d.bank()}
	server, err := slave.Serve(map[uint8]slave.Unit{1: {Holding: s.read, Write: s.write}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	return s, strings.TrimPrefix(server.URL(), "tcp://")
}

func (s *served) read(addr, count uint16) ([]uint16, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.before != nil {
		s.before(s.bank)
	}
	return s.bank.Read(addr, count)
}

func (s *served) write(addr uint16, words []uint16) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.bank.Read(addr, uint16(len(words))); err != nil {
		return err
	}
	for i, w := range words {
		s.bank[addr+uint16(i)] = w
	}
	s.writes = append(s.writes, write16{addr, append([]uint16(nil), words...)})
	return nil
}

func (s *served) log() []write16 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]write16(nil), s.writes...)
}

// start is when tests begin.
var start = time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC)

// oneRound is a clock at which a driver stops for good once everything that is due was read.
type oneRound struct{ done chan struct{} }

func (oneRound) Now() time.Time { return start }

func (c oneRound) Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	close(c.done)
	<-ctx.Done()
	return context.Cause(ctx)
}

type eager struct{}

func (eager) Next(error) time.Duration { return 0 }

// drive runs the ordinary Modbus driver until it has read everything once.
func drive(t testing.TB, p *profiles.Profile, address string) *devices.Device {
	t.Helper()
	at, err := modbus.ParseAddress("tcp://" + address)
	if err != nil {
		t.Fatal(err)
	}
	clock := oneRound{make(chan struct{})}
	bus := modbus.NewBus(at, clock, func() devices.Pace { return eager{} })
	device, err := modbus.New(modbus.Config{Name: "it", Profile: p, Bus: bus, Clock: clock, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = device.Driver.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
		device.Driver.Close()
		bus.Close()
	})
	select {
	case <-clock.done:
	case <-time.After(20 * time.Second):
		t.Fatal("the driver never finished a round")
	}
	return device
}
