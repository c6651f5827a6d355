// Package api serves the home over HTTP: the page, its data as JSON and as a stream, health and metrics.
//
// # Basics
//
//   - [Source] is what the agent offers: the home as it is now and its timeline. The page, the JSON and the
//     stream all show the same [Home] and [Timeline].
//   - [New] builds the handler, [Serve] runs it on a listener until the context ends.
//   - The page is built from the folder web into dist and embedded. Without it the binary still builds and
//     serves a plain page that says so.
//
// # Caveats
//
// Everything is read only: any method but GET and HEAD is refused before it reaches a route.
//
// There is no login yet, so listen on loopback. A foreign web site cannot read the home through the
// resident's browser either: requests that name a host we do not know are refused (DNS rebinding), no
// cross-origin header is ever sent, and the page may load nothing from elsewhere.
package api
