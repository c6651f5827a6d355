package reading

import (
	"hearth/energy"
	"hearth/feeds"
)

// Meaning is what the numbers of a list are.
type Meaning struct {
	Kind     feeds.Kind
	Unit     Unit
	Currency energy.Currency // of the home
}

// kinds are the kinds as a configuration names them, in their order.
var kinds = []struct {
	name string
	kind feeds.Kind
}{
	{"import", feeds.ImportPrice}, {"export", feeds.ExportPrice}, {"carbon", feeds.Carbon}, {"renewable", feeds.Renewable}, {"solar", feeds.Solar},
}

// KindKey is how a configuration says the kind.
func KindKey() feeds.Key {
	k := feeds.Key{Name: "kind", Help: "what the values are: the price of what is taken or given, carbon, the renewable share, the roof's expected power", IsRequired: true}
	for _, known := range kinds {
		k.Among = append(k.Among, known.name)
	}
	return k
}

// ParseKind reads the name of a kind.
func ParseKind(name string) (feeds.Kind, error) {
	for _, known := range kinds {
		if known.name == name {
			return known.kind, nil
		}
	}
	return "", feeds.OneOf("kind", name, KindKey().Among...)
}

// IsPrice says that a kind is money.
func IsPrice(kind feeds.Kind) bool { return kind == feeds.ImportPrice || kind == feeds.ExportPrice }

// StatusKey is how a configuration says how firm values are.
func StatusKey() feeds.Key {
	return feeds.Key{Name: "status", Help: "how firm the values are; where it is left out final for prices and what is now, and forecast for the rest", Among: []string{"final", "preliminary", "forecast"}}
}

// ParseStatus reads how firm values of a kind are.
func ParseStatus(text string, kind feeds.Kind) (energy.Status, error) {
	switch {
	case text == "" && IsPrice(kind):
		return energy.Final, nil
	case text == "":
		return energy.Forecast, nil
	}
	return energy.Status(text), feeds.OneOf("status", text, StatusKey().Among...)
}

// Values are the slots with what they mean, which may come in any order.
func (m Meaning) Values(slots []Slot, origin *energy.Origin) (v feeds.Values, err error) {
	switch m.Kind {
	case feeds.ImportPrice:
		v.Import, err = series(slots, m.Currency, origin, func(s Slot) (energy.Price, error) { return m.Unit.price(s.Number) })
	case feeds.ExportPrice:
		v.Export, err = series(slots, m.Currency, origin, func(s Slot) (energy.Price, error) { return m.Unit.price(s.Number) })
	case feeds.Carbon:
		v.Carbon, err = series(slots, "", origin, amounts[energy.GramsPerKWh](m.Unit))
	case feeds.Renewable:
		v.Renewable, err = series(slots, "", origin, amounts[energy.Share](m.Unit))
	case feeds.Solar:
		v.Solar, err = series(slots, "", origin, amounts[energy.Watts](m.Unit))
	}
	if err != nil {
		return feeds.Values{}, feeds.Fail(feeds.Temporary, "%w", err)
	}
	return v, nil
}

func amounts[T ~float64](u Unit) func(Slot) (T, error) {
	return func(s Slot) (T, error) {
		f, err := u.amount(s.Number)
		return T(f), err
	}
}

func series[T comparable](slots []Slot, c energy.Currency, origin *energy.Origin, value func(Slot) (T, error)) (energy.Series[T], error) {
	var points []energy.Point[T]
	for _, s := range slots {
		v, err := value(s)
		if err != nil {
			return energy.Series[T]{}, feeds.Fail(feeds.Temporary, "at %s: %w", s.Start.Format("2006-01-02T15:04Z07:00"), err)
		}
		points = append(points, energy.Point[T]{Interval: s.Interval, Value: v, Origin: origin})
	}
	return feeds.Join(c, points)
}
