// Package mqtt drives devices behind an MQTT broker, by profile.
//
// # Basics
//
// A [Link] is the connection to one broker; [Link.Run] keeps it up. [New] builds a device from a profile
// on a link; its Driver reads while it runs. Readings are stamped with the link's clock when they arrive.
//
// # Caveats
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
