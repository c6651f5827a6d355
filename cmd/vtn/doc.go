// Command vtn is an OpenADR 3 server: a price feed to try Hearth with, or the one of a building that has prices of
// its own.
//
// # Basics
//
// It publishes the programs and events of a JSON file (--objects), and what a building's software, with an id and
// secret of its own (--business), writes over HTTP. VENs may need an id and secret (--client). They poll, give a
// callback, or hear of changes from an MQTT broker (--mqtt). With --state nothing that was written over HTTP is
// lost by a restart but reports; from then on the state counts, and the file of objects is not read. With --mdns it
// can be found on the local network.
//
// # Caveats
//
// It listens on this machine only and speaks plain HTTP: for others put a proxy with TLS before it, and name with
// --mdns the URL by which they reach that. Programs that come later are not in the announcement, nor those for some only.
package main
