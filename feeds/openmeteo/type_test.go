package openmeteo

import (
	"strings"
	"testing"

	"hearth/feeds"
	"hearth/feeds/feedtest"
)

func TestType_AcceptsItsSample(t *testing.T) { feedtest.Sample(t, Type, feeds.Home{}) }

func TestType_ReadsItsSettings(t *testing.T) {
	with := feedtest.Settings(Type)
	source, err := Type.New(with, feeds.Net{})
	if err != nil || source.(*Source).cfg.Losses != defaultLosses || source.(*Source).cfg.Roof.Azimuth != -90 {
		t.Errorf("%+v, %v", source, err)
	}
	with["losses"] = "20%"
	if source, err := Type.New(with, feeds.Net{}); err != nil || source.(*Source).cfg.Losses != 0.2 {
		t.Errorf("%+v, %v", source, err)
	}
	for key, text := range map[string]string{"losses": "14", "url": "meteo", "tilt": "steep"} {
		with := feedtest.Settings(Type)
		with[key] = text
		if _, err := Type.New(with, feeds.Net{}); err == nil || !strings.HasPrefix(err.Error(), key+` "`+text+`": `) {
			t.Errorf("%s %s: %v", key, text, err)
		}
	}
}
