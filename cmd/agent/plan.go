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
	Problem   string        `arg:"positional,required" help:"The problem file; - is standard input."`
	TimeLimit time.Duration `arg:"--time-limit" help:"Longest time to look for a better plan." default:"2s"`
	Gap       string        `help:"Stop when no plan can be cheaper by more than this, in the problem's currency." default:"0.01"`
	Seed      uint64        `help:"Of the search: equal seeds give equal plans."`
	Slots     slotRules     `help:"Begin with longer slots, for example 5m:3h,15m:24h,60m: slots of 5 minutes for the first 3 hours, of 15 up to 24 hours after the start, of 60 from there on. A quarter of the time goes to these; the plan that is printed has the slots of the file." placeholder:"LENGTH:UNTIL,...,LENGTH"`
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
	options := scheduler.Options{TimeLimit: c.TimeLimit, Gap: max(gap, 1), Seed: c.Seed}
	plan, err := c.solve(ctx, problem, options)
	if err != nil {
		return err
	}
	return plan.Write(std.out)
}

// solve plans, on the slots that are asked for first.
func (c planCommand) solve(ctx context.Context, problem *scheduler.Problem, o scheduler.Options) (*scheduler.Plan, error) {
	if c.Slots == nil {
		return scheduler.Solve(ctx, problem, o)
	}
	coarse, err := scheduler.Coarsen(problem, c.Slots...)
	if err != nil { // the problem is valid, so it is the rules
		return nil, failure{exitUsage, fmt.Errorf("hearth: --slots: %w", err)}
	}
	return coarse.Solve(ctx, o)
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
