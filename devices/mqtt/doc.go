// Package mqtt drives devices behind an MQTT broker, by profile.
//
// # Basics
//
// A [Link] is the connection to one broker; [Link.Run] keeps it up. [New] builds a device from a profile
// on a link; its Driver reads while it runs. Readings are stamped with the link's clock when they arrive.
//
// What a device says is kept point by point of its profile; a role's reading is made of them when it is asked:
// the newest of several sources, the sum of parts, by the mode that stands.
//
// Some profiles ask by requests with a number and an answer topic of ours; some keep the device talking, or
// repeat a command while its lease lasts (the device's own watchdog ends it when we die); some name settings
// that have to hold before anything is begun. Ending something is never refused for a setting.
//
// # Caveats
//
// A command that names a timer, and whose timer does not show, is taken back; nothing is begun then until the
// link is made anew.
//
// A point that holds by another is as new as that one: a device that says its state on change only is believed
// for as long as it is heard.
//
// Commands are QoS 0, never retained, never stored: they are refused unless the broker has answered just
// before. That a command returned says that it left; that the device obeyed is in a later reading.
//
// A retained message counts only where the profile trusts it (availability): it does not say how old it is.
// A retained message on one of a device's own command topics would be obeyed by the device at its next
// start, so the device takes no commands from us until the message is gone and the link was made anew.
//
// A broker may refuse topics in silence. The link needs to read and write its own topics below
// [Options.Base]; a device whose topics are forbidden is never heard.
package mqtt
