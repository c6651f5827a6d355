package decide

import (
	"context"
	"fmt"
	"math"
	"time"

	"hearth/energy"
	"hearth/scheduler"
)

// Solve plans the input, beginning with the schedules before. The error is [ErrNoPrice], or of a problem that the solver refuses.
func (p *Planner) Solve(ctx context.Context, in Input, o scheduler.Options) (*Plan, error) {
	problem, err := p.Problem(in)
	if err != nil {
		return nil, err
	}
	o.Warm = warm(in.Before)
	extra := surcharges(problem, in.Orders)
	plan, err := scheduler.Solve(ctx, asked(problem, extra), o)
	if err != nil {
		return nil, err
	}
	return &Plan{in.Now, problem, in.Orders, plan}, truly(problem, plan, extra)
}

// Problem is the planning problem of an input: from the slot that holds now to the horizon, or to the first
// slot without an import or export price.
func (p *Planner) Problem(in Input) (*scheduler.Problem, error) {
	sell := in.ExportPrice
	if !p.home.MayExport {
		sell = make([]energy.Price, len(in.ImportPrice)) // of nothing
	}
	n := min(len(in.ImportPrice), len(sell))
	switch {
	case len(in.ImportPrice) == 0:
		return nil, fmt.Errorf("%w: to import at", ErrNoPrice)
	case n == 0:
		return nil, fmt.Errorf("%w: to export at; a fallback can be configured", ErrNoPrice)
	}
	grid := energy.NewGrid(in.Grid.Start, in.Grid.Step, n)
	problem := &scheduler.Problem{
		Grid: grid, Currency: p.home.Currency,
		ImportPrice: in.ImportPrice[:n], ExportPrice: sell[:n],
		Carbon: in.Carbon[:n], CarbonPrice: p.home.CarbonPrice,
		Solar: in.Solar[:n], BaseLoad: in.BaseLoad[:n],
		ImportLimit: scheduler.Constant(p.home.MaxImport, n), ExportLimit: scheduler.Constant(p.home.MaxExport, n),
	}
	if in.Peak != nil {
		problem.Peak = p.peak(*in.Peak, grid)
	}
	for _, d := range p.home.Devices {
		if planned := p.device(d, in, problem); planned != nil {
			problem.Devices = append(problem.Devices, planned)
		}
	}
	p.limit(problem, in)
	return problem, nil
}

// peak is a charge on peaks on the slots of a grid. Its blocks begin at local midnight, those of a problem with its first
// slot: where the two differ, blocks are as long as both agree on. What is planned with shorter blocks never costs more
// by the bill.
func (p *Planner) peak(k Peak, grid energy.Grid) scheduler.Peak {
	since := grid.Start.Sub(energy.Day(grid.Start, p.zone).Start)
	block := int(k.Averaging / grid.Step)
	for b, rest := block, int(since/grid.Step)%max(block, 1); rest != 0; {
		b, rest = rest, b%rest
		block = b
	}
	return scheduler.Peak{Price: k.Price, SoFar: k.SoFar, Averaging: max(block, 1), Slots: k.Slots[:min(len(k.Slots), grid.Count())]}
}

// device is the device as the planner sees it; nil when there is nothing to plan.
func (p *Planner) device(d Device, in Input, problem *scheduler.Problem) scheduler.Device {
	switch {
	case d.Battery != nil:
		return p.battery(d, in, problem)
	case d.Vehicle != nil:
		return p.vehicle(d, in, problem.Grid)
	case d.Appliance != nil:
		return p.appliance(d, in, problem.Grid)
	case d.Load != nil:
		return p.load(d, in, problem.Grid)
	}
	return nil
}

// vehicle is planned while it is plugged in and its need is not met. What is asked for from the plug is
// stored after losses. One slot of least power is left as room, so that a small rest can be charged at all.
func (p *Planner) vehicle(d Device, in Input, grid energy.Grid) scheduler.Device {
	seen, v := in.Observed[d.Name], d.Vehicle
	isPlugged, ok := seen.Plugged.Fresh(in.Now, d.MaxAge)
	charged, isCounted := seen.Session.Fresh(in.Now, d.MaxAge)
	if !ok || !isPlugged || !isCounted {
		return nil
	}
	if p.isCharged(v, charged) {
		return nil
	}
	slot := v.MinCharge.Over(grid.Step)
	rest := v.Need - charged
	ready := p.at(v.Ready, in.Now)
	if !ready.After(in.Now) {
		ready = p.at(v.Ready+24*60, in.Now)
	}
	task := in.Memory[d.Name]
	full := max(1, v.MaxCharge.Over(grid.Step))
	need := int(math.Ceil(float64(rest / full)))
	arrive, depart, free := spared(emergencies(in.Orders, grid), 0, max(1, min(slotsBefore(grid, ready), grid.Count())), need, 1)
	if free == 0 {
		return nil
	}
	if free < need {
		rest = full * energy.WattHours(free)
	}
	on := 0
	if arrive == 0 {
		on = onFor(task, in.Now, grid.Step)
	}
	return scheduler.Vehicle{
		ID: d.Name, Arrive: arrive, Depart: depart,
		Ranges:           []scheduler.Range{{Min: v.MinCharge, Max: v.MaxCharge}},
		ChargeEfficiency: v.Efficiency,
		Required:         rest * energy.WattHours(v.Efficiency), Room: (rest + slot) * energy.WattHours(v.Efficiency),
		StartCost: startCost(in), OnFor: on,
	}
}

// isCharged says that what is left to charge is not worth a tenth of a slot.
func (p *Planner) isCharged(v *Vehicle, charged energy.WattHours) bool {
	return v.Need-charged < v.MinCharge.Over(p.home.Slot)/10
}

// startCost is what beginning to charge counts for: as much as a fifth of a kWh at the mean price. It wears
// a contactor and wakes a car, and keeps the plan from chopping a charge for a tenth of a cent.
func startCost(in Input) energy.Money {
	const worth energy.WattHours = 200
	sum := 0.0
	for _, p := range in.ImportPrice {
		sum += p.Float()
	}
	return max(0, energy.PriceOf(sum/float64(len(in.ImportPrice))).Of(worth))
}

func (p *Planner) appliance(d Device, in Input, grid energy.Grid) scheduler.Device {
	task := in.Memory[d.Name]
	profile := onto(*d.Appliance, in.Now.Sub(task.Began), grid.Step)
	if !task.Began.IsZero() {
		profile = profile[:min(len(profile), grid.Count())]
		if len(profile) == 0 {
			return nil
		}
		return scheduler.Shiftable{ID: d.Name, Profile: profile, LatestEnd: len(profile)}
	}
	profile = onto(*d.Appliance, 0, grid.Step)
	from, to := p.span(d, task, in, grid, len(profile))
	from, to, free := spared(emergencies(in.Orders, grid), from, to, len(profile), len(profile))
	if to-from < len(profile) || free < len(profile) {
		return nil
	}
	return scheduler.Shiftable{ID: d.Name, Profile: profile, Earliest: from, LatestEnd: to}
}

func (p *Planner) load(d Device, in Input, grid energy.Grid) scheduler.Device {
	task, run := in.Memory[d.Name], d.Load
	left := run.For
	if !task.IsDone {
		left -= task.Ran
	}
	need := ceil(left-grid.Step/3, grid.Step) // a rest of a few minutes is not worth another start
	from, to := p.span(d, task, in, grid, need)
	from, to, free := spared(emergencies(in.Orders, grid), from, to, need, max(1, min(ceil(run.AtLeast, grid.Step), need)))
	if need = min(need, to-from, free); need <= 0 {
		return nil
	}
	on := 0
	if from == 0 {
		on = onFor(task, in.Now, grid.Step)
	}
	least := min(ceil(run.AtLeast, grid.Step), need+on)
	off := 0
	if on == 0 && !task.IsOn && !task.Since.IsZero() {
		off = max(1, int(in.Now.Sub(task.Since)/grid.Step))
	}
	return scheduler.Interruptible{
		ID: d.Name, Power: run.Power, RunSlots: need, Earliest: from, LatestEnd: to,
		MinOn: max(1, least), MinOff: max(1, ceil(d.MinOff, grid.Step)), OnFor: on, OffFor: off,
	}
}

// span is the slots of the task's window: the one under way, or the next when it is done. When too little of
// it is left for what must still be done, the task may overrun it from now on: late is better than never.
func (p *Planner) span(d Device, task Task, in Input, grid energy.Grid, need int) (from, to int) {
	window := p.window(d.Daily, in.Now)
	if task.IsDone && task.Window.Start.Equal(window.Start) {
		window = p.window(d.Daily, window.End)
	}
	from = max(0, ceil(window.Start.Sub(grid.Start), grid.Step))
	to = slotsBefore(grid, window.End)
	if from == 0 && to < need {
		to = need
	}
	if to = min(to, grid.Count()); d.IsGreen {
		return recommended(from, to, need, grid, in.Recommended)
	}
	return from, to
}

// recommended is the part of a task's slots in which it is good to run: the first recommendation that leaves the task
// enough of them. Where there is none, the task runs as if nobody had said anything.
func recommended(from, to, need int, grid energy.Grid, windows []energy.Interval) (int, int) {
	for _, w := range windows {
		first := max(from, ceil(max(0, w.Start.Sub(grid.Start)), grid.Step))
		if last := min(to, slotsBefore(grid, w.End)); last-first >= need && need > 0 {
			return first, last
		}
	}
	return from, to
}

// onto lays what is left of a program after elapsed on whole slots; a rest of a slot counts with its mean.
func onto(program Program, elapsed, slot time.Duration) []energy.Watts {
	start := time.Unix(0, 0)
	var points []energy.Point[energy.Watts]
	for i, power := range program.Power {
		points = append(points, energy.Point[energy.Watts]{
			Interval: energy.Span(start.Add(time.Duration(i)*program.Step), program.Step), Value: power,
		})
	}
	left := ceil(program.Length()-elapsed, slot)
	if left <= 0 {
		return nil
	}
	end := start.Add(program.Length())
	points = append(points, energy.Point[energy.Watts]{Interval: energy.Span(end, slot)}) // fills the last slot
	s := energy.Series[energy.Watts]{Points: points}
	var out []energy.Watts
	for _, point := range energy.Resample(s, energy.NewGrid(start.Add(max(0, elapsed)), slot, left)).Points {
		out = append(out, point.Value)
	}
	return out
}

// onFor is how many slots a device has been on; at least one when it is on at all.
func onFor(t Task, now time.Time, slot time.Duration) int {
	if !t.IsOn {
		return 0
	}
	return max(1, int(now.Sub(t.Since)/slot))
}

// slotsBefore is how many whole slots of the grid end by t.
func slotsBefore(grid energy.Grid, t time.Time) int { return int(t.Sub(grid.Start) / grid.Step) }

func ceil(d, step time.Duration) int { return int((d + step - 1) / step) }
