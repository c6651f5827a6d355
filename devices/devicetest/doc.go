// Package devicetest is the one suite every driver passes.
//
// # Basics
//
// A driver's test calls [Run] with a [Factory] that builds a device and the [Peer] it is connected to over
// its real wire. The suite runs the device, gives the peer faults and holds what the device says and does
// to the contract of package devices; with a guard before it, to that of package devices/guard.
//
// # Caveats
//
// Time of the device is the [Clock] of the rig, which the suite alone moves on; the wire takes time of the
// wall. Leaked goroutines are for the test's main to find: each case ends everything it has started.
package devicetest
