package webjson

import (
	"strings"

	"hearth/feeds"
	"hearth/feeds/reading"
	"hearth/feeds/wire"
)

// Type is the source in a configuration.
var Type = feeds.Type{
	Name: "webjson", Title: "any web service that answers JSON: prices, greenness or a solar forecast",
	Step: "as published", Unit: "as configured",
	Keys: []feeds.Key{
		{Name: "url", Help: "address, with {start} and {end} of what is asked for, or {date} of a day; a form may follow: {start:unix}, {start:unixms}, {date:20060102}", IsRequired: true},
		{Name: "items", Help: "where the list is in the answer, such as data[] or areas[].prices[], or \"[]\" in quotes where the answer is the list", IsRequired: true},
		{Name: "start", Help: "field of an item: when its value begins to hold, such as start or period.from", IsRequired: true},
		{Name: "end", Help: "field of an item: when it ends; where it is left out the neighbours say it"},
		{Name: "value", Help: "field of an item: the number, such as price or price.total", IsRequired: true},
		{Name: "unit", Help: "what the number counts: EUR/MWh, EUR/kWh, ct/kWh, gCO2/kWh, \"%\" in quotes or W; money is the home's", IsRequired: true},
		{Name: "unit_at", Help: "where the answer names its unit or currency, such as meta.unit or data[].unit; refused where it is another one"},
		reading.KindKey(), reading.StatusKey(), reading.StampsKey(),
		{Name: "zone", Help: "of times without offset and of days, such as Europe/Berlin; the home's where it is left out"},
		{Name: "step", Help: "how long a value holds at most where no end says it, such as 1h"},
		{Name: "header", Help: "name of the header that shows the secret, such as X-Api-Key or Authorization"},
		{Name: "secret", Help: "what the header says, with its Bearer where there is one", IsSecret: true},
		{Name: "published", Help: "when the next day comes out, such as 13:00; where it is left out, something comes out all the time"},
		{Name: "every", Help: "how often to ask, such as 15m; every hour where it is left out"},
		{Name: "ahead", Help: "how far ahead is published; 36h where it is left out"},
	},
	Sample: `name: utility
type: webjson
url: https://prices.example/v1/prices?from={start}&to={end}
items: data[]
start: from
value: price.total
unit: ct/kWh
kind: import
published: "13:00"
header: X-Api-Key
secret_file: utility-key
`,
	New: func(s feeds.Settings, net feeds.Net) (feeds.Source, error) {
		return New(Config{
			URL: s["url"], Header: s["header"], Secret: s["secret"], Items: s["items"], Start: s["start"], End: s["end"], Value: s["value"],
			Kind: s["kind"], Unit: s["unit"], UnitAt: s["unit_at"], Status: s["status"], Stamps: s["stamps"], Zone: s["zone"], Step: s["step"],
			Published: s["published"], Every: s["every"], Ahead: s["ahead"], Home: net.Home,
		}, wire.New(net, append(strings.Fields(s["secret"]), s["secret"])...))
	},
}
