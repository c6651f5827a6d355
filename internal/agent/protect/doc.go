// Package protect keeps the house connection within its limits between two plans: the main fuse, each phase, and what
// the grid's operator allows.
//
// # Basics
//
// [Step] is asked every second or two with what the meter at the connection says and what the plan wants of each
// [Device]. It answers with the setpoints to ask for instead, each with its [Rule] and a sentence for people. Step is
// pure: the same [State] and [Input] give the same answer.
//
// What would be too much is lowered at once, in this order: vehicles, batteries that charge, loads that may be
// interrupted; within a kind by Priority. A program that runs is never cut, a charger is never asked for less than its
// floor except for nothing, and what a guard holds on (MayStop) leaves the rest to the next in the order. It is given
// back in the opposite order, step by step, when there has been room for a while; a device that has to be lowered soon
// after that waits twice as long the next time.
//
//	limit  ----------------------------------  above: lower, to the margin
//	margin - - - - - - - - - - - - - - - - -  below: give back, up to the margin
//
// A command takes its time until the meter shows it. Until then, at most for a settling time, Step reckons with what
// it has asked for and the meter has not shown yet, so that nothing is lowered twice for the same excess; and with what
// the plan is about to begin, so that nothing begins for which there is no room.
//
// A silent meter freezes all raises. After three of its periods chargers go to their floor and batteries to their own
// control, then chargers pause.
//
// # Caveats
//
// Nothing is raised above what the plan wants but for two rules: [Surplus] makes up, from measured export, for what a
// device has missed of the energy planned for the slot; [Export] charges what may not be given to the grid.
//
// On which phase a device of one phase hangs nobody says. Lowering it may not help the phase that is over; then the next
// in the order goes, a settling time later.
//
// Phase currents are signed like powers: what flows back loads no fuse here.
package protect
