package feeds

import (
	"context"

	"hearth/energy"
)

// Biller is a source that knows what was billed.
type Biller interface {
	// Bills are those of which a part lies in a span, oldest first.
	Bills(ctx context.Context, span energy.Interval) ([]Bill, error)
}

// Bill is what somebody else has counted and charged. What it does not say is nil.
type Bill struct {
	Period   energy.Interval // from the midnight of its first day to that after its last
	Imported *energy.WattHours
	Exported *energy.WattHours
	Used     *energy.WattHours // by the home, wherever it came from
	Amount   *energy.Money
	Currency energy.Currency
	Invoice  string // number or id; empty: none was made
	Status   string // as the biller says it: "draft", "paid"
	// Applied is what has been paid of it, as far as the biller says.
	Applied *energy.Money
	Remarks []string // why a figure is not there that the bill seems to hold
}
