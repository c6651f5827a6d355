package homeassistant

import (
	"hearth/feeds"
	"hearth/feeds/reading"
	"hearth/feeds/wire"
)

// Type is the source in a configuration.
var Type = feeds.Type{
	Name: "homeassistant", Title: "an entity of Home Assistant: its state, or a list in an attribute",
	Step: "as published", Unit: "the entity's own",
	Keys: []feeds.Key{
		{Name: "url", Help: "address of Home Assistant, such as http://homeassistant.local:8123", IsRequired: true},
		{Name: "token", Help: "long-lived access token of a user", IsRequired: true, IsSecret: true},
		{Name: "entity", Help: "such as sensor.electricity_price", IsRequired: true},
		reading.KindKey(),
		{Name: "attribute", Help: "the attribute that holds a list, or more of them with commas, such as raw_today, raw_tomorrow; the state of now where it is left out"},
		{Name: "start", Help: "field of an item: when its value begins to hold; start where it is left out"},
		{Name: "end", Help: "field of an item: when it ends; end where it is left out, and the neighbours say it where there is none"},
		{Name: "value", Help: "field of an item: the number; value where it is left out"},
		{Name: "unit", Help: "what the number counts, such as EUR/kWh; the entity's unit_of_measurement where it is left out"},
		reading.StatusKey(), reading.StampsKey(),
		{Name: "zone", Help: "of times without offset; the home's where it is left out"},
		{Name: "step", Help: "how long a value holds at most where no end says it, such as 1h"},
		{Name: "published", Help: "when the next day comes out, such as 13:15; where it is left out, something comes out all the time"},
		{Name: "every", Help: "how often to ask, and how long a state holds; 5m where it is left out"},
		{Name: "ahead", Help: "how far ahead a list reaches; 36h where it is left out"},
	},
	Sample: `name: nordpool
type: homeassistant
url: http://homeassistant.local:8123
token_file: homeassistant-token
entity: sensor.nordpool_kwh_fi_eur_3_10_0255
attribute: raw_today, raw_tomorrow
kind: import
`,
	New: func(s feeds.Settings, net feeds.Net) (feeds.Source, error) {
		return New(Config{
			URL: s["url"], Token: s["token"], Entity: s["entity"], Attribute: s["attribute"], Start: s["start"], End: s["end"], Value: s["value"],
			Kind: s["kind"], Unit: s["unit"], Status: s["status"], Stamps: s["stamps"], Zone: s["zone"], Step: s["step"],
			Published: s["published"], Every: s["every"], Ahead: s["ahead"], Home: net.Home,
		}, wire.New(net, s["token"]))
	},
}
