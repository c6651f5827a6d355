package tree

import (
	"context"
	"math"

	"hearth/scheduler/internal/home"
	"hearth/scheduler/internal/relax"
)

// Value is what prices from elsewhere prove of a home, as a tree of one leaf. It is false when that is nothing, or
// ctx has ended.
func Value(ctx context.Context, h *home.Home, w *Warm) (*Node, bool) {
	r := &run{Home: h, Options: Options{Warm: w}}
	r.begin()
	r.relaxed = relax.New(h, r.bounder)
	n := &Node{Point: r.renewed(w.Point)}
	value, _, ok := r.bounder.Value(ctx, n.Point, r.Limits(nil), boundSlack*r.Scale)
	n.Value = value
	return n, ok && !math.IsInf(value, 0)
}
