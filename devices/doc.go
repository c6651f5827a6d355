// Package devices says what a device can be asked and told: the roles that drivers play.
//
// # Basics
//
// A driver (devices/mqtt, devices/modbus) builds a [Device]: a bundle of roles, nil where the thing lacks
// one. Roles that read never block: they return the newest value the driver has, with its time and whether
// it may be trusted. Roles that act send one command with a lease and return when it was handed over; that
// the device obeyed is known only from a later reading. Everything that acts goes through devices/guard.
//
// # Caveats
//
// Signs are ours before a value leaves the driver: taking is positive, giving back is negative.
// A silent device yields its last reading with its old time; whoever uses it asks for its age.
package devices
