package profiles

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// unitOf is what a point's unit is in ours, and how ours is written.
func (n *narrator) unitOf(p Point) (factor float64, text string) {
	switch p.Unit {
	case "kW":
		return 1000, " W"
	case "kWh":
		return 1000, " Wh"
	case "Wmin":
		return 1. / 60, " Wh"
	case "A", "mA":
		factor = 1
		if p.Unit == "mA" {
			factor = 0.001
		}
		if strings.HasPrefix(p.Name, "current_") {
			return factor, " A"
		}
		return factor * n.perAmpere(), " W"
	case "%":
		if p.Name == "curtail" {
			return n.rated() / 100, " W"
		}
		return 0.01, ""
	case "W", "Wh", "s", "°C":
		return 1, " " + p.Unit
	}
	return 1, ""
}

func (n *narrator) rated() float64 {
	v, _ := strconv.ParseFloat(strings.TrimSuffix(n.values["rated"], "W"), 64)
	return v
}

// inUnit writes the power of a command as a message wants it.
func (n *narrator) inUnit(power float64, m Message) string {
	if m.Sign < 0 {
		power = -power
	}
	switch m.Unit {
	case "kW":
		power /= 1000
	case "A":
		power = math.Trunc(power / n.perAmpere())
	case "mA":
		power = math.Trunc(power / n.perAmpere() * 1000)
	case "%":
		power = math.Trunc(power / n.rated() * 100)
	}
	return fmt.Sprint(power)
}

// walk goes down keys and indexes; a null or nothing at all on the way counts as said when it stands last.
func walk(at any, path string) (any, bool) {
	for key := range strings.SplitSeq(path, ".") {
		switch v := at.(type) {
		case map[string]any:
			inner, isThere := v[key]
			if !isThere {
				return nil, false
			}
			at = inner
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(v) {
				return nil, false
			}
			at = v[i]
		default:
			return nil, at == nil && strings.HasPrefix(path, key)
		}
	}
	return at, true
}

// means says what a word is to the profile.
func (n *narrator) means(p Point, text string) string {
	n.isRead(p)
	v, isKnown := p.Map[text]
	if !isKnown {
		return p.Name + " is not there"
	}
	return fmt.Sprintf("%s = %v", label(p), v)
}

// label is the name of a point and the part and mode it is of.
func label(p Point) string {
	out := p.Name
	if p.Part != "" {
		out += " of " + p.Part
	}
	if p.Topic != "" && p.When != nil {
		out += fmt.Sprintf(" in mode %v", p.When)
	}
	return out
}

func isNegative(payload, path string) bool {
	var at any
	_ = json.Unmarshal([]byte(payload), &at)
	v, _ := walk(at, path)
	x, _ := v.(float64)
	return x < 0
}
