// Package corpus makes planning problems to measure the scheduler with: homes with invented tariffs, weather
// and habits, drawn from a seed, and the same homes a little later, when part of a plan has been lived.
//
// # Basics
//
//   - A family is a size (T, S, M, L, XL), or a size with one feature of the problem format: "F-v2h" is S with
//     cars that give back, "F-v2h-M" the same at the size of M. [Families] lists them all.
//   - [Generate] makes the problem of a family and a seed: always the same one. [Name] is what to call it.
//   - [Advance] moves a problem on by some slots of a plan, [Perturb] gives it a newer forecast.
//
// # Caveats
//
// Everything is invented: nothing here says what a real home would save. Every problem can be met in full
// but those of the feature "relaxed". A problem with a feature has the weather, the tariff and most devices of
// the plain one with the same size and seed, so that the two can be compared.
//
// Another release may draw other homes from the same seed; a benchmark to be kept is kept as files.
package corpus
