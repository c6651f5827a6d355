// Package feedtest is the one suite that every source passes.
//
// # Basics
//
//   - A [Case] is a source's constructor and a recording of good answers, made at a time, for a span.
//   - A [Trial] is what may happen: the network goes, the server lies, a slot comes twice. [Run] tries them all,
//     over real sockets.
//   - What the suite cannot know of a wire format, an [Edit] of the recording says: which text is one slot, which
//     one a number, which one the currency.
//   - [Recordings] holds what is understood of each answer in testdata against the file beside it, [Fuzz] what is
//     understood of anything else against what a source may yield, and [Sample] a type against its own sample.
//
// # Caveats
//
// A trial that has no meaning for a source is named in [Case.Cannot] with its reason. One that is neither possible
// nor excused is a fault.
package feedtest
