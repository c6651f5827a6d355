// Package ven follows one VTN: it polls programs and events and turns them into what the rest of Hearth can
// plan with and act on: series of prices, greenness, limits, levels and setpoints, and alerts.
//
// # Basics
//
//   - [New] builds a [VEN], [VEN.Restore] brings back what it knew before the last stop, [VEN.Run] polls,
//     [VEN.Signals] is the newest view. The view is there without any network, from the first moment.
//   - [Timeline] is the engine: a pure function from events to [Curves]. Everything about intervals is in it;
//     which payload types there are, and how each is read, is one table in payload.go.
//   - Polling is the floor. A notification, by whatever way, is a [VEN.Hint] to poll sooner, and no more.
//   - [VEN.Asks] is what the VTN wants reports on; making and sending them is the business of others.
//
// # Caveats
//
// A poll replaces everything or nothing. An empty list after a full one is not believed for an hour, an event that
// vanishes is asked for by its id before it is given up, and one that turns to nonsense keeps its last
// readable version: prices are lost only when the VTN says so, or when they expire.
//
// What is not covered by a readable value stays a gap, and nothing is filled in; but where no limit holds,
// the capacity subscribed to does. A limit of 0 is a limit, a limit that is absent is none.
//
// Limits, levels and setpoints may begin some minutes before or after the told time (randomizeStart), by the
// same shift after every poll and restart. Reports go by the told times.
//
// Among limits priority decides, not tightness. Limits of several VTNs are for the agent to compare.
package ven
