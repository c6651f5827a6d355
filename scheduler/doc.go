// Package scheduler plans a home: given prices, forecasts and devices over a grid of slots, it answers with
// the power of each device in each slot, what that costs, and a bound no plan can undercut. It is pure: no
// I/O but the readers and writers handed in, and equal input gives an equal plan.
//
// # Basics
//
//   - A [Problem] is the horizon: prices, solar, base load, limits, and the [Device] values that can be moved.
//     [ReadProblem] and [WriteProblem] speak its file format, "hearth-problem/1".
//   - [Solve] makes a [Plan]; [Plan.Write] prints it as "hearth-plan/1".
//   - [Coarsen] makes a problem with fewer, longer slots of one on a fine grid; [Coarse.Solve] begins with that, and
//     [Coarse.Fine] lays a plan of it out on the grid.
//   - [Evaluate] says what any schedule costs and what it violates. It knows nothing of the solver, and every
//     plan is built by it: a solver's own idea of a cost never reaches the caller.
//   - A plan that violates nothing carries a [Certificate] of its bound; [Verify] recomputes it with code of its own.
//   - [SolveFor] plans for another [Aim], the cheapest or the greenest within a cost; [Pareto] sweeps the price of
//     carbon; [Explain] says why a device does what it does.
//   - What cannot be met is not an error. The plan comes with status [Relaxed] and a list of [Violation].
//
// # Sign and units
//
// Device power is positive when it consumes or charges and negative when it gives back. All else (solar,
// import, export, curtailment, limits) is a magnitude. Slots are counted from 0; ends of windows are exclusive. Where slots
// hold several steps of the grid ([Problem].Spans), series and powers go by slots, the times of devices by steps.
//
// # Caveats
//
// A problem and its slices are read, never kept or changed, by every function here but [Coarsen]; a plan belongs to its
// caller. Power above 1 W counts as on. [Solve] treats its time limit as a wish until it has a first plan
// and a bound for it; the context is obeyed at once.
package scheduler
