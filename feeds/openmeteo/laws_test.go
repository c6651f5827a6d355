package openmeteo

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
)

// answer is one of quarter hours from six on; nil is null.
func answer(irradiance, air []*float64) []byte {
	var times []int64
	for i := range irradiance {
		times = append(times, six.Add(time.Duration(i)*step).Unix())
	}
	body, err := json.Marshal(map[string]any{
		"latitude": 52.5, "longitude": 13.4,
		"minutely_15_units": map[string]string{"time": "unixtime", "global_tilted_irradiance_instant": "W/m²", "temperature_2m": "°C"},
		"minutely_15":       map[string]any{"time": times, "global_tilted_irradiance_instant": irradiance, "temperature_2m": air},
	})
	if err != nil {
		panic(err)
	}
	return body
}

// draw is some values, of which some are missing.
func draw(t *rapid.T, label string, least, most float64, count int) []*float64 {
	all := make([]*float64, count)
	for i := range all {
		if rapid.IntRange(0, 5).Draw(t, label+" is there") > 0 {
			v := rapid.Float64Range(least, most).Draw(t, label)
			all[i] = &v
		}
	}
	return all
}

// A slot is there where both its ends are, and lies between them; all others are not.
func TestRead_ASlotNeedsBothItsEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.IntRange(1, 12).Draw(t, "count")
		irradiance, air := draw(t, "irradiance", 0, 1400, count), draw(t, "air", -40, 50, count)
		v, err := roof.read(answer(irradiance, air), six)
		if err != nil {
			t.Fatal(err)
		}
		if bad := v.Check(feeds.About{Kinds: []feeds.Kind{feeds.Solar}}); bad != nil {
			t.Fatal(bad)
		}
		slots := 0
		for i := 1; i < count; i++ {
			at := six.Add(time.Duration(i-1) * step)
			got, isThere := v.Solar.At(at)
			isWhole := irradiance[i-1] != nil && air[i-1] != nil && irradiance[i] != nil && air[i] != nil
			if isThere != isWhole {
				t.Fatalf("the slot at %v is there: %v", at, isThere)
			}
			if !isWhole {
				continue
			}
			slots++
			a, b := roof.power(*irradiance[i-1], *air[i-1]), roof.power(*irradiance[i], *air[i])
			if math.Abs(float64(got-(a+b)/2)) > 1e-9 || got < min(a, b) || got > max(a, b) || got > roof.Roof.Inverter {
				t.Fatalf("%v between %v and %v", got, a, b)
			}
		}
		if len(v.Solar.Points) != slots {
			t.Fatalf("%d slots, want %d", len(v.Solar.Points), slots)
		}
	})
}

// Whatever comes, what is understood is sound and no more than the inverter gives.
func FuzzRead(f *testing.F) {
	feedtest.Fuzz(f, feeds.About{Kinds: []feeds.Kind{feeds.Solar}}, func(body []byte, now time.Time) (feeds.Values, error) {
		v, err := roof.read(body, now)
		for _, p := range v.Solar.Points {
			if p.Value < 0 || p.Value > roof.Roof.Inverter || p.Length() != step || p.Origin.Status != energy.Forecast {
				return v, fmt.Errorf("%+v is nothing that the roof gives", p)
			}
		}
		return v, err
	})
}
