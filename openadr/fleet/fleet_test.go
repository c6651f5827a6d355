package fleet

import (
	"math"
	"testing"
	"time"
)

// crowded says that so many requests a second, over a window, are more than most times the mean and what chance
// adds to that: requests come in polls, of six at the most.
func crowded(rate, most, mean float64, window time.Duration) bool {
	count := most * mean * window.Seconds()
	return rate*window.Seconds() > count+4*math.Sqrt(6*count)
}

// What is printed with -v is the table of docs/benchmarks.md; the other policies are played for it only.
func TestFleet_ReturnsWithoutACrowd(t *testing.T) {
	mean := meanRate(homes)
	t.Logf("%d homes, poll every %v, mean %.0f requests/s", homes, regular, mean)
	t.Log("| what happened | who asks | peak over 1 s (times the mean) | over 10 s | 95 % fresh after | all |")
	for _, s := range scenes(mean) {
		o := play(s, homes, ours)
		t.Log(o.row(s, policies[0].name, mean))
		if crowded(o.ten, 1.9, mean, 10*time.Second) || crowded(o.second, 1.9, mean, time.Second) {
			t.Errorf("%s: %.0f requests/s over 10 s, %.0f over 1 s; the mean is %.0f", s.name, o.ten, o.second, mean)
		}
		if crowded(o.late, 1.3, mean, 10*time.Second) {
			t.Errorf("%s: in the end there are still %.0f requests/s over 10 s", s.name, o.late)
		}
		if !o.isAll || o.all > 2*regular+2*time.Minute {
			t.Errorf("%s: 95 %% are fresh after %v, all after %v", s.name, o.most, o.all)
		}
		if o.early > 0 {
			t.Errorf("%s: %d requests before the time that was asked for", s.name, o.early)
		}
		if !testing.Verbose() {
			continue
		}
		for _, p := range policies[1:] {
			t.Log(play(s, homes, p.make).row(s, p.name, mean))
		}
	}
}

// What the other policies do to a VTN of half as much again as it needs: it is why ours is as it is. It shows
// too that the model has crowds in it to be seen.
func TestFleet_KnocksTheVTNOverInTheUsualWays(t *testing.T) {
	const few = 10_000
	mean := meanRate(few)
	for _, s := range scenes(mean)[3:] {
		for _, p := range policies[1:] {
			if o := play(s, few, p.make); o.ten < 3*mean || o.isAll && o.all < 25*time.Minute {
				t.Errorf("%s, %s: a peak of %.1f times the mean, all fresh after %v", s.name, p.name, o.ten/mean, o.all)
			}
		}
	}
}

func TestFleet_PlaysTheSameTwice(t *testing.T) {
	for _, s := range scenes(meanRate(1000)) {
		if a, b := play(s, 1000, ours), play(s, 1000, ours); a != b {
			t.Errorf("%s: %+v, then %+v", s.name, a, b)
		}
	}
}

// impatient comes a second before it was asked to.
type impatient struct{ policy }

func (i impatient) Next(err error) time.Duration {
	if asked := askedBy(err); asked > time.Second {
		return asked - time.Second
	}
	return i.policy.Next(err)
}

func TestWorld_SeesWhoComesEarly(t *testing.T) {
	kind := func(random func() float64) policy { return impatient{ours(random)} }
	if o := play(scenes(meanRate(1000))[2], 1000, kind); o.early == 0 {
		t.Error("nobody was seen")
	}
}

func TestWorld_HasTheMeanThatItsHabitsGive(t *testing.T) {
	perHome := 2/regular.Seconds() + 2/programsFor.Seconds() + 1/tokenFor.Seconds()
	if got, want := meanRate(10_000), 10_000*perHome; got < 0.97*want || got > 1.01*want { // answers take a moment
		t.Errorf("%.1f requests/s, want %.1f", got, want)
	}
}

func TestVTN_ServesWhatItCanAndNoMore(t *testing.T) {
	v := vtn{capacity: 100}
	var served, slow, refused int
	const seconds = 200
	for now := range ticks(seconds * time.Second) {
		for range 20 { // twice what it can
			switch after, err := v.answer(now); {
			case after < 1:
				t.Fatalf("tick %d: an answer before the question", now)
			case err == nil:
				served++
			case err == errSlow:
				slow++
			default:
				refused++
			}
		}
	}
	if served+slow < 100*seconds || served+slow > 100*(seconds+61) || slow < served || refused == 0 {
		t.Errorf("%d served, %d too late, %d refused", served, slow, refused)
	}
}

func TestPeak_IsThatOfAnyWindow(t *testing.T) {
	counts := make([]int32, 100)
	counts[14], counts[23] = 30, 50 // 0.9 s apart, in two seconds of the clock
	if got := peak(counts, time.Second); got != 80 {
		t.Errorf("over a second: %v", got)
	}
	if got := peak(counts, 500*time.Millisecond); got != 100 {
		t.Errorf("over half of one: %v", got)
	}
}
