// Package feedtest is the one suite that every source passes.
//
// # Basics
//
//   - A [Case] is a source's constructor and a recording of good answers, made at a time, for a span.
//   - A [Trial] is what may happen: the network goes, the server lies, a slot comes twice. [Run] tries them all,
//     over real sockets.
//   - What the suite cannot know of a wire format, an [Edit] of the recording says: which text is one slot, which
//     one a number, which one the currency.
//
// # Caveats
//
// A trial that has no meaning for a source is named in [Case.Cannot] with its reason. One that is neither possible
// nor excused is a fault.
package feedtest
