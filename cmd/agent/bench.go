package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"time"

	"hearth/energy"
	"hearth/scheduler"
)

type benchCommand struct {
	Dir       string        `arg:"positional" help:"The folder of problem files; the current one when left out."`
	TimeLimit time.Duration `arg:"--time-limit" help:"Longest time for each problem. 0 goes by slots times devices: 2s up to 3000, 10s up to 20000, 20s above."`
	Gap       string        `help:"Stop when no plan can be cheaper by more than this, in the problem's currency." default:"0.01"`
	Seed      uint64        `help:"Of the search; with --generate also of the first problem."`
	Match     string        `help:"Only problems whose name fits, for example 'M*'."`
	At        moments       `help:"Show the gap after these times, for example 0.25s,1s,2s."`
	Warm      bool          `help:"Plan each problem a second time, a little later and with newer forecasts, beginning with its plan."`
	JSON      string        `help:"A file for all results and the progress of each solve; - is standard output, instead of the table."`
	Generate  bool          `help:"Take problems that are made up, not files."`
	Family    words         `help:"Families to make problems of, for example M,F-v2h or 'F-*'. M when left out." placeholder:"M,..."`
	Count     int           `help:"How many problems to make of each family." default:"5"`
	Out       string        `help:"Only write the problems that are made into this folder."`
	Verbose   bool          `arg:"-v,--verbose" help:"Name the files that are passed over."`
}

// words are separated by commas.
type words []string

// UnmarshalText reads the text of a flag.
func (w *words) UnmarshalText(text []byte) error {
	*w = append(*w, strings.Split(string(text), ",")...)
	return nil
}

// moments are lengths of time, separated by commas.
type moments []time.Duration

// UnmarshalText reads the text of a flag.
func (m *moments) UnmarshalText(text []byte) error {
	for word := range strings.SplitSeq(string(text), ",") {
		d, err := time.ParseDuration(word)
		if err != nil {
			return err
		}
		*m = append(*m, d)
	}
	return nil
}

// Run solves problems and says how well and how fast that went.
func (c benchCommand) Run(ctx context.Context, std stdio) error {
	gap, err := c.check()
	if err != nil {
		return failure{exitUsage, fmt.Errorf("hearth: %w", err)}
	}
	sources, err := c.sources(std.err)
	if err != nil {
		return err
	}
	if c.Out != "" {
		return writeProblems(sources, c.Out, std.out)
	}
	best, err := c.bestKnown()
	if err != nil {
		return failure{exitData, fmt.Errorf("hearth: %w", err)}
	}
	file, err := c.jsonFile() // before the minutes that it would be a pity to lose
	if err != nil {
		return failure{exitData, fmt.Errorf("hearth: %w", err)}
	}
	defer file.Close()
	m := c.measurement(gap)
	m.best, m.line = best, progressLine(std.err)
	report := c.report(gap)
	report.Problems, report.Interrupted = m.all(ctx, sources)
	report.Families = families(report.Problems)
	if err := c.print(report, file, std); err != nil {
		return err
	}
	if report.Interrupted {
		fmt.Fprintf(std.err, "hearth: interrupted after %d of %d problems\n", len(report.Problems), len(sources))
	}
	if n := report.failed(); n > 0 {
		return failure{exitData, fmt.Errorf("hearth: %d of %d problems could not be read", n, len(sources))}
	}
	return nil
}

// measurement is what is asked for; a gap of 0 is the least there is, and not the scheduler's default.
func (c benchCommand) measurement(gap energy.Money) measurement {
	return measurement{
		solve: scheduler.Solve, limit: c.TimeLimit, at: c.At, isWarm: c.Warm,
		options: scheduler.Options{Gap: max(gap, 1), Seed: c.Seed},
	}
}

// mostOfFamily is far more than anybody has the time for, and keeps a mistaken number from taking the memory.
const mostOfFamily = 10_000

// check looks at what the parser of the command line cannot.
func (c benchCommand) check() (gap energy.Money, err error) {
	if gap, err = energy.ParseDecimalMoney(c.Gap); err != nil || gap < 0 {
		return 0, fmt.Errorf("--gap %q: want an amount of money, 0 or more", c.Gap)
	}
	if c.TimeLimit < 0 {
		return 0, errors.New("--time-limit must not be negative")
	}
	for _, at := range c.At {
		if at <= 0 {
			return 0, errors.New("--at must be longer than nothing")
		}
	}
	if _, err := path.Match(c.Match, ""); err != nil {
		return 0, fmt.Errorf("--match %q: %w", c.Match, err)
	}
	switch {
	case c.Generate && c.Dir != "":
		return 0, errors.New("--generate makes its problems up: leave the folder out, or --generate")
	case c.Out != "" && !c.Generate:
		return 0, errors.New("--out needs --generate")
	case len(c.Family) > 0 && !c.Generate:
		return 0, errors.New("--family needs --generate")
	case c.Generate && (c.Count < 1 || c.Count > mostOfFamily):
		return 0, fmt.Errorf("--count must be from 1 to %d", mostOfFamily)
	}
	return gap, nil
}

// sources are the problems to solve, in order.
func (c benchCommand) sources(log io.Writer) ([]source, error) {
	var out []source
	var err error
	if c.Generate {
		families := c.Family
		if len(families) == 0 {
			families = []string{"M"}
		}
		out, err = generated(families, c.Seed, c.Count)
		if err != nil {
			return nil, failure{exitUsage, fmt.Errorf("hearth: --family: %w", err)}
		}
	} else {
		passedOver := io.Discard
		if c.Verbose {
			passedOver = log
		}
		out, err = files(cmp.Or(c.Dir, "."), passedOver)
		if err != nil {
			return nil, failure{exitData, fmt.Errorf("hearth: %w", err)}
		}
	}
	out = matching(out, c.Match)
	if len(out) == 0 {
		return nil, failure{exitData, errors.New("hearth: there is no such problem")}
	}
	return out, nil
}

// jsonFile opens the file of --json; nil when there is none.
func (c benchCommand) jsonFile() (*os.File, error) {
	if c.JSON == "" || c.JSON == "-" {
		return nil, nil
	}
	return os.Create(c.JSON)
}

// print writes the table, the file, or both.
func (c benchCommand) print(r benchReport, file *os.File, std stdio) error {
	if c.JSON == "-" {
		return r.writeJSON(std.out)
	}
	if file != nil {
		if err := errors.Join(r.writeJSON(file), file.Close()); err != nil {
			return fmt.Errorf("write %s: %w", c.JSON, err)
		}
	}
	return r.writeTable(std.out)
}
