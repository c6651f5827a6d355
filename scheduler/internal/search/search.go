// Package search looks for the plan of a home: devices answer in turn to the prices that the others leave
// them, until none can do better; then parts are torn up and planned anew.
//
// Units are kW, kWh and money. The package does not price plans: it believes the judge it is given.
package search

import "math"

// Score is how bad a plan is, the weightiest first: beyond import limit and circuits, beyond the export
// limit, energy and runs missing, stores outside their band, cost.
type Score [5]float64

// Less says that s is better; differences below a thousandth of a unit (a millionth of money) are none.
func (s Score) Less(o Score) bool {
	for i := range s {
		slip := 1e-3
		if i == len(s)-1 {
			slip = 1e-6
		}
		if math.Abs(s[i]-o[i]) > slip {
			return s[i] < o[i]
		}
	}
	return false
}

// IsWhole says that nothing is violated.
func (s Score) IsWhole() bool { return s[0] == 0 && s[1] == 0 && s[2] == 0 && s[3] == 0 }

// Cost is the last of a score.
func (s Score) Cost() float64 { return s[len(s)-1] }
