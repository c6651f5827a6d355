package tree

import (
	"context"
	"math"

	"hearth/scheduler/internal/home"
	"hearth/scheduler/internal/relax"
)

const (
	tried = 10   // candidates, each by the relaxations of its two sides
	few   = 40   // nodes that are looked at for a plan that violates nothing
	most  = 4000 // nodes of a proof; what it takes to keep them stays small beside all else
)

// split chooses the decision that promises most for a node and gives it two children. It is false when there is nothing to decide, or ctx has ended.
func (r *run) split(ctx context.Context, n *Node) bool {
	candidates := n.open
	if len(candidates) == 0 {
		return false
	}
	best, bestScore := -1, math.Inf(-1)
	if len(candidates) == 1 {
		best = 0
	} else {
		probe, ok := r.probing(ctx, n)
		if !ok {
			return false
		}
		cutoff := min(r.cost(), n.optimum+1e3*r.Scale)
		for k, c := range candidates {
			gains := [2]float64{}
			for side := range gains {
				d := c.Decision
				d.IsSecond = side == 1
				bound, ok := probe(d, cutoff)
				if !ok {
					return false
				}
				r.looked++
				gains[side] = min(max(bound-n.optimum, 0), cutoff-n.optimum)
			}
			least := 1e-6 * r.Scale
			if score := max(gains[0], least) * max(gains[1], least); score > bestScore {
				best, bestScore = k, score
			}
		}
	}
	first := candidates[best].Decision
	n.Branch = &first
	for side := range n.Children {
		d := first
		d.IsSecond = side == 1
		n.Children[side] = len(r.nodes)
		r.nodes = append(r.nodes, &Node{
			Decisions: with(n.Decisions, d), Value: n.Value, Point: n.Point, At: n.At, pool: n.pool,
		})
	}
	return true
}

// peaks is the decision on the level of the peak half way from the relaxation's to the best plan's, where limits leave
// both sides: what devices cannot do under the lower half is lost to all their slots at once.
func (r *run) peaks(l *home.Limits) []relax.Candidate {
	level, top := r.relaxed.Peak(), min(r.plans.Top(), l.PeakHigh)
	half := (level + top) / 2
	if level == 0 || half < level*1.01+1e-3 {
		return nil
	}
	return []relax.Candidate{{Decision: home.Decision{Kind: home.Peak, Power: half}, Weight: r.Peak.Price * (half - level)}}
}

// probing is a way to tell what decisions do to the bound of a node's relaxation.
func (r *run) probing(ctx context.Context, n *Node) (func(d home.Decision, cutoff float64) (float64, bool), bool) {
	r.relaxed.Restrict(r.Limits(n.Decisions), n.pool)
	if r.relaxed.Rows() <= relax.Largest {
		r.forProof += 12 * float64(r.relaxed.Rows())
		if p, ok := r.relaxed.Prober(ctx); ok {
			return func(d home.Decision, cutoff float64) (float64, bool) {
				r.forProof += 1.5 * float64(r.relaxed.Rows())
				return p.Bound(ctx, d, cutoff), ctx.Err() == nil
			}, true
		}
	}
	return func(d home.Decision, _ float64) (float64, bool) {
		r.relaxed.Restrict(r.Limits(with(n.Decisions, d)), n.pool)
		ok := r.solve(ctx, &r.forProof)
		return r.relaxed.Bound(), ok || ctx.Err() == nil
	}, ctx.Err() == nil
}

// with is decisions with one more, in memory of their own.
func with(decisions []home.Decision, d home.Decision) []home.Decision {
	return append(decisions[:len(decisions):len(decisions)], d)
}

// weakest is the leaf with the least bound that may still be split.
func (r *run) weakest() *Node {
	var best *Node
	for _, n := range r.nodes {
		if n.Branch == nil && !n.isDone && (best == nil || n.Value < best.Value) {
			best = n
		}
	}
	return best
}

// grow splits the weakest leaf and looks at both sides. It is false when no leaf can be split.
func (r *run) grow(ctx context.Context) bool {
	n := r.weakest()
	if n == nil || math.IsInf(n.Value, 1) || r.cost()-n.Value <= r.enough() || len(r.nodes) > most {
		return false
	}
	if math.IsInf(r.cost(), 1) && len(r.nodes) > few { // what cannot be met needs no bound
		return false
	}
	if !n.isLooked && !r.look(ctx, n, 2, nil) {
		return false
	}
	if r.cost()-n.Value <= r.enough() || math.IsInf(n.Value, 1) {
		return true // it was not the weakest after all
	}
	if !r.split(ctx, n) {
		n.isDone = ctx.Err() == nil
		return ctx.Err() == nil
	}
	for _, k := range n.Children {
		child := r.nodes[k]
		if !r.look(ctx, child, 2, nil) {
			return false
		}
		r.follow(ctx, child)
		r.adopt(ctx, child)
		r.tell()
	}
	return true
}
