package corpus

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"time"
)

// dice is a stream of chance. Each part of a home has its own, so that one device more leaves the weather
// as it was.
type dice struct{ *rand.Rand }

// newDice is the stream of a seed for a purpose.
func newDice(seed uint64, purpose ...string) *dice {
	h := fnv.New64a()
	for _, word := range purpose {
		h.Write([]byte(word)) // never fails
		h.Write([]byte{0})
	}
	return &dice{rand.New(rand.NewPCG(seed, h.Sum64()))}
}

// between is a number of [low, high).
func (d *dice) between(low, high float64) float64 { return low + (high-low)*d.Float64() }

// whole is a whole number of [low, high].
func (d *dice) whole(low, high int) int { return low + d.IntN(high-low+1) }

// chance says yes with this probability.
func (d *dice) chance(p float64) bool { return d.Float64() < p }

// oneOf is one of the words.
func (d *dice) oneOf(words []string) string { return words[d.IntN(len(words))] }

// choose is one of the values.
func choose[T any](d *dice, values ...T) T { return values[d.IntN(len(values))] }

// drift is n values that wander around 0 with about this spread, each close to the one before: memory of 1
// would never come back, 0 is plain noise.
func (d *dice) drift(n int, spread, memory float64) []float64 {
	out := make([]float64, n)
	fresh := spread * math.Sqrt(1-memory*memory)
	v := spread * d.NormFloat64()
	for i := range out {
		out[i] = v
		v = memory*v + fresh*d.NormFloat64()
	}
	return out
}

// rounded cuts a number to some decimals.
func rounded(v float64, decimals int) float64 {
	unit := math.Pow10(decimals)
	return math.Round(v*unit) / unit
}

// bump is a bell of height 1 around an hour of the day, width hours wide; it goes on over midnight.
func bump(hour, middle, width float64) float64 {
	away := math.Abs(hour - middle)
	away = min(away, 24-away)
	return math.Exp(-away * away / (2 * width * width))
}

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }
