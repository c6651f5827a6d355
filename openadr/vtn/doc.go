// Package vtn is a small VTN over real HTTP: for tests, for the demo, and for a building that wants to
// publish prices of its own.
//
// # Basics
//
//   - [New] builds one, [VTN.Start] serves it on a free loopback port; it is an [http.Handler] too.
//   - [VTN.PutProgram] and [VTN.Put] publish, [VTN.Delete] withdraws, [VTN.Grant] says who may see what, and
//     [VTN.Reports] and [VTN.VENs] show what came back: the business side, as Go methods.
//   - Clients of [Config.Business] do the same over HTTP: they write programs, events and the targets of VENs and
//     resources, and read everything. All others get 403.
//   - Changes are told to the callbacks of subscriptions, and to a [Broker] over MQTT.
//   - [VTN.Save] and [VTN.Load] carry the objects over a restart.
//   - [VTN.Break] makes it misbehave in one of the ways that real servers do, until [VTN.Heal].
//
// It serves OpenADR 3.1, or 3.0.1 or 3.0.0 by [Config.Dialect]: programs, events, vens, resources, reports and
// subscriptions; tokens; in 3.1 the notifiers and the topics of MQTT. Lists are paged, errors are
// application/problem+json.
//
// # Caveats
//
//   - Objects that name targets are shown only to clients granted one of them, with those targets only, as
//     OpenADR's object privacy has it; who lacks the grant gets a shorter list, not a refusal.
//   - What clients create is theirs: others get 404. Where no token is asked for, all clients are one.
//   - What a token is good for follows from who asks for it; the scope that is asked for is ignored, the one that is
//     given stands in the answer.
//   - What the business side writes is judged strictly: it is published whole or refused. What Go methods publish
//     is not judged. Of a program that is deleted the events stay.
//   - With "active" events are left out whose end is known and past: not those that begin when they are received, and
//     not those without a length.
//   - Bearer tokens of subscriptions are kept, and never shown again, but to who calls [VTN.Save].
//   - The objectType of a ven or resource is VEN or RESOURCE, as the Definition has it; the schema of 3.1 wants
//     that and BL_VEN_REQUEST at once.
//   - In 3.0 a target is written "TYPE:value"; one without a type hides its object all the same, but is not shown.
//   - Callbacks are called one after the other, each notification once, and so is the broker; see [VTN.Missed]. A
//     change to a program or event is a message for each VEN that sees it.
//   - The broker decides who reads what. Below "business/" in its topics stands everything, below "vens/ID/" what the
//     client of that VEN may see, below "programs/" what everybody may; its access rules must say so.
package vtn
