package gridx

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// usageDocument is an answer, as far as it is used: intervals as OpenADR 3 has them, bare, or in a report's resources,
// or in data as prices are.
type usageDocument struct {
	block
	Meta      meta        `json:"meta"`
	Resources list[block] `json:"resources"`
	Data      list[block] `json:"data"`
}

type block struct {
	Descriptors []descriptor `json:"payloadDescriptors"`
	Period      *period      `json:"intervalPeriod"` // of the first interval, and the length of each
	Intervals   []struct {
		Period   *period   `json:"intervalPeriod"`
		Payloads []payload `json:"payloads"`
	} `json:"intervals"`
}

type payload struct {
	Type   string        `json:"type"`
	Values []json.Number `json:"values"`
}

type descriptor struct {
	Type  string `json:"payloadType"`
	Units string `json:"units"`
}

type period struct {
	Start    string `json:"start"`
	Duration string `json:"duration"`
}

// after is the interval of a period, which may leave out what follows from the one expected.
func (p *period) after(expected energy.Interval) (energy.Interval, error) {
	if p == nil {
		return expected, nil
	}
	start, length := expected.Start, expected.Length()
	if p.Start != "" {
		at, err := instant(p.Start)
		if err != nil {
			return expected, err
		}
		start = at
	}
	if p.Duration != "" {
		d, err := duration(p.Duration)
		if err != nil {
			return expected, err
		}
		length = d
	}
	return energy.Span(start, length), nil
}

// duration reads hours, minutes and seconds as ISO 8601 writes them: PT1H, PT15M. Days are refused: they have not all
// one length.
func duration(iso string) (time.Duration, error) {
	rest, isTime := strings.CutPrefix(iso, "PT")
	d, err := time.ParseDuration(strings.ToLower(rest))
	if !isTime || err != nil || d <= 0 || d > 24*time.Hour {
		return 0, fmt.Errorf("duration %q: must be as PT1H", feeds.OneLine(iso))
	}
	return d, nil
}

// list is several, or one without brackets.
type list[T any] []T

// UnmarshalJSON reads a list, one element, or null.
func (l *list[T]) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(b, []byte("{")) {
		*l = make(list[T], 1)
		return json.Unmarshal(b, &(*l)[0])
	}
	return json.Unmarshal(b, (*[]T)(l))
}
