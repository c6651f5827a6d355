package modbus

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"runtime"
	"sync"
	"testing"
	"time"

	"hearth/devices"
	"hearth/devices/devicetest"
)

// BenchmarkPoll is one cycle of a charger: its points, each read alone, over TCP on loopback.
func BenchmarkPoll(b *testing.B) {
	slave := newBank(map[uint16]uint16{})
	for _, addr := range []uint16{1000, 1004, 1008, 1010, 1012, 1020, 1036, 1502, 1100, 1552} {
		slave.set(addr, 0, 3)
	}
	address, _ := serveBank(b, slave, "")
	_, d := newDevice(b, Config{Profile: profileOf(b, "keba-p30"), Clock: newHandClock(), Bus: openBus(b, "tcp://"+address, newHandClock(), newEager)})
	b.ReportAllocs()
	for b.Loop() {
		pollAll(b, d)
	}
	if !d.Online().Value {
		b.Fatal("the polls failed")
	}
	b.ReportMetric(float64(len(d.blocks)), "requests/op")
}

// BenchmarkTake is what is left of a poll without the wire: decoding a block of three floats.
func BenchmarkTake(b *testing.B) {
	d, err := newDriver(Config{Name: "it", Profile: profileOf(b, "eastron-sdm630"), Clock: newHandClock(), Log: quiet()})
	if err != nil {
		b.Fatal(err)
	}
	data := make([]byte, 48)
	copy(data, []byte{0x44, 0x89, 0x80, 0})
	b.ReportAllocs()
	for b.Loop() {
		d.take(d.blocks[0], data, start)
	}
}

// answerTime is what a quick meter takes to answer on Modbus TCP; behind a serial gateway it is ten times that.
const answerTime = 2 * time.Millisecond

// meters serves as many meters as are asked for, each answer after answerTime.
func meters(t testing.TB) (address string) {
	t.Helper()
	return serveFaults(t, func(c net.Conn) {
		for request := askTCP(c); request != nil; request = askTCP(c) {
			time.Sleep(answerTime)
			send(c, answerTCP(request, make([]uint16, binary.BigEndian.Uint16(request[10:]))...))
		}
	})
}

// roundOnTheWire is a cycle of twenty meters, two reads each, with nothing but a socket.
func roundOnTheWire(t testing.TB, c net.Conn) {
	t.Helper()
	for unit := range byte(20) {
		for _, r := range [][2]byte{{52, 24}, {6, 6}} {
			if _, err := c.Write([]byte{0, 1, 0, 0, 0, 6, unit + 1, 4, 0, r[0], 0, r[1]}); err != nil {
				t.Fatal(err)
			}
			if askTCP(c) == nil {
				t.Fatal("no answer")
			}
		}
	}
}

// twentyMeters are twenty drivers on one bus.
func twentyMeters(t testing.TB, address string) (drivers []*driver) {
	t.Helper()
	bus := openBus(t, "tcp://"+address, newHandClock(), newEager)
	for i := range 20 {
		_, d := newDevice(t, Config{Name: fmt.Sprint("meter ", i), Profile: profileOf(t, "eastron-sdm630"),
			Params: map[string]string{"unit": fmt.Sprint(i + 1)}, Bus: bus, Clock: newHandClock()})
		drivers = append(drivers, d)
	}
	return drivers
}

// round polls all at once, as their loops do when all are due.
func round(t testing.TB, drivers []*driver) {
	t.Helper()
	var all sync.WaitGroup
	for _, d := range drivers {
		all.Go(func() { pollAll(t, d) })
	}
	all.Wait()
	for _, d := range drivers {
		if !d.Online().Value {
			t.Fatal("a poll failed")
		}
	}
}

// BenchmarkTwentyMeters is a second's work of a bus with twenty meters, beside what the wire alone takes.
func BenchmarkTwentyMeters(b *testing.B) {
	address := meters(b)
	drivers := twentyMeters(b, address)
	c, err := net.Dial("tcp", address)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	var wire, ours time.Duration
	for b.Loop() {
		begun := time.Now()
		roundOnTheWire(b, c)
		middle := time.Now()
		round(b, drivers)
		wire, ours = wire+middle.Sub(begun), ours+time.Since(middle)
	}
	b.ReportMetric(float64(wire.Nanoseconds())/float64(b.N), "wire-ns/op")
	b.ReportMetric(float64(ours)/float64(wire), "ours/wire")
}

// The best of some rounds: a busy machine slows both, though not both alike.
func TestBus_TwentyMetersTakeLittleLongerThanTheirWire(t *testing.T) {
	address := meters(t)
	drivers := twentyMeters(t, address)
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	least := func(f func()) (best time.Duration) {
		for i := range 4 {
			begun := time.Now()
			if f(); i == 0 || time.Since(begun) < best {
				best = time.Since(begun)
			}
		}
		return best
	}
	for tries := 0; ; tries++ {
		wire, ours := least(func() { roundOnTheWire(t, c) }), least(func() { round(t, drivers) })
		if ours < wire*13/10 && ours < time.Second {
			t.Logf("wire %v, ours %v", wire, ours)
			return
		}
		if tries == 3 {
			t.Fatalf("the wire takes %v, we take %v", wire, ours)
		}
	}
}

// Two hundred devices, each with its own copy of its profile, read and running.
func TestDevices_TwoHundredFitIntoFifteenMegabytes(t *testing.T) {
	ids := modbusIDs(t)
	clock := devicetest.NewClock(start)
	var slaves []string
	for _, id := range ids {
		slaves = append(slaves, newSimulated(t, id, clock).address)
	}
	before := inUse()
	var all []*devices.Device
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for i := range 200 {
		n := i % len(ids)
		bus := openBus(t, "tcp://"+slaves[n], clock, newEager)
		device, err := New(Config{Name: fmt.Sprint("device ", i), Profile: profileOf(t, ids[n]), Params: required[ids[n]], Bus: bus, Clock: clock, Log: quiet()})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, device)
		running.Go(func() { _ = device.Driver.Run(ctx) })
	}
	for _, d := range all {
		eventually(t, "it is heard", func() bool { return d.Availability.Online().Valid })
	}
	used := inUse() - before
	t.Logf("%d devices on as many connections hold %d kB, the slaves' ends included", len(all), used>>10)
	if used > 15<<20 {
		t.Errorf("%d bytes", used)
	}
	cancel()
	running.Wait()
	runtime.KeepAlive(all)
}

// inUse is heap and stacks after what nobody holds is gone.
func inUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
