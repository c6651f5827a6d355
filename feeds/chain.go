package feeds

import (
	"errors"
	"fmt"

	"hearth/energy"
)

// Holder has values of one source; a [hearth/feeds/keep.Keeper] is one.
type Holder interface {
	Name() string
	Values() Values
}

// Chain is sources in the order in which they are preferred.
type Chain struct {
	Currency energy.Currency // of the home
	Holders  []Holder
}

// Values is what the first source says, with its gaps filled by the second, and so on, kind by kind. The order is the
// owner's word: it counts for more than how firm a value is, since two sources may publish two things (a price with
// its fees and one without). Prices in another currency than the home's are left out and named in the error, which
// comes beside what can be used. Remarks say whose they are.
func (c Chain) Values() (Values, error) {
	var all Values
	var faults []error
	for _, h := range c.Holders {
		v := h.Values()
		faults = append(faults, c.refuse(h, ImportPrice, &v.Import), c.refuse(h, ExportPrice, &v.Export))
		all.Import, all.Export = fill(all.Import, v.Import), fill(all.Export, v.Export)
		all.Carbon, all.Renewable = fill(all.Carbon, v.Carbon), fill(all.Renewable, v.Renewable)
		all.Solar = fill(all.Solar, v.Solar)
		all.Taken, all.Given = fillWhole(all.Taken, v.Taken), fillWhole(all.Given, v.Given)
		if len(all.Best) == 0 {
			all.Best = v.Best
		}
		for _, remark := range v.Remarks {
			all.Remarks = append(all.Remarks, fmt.Sprintf("%s: %s", h.Name(), remark))
		}
	}
	return all, errors.Join(faults...)
}

// refuse empties a series of prices in another currency.
func (c Chain) refuse(h Holder, kind Kind, s *energy.Series[energy.Price]) error {
	if len(s.Points) == 0 || s.Currency == c.Currency {
		return nil
	}
	err := Fail(Misconfigured, "source %s: %s is in %q, the home's currency is %q", h.Name(), kind, s.Currency, c.Currency)
	*s = energy.Series[energy.Price]{}
	return err
}
