// Package enrol makes a home known to a VTN: as a VEN, and with a resource for each of its devices.
//
// # Basics
//
//   - A [Wish] is what the home wants to be known as, a [Place] what the VTN knows it as.
//   - [Enrol] looks what is there, creates what is missing and updates attributes that differ; [Preview] only says
//     what that would be.
//   - A [Keeper] does so daily and after failures, and knows its place from the store when there is no network.
//
// # Caveats
//
// It may be repeated as often as one likes: names decide, and what exists is used. A write whose answer was lost
// is looked for before it is made again. Nothing is ever deleted or renamed, and attributes of types that the wish
// does not have stay as they are. Targets belong to the business side; they are only read.
//
// Many VTNs take no registrations. That is [ErrNotOffered], and no reason to get no prices.
//
// Some VTNs have one VEN for each client. Where ours goes by another name than the one wished for, that name
// stands in [Place].VENName.
package enrol
