package storage

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"hearth/energy"
)

func benchStore(b *testing.B) *Store {
	s, err := Open(context.Background(), filepath.Join(b.TempDir(), "hearth.db"),
		Options{Clock: &fakeClock{t: noon()}, Log: discard(), FlushEvery: time.Hour})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	return s
}

func tenChannels() map[string]float64 {
	values := map[string]float64{}
	for c := range 10 {
		values[fmt.Sprint("channel", c)] = float64(c) + 0.1
	}
	return values
}

func BenchmarkRecord(b *testing.B) {
	s, values, at := benchStore(b), tenChannels(), noon()
	b.ReportAllocs()
	for b.Loop() {
		at = at.Add(10 * time.Second)
		s.Record(at, values)
	}
}

// BenchmarkFlush is a commit of five minutes: 30 rows of ten channels.
func BenchmarkFlush(b *testing.B) {
	s, values, at := benchStore(b), tenChannels(), noon()
	for b.Loop() {
		for range 30 {
			at = at.Add(10 * time.Second)
			s.Record(at, values)
		}
		if err := s.Flush(); err != nil {
			b.Fatal(err)
		}
	}
}

func benchDay(b *testing.B) (*Store, energy.Interval) {
	s, values, start := benchStore(b), tenChannels(), noon().Add(-12*time.Hour)
	for i := range 8640 {
		s.Record(start.Add(time.Duration(i)*10*time.Second), values)
		if i%500 == 0 {
			if err := s.Flush(); err != nil {
				b.Fatal(err)
			}
		}
	}
	if err := s.Flush(); err != nil {
		b.Fatal(err)
	}
	return s, energy.Span(start, day)
}

func BenchmarkReadingsOfADay(b *testing.B) {
	s, within := benchDay(b)
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		if err := s.Readings("channel7", within, func(time.Time, float64) bool { n++; return true }); err != nil || n != 8640 {
			b.Fatal(n, err)
		}
	}
}

func BenchmarkRollupsOfADay(b *testing.B) {
	s, within := benchDay(b)
	for b.Loop() {
		if err := s.Rollups("channel7", within, func(Rollup) bool { return true }); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPut(b *testing.B) {
	s, values := benchStore(b), [2][]byte{make([]byte, 1000), []byte("other")}
	for i := 0; b.Loop(); i++ {
		if err := s.Put("signals", values[i%2]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGet(b *testing.B) {
	s := benchStore(b)
	if err := s.Put("signals", make([]byte, 1000)); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, ok, err := s.Get("signals"); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}
