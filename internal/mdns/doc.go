// Package mdns finds services on the local network by their type, and announces one: multicast DNS (RFC 6762)
// with service discovery (RFC 6763), over IPv4.
//
// # Basics
//
//   - [Browse] asks who offers a type of service, "_openadr3._tcp", and collects a [Found] for each.
//   - [Announce] answers for one [Service] until its context ends, then says goodbye.
//   - [Config] picks the interfaces; the functions without it use every one that can multicast.
//
// A name goes over the wire as labels, of any bytes: people name printers "Dr. Müller's (2nd floor)". So packets
// are read here rather than by golang.org/x/net/dns/dnsmessage, which refuses a label with a dot in it, and with
// it the packet.
//
// # Caveats
//
//   - Whoever is on the network may answer anything. What was found is a suggestion to confirm, not a fact.
//   - Names are compared without regard to the case of ASCII letters, as in all DNS (RFC 6762, section 16).
//   - Addresses of IPv6 are read and told, but nothing is sent over IPv6: a network without IPv4 is silent.
//   - The name of a service is probed before it is announced (RFC 6762, section 8.1) and a taken one is refused,
//     not changed. That of the host is not probed: by default it is the machine's own, which others on it announce too.
//   - A query whose known answers fill more than one packet (RFC 6762, section 7.2) is answered at once, perhaps
//     with what the asker knows.
package mdns
