package mqtt

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"hearth/devices/profiles"
)

// maxDepth is how deep a message may nest; Tasmota's deepest has four levels.
const maxDepth = 16

var errDepth = errors.New("nested too deep")

// factors convert a profile's unit to ours: W, Wh, fraction. A bool is 0 or 1.
func factor(unit string) float64 {
	switch unit {
	case "kW", "kWh":
		return 1000
	case "%":
		return 0.01
	}
	return 1
}

// decode is the value of a point in a payload, in our unit and sign. It is false when a JSON message does
// not hold the point: one topic carries several kinds of message.
func decode(p profiles.Point, payload []byte) (v float64, ok bool, err error) {
	text := string(payload)
	if p.Path != "" {
		text, ok, err = lookup(payload, p.Path)
		if err != nil || !ok {
			return 0, false, err
		}
	}
	text = strings.TrimSpace(text)
	if p.Unit == "bool" {
		is, known := p.Map[text]
		if !known {
			return 0, false, fmt.Errorf("%s: %.40q is neither true nor false to the profile", p.Name, text)
		}
		if is {
			return 1, true, nil
		}
		return 0, true, nil
	}
	v, err = number(text)
	if err != nil {
		return 0, false, fmt.Errorf("%s: %w", p.Name, err)
	}
	v *= factor(p.Unit)
	if p.Sign < 0 {
		v = -v
	}
	if (p.Min != nil && v < *p.Min) || (p.Max != nil && v > *p.Max) {
		return 0, false, fmt.Errorf("%s: %v is not plausible", p.Name, v)
	}
	return v, true, nil
}

func number(text string) (float64, error) {
	if strings.Trim(text, "+-.eE0123456789") != "" {
		return 0, fmt.Errorf("%.40q is not a number", text) // ParseFloat also takes inf, hex and underscores
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(v, 0) {
		return 0, fmt.Errorf("%.40q is not a number", text)
	}
	return v, nil
}

// lookup follows dotted keys into JSON and returns the scalar there as text; false when there is none.
func lookup(payload []byte, path string) (string, bool, error) {
	if isTooDeep(payload) {
		return "", false, errDepth
	}
	if !json.Valid(payload) {
		return "", false, errors.New("no JSON")
	}
	at := json.RawMessage(payload)
	for key := range strings.SplitSeq(path, ".") {
		var object map[string]json.RawMessage
		if json.Unmarshal(at, &object) != nil {
			return "", false, nil // something else than an object stands there
		}
		inner, ok := object[key]
		if !ok {
			return "", false, nil
		}
		at = inner
	}
	switch at[0] {
	case '{', '[', 'n':
		return "", false, nil
	case '"':
		var s string
		err := json.Unmarshal(at, &s)
		return s, err == nil, err
	}
	return string(at), true, nil
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
			if depth++; depth > maxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}
