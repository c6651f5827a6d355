package storage

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// TestWear_ADayCostsLessThan20MB writes days the way the daemon does (ten channels every 10 s, a commit every 300 s, a
// decision every five minutes, state every quarter hour) until retention has set in, and counts the bytes of one more.
func TestWear_ADayCostsLessThan20MB(t *testing.T) {
	const budget = 20_000_000
	h := openHome(t, func(o *Options) { o.RawDays = 2 })
	for d := range 3 {
		h.liveADay(firstDay().AddDate(0, 0, d), 12)
	}
	before, counted := bytesWritten(t), h.Stats().WrittenBytes
	h.liveADay(firstDay().AddDate(0, 0, 3), 1)
	written, said := bytesWritten(t)-before, h.Stats().WrittenBytes-counted
	if written > budget {
		t.Errorf("%d bytes written in a day, the budget is %d", written, budget)
	}
	if diff := written - said; diff < -written/20 || diff > written/20 {
		t.Errorf("Stats counts %d bytes, the kernel %d", said, written)
	}
	t.Logf("%.1f MB", float64(written)/1e6)
}

// liveADay commits every 300 s times thin.
func (h *home) liveADay(start time.Time, thin int) {
	values := map[string]float64{}
	for i := range 8640 {
		at := start.Add(time.Duration(i) * 10 * time.Second)
		for c := range 10 {
			values[fmt.Sprint("channel", c)] = float64(i*c) + 0.1
		}
		h.Record(at, values)
		if i%90 == 89 {
			h.put("signals", strings.Repeat(fmt.Sprint(i), 500))
		}
		if i%30 == 29 {
			h.append("decisions", at, strings.Repeat("d", 200))
		}
		if i%(30*thin) == 30*thin-1 {
			h.clock.set(at)
			h.flush()
		}
	}
}

// bytesWritten is what this process has handed to write calls.
func bytesWritten(t *testing.T) int64 {
	t.Helper()
	io, err := os.ReadFile("/proc/self/io")
	if err != nil {
		t.Skip(err)
	}
	for line := range strings.Lines(string(io)) {
		var n int64
		if _, err := fmt.Sscanf(line, "wchar: %d", &n); err == nil {
			return n
		}
	}
	t.Fatal("no wchar in /proc/self/io")
	return 0
}
