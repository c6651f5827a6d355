// Package v20b follows a VTN of OpenADR 2.0b as a VEN that polls (profile 2.0b, simple HTTP, pull), and tells
// what it hears in the objects of OpenADR 3.1, so that one engine serves both.
//
// # Basics
//
//   - [Client] has the methods the engine asks of a client: Programs, Events, Event. The first call registers;
//     each later one polls, but never more often than the VTN asked: see [Client.PollEvery].
//   - A market context is a program. An event is an event, and its signals are rows with payloads: SIMPLE,
//     PRICE, DISPATCH_SETPOINT, CONTROL_SETPOINT and so on; the table is in signal.go.
//   - The VTN is answered: oadrCreatedEvent where it wants that, with optOut where [Config].OptOut says so;
//     [Client.Opt] tells it a schedule. Telemetry goes out only with [Config].Reports.
//   - Ids, events and report requests are kept in a [Store], so that a restart is no new registration.
//
// # Caveats
//
// In 2.0b the VTN's list is the truth: what it no longer lists is withdrawn, as is what it cancels. The engine
// does not believe an empty list, and rightly so for OpenADR 3. So where nothing else is listed, what was
// withdrawn within the last day is listed once more, as an event without payloads that is over.
//
// An event that may start up to ten minutes late (startafter) is told to start five minutes late, give or take
// five, for 3.1 knows only the symmetric kind. That holds for what acts on devices; the rows of prices stay
// where they are. Ramps, recovery times, baselines and comments are not read.
//
// Tests (testEvent) are answered and never acted upon. An event that names other VENs only is answered and
// left out. Opting out does not take an event from the list: who obeys is for the engine's owner to decide.
//
// Priority keeps its number: 1 is the highest there, and 0, which means none, is none here.
//
// A home that gives energy to the grid has no USAGE and no DEMAND: these rows are left out of a report, as
// are those that nobody measured.
//
// Messages are not signed (XML-DSig, the "high" security of the profile). Who we are is told by the client's
// certificate alone.
package v20b
