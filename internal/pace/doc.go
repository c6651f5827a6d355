// Package pace says when to ask again: the one retry policy of everything that talks to the outside.
//
// # Basics
//
// A [Pace] belongs to one loop. [Pace.First] is the wait before its first try, [Pace.Next] the wait after each.
// It is made for a server that a hundred thousand homes share, and for what brings them back all at once: an
// outage that ends, a blackout, a server that asks all of them for patience until the same minute.
//
//   - All is well: the regular time, give or take a tenth.
//   - A first failure is tried again soon, for most are of the home's own making. From the second on the waits
//     are near the regular time, and end at twice that: a server that is down is asked less than one that is
//     up, so it meets no crowd when it returns.
//   - Who was asked for patience comes later than that by a random part, and never before.
//   - The first regular wait after trouble, or after the start, is anywhere between half and one and a half
//     times the regular one. That span is a whole turn: homes that came back together are spread evenly from
//     the next try on.
//
// # Caveats
//
// Doubling from seconds, the usual way, asks a struggling server eight times as often as a healthy one; see
// openadr/fleet for what it does. It is right for a broker or a bus of one's own: that is a regular time of 0.
//
// A wait is longer than the regular time in trouble. Who polls every hour may hear of the end of an outage
// two hours later. What is done less often than that is tried again as if it were done every hour.
package pace
