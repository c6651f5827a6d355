package rate

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

// sumsUp is what components may miss their total by, per kWh: each was rounded.
const sumsUp = energy.Price(10_000_000)

var errMixed = errors.New("the depth is mixed")

// summed is the tree with the components of every level summed up. Where a total stands beside them it is checked and
// taken, for it is what is charged.
func summed(n Tree) (out Tree, isSplit bool, err error) {
	items := make([]Tree, len(n.items))
	for i, item := range n.items {
		below := false
		if items[i], below, err = summed(item); err != nil {
			return Tree{}, false, err
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
func (n Tree) sum() (Tree, error) {
	var sum Tree
	for i, item := range n.items {
		key := n.keys[i]
		if fold(key) == total {
			continue
		}
		if !isComponent(key) {
			return Tree{}, fmt.Errorf("%q stands beside components", key)
		}
		if sum.kind == "" {
			sum = item
			continue
		}
		var err error
		if sum, err = merge(sum, item, plus); err != nil {
			return Tree{}, fmt.Errorf("%q cannot be added: %w", key, err)
		}
	}
	whole, hasTotal := n.Child(total)
	if !hasTotal {
		return sum, n.checkParts()
	}
	if _, err := merge(whole, sum, near); err != nil {
		return Tree{}, fmt.Errorf("the total is not that of its components: %w", err)
	}
	return whole, nil
}

// checkParts refuses delivery beside its own parts: with no total to check against, it may count them twice.
func (n Tree) checkParts() error {
	if _, has := n.Child("delivery"); !has {
		return nil
	}
	for _, part := range []string{"distribution", "transmission"} {
		if _, has := n.Child(part); has {
			return fmt.Errorf("delivery may hold the %s beside it, and there is no total", part)
		}
	}
	return nil
}

// merge joins two trees of the same form, number by number.
func merge(a, b Tree, join func(a, b energy.Price) (energy.Price, error)) (Tree, error) {
	if a.kind != b.kind || len(a.items) != len(b.items) {
		return Tree{}, errMixed
	}
	if a.kind == number {
		var err error
		a.price, err = join(a.price, b.price)
		return a, err
	}
	items := make([]Tree, len(a.items))
	for i := range a.items {
		other := b.items[i]
		if a.kind == object {
			var has bool
			if other, has = b.Child(a.keys[i]); !has {
				return Tree{}, fmt.Errorf("%q is not in all of them", a.keys[i])
			}
		}
		var err error
		if items[i], err = merge(a.items[i], other, join); err != nil {
			return Tree{}, err
		}
	}
	a.items = items
	return a, nil
}

// plus stays in range: each number is at most 200, and a document has 20,000.
func plus(a, b energy.Price) (energy.Price, error) { return a + b, nil }

func near(a, b energy.Price) (energy.Price, error) {
	if d := a - b; d > sumsUp || d < -sumsUp {
		return 0, errors.New("they differ")
	}
	return a, nil
}
