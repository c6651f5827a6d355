package scheduler_test

import (
	"context"
	"fmt"
	"time"

	"hearth/energy"
	"hearth/scheduler"
)

func ExampleSolve() {
	cents := func(c ...int64) (p []energy.Price) {
		for _, v := range c {
			p = append(p, energy.Price(v)*10_000_000_000)
		}
		return p
	}
	start := time.Date(2026, 3, 29, 18, 0, 0, 0, time.UTC)
	plan, err := scheduler.Solve(context.Background(), &scheduler.Problem{
		Grid:        energy.NewGrid(start, time.Hour, 4),
		Currency:    "EUR",
		ImportPrice: cents(41, 35, 28, 22),
		ExportPrice: cents(8, 8, 8, 8),
		Solar:       make([]energy.Watts, 4),
		BaseLoad:    scheduler.Constant(300, 4),
		ImportLimit: scheduler.Constant(11_000, 4),
		ExportLimit: scheduler.Constant(6_000, 4),
		Devices: []scheduler.Device{
			scheduler.Shiftable{ID: "dishwasher", Profile: []energy.Watts{2000, 500}, LatestEnd: 4},
		},
	}, scheduler.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	dishwasher, _ := plan.Device("dishwasher")
	fmt.Println(plan.Status, dishwasher.Power, plan.Objective)
	// Output: optimal [0W 0W 2kW 500W] 1.048
}
