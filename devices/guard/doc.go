// Package guard stands in front of every actuator: what the plan wants goes through it or not at all.
//
// # Basics
//
// A [Guard] owns the commands of one device. The agent calls [Guard.Request] each cycle with what it wants
// and what the device last said; the [Decision] tells what became of it and by which rule. Commands are
// edges: a want that already holds sends nothing, except to renew a lease at a third of its length.
//
// A command counts when a reading taken after it shows it. One that does not show within
// [Rules.ConfirmWithin] and two readings is repeated once; then the device is at fault: it gets its safe
// state once and no command for [Rules.FaultHold].
//
// A reading that leaves a confirmed command, without a lapsed lease or a lost device to explain it, is the
// resident's hand: it is left alone for [Rules.OverrideHold].
//
// Three of those in an hour are not a resident but another controller: the guard stops for a day, and says
// so once by [Decision.Notice].
//
// Wear is counted whoever causes it: starts of a compressor, operations of a relay's life (with a notice at
// nine tenths and at the end; after that only the safe state and the resident's own wish pass). Powers keep
// out of gaps and climb by a ramp. A charger is paused at most so often an hour and spends one pause too
// many at its least power. Its phases are changed with a pause, ten seconds without current, thirty to
// settle, and ten minutes between two changes. A heat pump is blocked for at most two hours a day.
//
// [Guard.Answer] takes who wants something and what the want rests on: when that is old, nothing is raised,
// and later the safe state is sent.
//
// The core is [Rules.Decide], a pure function of State and Input: a stored decision can be made again.
//
// # Caveats
//
// Nothing is sent before the device was heard, nor after the clock jumped until it was heard again. A
// Guard never replays: after a restart only what is wanted then is sent.
//
// The safe state goes before min on and min off when a device is at fault, when what the want rests on is
// silent, when the guard is closed, and at a start: a device without a timer that an earlier run has left in
// a state that is neither safe nor wanted is put right at the first reading.
//
// A stored state may be a minute behind what was done. A start therefore takes no difference for a hand,
// counts rests from the latest moment they can have begun, and may have missed one start of a compressor.
//
// A device that shows no setpoint while it follows its own control (a charger without a vehicle) cannot
// confirm a power: want [energy.Release] of it until it can.
//
// A device that reboots between two cycles looks like one that was switched by hand.
package guard
