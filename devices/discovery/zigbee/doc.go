// Package zigbee makes profiles of what Zigbee2MQTT says its devices can do.
//
// # Basics
//
// Zigbee2MQTT keeps the retained message <base>/bridge/devices: a list of devices, each with what it exposes.
// [Read] makes a profile of every plug, relay and meter in it, and says of each other device why not. It is
// pure: whoever has the message calls it.
//
// # Caveats
//
// Topics, properties and access bits: zigbee2mqtt.io/guide/usage/exposes.html. What a device exposes is what its
// converter knows, not what this plug's firmware does; the guard finds that out. Availability has to be enabled
// in Zigbee2MQTT: without it a device counts as offline and takes no commands.
package zigbee
