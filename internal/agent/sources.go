package agent

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

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
	"hearth/feeds/keep"
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

// asked is a source with the keeper of its values.
type asked struct {
	*keep.Keeper
	feeds.Source
	use  []feeds.Kind // none: all
	roof string       // that it forecasts; sources of the same one stand in for each other
}

// only is the values without those that are not to be used.
func (k asked) only(v feeds.Values) feeds.Values {
	if len(k.use) == 0 {
		return v
	}
	return v.Only(k.use)
}

// isSolar says that it forecasts a roof.
func (k asked) isSolar() bool {
	return slices.Contains(k.Keeper.About().Kinds, feeds.Solar) && (len(k.use) == 0 || slices.Contains(k.use, feeds.Solar))
}

// isWholePrice says that its prices are what the home pays though there is a tariff: the owner says so.
func (k asked) isWholePrice() bool {
	return slices.Contains(k.use, feeds.ImportPrice) || slices.Contains(k.use, feeds.ExportPrice)
}

// About is what is known of the source before it is asked.
func (k asked) About() feeds.About { return k.Keeper.About() }

// Fetch asks the source once, now, and keeps what it says.
func (k asked) Fetch(ctx context.Context) error { return k.Keeper.Fetch(ctx) }

// OpenSource builds a source as it is configured.
func OpenSource(c config.Source, home config.Home, clock Clock) (feeds.Source, error) {
	s, err := c.Type.New(c.Settings, feeds.Net{Now: clock.Now, Home: feeds.Home{Zone: home.Zone, Currency: home.Currency}})
	if err != nil {
		return nil, fmt.Errorf("%w: source %s: %w", ErrConfig, c.Name, err)
	}
	return s, nil
}

// asking is how many sources are asked at the same time. One that does not answer holds its turn for half a minute.
const asking = 3

// openSources brings back what was known before: values are there without any network.
func (a *Agent) openSources(context.Context) error {
	if len(a.cfg.Sources) == 0 {
		return nil
	}
	installation, err := a.installation()
	if err != nil {
		return err
	}
	turns := make(chan struct{}, asking)
	for _, c := range a.cfg.Sources {
		source, err := OpenSource(c, a.cfg.Home, a.clock)
		if err != nil {
			return err
		}
		k := keep.New(c.Name, installation, keep.Parts{Source: source, Store: a.store, Clock: a.clock, Log: a.log, Turns: turns, Settings: a.fingerprint(c)})
		if err := k.Restore(); err != nil {
			a.log.Warn("last values are not readable: beginning without them", "source", c.Name, "err", err)
		}
		a.sources = append(a.sources, asked{k, source, slices.Clone(c.Use), c.Roof})
	}
	return nil
}

// fingerprint changes with whatever a source was told, and tells nothing of it.
func (a *Agent) fingerprint(c config.Source) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %v", c.Type.Name, a.cfg.Home.Currency, a.cfg.Home.Zone)
	for _, key := range slices.Sorted(maps.Keys(c.Settings)) {
		fmt.Fprintf(h, " %q=%q", key, c.Settings[key])
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// installation is a name of this home that nobody else has, so that not all homes ask at once.
func (a *Agent) installation() (string, error) {
	const key = "installation"
	name, ok, err := a.store.Get(key)
	if err == nil && ok {
		return string(name), nil
	}
	name = []byte(hex.EncodeToString(fmt.Append(nil, rand.Uint64())))
	return string(name), a.store.Put(key, name)
}
