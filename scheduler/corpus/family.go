package corpus

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"hearth/energy"
	"hearth/scheduler"
)

// size is how large the problems of a family are, and what homes they are.
type size struct {
	name           string
	slots, minutes int
	kinds          []string // of the devices that are always there
	extras         []string // what the others are drawn from
	least, most    int      // devices
}

// The kinds of devices that are drawn. A heater is a tank with one power, a heat pump a buffer with a range.
const (
	shiftable     = "shiftable"
	interruptible = "interruptible"
	vehicle       = "vehicle"
	battery       = "battery"
	heater        = "heater"
	heatPump      = "heatpump"
)

var sizes = []size{
	{
		name: "T", slots: 8, minutes: 60, least: 1, most: 3,
		extras: []string{shiftable, shiftable, interruptible, vehicle, battery, battery, heater, heatPump},
	},
	{
		name: "S", slots: 24, minutes: 60, least: 4, most: 4,
		kinds:  []string{battery, shiftable},
		extras: []string{shiftable, interruptible, interruptible, vehicle, vehicle, heater, heater, heatPump},
	},
	{
		name: "M", slots: 192, minutes: 15, least: 8, most: 8,
		kinds:  []string{heatPump, battery, vehicle, interruptible, shiftable, shiftable},
		extras: []string{heater, heater, heater, vehicle, interruptible, shiftable},
	},
	{
		name: "L", slots: 576, minutes: 5, least: 20, most: 20,
		kinds: slices.Concat([]string{heatPump, heater, battery, battery, vehicle, vehicle},
			slices.Repeat([]string{interruptible}, 3), slices.Repeat([]string{shiftable}, 8)),
		extras: []string{shiftable, shiftable, interruptible, interruptible, vehicle, battery},
	},
	{
		name: "XL", slots: 2016, minutes: 5, least: 20, most: 20,
		kinds: slices.Concat([]string{heatPump, heater, battery, battery, vehicle, vehicle, vehicle},
			slices.Repeat([]string{interruptible}, 3), slices.Repeat([]string{shiftable}, 8)),
		extras: []string{shiftable, interruptible, vehicle},
	},
}

// featurePrefix begins the names of families that have a feature.
const featurePrefix = "F-"

// family is a size, with or without a feature.
type family struct {
	size    size
	feature *feature // nil: none
}

// Families are the names that [Generate] knows: the sizes from the smallest on, then each feature at the
// size of S and of M.
func Families() []string {
	var out []string
	for _, s := range sizes {
		out = append(out, s.name)
	}
	for _, f := range features {
		out = append(out, featurePrefix+f.name, featurePrefix+f.name+"-M")
	}
	return out
}

// Name is what the problem of a family and a seed is called: "M7", "F-v2h-7", "F-v2h-M7".
func Name(family string, seed uint64) string {
	number := strconv.FormatUint(seed, 10)
	if strings.HasPrefix(family, featurePrefix) && !strings.HasSuffix(family, "-M") {
		return family + "-" + number
	}
	return family + number
}

// FamilyOf is the family that a name belongs to: the name without its number.
func FamilyOf(name string) string {
	return strings.TrimSuffix(strings.TrimRight(name, "0123456789"), "-")
}

// Generate makes the problem of a family and a seed. Its only error is a family that [Families] does not list.
func Generate(name string, seed uint64) (*scheduler.Problem, error) {
	f, ok := find(name)
	if !ok {
		return nil, fmt.Errorf("generate %q: no such family, want one of %s", name, strings.Join(Families(), ", "))
	}
	d := newDraft(f.size, seed)
	d.fill(f.feature)
	if f.feature != nil {
		d.dice = newDice(seed, f.size.name, f.feature.name)
		f.feature.apply(d)
	}
	return d.problem, nil
}

// find is the family of this name.
func find(name string) (family, bool) {
	if i := slices.IndexFunc(sizes, func(s size) bool { return s.name == name }); i >= 0 {
		return family{size: sizes[i]}, true
	}
	rest, ok := strings.CutPrefix(name, featurePrefix)
	if !ok {
		return family{}, false
	}
	sizeName := "S"
	if short, isM := strings.CutSuffix(rest, "-M"); isM {
		rest, sizeName = short, "M"
	}
	i := slices.IndexFunc(features, func(f feature) bool { return f.name == rest })
	if i < 0 {
		return family{}, false
	}
	f, _ := find(sizeName)
	f.feature = &features[i]
	return f, true
}

// draft is a problem while it is made.
type draft struct {
	*dice
	size    size
	seed    uint64
	problem *scheduler.Problem
	weather weather
	drawn   map[string]int // devices of each kind
}

// newDraft is a home with weather and a tariff, and no devices yet.
func newDraft(s size, seed uint64) *draft {
	d := &draft{dice: newDice(seed, s.name, "home"), size: s, seed: seed, drawn: map[string]int{}}
	begin := d.begin()
	d.weather = newWeather(newDice(seed, s.name, "weather"), begin, s)
	d.problem = &scheduler.Problem{
		Grid:             energy.NewGrid(begin, minutes(s.minutes), s.slots),
		Currency:         "EUR",
		SolarCurtailable: true,
	}
	d.tariff(newDice(seed, s.name, "tariff"))
	d.supply(newDice(seed, s.name, "supply"))
	return d
}

// fill draws the devices, those that the feature needs among them.
func (d *draft) fill(f *feature) {
	dice := newDice(d.seed, d.size.name, "kinds")
	kinds := slices.Clone(d.size.kinds)
	for want := dice.whole(d.size.least, d.size.most); len(kinds) < want; {
		kind := dice.oneOf(d.size.extras)
		if (kind == heater || kind == heatPump) && slices.Contains(kinds, kind) {
			continue // a home has one of each
		}
		kinds = append(kinds, kind)
	}
	if f != nil {
		kinds = withNeeds(kinds, f.needs)
	}
	slices.SortStableFunc(kinds, func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) })
	for _, kind := range kinds {
		d.add(kind)
	}
	d.joinVehicles()
}

// order is that of the devices in a problem.
var order = []string{shiftable, interruptible, vehicle, battery, heater, heatPump}

// withNeeds puts what is needed and not there in the place of what is there more than once, or behind it all.
func withNeeds(kinds, needs []string) []string {
	for _, need := range needs {
		if slices.Contains(kinds, need) {
			continue
		}
		spare := -1
		for i, kind := range kinds {
			if !slices.Contains(needs, kind) && slices.Contains(kinds[i+1:], kind) {
				spare = i
			}
		}
		if spare < 0 {
			kinds = append(kinds, need)
			continue
		}
		kinds[spare] = need
	}
	return kinds
}
