// Package agent is the daemon: it reads devices and signals, plans, and is the only one that writes to
// devices.
//
// # Basics
//
// [New] builds everything that can fail from a configuration, [Agent.Run] works until its context ends,
// [Agent.Close] lets go of what New took where Run was never called; twice is fine. A cycle is
//
//	read (one frozen observation of each device) > plan (when due; package decide) > guard > apply
//
// Who is listened to and what they say together is package listen; what was measured, and what it has cost, is package
// measured. Both are built here, from the configuration: drivers.go and sources.go know the wires, they do not.
//
// Decisions, and the inputs of plans, are kept in the store so that they can be made again.
//
// # Caveats
//
// Nothing is switched before the clock can be believed, and nothing at all is replayed after a restart.
// One broken device never stops the cycle. The agent is ready after its first good cycle.
package agent
