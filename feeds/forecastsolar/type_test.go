package forecastsolar

import (
	"strings"
	"testing"

	"hearth/feeds"
	"hearth/feeds/feedtest"
)

func TestType_AcceptsItsSample(t *testing.T) { feedtest.Sample(t, Type, feeds.Home{}) }

func TestType_KeepsItsKey(t *testing.T) {
	with := feedtest.Settings(Type)
	with["key"] = key
	source, err := Type.New(with, feeds.Net{})
	if err != nil || len(source.(*Source).client.Secrets) != 1 || source.(*Source).client.Secrets[0] != key || source.(*Source).cfg.Roof.Azimuth != -90 {
		t.Errorf("%+v, %v", source, err)
	}
	with["key"] = "short"
	if _, err := Type.New(with, feeds.Net{}); err == nil || strings.Contains(err.Error(), "short") {
		t.Error(err)
	}
}
