package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"hearth/energy"
)

// Protection is how the house connection is kept within its limits between two plans.
type Protection struct {
	Every         time.Duration // between two looks at its meter; zero: not at all
	Fuse          Fuse          // zero: only the sum is watched
	FollowsExport bool          // devices make up for what they have missed of their plan, from sun that would be given away
}

// Fuse is the connection's main fuse.
type Fuse struct {
	Phases int
	Amps   energy.Amps // of each phase
}

// String writes "3x25A".
func (f Fuse) String() string { return fmt.Sprintf("%dx%v", f.Phases, f.Amps) }

// phaseVoltage is between a phase and neutral.
const phaseVoltage = 230

// MaxImport is what the fuse bears with all phases loaded alike.
func (f Fuse) MaxImport() energy.Watts {
	return energy.Watts(f.Amps) * energy.Watts(f.Phases) * phaseVoltage
}

// protection is read after home, cycle and devices.
func (r *reader) protection(s *section) {
	p := &r.config.Protection
	*p = Protection{Every: min(2*time.Second, r.config.Cycle), FollowsExport: true}
	isOn := true
	may(s, "enabled", parseBool, &isOn)
	if may(s, "every", parsePositiveDuration, &p.Every) && (p.Every < time.Second || p.Every > r.config.Cycle) {
		s.reject("every", "want 1s to the length of a cycle")
	}
	if may(s, "fuse", parseFuse, &p.Fuse) && p.Fuse.MaxImport() < r.config.Home.MaxImport {
		s.reject("fuse", fmt.Sprintf("bears %v, and home.max_import is %v", p.Fuse.MaxImport(), r.config.Home.MaxImport))
	}
	may(s, "surplus", parseBool, &p.FollowsExport)
	hasMeter := slices.ContainsFunc(r.config.Devices, func(d Device) bool { return d.Kind == Grid })
	if isOn && !hasMeter && len(s.keys) > 0 {
		s.fault("", s.line, "", "goes by the meter of the house connection: there is no device of kind grid")
	}
	if !isOn || !hasMeter {
		p.Every = 0
	}
	s.done()
}

// parseFuse reads "3x25A".
func parseFuse(text string) (Fuse, error) {
	n, rest, isPair := strings.Cut(text, "x")
	phases, err := strconv.Atoi(n)
	if !isPair || err != nil || phases != 1 && phases != 3 {
		return Fuse{}, errors.New(`want phases and amperes, for example "3x25A" or "1x63A"`)
	}
	amps, err := positive(energy.ParseAmps)(rest)
	return Fuse{phases, amps}, err
}
