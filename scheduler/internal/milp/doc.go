// Package milp writes a planning problem as a mixed-integer linear program, so that general solvers can judge
// the plans of package scheduler. It is the textbook formulation, written to be read: nothing in it is shared
// with the solver it judges, and nothing in it (no cut, no symmetry breaking) is there for speed.
//
// # Basics
//
// [New] makes the [Model] of a problem, [Model.Write] prints it in the LP format that HiGHS, CBC and others
// read, [Model.Powers] turns the values such a solver finds into powers that scheduler.Evaluate can look at.
// [Write] does the first two at once. Money is that of the problem, power is kW, energy kWh.
//
// Variables are named after what they are, with the slot they are of; the devices d0, d1, ... are those of
// the problem, in its order:
//
//	grid_import_3, grid_export_3, curtailed_3  flows, >= 0
//	imports_3                                  1: may import in slot 3, 0: may export; only where it matters
//	peak                                       kW above what is paid for already
//	d0_start_3                                 shiftable: begins in slot 3
//	d0_on_3, d0_range1_on_3                    on; of a vehicle, on in its range 1
//	d0_turn_on_3, d0_turn_off_3                on, after being off; off, after being on
//	d0_heat_3, d0_range1_charge_3, d0_charge_3 what it consumes: thermal, vehicle, battery
//	d0_back_3, d0_backs_3                      what it gives back; 1: may give back in slot 3
//	d0_stored_3                                energy after slot 3
//
// The objective is that of the format, in full: what is earned by stored energy and by optional runs hangs on
// variables, so there is no constant to add.
//
// # Where the model is stricter than the format
//
// Powers up to 1 W count as off in the format, so a device whose range begins at 0 could take a watt and be
// off. Where switching costs or forbids something, a range that begins at 1 W or less begins at 2 W here, the
// least power that certainly counts as on, as it does in the solver; off is 0 W. The model knows no slips:
// plans are judged to a watt and two watt-hours, the model to the solver's own tolerance.
//
// # Where it needs whole numbers
//
// Import and export both positive in a slot is never cheaper than their difference, unless export earns more
// than import costs; only there a variable forbids it. A battery always has one: wasting energy pays when
// prices are negative, or the sun may not be exported.
package milp
