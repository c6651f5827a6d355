package line

import (
	"os"
	"strconv"
	"strings"
	"time"
)

// isMachineNew says that the machine itself has just started, as all do after a blackout. Where that cannot be told it
// has not.
func isMachineNew() bool {
	text, err := os.ReadFile("/proc/uptime")
	if err != nil {
		return false
	}
	first, _, _ := strings.Cut(string(text), " ")
	seconds, err := strconv.ParseFloat(first, 64)
	return err == nil && seconds < (5*time.Minute).Seconds()
}
