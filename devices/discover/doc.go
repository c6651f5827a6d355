// Package discover makes sense of what devices say of themselves on a broker, without asking any of them.
//
// # Basics
//
// [Listen] subscribes to a broker for a while and gives the newest message of each topic; it has no way to publish.
// [Things] makes of the messages who is there: the profiles recognise their own by [profiles.Profile.Matches], and the
// announcements that firmware makes (families.go) give names and models, and those whom no profile knows. [Hazards] says
// what of it would surprise the owner. [Section] is a configuration of it.
//
// Only [Listen] touches the world.
//
// # Caveats
//
// Everything here was written by whoever may write to the broker: a name is not an identity, a topic may hold anything.
// What does not fit into a configuration is left out of it and said.
package discover
