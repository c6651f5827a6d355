package listen

import (
	"context"
	"slices"

	"hearth/feeds"
	"hearth/feeds/keep"
)

// asked is a source with the keeper of its values.
type asked struct {
	*keep.Keeper
	feeds.Source
	typ  feeds.Type
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
