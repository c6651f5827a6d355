package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"hearth/energy"
	"hearth/scheduler"
)

type planCommand struct {
	Problem   string        `arg:"" help:"The problem file; - is standard input."`
	TimeLimit time.Duration `help:"Longest time to look for a better plan." default:"2s"`
	Gap       string        `help:"Stop when no plan can be cheaper by more than this, in the problem's currency." default:"0.01"`
	Seed      uint64        `help:"Of the search: equal seeds give equal plans."`
}

// Run reads a problem and prints its plan.
func (c planCommand) Run(ctx context.Context, std stdio) error {
	gap, err := energy.ParseDecimalMoney(c.Gap)
	if err != nil || gap < 0 {
		return failure{exitUsage, fmt.Errorf("hearth: --gap %q: want an amount of money, 0 or more", c.Gap)}
	}
	if c.TimeLimit <= 0 {
		return failure{exitUsage, errors.New("hearth: --time-limit must be longer than nothing")}
	}
	problem, err := readProblem(c.Problem, std.in)
	if err != nil {
		return failure{exitData, err}
	}
	plan, err := scheduler.Solve(ctx, problem, scheduler.Options{TimeLimit: c.TimeLimit, Gap: max(gap, 1), Seed: c.Seed})
	if err != nil {
		return failure{exitData, err}
	}
	return plan.Write(std.out)
}

func readProblem(name string, stdin io.Reader) (*scheduler.Problem, error) {
	if name == "-" {
		return scheduler.ReadProblem(stdin)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("hearth: %w", err)
	}
	defer f.Close()
	return scheduler.ReadProblem(f)
}
