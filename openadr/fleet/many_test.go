//go:build !race

package fleet

const homes = 100_000
