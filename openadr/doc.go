// Package openadr holds the wire types of OpenADR 3 and a client for the side that responds (a VEN).
//
// # Basics
//
//   - [Program] is what a VTN offers, [Event] the timed payloads of a program: a list of [Interval], each
//     with [ValuesMap] payloads such as PRICE. A [PayloadDescriptor] says in which unit and currency.
//   - [Start] is absent, "now" or an instant; [Duration] keeps calendar parts apart and knows infinity.
//   - [Client] reads whole lists, page by page, and gets its own tokens. It writes what a VEN may write:
//     [Report], [VENObject], [Resource], [Subscription]. Every fault is an [Error] whose [Kind] can be told
//     apart.
//   - [Dialect] is what the VTN speaks. The objects here are always those of 3.1; the client translates.
//   - [Notifiers] and [Topics] say where a VTN tells of changes; a [Notification] is what it says.
//
// The engine that makes prices of events is openadr/ven, a small VTN is openadr/vtn.
//
// # Caveats
//
// Values stay the JSON text they came as: a price must not pass through a float.
//
// In 3.0 a target is a pair, here the text "TYPE:value". What one dialect cannot say of another is refused
// before it is sent.
//
// Only fields that Hearth reads are decoded; the rest of an object travels on in its Raw text. A malformed
// object spoils itself and not the list it stands in: see [List].
//
// Section numbers such as UG 7.3 are those of the OpenADR 3 User Guide; "schema" is openadr3.yaml, which
// overrides it.
package openadr
