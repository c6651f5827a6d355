// Package decide turns what is known into what to ask of each device. It is pure: the same [Input] gives
// the same answer on a desk as in the cellar, so every decision can be run again from the store.
//
// # Basics
//
//   - A [Planner] knows the [Home]: its limits and what each device is for.
//   - [Planner.Remember] notes what was seen of each device's daily task (started, how long it ran, done).
//   - [Planner.Problem] writes the planning problem of an input, [Planner.Solve] solves it.
//   - An [Order] is what a grid operator asks. Limits narrow the problem, the rest bends it by surcharges that only the
//     solver sees: a [Plan] costs what is paid. [Planner.Effect] says what becomes of each (docs/adr/0018).
//   - [Planner.Wants] reads from the running plan what each device should do now, and says why.
//
// # Caveats
//
// Nothing is invented: the horizon ends where the first price is missing ([ErrNoPrice] when it is missing
// now), a device whose state is not known is not planned and is left to its own control. Without a plan only what an
// operator's word keeps down is not left to itself; that word is in the Orders of the input then, not in a plan.
package decide
