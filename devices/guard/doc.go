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
// The core is [Rules.Decide], a pure function of State and Input: a stored decision can be made again.
//
// # Caveats
//
// Nothing is sent before the device was heard, nor after the clock jumped until it was heard again. A
// Guard never replays: after a restart only what is wanted then is sent.
//
// The safe state goes before min on and min off when a device is at fault and when the guard is closed.
//
// A device that shows no setpoint while it follows its own control (a charger without a vehicle) cannot
// confirm a power: want [energy.Release] of it until it can.
//
// A device that reboots between two cycles looks like one that was switched by hand.
package guard
