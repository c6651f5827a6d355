package keep

import (
	"encoding/json"
	"fmt"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// Store keeps bytes over a restart. Put is called only when something changed.
type Store interface {
	Get(key string) (value []byte, isFound bool, err error)
	Put(key string, value []byte) error
}

const keptVersion = 1

// kept is what the store holds of a source. Origins are few and stand once, points are many.
type kept struct {
	Version   int                            `json:"version"`
	Settings  string                         `json:"settings"` // fingerprint
	Asked     time.Time                      `json:"asked"`
	Good      time.Time                      `json:"good"`
	NotBefore time.Time                      `json:"not_before"`
	Import    keptSeries[energy.Price]       `json:"import"`
	Export    keptSeries[energy.Price]       `json:"export"`
	Carbon    keptSeries[energy.GramsPerKWh] `json:"carbon"`
	Renewable keptSeries[energy.Share]       `json:"renewable"`
	Solar     keptSeries[energy.Watts]       `json:"solar"`
	Taken     keptSeries[energy.WattHours]   `json:"taken"`
	Given     keptSeries[energy.WattHours]   `json:"given"`
	Best      []energy.Interval              `json:"best"`
	Remarks   []string                       `json:"remarks"`
}

type keptSeries[T any] struct {
	Currency energy.Currency `json:"currency,omitempty"`
	Origins  []energy.Origin `json:"origins"`
	Points   []keptPoint[T]  `json:"points"`
}

type keptPoint[T any] struct {
	Start  int64 `json:"s"` // milliseconds since 1970
	End    int64 `json:"e"`
	Value  T     `json:"v"`
	Origin int   `json:"o"` // counted from 1; 0: none
}

func (k *kept) put(v feeds.Values) {
	k.Import, k.Export = pack(v.Import), pack(v.Export)
	k.Carbon, k.Renewable, k.Solar = pack(v.Carbon), pack(v.Renewable), pack(v.Solar)
	k.Taken, k.Given = pack(v.Taken), pack(v.Given)
	k.Best, k.Remarks = v.Best, v.Remarks
}

func (k *kept) values() feeds.Values {
	return feeds.Values{
		Import: unpack(k.Import), Export: unpack(k.Export),
		Carbon: unpack(k.Carbon), Renewable: unpack(k.Renewable), Solar: unpack(k.Solar),
		Taken: unpack(k.Taken), Given: unpack(k.Given),
		Best: k.Best, Remarks: k.Remarks,
	}
}

func pack[T any](s energy.Series[T]) keptSeries[T] {
	k := keptSeries[T]{Currency: s.Currency, Points: make([]keptPoint[T], 0, len(s.Points))}
	known := map[energy.Origin]int{}
	for _, p := range s.Points {
		at := 0
		if p.Origin != nil {
			if at = known[*p.Origin]; at == 0 {
				k.Origins = append(k.Origins, *p.Origin)
				at = len(k.Origins)
				known[*p.Origin] = at
			}
		}
		k.Points = append(k.Points, keptPoint[T]{p.Start.UnixMilli(), p.End.UnixMilli(), p.Value, at})
	}
	return k
}

func unpack[T any](k keptSeries[T]) energy.Series[T] {
	s := energy.Series[T]{Currency: k.Currency}
	for _, p := range k.Points {
		point := energy.Point[T]{Interval: energy.Interval{Start: time.UnixMilli(p.Start).UTC(), End: time.UnixMilli(p.End).UTC()}, Value: p.Value}
		if p.Origin > 0 && p.Origin <= len(k.Origins) {
			point.Origin = &k.Origins[p.Origin-1]
		}
		s.Points = append(s.Points, point)
	}
	return s
}

// read is what the store holds; false where it holds nothing.
func (k *kept) read(store Store, key string) (isFound bool, err error) {
	blob, isFound, err := store.Get(key)
	if err != nil || !isFound {
		return false, err
	}
	if err := json.Unmarshal(blob, k); err != nil {
		return false, err
	}
	if k.Version != keptVersion {
		return false, fmt.Errorf("version %d, want %d", k.Version, keptVersion)
	}
	return true, nil
}
