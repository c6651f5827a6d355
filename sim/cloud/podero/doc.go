// Package podero is a small Podero: tokens for an organization's credentials, and the energy contracts of one user, as
// the vendor's pages have them.
//
// # Basics
//
//   - [New] is an http.Handler for a [Config]. It speaks one of the vendor's two spellings, and understands no other.
//   - [Server.Contracts] is what the contracts are now, and [Server.Writes] how often one was written.
//   - [Server.Revoke] makes every token invalid.
//
// # Caveats
//
// A contract that is written is replaced as a whole: what was not sent is null from then on. The vendor's pages do not
// say that it is so, and a client that relies on the opposite would lose what it did not send.
package podero
