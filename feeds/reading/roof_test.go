package reading

import (
	"maps"
	"strings"
	"testing"

	"hearth/energy"
	"hearth/feeds"
)

var here = feeds.Settings{"latitude": "52.52", "longitude": "13.405", "tilt": "30", "azimuth": "-90", "peak": "8.4kWp", "inverter": "8kW"}

func TestParseRoof_ReadsWhatItsKeysSay(t *testing.T) {
	got, err := ParseRoof(here)
	if want := (Roof{52.52, 13.405, 30, -90, 8400, 8000}); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	for _, k := range RoofKeys() {
		without := maps.Clone(here)
		delete(without, k.Name)
		if _, err := ParseRoof(without); (err != nil) != k.IsRequired || err != nil && !strings.HasPrefix(err.Error(), k.Name+" ") {
			t.Errorf("without %s: %v", k.Name, err)
		}
	}
}

func TestParseRoof_RefusesWhatIsNoRoof(t *testing.T) {
	for _, c := range []struct{ key, text string }{
		{"latitude", "91"}, {"latitude", "52,5"}, {"latitude", "52.5N"}, {"longitude", "-181"}, {"longitude", "NaN"}, {"longitude", "1e1"},
		{"tilt", "-1"}, {"tilt", "91"}, {"azimuth", "181"}, {"azimuth", "south"}, {"azimuth", " 0"},
		{"peak", "8.4"}, {"peak", "8.4kW"}, {"peak", "0kWp"}, {"peak", "-1kWp"}, {"peak", "8,4kWp"}, {"peak", "1e3kWp"}, {"peak", "9999999kWp"}, {"peak", "8.4 kwp"}, {"peak", "2000kWp"},
		{"inverter", "8"}, {"inverter", "0kW"}, {"inverter", "-8kW"}, {"inverter", "8kVA"},
	} {
		s := maps.Clone(here)
		s[c.key] = c.text
		if r, err := ParseRoof(s); feeds.KindOf(err) != feeds.Misconfigured || err == nil || !strings.HasPrefix(err.Error(), c.key+` "`) {
			t.Errorf("%s %q: %+v, %v", c.key, c.text, r, err)
		}
	}
}

func TestParsePeak_WantsItsUnit(t *testing.T) {
	for text, want := range map[string]energy.Watts{"8.4kWp": 8400, "8.4 kWp": 8400, "800Wp": 800, "1000kWp": 1e6} {
		if got, err := ParsePeak(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
}

func TestRoof_KnowsItsPlace(t *testing.T) {
	r := Roof{Latitude: 52.5, Longitude: 179.9}
	for place, want := range map[[2]float64]bool{{52.4, 179.8}: true, {52.5, -179.9}: true, {52.5, -0.1}: false, {40, 179.9}: false, {52.5, 178}: false} {
		if r.IsNear(place[0], place[1]) != want {
			t.Errorf("%v is near: %v", place, !want)
		}
	}
	if pole := (Roof{Latitude: 89, Longitude: 10}); !pole.IsNear(88.9, -100) {
		t.Error("at the pole all meridians meet")
	}
	if r.Limited(9000) != 9000 || (Roof{Inverter: 8000}).Limited(9000) != 8000 || (Roof{Inverter: 8000}).Limited(10) != 10 {
		t.Error("an inverter lets through what it can, and none lets through all")
	}
}
