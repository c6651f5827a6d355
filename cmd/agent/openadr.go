package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"hearth/internal/agent"
	"hearth/internal/agent/line"
	"hearth/internal/config"
	"hearth/openadr"
)

// openadrCommand is all that concerns OpenADR servers, for whoever connects a home to one.
type openadrCommand struct {
	Probe    *openadrProbeCommand    `arg:"subcommand:probe" help:"Say what a server is, how it wants to be asked, and what Hearth would use of it; print the configuration for it."`
	Watch    *openadrWatchCommand    `arg:"subcommand:watch" help:"Follow the configured servers, and print the timeline as it changes."`
	Register *openadrRegisterCommand `arg:"subcommand:register" help:"Make the home and its devices known to a server; shows what would be sent, and sends it with --yes."`
}

func (openadrCommand) names() string { return "probe, watch, register" }

// atVTN is one or all of the configured servers.
type atVTN struct {
	Config string `help:"The configuration." default:"/etc/hearth/hearth.yaml"`
	Name   string `help:"Of a server in the configuration; all where it is left out."`
}

// pick reads the configuration and finds the servers that are asked for: at least one.
func (c atVTN) pick() (*config.Config, []config.VTN, error) {
	cfg, err := readConfig(c.Config)
	if err != nil {
		return nil, nil, err
	}
	if len(cfg.OpenADR) == 0 {
		return nil, nil, failure{exitConfig, fmt.Errorf("hearth: %s: no OpenADR server is configured; `hearth openadr probe URL` prints the section for one", c.Config)}
	}
	if c.Name == "" {
		return cfg, cfg.OpenADR, nil
	}
	var names []string
	for _, v := range cfg.OpenADR {
		if v.Name == c.Name {
			return cfg, []config.VTN{v}, nil
		}
		names = append(names, v.Name)
	}
	return nil, nil, failure{exitUsage, fmt.Errorf("hearth: %s: there is no OpenADR server of this name; there are: %s", c.Name, strings.Join(names, ", "))}
}

// only is the single server that is asked for.
func (c atVTN) only() (*config.Config, config.VTN, error) {
	cfg, servers, err := c.pick()
	if err != nil {
		return nil, config.VTN{}, err
	}
	if len(servers) > 1 {
		return nil, config.VTN{}, failure{exitUsage, fmt.Errorf("hearth: %s has %d OpenADR servers: say which with --name", c.Config, len(servers))}
	}
	return cfg, servers[0], nil
}

// clientOf connects to a server as the configuration says.
func clientOf(v config.VTN) (*openadr.Client, error) {
	if v.Version == version20b {
		return nil, errOld(v.Name)
	}
	c, err := openadr.New(line.Connection(v, wall.Now))
	if err != nil {
		return nil, failure{exitConfig, fmt.Errorf("hearth: openadr %s: %w", v.Name, err)}
	}
	return c, nil
}

const version20b = "2.0b"

// errOld is for servers that the agent can follow, and these commands cannot.
func errOld(name string) error {
	return failure{exitUsage, fmt.Errorf("hearth: openadr %s: this command speaks OpenADR 3 only", name)}
}

// vtnFailure gives an error of a server its exit code: what a person must change in the configuration is 78.
func vtnFailure(name string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return nil
	}
	code := exitUnavailable
	if slices.Contains([]openadr.Kind{openadr.Unauthorized, openadr.Forbidden, openadr.Redirected}, openadr.KindOf(err)) {
		code = exitConfig
	}
	return failure{code, fmt.Errorf("hearth: openadr %s: %w", name, err)}
}

// checkVTN says what of a server's section nobody can mean.
func checkVTN(v config.VTN) error {
	if err := line.Check(v); err != nil {
		return startFailure(fmt.Errorf("%w: openadr %s: %w", agent.ErrConfig, v.Name, err))
	}
	return nil
}
