package fleet

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"hearth/internal/pace"
)

// scene is what happens to a fleet.
type scene struct {
	name       string
	vtn        vtn
	isBlackout bool          // all homes start in the first tick
	from, back time.Duration // of the trouble
	length     time.Duration
}

const (
	plenty = 1e6 // requests a second: what is offered is what is seen
	tight  = 1.5 // times the mean rate
)

// scenes are the ways in which all homes may come back at once. Mean is the rate of the regular state.
func scenes(mean float64) []scene {
	outage := []trouble{{10 * time.Minute, 130 * time.Minute, false}}
	return []scene{
		{"outage of two hours", vtn{capacity: plenty, troubles: outage}, false, 10 * time.Minute, 130 * time.Minute, 230 * time.Minute},
		{"blackout, all start at once", vtn{capacity: plenty}, true, 0, 0, 100 * time.Minute},
		{"429 until the same minute", vtn{capacity: plenty, troubles: []trouble{{10 * time.Minute, 40 * time.Minute, true}}}, false, 10 * time.Minute, 40 * time.Minute, 140 * time.Minute},
		{"outage, then 1.5 times the mean", vtn{capacity: tight * mean, troubles: outage}, false, 10 * time.Minute, 130 * time.Minute, 230 * time.Minute},
		{"blackout, 1.5 times the mean", vtn{capacity: tight * mean}, true, 0, 0, 100 * time.Minute},
	}
}

// The policies: ours, and two that are often met.
func ours(random func() float64) policy { return pace.New(regular, random) }

// stubborn tries every half minute until it works.
type stubborn struct{}

func (stubborn) First(bool) time.Duration { return 0 }
func (stubborn) Next(err error) time.Duration {
	if err == nil {
		return regular
	}
	return max(30*time.Second, askedBy(err))
}

// doubling doubles from two seconds to the regular time, without any chance.
type doubling struct{ last time.Duration }

func (*doubling) First(bool) time.Duration { return 0 }
func (d *doubling) Next(err error) time.Duration {
	if err == nil {
		d.last = 0
		return regular
	}
	d.last = min(max(2*time.Second, 2*d.last), regular)
	return max(d.last, askedBy(err))
}

func askedBy(err error) time.Duration {
	p, _ := err.(patience)
	return time.Duration(p)
}

var policies = []struct {
	name string
	make func(random func() float64) policy
}{
	{"Hearth", ours},
	{"every 30 s", func(func() float64) policy { return stubborn{} }},
	{"doubling, no chance", func(func() float64) policy { return new(doubling) }},
}

// outcome is what a VTN and its homes see of a scene. Times are from the end of the trouble.
type outcome struct {
	second, ten float64 // greatest rate over 1 s and over 10 s, per second, from the beginning of the trouble
	late        float64 // the same over 10 s, in the last half hour
	most, all   time.Duration
	isAll       bool // all homes were fresh in the end
	early       int
}

func play(s scene, homes int, kind func(random func() float64) policy) outcome {
	w := newWorld(s, homes, kind)
	w.run()
	o := outcome{early: w.early, isAll: len(w.fresh) == homes}
	seen := w.counts[ticks(s.from):]
	o.second, o.ten = peak(seen, time.Second), peak(seen, 10*time.Second)
	o.late = peak(seen[len(seen)-int(ticks(30*time.Minute)):], 10*time.Second)
	slices.Sort(w.fresh)
	since := func(share float64) time.Duration {
		if i := int(share*float64(homes)) - 1; i < len(w.fresh) {
			return time.Duration(w.fresh[i]-w.back) * tick
		}
		return -1
	}
	o.most, o.all = since(0.95), since(1)
	return o
}

// peak is the greatest rate in any window, wherever it begins.
func peak(counts []int32, window time.Duration) float64 {
	width, sum, most := int(ticks(window)), 0, 0
	for i, n := range counts {
		if sum += int(n); i >= width {
			sum -= int(counts[i-width])
		}
		most = max(most, sum)
	}
	return float64(most) / window.Seconds()
}

// meanRate is the requests a second of a fleet that nothing happens to.
func meanRate(homes int) float64 {
	w := newWorld(scene{vtn: vtn{capacity: plenty}, length: time.Hour}, homes, ours)
	w.run()
	sum := 0
	for _, n := range w.counts {
		sum += int(n)
	}
	return float64(sum) / time.Hour.Seconds()
}

// row is a line of the table in docs/benchmarks.md.
func (o outcome) row(s scene, policy string, mean float64) string {
	say := func(d time.Duration) string {
		if d < 0 {
			return "not in " + minutes(s.length-s.back)
		}
		return minutes(d)
	}
	return "| " + strings.Join([]string{
		s.name, policy, fmt.Sprintf("%.0f (%.1f)", o.second, o.second/mean), fmt.Sprintf("%.0f (%.1f)", o.ten, o.ten/mean),
		say(o.most), say(o.all),
	}, " | ") + " |"
}

func minutes(d time.Duration) string { return fmt.Sprintf("%.1f min", d.Minutes()) }
