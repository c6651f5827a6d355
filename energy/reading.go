package energy

import "time"

// Reading is one measured value. The zero value means "never heard", which is not zero.
type Reading[T any] struct {
	Value T         `json:"value"`
	At    time.Time `json:"at"`
	Valid bool      `json:"valid"`
}

// Read is a valid reading of v at t.
func Read[T any](v T, t time.Time) Reading[T] { return Reading[T]{v, t, true} }

// Fresh is the value when it is valid and at most maxAge old; otherwise false. A reading from the
// future (the clock was set back) counts as fresh for as long as it would have been in the past.
func (r Reading[T]) Fresh(now time.Time, maxAge time.Duration) (T, bool) {
	if age := now.Sub(r.At).Abs(); !r.Valid || age > maxAge {
		var none T
		return none, false
	}
	return r.Value, true
}
