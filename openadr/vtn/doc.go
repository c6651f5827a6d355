// Package vtn is a small VTN over real HTTP: for tests, for the demo, and for a building that wants to
// publish prices of its own.
//
// # Basics
//
//   - [New] builds one, [VTN.Start] serves it on a free loopback port; it is an [http.Handler] too.
//   - [VTN.PutProgram] and [VTN.Put] publish, [VTN.Delete] withdraws: the business side, as Go methods.
//   - [VTN.Break] makes it misbehave in one of the ways that real servers do, until [VTN.Heal].
//
// It serves GET /programs, /events (paged, by programID and targets), one of each by id, /auth/server and
// POST /auth/token, with errors as application/problem+json. Nothing survives the process.
//
// # Caveats
//
// Objects that name targets are shown only to clients granted one of them, as OpenADR's object privacy has
// it; who lacks the grant gets a shorter list, not a refusal.
package vtn
