//go:build race

package fleet

// A fleet has no goroutines that could race.
const homes = 10_000
