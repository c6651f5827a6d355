// Package outbox sends a VTN the reports that it is owed, each once.
//
// # Basics
//
//   - [New] builds one, [Outbox.Restore] brings back what waits since the last stop, [Outbox.Run] looks every minute
//     what has become due, keeps it in the store, and sends it as soon as the VTN answers.
//   - [Config.Payloads] is what may be told at all. Reports tell of the people in the home: nothing goes without it.
//
// # Caveats
//
// Whether a report that failed half way has arrived, only the VTN knows. It is asked, by the name of the report, before
// anything is sent again, and what is there is replaced: a report may go twice, and is there once. After a restart it
// is asked once for each request, for a crash may have come between a sending and the store.
//
// A forecast that waits gives way to the next one of the same request. What was measured waits until it can be sent,
// or until too much waits: then the oldest goes, and that is said.
package outbox
