package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"

	"hearth/internal/agent"
	"hearth/internal/clock"
	"hearth/storage"
)

// wall is the clock of everything that is not a demo.
var wall clock.Wall

// storeCommand is how the agent has its store looked after in a child: a damaged file can crash or hang
// whoever reads it.
type storeCommand struct {
	Verify  *verifyCommand  `arg:"subcommand:verify" help:"Read the whole file; fails when it is damaged."`
	Salvage *salvageCommand `arg:"subcommand:salvage" help:"Carry over what can be read of a damaged file."`
}

func (storeCommand) names() string { return "verify, salvage" }

type verifyCommand struct {
	Path string `arg:"positional,required" help:"The store's file."`
}

// Run fails when the file is damaged.
func (c verifyCommand) Run(context.Context, stdio) error {
	if err := storage.Verify(c.Path); err != nil {
		return failure{exitData, fmt.Errorf("hearth: %w", err)}
	}
	return nil
}

type salvageCommand struct {
	From string `arg:"positional,required" help:"The damaged file."`
	To   string `arg:"positional,required" help:"The file to make."`
}

// Run carries over what can be read.
func (c salvageCommand) Run(context.Context, stdio) error {
	if err := storage.Salvage(c.From, c.To); err != nil {
		return failure{exitData, fmt.Errorf("hearth: %w", err)}
	}
	return nil
}

// storeTool is this program as the tool that looks after the store; nil when it does not know its own path.
func storeTool() []string {
	self, err := os.Executable()
	if err != nil {
		return nil
	}
	return []string{self, "store"}
}

// startFailure gives an error of agent.New its exit code.
func startFailure(err error) error {
	switch {
	case errors.Is(err, storage.ErrNewerSchema), errors.Is(err, agent.ErrConfig):
		return failure{exitConfig, fmt.Errorf("hearth: %w", err)}
	case errors.Is(err, storage.ErrLocked), errors.Is(err, syscall.EADDRINUSE), errors.Is(err, syscall.EADDRNOTAVAIL):
		return failure{exitUnavailable, fmt.Errorf("hearth: %w", err)}
	}
	return failure{exitInternal, fmt.Errorf("hearth: %w", err)}
}
