//go:build race

package scheduler

import (
	"flag"
	"os"
	"testing"
)

// The race detector makes a solve ten times slower and finds nothing in the hundredth draw that is not in
// the fortieth; the full number is drawn without it.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("rapid.checks", "40"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
