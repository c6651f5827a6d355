package feeds

import (
	"testing"

	"hearth/energy"
)

func TestJoin_PutsInOrderAndKeepsOneOfTwo(t *testing.T) {
	points := drawn("ABC", noon).Points
	mixed := []energy.Point[energy.Price]{points[2], points[0], points[1], points[0]}
	if s, err := Join("EUR", mixed); err != nil || text(s, 3) != "ABC" || len(s.Points) != 3 || s.Currency != "EUR" {
		t.Errorf("%v, %v", s, err)
	}
	other := points[1]
	other.Value++
	if s, err := Join("EUR", append(mixed, other)); KindOf(err) != Temporary || err == nil || len(s.Points) != 0 {
		t.Errorf("two values for an hour are %v, %v", s, err)
	}
}
