// Package vtn is a small VTN over real HTTP: for tests, for the demo, and for a building that wants to
// publish prices of its own.
//
// # Basics
//
//   - [New] builds one, [VTN.Start] serves it on a free loopback port; it is an [http.Handler] too.
//   - [VTN.PutProgram] and [VTN.Put] publish, [VTN.Delete] withdraws, [VTN.Grant] says who may see what, and
//     [VTN.Reports] and [VTN.VENs] show what came back: the business side, as Go methods.
//   - [VTN.Break] makes it misbehave in one of the ways that real servers do, until [VTN.Heal].
//
// It serves the VEN's side of OpenADR 3.1, or of 3.0.1 or 3.0.0 by [Config.Dialect]: programs and events to read;
// vens, resources, reports and subscriptions to read and write; tokens; in 3.1 the notifiers. Lists are paged,
// errors are application/problem+json, and changes are told to the callbacks of subscriptions. Nothing survives
// the process.
//
// # Caveats
//
//   - Objects that name targets are shown only to clients granted one of them, with those targets only, as
//     OpenADR's object privacy has it; who lacks the grant gets a shorter list, not a refusal.
//   - What clients create is theirs: others get 404. Where no token is asked for, all clients are one.
//   - Nobody writes programs, events or targets over HTTP.
//   - Bearer tokens of subscriptions are kept, and never shown again.
//   - The objectType of a ven or resource is VEN or RESOURCE, as the Definition has it; the schema of 3.1 wants
//     that and BL_VEN_REQUEST at once.
//   - In 3.0 a target is written "TYPE:value"; one without a type hides its object all the same, but is not shown.
//   - Callbacks are called one after the other, each notification once; see [VTN.Missed].
package vtn
