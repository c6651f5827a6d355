// Package energygrid is a small EnergyGrid: a customer's login, a meter's usage in pages, a budget and insights, as the
// vendor's conventions have them.
//
// # Basics
//
//   - [New] is an http.Handler for a [Config]: whose meter it is, what it has counted, and what the time is.
//   - [Server.Forget] makes every page token stale, and [Server.Revoke] every customer token invalid.
//   - Errors are problem+json, with a member that no standard knows.
//
// # Caveats
//
// The login, the granularities, the units, the paging and the errors are the vendor's conventions. The other paths and
// the members of documents are made up, since the vendor has not published them.
package energygrid
