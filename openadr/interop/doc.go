// Package interop lets our client and engine meet what others have made of OpenADR: openleadr-rs, a VTN in Rust,
// and Prism, which holds requests against the OpenAPI files.
//
// # Basics
//
// There are tests only. They run by `make interop`, which starts the peers, and are skipped where
// HEARTH_OPENLEADR or HEARTH_PRISM is not set. What they found is in docs/interop.md.
//
// # Caveats
//
// Some tests hold a deviation of that VTN. One that fails after an update of the VTN is good news: the line in
// docs/interop.md goes, and so may what our client does about it.
package interop
