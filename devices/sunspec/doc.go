// Package sunspec walks the SunSpec models of a device and makes a profile of what it finds.
//
// # Basics
//
// SunSpec devices (inverters, batteries, meters) say in their registers what they hold: a marker, then
// models one after the other, each with its number and length. [Walk] follows that chain into a [Map];
// [Map.Profile] makes of it a profile (devices/profiles) with the addresses of this very device, which the
// ordinary Modbus driver runs. There is no driver here.
//
//	m, err := sunspec.Walk(ctx, reader)
//	profile, remarks, err := m.Profile(sunspec.Options{Unit: 1, Part: sunspec.Meter, Sign: -1})
//
// One device may be several for a home: a hybrid inverter is an inverter, strings of panels and a battery,
// and often answers for the grid's meter too. [Options] say which [Part] is meant. A Map is kept. [Resolve]
// makes the profile at the start, by the map kept where the device sleeps; while the driver runs, a [Watch]
// walks again after each loss, holds commands back until then, and tells when firmware has moved models.
//
// # Caveats
//
// A scale factor may change with the load, so it is read in the same request as its values. Ratings and the
// scale factors of controls are read by the walk and built into the profile: they are settings, and [Again]
// sees when they changed.
// The sign of a meter is no matter of the standard: makers differ, so it has to be stated, and checked with
// a known load.
// The AC power of a hybrid inverter contains its battery: take its parts Solar and Battery, or the part
// Inverter alone.
// Fronius is said to restart the timer of model 124 at any request, not only at a command: what the driver reads
// then keeps a command alive until Hearth as a whole is silent.
// Model 802 asks some controllers for a heartbeat each second. None is sent, so 802 is read and not told.
package sunspec
