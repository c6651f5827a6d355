package podero

import (
	"context"

	"hearth/feeds"
)

var _ feeds.Account = (*Source)(nil)

// Questions are what the account tells besides prices.
func (s *Source) Questions() []feeds.Question {
	return []feeds.Question{{
		Name: "contract", Help: "the user's energy contracts",
		Ask: func(ctx context.Context, _ feeds.Settings) (feeds.Table, error) {
			all, err := s.contracts(ctx)
			if err != nil {
				return feeds.Table{}, err
			}
			t := table(all)
			if len(all) == 0 {
				t.Remarks = append(t.Remarks, "the user has none")
			}
			return t, nil
		},
	}}
}

func table(all []contract) feeds.Table {
	t := feeds.Table{Title: "energy contracts", Columns: []string{"id", "building", "kind", "supplier", "meter", "currency", "fees and taxes", "prices"}}
	for _, c := range all {
		whole := "not said"
		if c.IsWhole != nil {
			whole = map[bool]string{true: "included", false: "not included"}[*c.IsWhole]
		}
		building := feeds.OneLine(c.Building)
		if building == "" {
			building = "all buildings"
		}
		t.Rows = append(t.Rows, []string{
			feeds.OneLine(c.ID), building, feeds.OneLine(c.Kind), feeds.OneLine(c.Supplier), feeds.OneLine(c.Meter), feeds.OneLine(c.Currency), whole, c.inShort(),
		})
	}
	return t
}
