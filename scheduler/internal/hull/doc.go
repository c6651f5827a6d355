// Package hull finds cuts from what devices can do together in one slot: inequalities that hold for every
// legal combination of their powers, and that a fractional point of a relaxation breaks.
//
// # Basics
//
// A [Slot] has a known net need (base load less solar) and limits. A [Part] is a device: it consumes c >= 0
// with an on-indicator u of 0 or 1, or gives back g >= 0, or does neither. With y the power that crosses the
// meter, import counted positive,
//
//	y = Need + sum c - sum g + rest + curtailment,   -ExportLimit <= y <= ImportLimit
//	left = A import - B export, which is A y for y >= 0 and B y for y < 0
//
// A [Cut] says, for every legal combination of powers and every curtailment,
//
//	left >= Constant + sum over parts (Power c + On u - Back g)
//
// [Separator.Separate] looks for the cut that a given point breaks most. That is a linear program over the
// convex hull of all legal points (c, u, g) with the least left each allows; its columns are made on demand,
// by an exact search for the legal point that is cheapest at the coefficients so far. The sharing cut for
// solar (left >= sum over some parts of c - S u, with S the surplus) is the simplest of those it finds.
//
// [Constant] is the greatest constant that is true with given coefficients. A cut never rests on the linear
// program having been solved well: its constant is always that of its coefficients.
//
// # Units
//
// Powers are kW; left is in whatever A and B make of a kW. Coefficients of power are left per kW, On is in
// units of left.
//
// # Caveats
//
// The search for the cheapest point goes through the choices of all parts with a coefficient, so it doubles
// with each part that can be on or off. [Separator.Separate] therefore looks at the parts that are at work at
// its point, eight at most, and lifts some of the others into the cut afterwards. It may be given all parts of
// a slot: idle ones cost little, and a cut that knows them holds its ground when they come to work.
//
// A part is expected to be where it can be alone: c between low u and high u, g at most Back (1 - u). What is
// not is no business of these cuts, though some may come of it.
//
// Numbers must be finite. A [Separator] remembers points between calls to begin from: its cuts depend on the
// calls before, but always in the same way.
package hull
