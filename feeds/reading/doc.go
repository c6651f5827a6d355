// Package reading is what several sources need to understand what is written: numbers in units, times in many forms,
// lists inside of documents, and a roof.
//
// # Basics
//
//   - A [Path] finds what is meant in a document.
//   - A [List] turns its items into slots, with [Stamps] for their times.
//   - A [Meaning] makes values of slots: of which kind, in which [Unit], how firm.
//   - A [Roof] is where panels stand and what they can give.
//
// # Caveats
//
// Errors about what the configuration says begin with its key. A local time without offset that the change of the clock
// makes ambiguous is taken where the list holds it twice, in order, and left out otherwise.
package reading
