package vtn

import (
	"bytes"
	"encoding/json"
	"strings"

	"hearth/openadr"
)

// text is a body in the VTN's dialect.
func (v *VTN) text(body any) ([]byte, error) {
	if list, isList := body.([]any); isList {
		for i, o := range list {
			list[i] = shown(o)
		}
	}
	text, err := json.Marshal(shown(body))
	if err != nil || v.cfg.Dialect == openadr.Dialect31 {
		return text, err
	}
	var any30 any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // prices stay as they are written
	if err := d.Decode(&any30); err != nil {
		return nil, err
	}
	return json.Marshal(v.in30(any30))
}

// shown is what answers and notifications hold of an object.
func shown(body any) any {
	switch o := body.(type) {
	case *openadr.Program:
		return whole(*o)
	case *openadr.Subscription:
		return withoutTokens(*o)
	}
	return body
}

// sentinel30 is how 3.0 writes "now" (User Guide 3.0.1, 7.3).
const sentinel30 = "0000-00-00"

// in30 says in 3.0 what stands in 3.1, in place: targets as pairs, starts that are "now" in another spelling,
// operations as HTTP's verbs. What 3.0 cannot say is left out.
func (v *VTN) in30(x any) any {
	switch x := x.(type) {
	case []any:
		for i := range x {
			x[i] = v.in30(x[i])
		}
	case map[string]any:
		for name, value := range x {
			switch name {
			case "targets":
				x[name] = pairs(value)
			case "values": // of a payload: whatever they are
			case "start":
				if value == openadr.Now().String() {
					x[name] = sentinel30
				}
			case "reportIntervals":
				delete(x, name)
			case "operation":
				x[name] = verb(value)
			case "operations":
				x[name] = v.verbs(value)
			default:
				x[name] = v.in30(value)
			}
		}
		complete30(x)
	}
	return x
}

// complete30 makes an event one of 3.0: without a duration of its own, which is of 3.1, and with intervals; and a
// program: with fields for attributes.
func complete30(x map[string]any) {
	if _, isNotification := x["object"]; isNotification {
		return
	}
	switch x["objectType"] {
	case openadr.ObjectEvent:
		delete(x, "duration")
		if x["intervals"] == nil {
			x["intervals"] = []any{}
		}
	case openadr.ObjectProgram:
		list, _ := x["attributes"].([]any)
		for _, element := range list {
			attribute, _ := element.(map[string]any)
			kind, _ := attribute["type"].(string)
			values, _ := attribute["values"].([]any)
			if field := field30(kind); field != "" && len(values) == 1 {
				x[field] = values[0]
			}
		}
		delete(x, "attributes")
	}
}

// field30 is the field of a program of 3.0 that 3.1 made an attribute; empty for others.
func field30(kind string) string {
	switch kind {
	case "PROGRAM_LONG_NAME":
		return "programLongName"
	case "RETAILER_NAME":
		return "retailerName"
	case "RETAILER_LONG_NAME":
		return "retailerLongName"
	case "PROGRAM_TYPE":
		return "programType"
	case "COUNTRY":
		return "country"
	case "PRINCIPAL_SUBDIVISION":
		return "principalSubdivision"
	case "BINDING_EVENTS":
		return "bindingEvents"
	case "LOCAL":
		return "localPrice"
	}
	return ""
}

// pairs makes of the texts "TYPE:value" a pair for each type.
func pairs(texts any) any {
	list, _ := texts.([]any)
	out := []map[string]any{}
	at := map[string]int{}
	for _, element := range list {
		text, _ := element.(string)
		kind, value, isPair := strings.Cut(text, ":")
		if !isPair || kind == "" {
			continue
		}
		i, isKnown := at[kind]
		if !isKnown {
			i, at[kind] = len(out), len(out)
			out = append(out, map[string]any{"type": kind, "values": []any{}})
		}
		values, _ := out[i]["values"].([]any)
		out[i]["values"] = append(values, value)
	}
	return out
}

// verb is the operation of a notification of 3.0.
func verb(word any) any {
	switch word {
	case openadr.OperationRead:
		return "GET"
	case openadr.OperationCreate:
		return "POST"
	case openadr.OperationUpdate:
		return "PUT"
	}
	return word
}

// verbs are the operations of a subscription: verbs in 3.0.0 only.
func (v *VTN) verbs(words any) any {
	list, _ := words.([]any)
	if v.cfg.Dialect != openadr.Dialect300 {
		return words
	}
	for i := range list {
		list[i] = verb(list[i])
	}
	return list
}
