// Package ven follows one VTN: it polls programs and events and turns them into series of prices and
// greenness that the rest of Hearth can plan with.
//
// # Basics
//
//   - [New] builds a [VEN], [VEN.Restore] brings back what it knew before the last stop, [VEN.Run] polls,
//     [VEN.Signals] is the newest view. The view is there without any network, from the first moment.
//   - [Timeline] is the engine: a pure function from events to series. Everything about intervals is in it.
//   - Polling is the floor. Whatever will push later is only a reason to call [VEN.Poll].
//
// # Caveats
//
// A poll replaces everything or nothing. An empty list after a full one is not believed, an event that
// vanishes is asked for by its id before it is given up, and one that turns to nonsense keeps its last
// readable version: prices are lost only when the VTN says so, or when they expire.
//
// What is not covered by a readable price stays a gap. Nothing is filled in.
//
// Limits, alerts and setpoints will be further fields of [Signals], made by the same engine.
package ven
