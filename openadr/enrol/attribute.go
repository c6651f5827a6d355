package enrol

import (
	"encoding/json"
	"reflect"
	"slices"

	"hearth/energy"
	"hearth/openadr"
)

// Attributes that a VTN can make sense of (ven-resource-attributes).
const (
	maxConsumption = "MAX_POWER_CONSUMPTION"
	maxExport      = "MAX_POWER_EXPORT"
	description    = "DESCRIPTION"
)

// Describe makes the attributes of a home or a device: the most that it takes and gives, as magnitudes, and what
// it is. What is zero or empty is left out, for nobody has said it.
func Describe(title string, takes, gives energy.Watts) openadr.Attributes {
	var out openadr.Attributes
	add := func(kind string, value any) {
		if text, err := json.Marshal(value); err == nil {
			out = append(out, openadr.ValuesMap{Type: kind, Values: []json.RawMessage{text}})
		}
	}
	if takes > 0 {
		add(maxConsumption, float64(takes)/1000)
	}
	if gives > 0 {
		add(maxExport, float64(gives)/1000)
	}
	if runes := []rune(title); len(runes) > 0 {
		add(description, string(runes[:min(len(runes), 128)]))
	}
	return out
}

// merged is what an object is to have: ours, and of theirs what is of other types. It is false when it has them.
func merged(theirs, ours openadr.Attributes) (_ openadr.Attributes, isChanged bool) {
	isSame := func(m openadr.ValuesMap) bool { return areSame(theirs.Of(m.Type), m.Values) }
	if !slices.ContainsFunc(ours, func(m openadr.ValuesMap) bool { return !isSame(m) }) {
		return theirs, false
	}
	var out openadr.Attributes
	for _, m := range theirs {
		if ours.Of(m.Type) == nil {
			out = append(out, m)
		}
	}
	return append(out, ours...), true
}

// areSame compares by meaning: a VTN may write 11 as 11.0.
func areSame(a, b []json.RawMessage) bool {
	return slices.EqualFunc(a, b, func(x, y json.RawMessage) bool {
		var v, w any
		return json.Unmarshal(x, &v) == nil && json.Unmarshal(y, &w) == nil && reflect.DeepEqual(v, w)
	})
}
