// Package feeds is the contract of sources: whoever publishes prices, greenness, a solar forecast or what a meter has
// counted, and is asked over the network.
//
// # Basics
//
//   - A [Source] says what it yields and when it publishes ([About]), and fetches a span of it ([Values]).
//   - Each source is a folder of its own below this one, with its quirks in its README and recordings in testdata.
//   - An error says what is to be done about it: try again ([Temporary]), change the configuration
//     ([Misconfigured]), or wait for what is not out yet ([NotYet]).
//   - A [Type] is what a configuration says of such a source, and how it is built.
//   - An [Account] has more to tell than series, and can be told things.
//   - Package wire is how all of them ask: bounded in size and time, tokens included.
//   - Package keep asks a source when it is worth it, and has the last good values for when it is not there.
//   - Package feedtest is the suite that every source passes.
//
// # Caveats
//
// A source invents nothing. What it did not say is missing, what it said for another place, unit or currency is
// refused, and what is odd but can be used is used, with a remark.
package feeds
