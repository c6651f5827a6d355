package fram

import (
	"errors"
	"fmt"
	"slices"

	"hearth/energy"
)

// components are the parts of which a price is the sum, folded: what is made, what is carried, and what a bill in
// California lists beside it.
var components = []string{
	"generation", "delivery", "distribution", "transmission", "transmissionrateadjustments", "reliabilityservices",
	"publicpurpose", "publicpurposeprograms", "nucleardecommissioning", "competitiontransitioncharges",
	"energycostrecovery", "wildfirefund", "wildfirefundcharge", "recoverybondcharge", "recoverybondcredit",
	"newsystemgeneration", "newsystemgenerationcharges", "pcia", "powerchargeindifferenceadjustment",
	"franchisefee", "franchisefeesurcharge",
}

// total is what components sum up to.
const total = "total"

// sumsUp is what components may miss their total by, per kWh: each was rounded.
const sumsUp = energy.Price(10_000_000)

// summed is the tree with the components of every level summed up. Where a total stands beside them it is checked and
// taken, for it is what is charged.
func summed(n node) (out node, isSplit bool, err error) {
	items := make([]node, len(n.items))
	for i, item := range n.items {
		below := false
		if items[i], below, err = summed(item); err != nil {
			return node{}, false, err
		}
		isSplit = isSplit || below
	}
	n.items = items
	if !slices.ContainsFunc(n.keys, isComponent) {
		return n, isSplit, nil
	}
	out, err = n.sum()
	return out, true, err
}

func isComponent(key string) bool { return slices.Contains(components, fold(key)) }

// sum is the sum of a level of components.
func (n *node) sum() (node, error) {
	var sum node
	isFirst := true
	for i, item := range n.items {
		switch {
		case fold(n.keys[i]) == total:
			continue
		case !isComponent(n.keys[i]):
			return node{}, fmt.Errorf("%q stands beside components", n.keys[i])
		case isFirst:
			sum, isFirst = item, false
			continue
		}
		var err error
		if sum, err = merge(sum, item, plus); err != nil {
			return node{}, fmt.Errorf("%q cannot be added: %w", n.keys[i], err)
		}
	}
	whole, hasTotal := n.child(total)
	if !hasTotal {
		return sum, n.checkParts()
	}
	if _, err := merge(whole, sum, near); err != nil {
		return node{}, fmt.Errorf("the total is not that of its components: %w", err)
	}
	return whole, nil
}

// checkParts refuses delivery beside its own parts: with no total to check against, it may count them twice.
func (n *node) checkParts() error {
	if _, has := n.child("delivery"); !has {
		return nil
	}
	for _, part := range []string{"distribution", "transmission"} {
		if _, has := n.child(part); has {
			return fmt.Errorf("delivery may hold the %s beside it, and there is no total", part)
		}
	}
	return nil
}

// merge joins two trees of the same form, number by number.
func merge(a, b node, join func(a, b energy.Price) (energy.Price, error)) (node, error) {
	if a.kind != b.kind || len(a.items) != len(b.items) {
		return node{}, errMixed
	}
	if a.kind == number {
		var err error
		a.price, err = join(a.price, b.price)
		return a, err
	}
	items := make([]node, len(a.items))
	for i := range a.items {
		other := b.items[i]
		if a.kind == object {
			var has bool
			if other, has = b.child(fold(a.keys[i])); !has {
				return node{}, fmt.Errorf("%q is not in all of them", a.keys[i])
			}
		}
		var err error
		if items[i], err = merge(a.items[i], other, join); err != nil {
			return node{}, err
		}
	}
	a.items = items
	return a, nil
}

var errMixed = errors.New("the depth is mixed")

func plus(a, b energy.Price) (energy.Price, error) {
	sum := a + b
	if (sum > a) != (b > 0) && b != 0 {
		return 0, energy.ErrRange
	}
	return sum, nil
}

func near(a, b energy.Price) (energy.Price, error) {
	if d := a - b; d > sumsUp || d < -sumsUp {
		return 0, errors.New("they differ")
	}
	return a, nil
}
