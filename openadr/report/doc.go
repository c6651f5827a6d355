// Package report says which reports a VTN is owed, and makes them.
//
// # Basics
//
//   - [Ask] is one report descriptor of an event, with the times of the event's intervals.
//   - [Due] gives the windows that are to be reported now, for what was [Sent] before.
//   - [Make] fills a window by asking a [Meter], and gives the report as it goes over the wire.
//
// Everything here is pure: whoever calls keeps Sent, queues the reports and sends each once.
//
// # Caveats
//
// After any time offline there is one report of a descriptor, of the newest window, and never a flood
// (UG 7.5, "do it now" reporting). What was not reported by then never is.
//
// What is not known is said to be MISSING. It is never zero, and a sum of which a part is missing is missing.
//
// A report tells of the people in the home. Whether one may be sent at all is asked before, by the caller.
//
// The texts on windows contradict each other; the decisions are drawn at [Due] and stand as golden folders.
package report
