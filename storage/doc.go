// Package storage keeps what must outlive the process in one bbolt file: state, readings and journals.
//
// # Basics
//
//   - State is a few named values ([Store.Put], [Store.Get]), for example the last good signals. All of it lives in
//     memory, so reading it never waits for the disk; a change is on disk a second later.
//   - Readings are rows of numbers by channel ([Store.Record], [Store.Readings]). Rows stay eight days; of each
//     quarter hour count, sum, minimum and maximum stay for 400 days ([Store.Rollups]).
//   - A journal is a named run of records in time order ([Store.Append], [Store.Journal]): decisions, plans and
//     what they were made from. Each has an age and a size it may reach.
//
// All writing is done by one goroutine, in batches: an SD card wears by the number of writes. Everything that was
// handed over can be read at once, whether or not it is on disk yet. A [Store] is safe for concurrent use.
//
// # Trouble
//
// Every record carries a checksum; one that does not match is left out and counted. A file that is damaged as a whole
// is renamed to <name>.damaged-<time>, never deleted, and what could be read of it is carried over. While the
// disk is full, read-only or gone, the store goes on in memory, within bounds, and writes again when it can.
//
// # Caveats
//
//   - A power cut loses up to a second of state and up to [Options.FlushEvery] of readings and journals;
//     [Store.Flush] makes sure. These times are the machine's, also under a clock that runs faster.
//   - Days are UTC days, and retention counts days that hold data rather than age: a clock that jumps years
//     ahead must not empty the store.
//   - Damage that shows only while running is counted and logged; the file is set aside by the next Open.
//   - The file never shrinks; freed pages are used again.
package storage
