package protect

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

// What may not be given to the grid is charged in time, where anything can charge it; what is wanted holds again as soon as
// it may be given; and nothing is taken from the grid for it, but for what a car needs to charge at all.
func TestStep_NeverGivesTooMuchForLong(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		b, c := battery(watts(energy.Watts(rapid.IntRange(-3, 3).Draw(r, "battery"))*1000)), car(watts(0))
		b.MayAbsorb, c.MayAbsorb, b.told, c.told = true, true, b.Want, c.Want
		p := newPlant(t, b, c)
		p.every = time.Duration(rapid.IntRange(1, 5).Draw(r, "every")) * time.Second
		limit := energy.Watts(rapid.IntRange(2, 10).Draw(r, "limit")) * 1000
		p.limits = append(p.limits, Limit{Export, limit})
		for range rapid.IntRange(1, 5).Draw(r, "events") {
			p.base = energy.Watts(rapid.IntRange(-20, 2).Draw(r, "base")) * 1000
			over, longest, bought := time.Duration(0), time.Duration(0), time.Duration(0)
			for range 90 {
				p.run(time.Second)
				if over += time.Second; -p.grid() <= limit {
					over = 0
				}
				longest = max(longest, over)
				isNeeded := c.power-p.grid() > limit // a car takes its floor or nothing
				if p.grid() > max(0, p.base+max(0, b.Want.Power)) && !isNeeded {
					bought += time.Second
				}
			}
			if most := 16040 + limit; -p.base <= most-1000 && longest > p.patience() {
				r.Fatalf("more than %v is given for %v: base %v, now %v, %+v", limit, longest, p.base, p.grid(), p.answers)
			}
			if bought > p.patience() {
				r.Fatalf("bought for %v: base %v, now %v, %+v", bought, p.base, p.grid(), p.answers)
			}
		}
		p.base = 0
		p.run(10 * time.Minute)
		if len(p.answers) > 0 && p.base+b.Want.Power > -limit {
			r.Fatalf("%+v", p.answers)
		}
	})
}

// With steady sun what is charged becomes constant.
func TestStep_ComesToRestUnderTheSun(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		b, c := battery(watts(1000)), car(watts(4140))
		b.MayAbsorb, c.MayAbsorb, b.Planned, c.Planned = true, true, 1000, 4140
		p := newPlant(t, b, c)
		p.limits = append(p.limits, Limit{Export, 8000})
		p.follows, p.slot = rapid.Bool().Draw(r, "follows"), energy.Span(start, 24*time.Hour)
		for range rapid.IntRange(1, 4).Draw(r, "events") {
			p.base = energy.Watts(rapid.IntRange(-25, 5).Draw(r, "base")) * 1000
			p.run(time.Duration(rapid.IntRange(5, 120).Draw(r, "for")) * time.Second)
		}
		p.run(20 * time.Minute)
		rest := p.setpoints()
		changes := 0
		p.steps = func(Input, []Lowered) {
			if now := p.setpoints(); !reflect.DeepEqual(now, rest) {
				changes, rest = changes+1, now
			}
		}
		p.run(10 * time.Minute)
		if changes > 3 { // what was missed of a long slot is made up, and then it is over
			r.Fatalf("%d changes in ten minutes, now %v", changes, rest)
		}
	})
}
