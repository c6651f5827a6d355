// Package sim is a home that is not there: it behaves physically and can be reached over real sockets.
//
// # Basics
//
// [New] builds a home for a seed, [Home.Start] opens its sockets on free loopback ports (a VTN, an MQTT
// broker with two Tasmota plugs, two Modbus TCP servers) and [Home.Run] lets time pass. [Home.Config] is
// the configuration an agent needs to run it, [Home.Prehistory] what a store would hold of the days
// before. [Home.Summary] compares the home with its twin: the same house, weather and people, but
// nobody who acts.
//
// The physics is in sim/house, the prices in sim/market; both are pure. What things say on the wire is in
// sim/tasmota and sim/slave. This package is the time that passes, who is wired to whom, and the bill.
//
// # Caveats
//
// Time is the injected clock's. Physics advances in fixed steps, up to the clock's time whenever
// somebody looks or acts, so the home is the same for a seed however fast, slow or unevenly the wall
// goes. Only what rides on sockets (dials, connection losses) takes time of the wall.
package sim
