// Package energy holds the nouns every other package shares: values only, no I/O.
//
// # Basics
//
//   - [Watts] is a flow now, [WattHours] a flow over time, [SoC] a fraction of usable capacity.
//   - [Price] is an exact amount of money per kWh, [Money] an exact amount; the currency stands on the [Series].
//   - [Interval] is half-open: it holds its start and not its end. A [Grid] cuts one into slots.
//   - [Series] is values over ordered, non-overlapping intervals. What it does not cover is missing, never zero.
//   - [Reading] is one measured value with the time it was measured and whether it may be trusted.
//   - [Setpoint] is what we ask a device to do; [Schedule] is what we mean to ask it, slot by slot.
//
// # Sign
//
// Importing, consuming and charging are positive; exporting, producing and discharging are negative.
// There is no exception, so the grid reading is the plain sum of everything behind it. Limits are
// magnitudes and say their direction in their name.
//
// # Caveats
//
// Times are kept in whatever zone they came with and compared as instants; only [Day] looks at a zone.
// A local day has 23, 24 or 25 hours (and 23.5 or 24.5 on Lord Howe Island).
package energy
