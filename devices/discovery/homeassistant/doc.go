// Package homeassistant makes profiles of what devices tell Home Assistant over MQTT discovery.
//
// # Basics
//
// Devices leave retained messages on <prefix>/<component>/[<node>/]<object>/config, one for each entity, or one
// for the whole device on <prefix>/device/<object>/config. [Read] takes them all, makes a profile of every
// device with a power or a switch, and says of each entity it leaves out why. It is pure.
//
// # Caveats
//
// The format is that of home-assistant.io/integrations/mqtt. Of templates only the simplest are understood: the
// value itself, or a path in its JSON with a filter that does not change what it means. No template is ever run.
//
// A switch is taken only when its state can be read back and its availability is known. Whoever imports one has
// to want that: a profile made here acts without a lease.
package homeassistant
