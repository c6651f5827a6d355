package main

import (
	"runtime"
	"runtime/metrics"
	"sync"
	"time"
)

// heapMeter finds the most memory that was alive at a time, above what was when it started. What is alive
// is what the collector marks in each of its cycles; between two of them nobody knows, so a peak that comes
// and goes within one is missed. Where there was no cycle at all, all that was allocated counts: it is
// less than the few megabytes that set off the first.
type heapMeter struct {
	base heapSample
	peak uint64 // marked by one cycle, of all seen so far
	end  chan struct{}
	done chan struct{}
	once sync.Once
	grew uint64
}

type heapSample struct {
	live, objects, cycles uint64
}

// heapPause is between two looks; cycles under load are further apart.
const heapPause = 2 * time.Millisecond

// startHeapMeter collects what is dead and begins to look.
func startHeapMeter() *heapMeter {
	runtime.GC()
	h := &heapMeter{base: sampleHeap(), end: make(chan struct{}), done: make(chan struct{})}
	go h.watch()
	return h
}

func (h *heapMeter) watch() {
	defer close(h.done)
	tick := time.NewTicker(heapPause)
	defer tick.Stop()
	for {
		select {
		case <-h.end:
			return
		case <-tick.C:
			h.peak = max(h.peak, sampleHeap().live)
		}
	}
}

// stop ends the looking and returns the most bytes above the beginning; again when it is called again.
func (h *heapMeter) stop() uint64 {
	h.once.Do(func() {
		close(h.end)
		<-h.done
		now := sampleHeap()
		most, from := max(h.peak, now.live), h.base.live
		if now.cycles == h.base.cycles {
			most, from = now.objects, h.base.objects
		}
		h.grew = max(most, from) - from
	})
	return h.grew
}

func sampleHeap() heapSample {
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/heap/objects:bytes"}, {Name: "/gc/cycles/total:gc-cycles"}}
	metrics.Read(s)
	return heapSample{s[0].Value.Uint64(), s[1].Value.Uint64(), s[2].Value.Uint64()}
}
