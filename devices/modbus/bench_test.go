package modbus

import (
	"testing"
)

// BenchmarkPoll is one cycle of a charger: seven points, six requests, over TCP on loopback.
func BenchmarkPoll(b *testing.B) {
	slave := newBank(map[uint16]uint16{})
	for _, addr := range []uint16{1000, 1004, 1020, 1036, 1502, 1100} {
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
