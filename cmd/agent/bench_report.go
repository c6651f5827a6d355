package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"hearth/energy"
	"hearth/scheduler"
)

// benchReport is all that a bench has found.
type benchReport struct {
	Schema      string       `json:"schema"`
	Version     string       `json:"version"`
	Machine     benchMachine `json:"machine"`
	Options     benchOptions `json:"options"`
	Interrupted bool         `json:"interrupted"`
	Problems    []benchRow   `json:"problems"`
	Families    []familyRow  `json:"families"`
}

type benchMachine struct {
	OS   string `json:"os"`
	Arch string `json:"arch"`
	CPUs int    `json:"cpus"`
	Go   string `json:"go"`
}

type benchOptions struct {
	TimeLimit float64      `json:"time_limit_s"` // 0: by size
	Gap       energy.Money `json:"gap"`
	Seed      uint64       `json:"seed"`
	At        []float64    `json:"at_s"`
	Warm      bool         `json:"warm"`
}

// familyRow sums up the problems of a family. Relaxed ones have no gap and do not count in it.
type familyRow struct {
	Family   string         `json:"family"`
	Problems int            `json:"problems"`
	Optimal  int            `json:"optimal"`
	Relaxed  int            `json:"relaxed"`
	Failed   int            `json:"failed"` // could not be read
	Gap      *medianAndMost `json:"gap"`
	GapShare *medianAndMost `json:"gap_share"`
	First    *medianAndMost `json:"first_plan_ms"`
	Total    *medianAndMost `json:"total_ms"`
	Heap     *medianAndMost `json:"peak_heap_mb"`
	At       []familyAt     `json:"at,omitempty"`
}

// familyAt is the gap at a time, over the problems that had one by then.
type familyAt struct {
	At      float64        `json:"at_s"`
	Gap     *medianAndMost `json:"gap"`
	Without int            `json:"without"` // problems that had none yet
}

type medianAndMost struct {
	Median float64 `json:"median"`
	Most   float64 `json:"most"`
}

// bestKnown is what is known of a problem from elsewhere.
type bestKnown struct {
	Best       energy.Money `json:"best"`
	LowerBound energy.Money `json:"lower_bound"`
	Status     string       `json:"status"`
}

// bestKnown reads the folder's best-known.json; nil when it has none.
func (c benchCommand) bestKnown() (map[string]bestKnown, error) {
	if c.Generate {
		return nil, nil
	}
	file := filepath.Join(cmp.Or(c.Dir, "."), "best-known.json")
	text, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	}
	var all map[string]bestKnown
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return all, nil
}

// report is an empty one, with where it was made and how.
func (c benchCommand) report(gap energy.Money) benchReport {
	r := benchReport{
		Schema: "hearth-bench/1", Version: version,
		Machine: benchMachine{runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version()},
		Options: benchOptions{TimeLimit: c.TimeLimit.Seconds(), Gap: gap, Seed: c.Seed, At: []float64{}, Warm: c.Warm},
	}
	for _, at := range c.At {
		r.Options.At = append(r.Options.At, at.Seconds())
	}
	return r
}

// failed counts the problems that could not be read.
func (r benchReport) failed() (n int) {
	for _, row := range r.Problems {
		if row.Error != "" {
			n++
		}
	}
	return n
}

func (r benchReport) writeJSON(w io.Writer) error {
	if r.Problems == nil {
		r.Problems = []benchRow{}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(r)
}

// families sums the rows up, in the order of their first problems.
func families(rows []benchRow) []familyRow {
	out := []familyRow{}
	for _, row := range rows {
		if !slices.ContainsFunc(out, func(f familyRow) bool { return f.Family == row.Family }) {
			out = append(out, sumUp(row.Family, rows))
		}
	}
	return out
}

// sumUp is the row of one family.
func sumUp(family string, rows []benchRow) familyRow {
	f := familyRow{Family: family}
	var gaps, shares, first, total, heap []float64
	for _, row := range rows {
		if row.Family != family {
			continue
		}
		f.Problems++
		if row.Error != "" {
			f.Failed++
			continue
		}
		first, total, heap = append(first, row.First), append(total, row.Total), append(heap, row.Heap)
		switch row.Status {
		case scheduler.Relaxed:
			f.Relaxed++
			continue
		case scheduler.Optimal:
			f.Optimal++
		}
		gaps = append(gaps, row.Gap.Float())
		if row.GapShare != nil {
			shares = append(shares, *row.GapShare)
		}
	}
	f.Gap, f.GapShare = middle(gaps), middle(shares)
	f.First, f.Total, f.Heap = middle(first), middle(total), middle(heap)
	f.At = familyAts(family, rows)
	return f
}

// familyAts are the gaps of a family at the times asked for.
func familyAts(family string, rows []benchRow) (out []familyAt) {
	var gaps [][]float64
	for _, row := range rows {
		if row.Family != family || row.Gap == nil {
			continue
		}
		for i, at := range row.At {
			if i == len(out) {
				out, gaps = append(out, familyAt{At: at.At}), append(gaps, nil)
			}
			if at.Gap == nil {
				out[i].Without++
				continue
			}
			gaps[i] = append(gaps[i], at.Gap.Float())
		}
	}
	for i := range out {
		out[i].Gap = middle(gaps[i])
	}
	return out
}

// middle is the median and the greatest of some values; nil of none. The median of an even number is the
// mean of the two in the middle.
func middle(values []float64) *medianAndMost {
	if len(values) == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return &medianAndMost{(sorted[(n-1)/2] + sorted[n/2]) / 2, sorted[n-1]}
}
