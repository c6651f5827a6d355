package scheduler

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"hearth/energy"
)

// The schemas of the files.
const (
	problemSchema = "hearth-problem/1"
	planSchema    = "hearth-plan/1"
)

// decimals are printed of a power (W) and an energy (Wh): a milliwatt, far below what a plan is judged to.
const decimals = 3

// fixed is a row of numbers, printed with decimals places.
type fixed[T ~float64] []T

// MarshalJSON writes one array; -0 is written as 0.
func (f fixed[T]) MarshalJSON() ([]byte, error) {
	b := append(make([]byte, 0, 10*len(f)+2), '[')
	for i, v := range f {
		if i > 0 {
			b = append(b, ',')
		}
		if math.Abs(float64(v)) < 0.0005 {
			v = 0
		}
		b = strconv.AppendFloat(b, float64(v), 'f', decimals, 64)
	}
	return append(b, ']'), nil
}

type planFile struct {
	Schema        string              `json:"schema"`
	Objective     energy.Money        `json:"objective"`
	LowerBound    *energy.Money       `json:"lower_bound"`
	Gap           *energy.Money       `json:"gap"`
	Status        Status              `json:"status"`
	Import        fixed[energy.Watts] `json:"import_w"`
	Export        fixed[energy.Watts] `json:"export_w"`
	Curtailed     fixed[energy.Watts] `json:"curtailed_w"`
	Devices       []deviceRow         `json:"devices"`
	MarginalPrice []energy.Price      `json:"marginal_price_per_kwh"`
	Costs         Costs               `json:"costs"`
	Violations    []Violation         `json:"violations"`
	Stats         statsRow            `json:"stats"`
}

type deviceRow struct {
	ID     string                  `json:"id"`
	Power  fixed[energy.Watts]     `json:"power_w"`
	Energy fixed[energy.WattHours] `json:"energy_wh,omitempty"`
}

type statsRow struct {
	SolveTime float64 `json:"solve_ms"`
	FirstPlan float64 `json:"first_plan_ms"`
	Nodes     int     `json:"nodes"`
	Rounds    int     `json:"rounds"`
}

// errSpans is the error of what knows slots of one length only.
var errSpans = errors.New("slots hold several steps of the grid: lay the plan out on the steps first")

// Write prints the plan file. Equal plans give equal bytes but for the times in its stats. The file has slots of
// one length: a plan of others is refused, see [Coarse.Fine].
func (p *Plan) Write(w io.Writer) error {
	if p.Spans != nil {
		return fmt.Errorf("write plan: %w", errSpans)
	}
	f := planFile{
		Schema: planSchema, Objective: p.Objective, Status: p.Status,
		Import: fixed[energy.Watts](p.Import), Export: fixed[energy.Watts](p.Export), Curtailed: fixed[energy.Watts](p.Curtailed),
		MarginalPrice: p.MarginalPrice, Costs: p.Costs,
		Violations: append([]Violation{}, p.Violations...), // [] where there are none, never null
		Stats:      statsRow{milliseconds(p.Stats.SolveTime), milliseconds(p.Stats.FirstPlan), p.Stats.Nodes, p.Stats.Rounds},
	}
	if gap, ok := p.Gap(); ok {
		f.LowerBound, f.Gap = &p.LowerBound, &gap
	}
	f.Devices = make([]deviceRow, 0, len(p.Devices))
	for _, d := range p.Devices {
		f.Devices = append(f.Devices, deviceRow{d.ID, fixed[energy.Watts](d.Power), fixed[energy.WattHours](d.Energy)})
	}
	return json.NewEncoder(w).Encode(f)
}

func milliseconds(d time.Duration) float64 { return math.Round(d.Seconds()*1e6) / 1e3 }
