// Package modbus drives meters, chargers and batteries over Modbus TCP, RTU and RTU over TCP.
//
// # Basics
//
// A [Bus] is one wire: a host and port, or a serial line. Devices that share the wire share the Bus, which
// lets one request at a time through, commands first. [New] makes a device from a profile
// (devices/profiles): it groups the points into reads, converts them to W, Wh and fractions with Hearth's
// sign, and turns on, off, set_power and release into register writes in the profile's order.
//
//	address, err := modbus.ParseAddress("tcp://192.168.1.20:502")
//	bus := modbus.NewBus(address, clock, pace)
//	device, err := modbus.New(modbus.Config{Name: "grid", Profile: p, Bus: bus, Clock: clock, Log: log})
//	go device.Driver.Run(ctx)
//
// A profile may declare these parameters, which the driver itself understands; all others are only
// replaced in the values of its writes:
//
//	unit                          Modbus unit id, 1 to 247 or 255
//	sign                          1 or -1; -1 turns power round and swaps the counters
//	phases, voltage               how amperes become watts: P = I x voltage x phases
//	one_phase                     1 when a charger may be told to use one phase; the floor is then that of one
//	min_current, max_current      amperes; the floor and the most of a charger
//	max_charge, max_discharge     power with its unit ("5kW"); the limits of a battery
//
// A watchdog shorter than a lease (lease kind heartbeat) is fed by Run for as long as the lease was given: the
// command is written again, until the lease is over or the device was lost. Where reading alone feeds it, Run
// then hands the device back. A device that counts its lease down is asked whether it does (lease verify).
//
// # Caveats
//
// Deadlines on the wire are real time; polling, ages and backoff go by the clock handed in.
// A reading bears the time at which its request was sent, so a value is never older than it says, and one
// that was under way while a command was written does not pass for the answer to it.
// On a serial line, whose answers bear no number, the first reading after a fault is believed only when a
// second one agrees. A charger that may switch phases is told the current of the phases it says it uses.
// Counters that fall are dropped: a replaced meter counts again after a restart of Hearth.
// The frames are packed by goburrow/modbus v0.1.0, the wire is ours: see line.go for what the library's
// own transporters get wrong.
package modbus
