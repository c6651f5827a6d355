package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"hearth/devices/profiles"
	"hearth/internal/agent"
	"hearth/internal/config"
	"hearth/storage"
)

// deviceCommand is one device of the configuration, for whoever installs it.
type deviceCommand struct {
	atConfig
	Name  string        `arg:"positional,required" help:"Of the device, in the configuration."`
	Do    string        `arg:"positional" default:"read" help:"read, watch or set."`
	Value string        `arg:"positional" help:"What to set: on, off, release, a power (2.3kW; one that is given back comes last, as in set -- -2kW), or of heat blocked, recommended, forced."`
	For   time.Duration `help:"How long at most to wait for readings [5s], to watch [until interrupted], to hold what is set [5m]."`
	JSON  bool          `help:"One object a line; powers in W, energy in Wh, shares from 0 to 1. For read and watch."`
	Keep  bool          `help:"Leave the device as it was set, instead of in its safe state."`
}

// Run reads, watches or sets.
func (c deviceCommand) Run(ctx context.Context, std stdio) error {
	if err := oneOf("do", c.Do, "read", "watch", "set"); err != nil {
		return failure{exitUsage, fmt.Errorf("hearth: %q: a device can be asked to read, watch or set", c.Do)}
	}
	if c.For < 0 || c.Do != "set" && (c.Value != "" || c.Keep) || c.Do == "set" && c.JSON {
		return failure{exitUsage, errors.New("hearth: --for is not negative, a value and --keep are for set, --json for read and watch")}
	}
	cfg, err := readConfig(c.Config)
	if err != nil {
		return err
	}
	if c.Do == "set" {
		return c.set(ctx, std, cfg)
	}
	if err := c.mayRead(ctx, cfg); err != nil {
		return err
	}
	s, err := agent.LookAtDevice(ctx, c.options(cfg, std.err), c.Name)
	if err != nil {
		return c.openFailure(cfg, err)
	}
	if c.Do == "watch" {
		err = c.watch(ctx, std, s)
	} else {
		err = c.read(ctx, std, s)
	}
	return errors.Join(err, s.Close())
}

// options are those of an agent that says nothing but trouble.
func (c deviceCommand) options(cfg *config.Config, log io.Writer) agent.Options {
	handler := slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelWarn})
	return agent.Options{Config: cfg, Clock: wall, Log: slog.New(handler), Version: version, StoreTool: storeTool()}
}

// mayRead refuses to speak on a bus beside an agent: a bus has one who asks. A broker has room for both.
func (c deviceCommand) mayRead(ctx context.Context, cfg *config.Config) error {
	for _, d := range cfg.Devices {
		if d.Name != c.Name || d.Profile.Transport != profiles.Modbus {
			continue
		}
		if err := ask(ctx, cfg, "/healthz", new(any)); !isNobody(err) {
			return failure{exitUnavailable, fmt.Errorf("hearth: device %s: an agent answers at %s, and only one may ask on its bus %s: the readings are on its page, or stop it first", c.Name, cfg.Listen, d.Link)}
		}
	}
	return nil
}

// openFailure gives an error of opening its exit code.
func (c deviceCommand) openFailure(cfg *config.Config, err error) error {
	switch {
	case errors.Is(err, agent.ErrNoDevice):
		var names []string
		for _, d := range cfg.Devices {
			names = append(names, d.Name)
		}
		return failure{exitUsage, fmt.Errorf("hearth: %s: there is no device of this name in the configuration; there are: %s", c.Name, strings.Join(names, ", "))}
	case errors.Is(err, storage.ErrLocked):
		return failure{exitUnavailable, fmt.Errorf("hearth: device %s: an agent is running on %s and would fight over the device: stop it first, or tell it by its page at %s", c.Name, cfg.Storage, cfg.Listen)}
	}
	return startFailure(err)
}
