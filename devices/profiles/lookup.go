package profiles

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// maxMessageDepth is how deep a message may nest; Tasmota's deepest has four levels, Zigbee2MQTT's exposes ten.
const maxMessageDepth = 16

var (
	errDepth = errors.New("nested too deep")
	errJSON  = errors.New("no JSON")
)

// Found says what stands at a path.
type Found int

// What may be found.
const (
	Nothing Found = iota // nothing, or an object or list
	Null                 // null: the device says that it does not know
	Scalar               // a text, number or bool
)

// Lookup follows dotted keys and indexes ("nrg.11", "em1.0.act_power") into a JSON payload. A scalar comes as
// text. The error is for a payload that is no JSON; an empty one is null.
func Lookup(payload []byte, path string) (string, Found, error) {
	switch {
	case len(payload) == 0:
		return "", Null, nil
	case isTooDeep(payload):
		return "", Nothing, errDepth
	case !json.Valid(payload):
		return "", Nothing, errJSON
	}
	at := json.RawMessage(payload)
	for key := range strings.SplitSeq(path, ".") {
		inner, ok := step(at, key)
		if !ok {
			return "", Nothing, nil
		}
		at = inner
	}
	switch at[0] {
	case '{', '[':
		return "", Nothing, nil
	case 'n':
		return "", Null, nil
	case '"':
		var s string
		err := json.Unmarshal(at, &s)
		return s, Scalar, err
	}
	return string(at), Scalar, nil
}

// step goes one key or index deeper.
func step(at json.RawMessage, key string) (json.RawMessage, bool) {
	at = json.RawMessage(strings.TrimLeft(string(at), " \t\r\n"))
	if at[0] == '[' {
		n, err := strconv.Atoi(key)
		var list []json.RawMessage
		if err != nil || n < 0 || json.Unmarshal(at, &list) != nil || n >= len(list) {
			return nil, false
		}
		return list[n], true
	}
	var object map[string]json.RawMessage
	if at[0] != '{' || json.Unmarshal(at, &object) != nil {
		return nil, false
	}
	inner, ok := object[key]
	return inner, ok
}

// isTooDeep counts brackets outside of texts, before anything recursive sees the payload.
func isTooDeep(payload []byte) bool {
	depth, inText := 0, false
	for i := 0; i < len(payload); i++ {
		switch c := payload[i]; {
		case inText && c == '\\':
			i++
		case c == '"':
			inText = !inText
		case inText:
		case c == '{' || c == '[':
			if depth++; depth > maxMessageDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}
