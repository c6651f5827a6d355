// Package tariff holds the rules from which prices follow: no I/O, no clock, the same answer everywhere.
//
// # Basics
//
//   - Tariff is what a home pays and earns: versions, each valid between two dates, each with a [Side] for
//     import and, if it earns anything, one for export.
//   - Component is a part of a price: spot, bands, time of use, tiers, a fixed price or a standing charge.
//     A price is their sum, with VAT last: (components + VAT) + those that include it or are exempt.
//   - [Expand] lays the rules out over an interval, as the two series a planner needs; [Bill] says what
//     metered energy costs, line by line; [PeakInputs] turns charges on peaks into what a planner can
//     weigh; [ExpandBands] tells the band of every hour.
//   - [Tariff.Validate] comes first: it names every fault by its path. The others refuse what it refuses.
//
// # Caveats
//
// Rules are laid out on the wall clock, then turned into instants. Where the clock jumps, what it skips
// vanishes; where it repeats an hour, both hours follow the rule:
//
//	wall clock     00  01  03  04        00  01  02  02  03
//	rule 02-03      .   .   .             .   .  [-------)
//	               spring, 23 hours      autumn, 25 hours
//
// A holiday is its own kind of day for a component that says "holiday" anywhere, and an ordinary weekday
// for one that never does.
//
// What is not known has no price: where a spot price is missing, or nobody said how much of a tier is used
// up, there is no point, whatever the other components say.
//
// Tiers make the price depend on what was used. A plan gets the tier of now until the month ends and the
// first tier after it; only [Bill] splits at the limit.
package tariff
