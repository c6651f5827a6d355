package agent

import (
	"context"
	"fmt"

	"hearth/feeds"
	"hearth/feeds/amber"
	"hearth/feeds/awattar"
	"hearth/feeds/comed"
	"hearth/feeds/digiwatt"
	"hearth/feeds/electricitymaps"
	"hearth/feeds/energidata"
	"hearth/feeds/energycharts"
	"hearth/feeds/energygrid"
	"hearth/feeds/entsoe"
	"hearth/feeds/forecastsolar"
	"hearth/feeds/fram"
	"hearth/feeds/gbcarbon"
	"hearth/feeds/gridx"
	"hearth/feeds/homeassistant"
	"hearth/feeds/midas"
	"hearth/feeds/nordpool"
	"hearth/feeds/octopus"
	"hearth/feeds/openmeteo"
	"hearth/feeds/podero"
	"hearth/feeds/tibber"
	"hearth/feeds/watttime"
	"hearth/feeds/webjson"
	"hearth/internal/config"
)

// SourceTypes is the one list of sources: a new one has its line here.
func SourceTypes() []feeds.Type {
	return []feeds.Type{
		gridx.Type,
		fram.Type,
		digiwatt.Type,
		energygrid.Type,
		podero.Type,
		amber.Type,
		awattar.Type,
		comed.Type,
		electricitymaps.Type,
		energidata.Type,
		energycharts.Type,
		entsoe.Type,
		gbcarbon.Type,
		midas.Type,
		nordpool.Type,
		octopus.Type,
		tibber.Type,
		watttime.Type,
		forecastsolar.Type,
		openmeteo.Type,
		homeassistant.Type,
		webjson.Type,
	}
}

// OpenSource builds a source as it is configured.
func OpenSource(c config.Source, home config.Home, clock Clock) (feeds.Source, error) {
	s, err := c.Type.New(c.Settings, feeds.Net{Now: clock.Now, Home: feeds.Home{Zone: home.Zone, Currency: home.Currency}})
	if err != nil {
		return nil, fmt.Errorf("%w: source %s: %w", ErrConfig, c.Name, err)
	}
	return s, nil
}

// openSources builds every source as it is configured, and has the chorus ask it.
func (a *Agent) openSources(context.Context) error {
	for _, c := range a.cfg.Sources {
		source, err := OpenSource(c, a.cfg.Home, a.clock)
		if err != nil {
			return err
		}
		if err := a.chorus.Ask(c, source); err != nil {
			return err
		}
	}
	return nil
}
