package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/alexflint/go-arg"

	"hearth/internal/agent"
	"hearth/internal/config"
)

// Exit codes, as sysexits.h has them.
const (
	exitOK          = 0
	exitUsage       = 64
	exitData        = 65
	exitUnavailable = 69
	exitInternal    = 70
	exitConfig      = 78 // the unit file does not restart after it
)

type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// failure is an error with the exit code it deserves.
type failure struct {
	code int
	error
}

func (f failure) Unwrap() error { return f.error }

// commands is the command line.
type commands struct {
	Run      *runCommand      `arg:"subcommand:run" help:"Run the agent."`
	Demo     *demoCommand     `arg:"subcommand:demo" help:"Run a whole simulated home with the agent driving it; needs no file, network or root."`
	Check    *checkCommand    `arg:"subcommand:check" help:"Show every fault of a configuration at once."`
	Plan     *planCommand     `arg:"subcommand:plan" help:"Plan a problem file and print the plan."`
	Bench    *benchCommand    `arg:"subcommand:bench" help:"Plan many problem files and say how well and how fast that went."`
	Version  *versionCommand  `arg:"subcommand:version" help:"Show the version."`
	Sources  *sourcesCommand  `arg:"subcommand:sources" help:"Show who is asked for prices, greenness and bills; ask them, or tell them something."`
	OpenADR  *openadrCommand  `arg:"subcommand:openadr" help:"Look at an OpenADR server, watch it, or make the home known to it."`
	Discover *discoverCommand `arg:"subcommand:discover" help:"Look who is there, on brokers, on the local network and on given hosts; print the configuration."`
	Device   *deviceCommand   `arg:"subcommand:device" help:"Read, watch or set one device of the configuration, through its guard."`
	Profiles *profilesCommand `arg:"subcommand:profiles" help:"Show the families of devices that are known, and what each needs to be told."`
	Store    *storeCommand    `arg:"subcommand:store" help:"Look after the store's file."`
}

// Description is the first line of the help.
func (commands) Description() string { return "The home-energy agent." }

// defaultConfig is where packages put the configuration.
const defaultConfig = "/etc/hearth/hearth.yaml"

// command is what a command line names in the end.
type command interface {
	Run(ctx context.Context, io stdio) error
}

// group is a command that only has others below it.
type group interface{ names() string }

// run is the program without its process: it returns the exit code.
func run(ctx context.Context, args []string, io stdio) (code int) {
	var c commands
	parser, err := arg.NewParser(arg.Config{Program: "hearth", IgnoreEnv: true, Out: io.err, Exit: func(int) {}}, &c)
	if err != nil {
		fmt.Fprintln(io.err, "hearth:", err)
		return exitInternal
	}
	err = parser.Parse(whole(args))
	if len(args) == 0 || errors.Is(err, arg.ErrHelp) {
		_ = parser.WriteHelpForSubcommand(io.out, parser.SubcommandNames()...)
		return exitOK
	}
	chosen, isCommand := parser.Subcommand().(command)
	if g, isGroup := parser.Subcommand().(group); err == nil && isGroup && !isCommand {
		err = errors.New("expected one of " + g.names())
	}
	if err != nil {
		fmt.Fprintf(io.err, "hearth: %v\nSee hearth --help.\n", err)
		return exitUsage
	}
	err = chosen.Run(ctx, io)
	var f failure
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &f):
		fmt.Fprintln(io.err, f.error)
		return f.code
	}
	fmt.Fprintln(io.err, "hearth:", err)
	return exitInternal
}

// whole names the command that `hearth sources` alone means.
func whole(args []string) []string {
	if len(args) == 0 || args[0] != "sources" {
		return args
	}
	isAlone := len(args) == 1 || strings.HasPrefix(args[1], "-") && args[1] != "-h" && args[1] != "--help"
	if !isAlone {
		return args
	}
	return append([]string{"sources", "list"}, args[1:]...)
}

// oneOf refuses a flag that is none of the words; an empty one stands for a flag that is left out.
func oneOf(flag, value string, words ...string) error {
	if slices.Contains(words, value) {
		return nil
	}
	words = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "" })
	return failure{exitUsage, fmt.Errorf("hearth: --%s %q: want %s", flag, value, strings.Join(words, ", "))}
}

type versionCommand struct{}

// Run prints what was built, and with what.
func (versionCommand) Run(_ context.Context, io stdio) error {
	_, err := fmt.Fprintf(io.out, "hearth %s %s %s/%s OpenADR 3.1, 3.0, 2.0b\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

type checkCommand struct {
	Config string `help:"The configuration." default:"/etc/hearth/hearth.yaml"`
}

// Run says what is wrong with a configuration, or that nothing is.
func (c checkCommand) Run(ctx context.Context, io stdio) error {
	cfg, err := readConfig(c.Config)
	if err != nil {
		return err
	}
	if err := agent.Check(ctx, agent.Options{Config: cfg, Clock: wall, Version: version}); err != nil {
		return startFailure(err)
	}
	_, err = fmt.Fprintf(io.out, "%s: good: %d devices, %d OpenADR servers, %d sources\n", c.Config, len(cfg.Devices), len(cfg.OpenADR), len(cfg.Sources))
	return err
}

type runCommand struct {
	Config string `help:"The configuration." default:"/etc/hearth/hearth.yaml"`
}

// Run is the daemon.
func (c runCommand) Run(ctx context.Context, io stdio) error {
	cfg, err := readConfig(c.Config)
	if err != nil {
		return err
	}
	if limit := agent.Watchdog(); limit > 0 && 2*cfg.Cycle > limit {
		return failure{exitConfig, fmt.Errorf("hearth: cycle %v: the service's watchdog bites after %v, want at most half of it", cfg.Cycle, limit)}
	}
	log := newLog(cfg, io.err)
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(lean)
	}
	a, err := agent.New(ctx, agent.Options{
		Config: cfg, Clock: wall, Log: log, Version: version,
		ClockFloor: agent.BuiltAfter, StoreTool: storeTool(), Notify: agent.ServiceManager(log),
	})
	if err != nil {
		return startFailure(err)
	}
	return a.Run(ctx)
}

// lean is how much garbage the daemon lets lie, in percent of what it uses: a gateway has more time than memory.
const lean = 50

// readConfig reads a configuration; its faults are lines of their own, with exit code 78.
func readConfig(name string) (*config.Config, error) {
	cfg, err := config.ReadFile(name, agent.SourceTypes())
	var faults config.Faults
	switch {
	case errors.As(err, &faults):
		lines := strings.ReplaceAll(faults.Error(), "\n", "\n"+name+": ")
		return nil, failure{exitConfig, errors.New(name + ": " + lines)}
	case err != nil:
		return nil, failure{exitConfig, fmt.Errorf("hearth: %w", err)}
	}
	return cfg, nil
}

func newLog(cfg *config.Config, w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(cfg.LogLevel)) // checked with the configuration
	o := &slog.HandlerOptions{Level: level}
	if cfg.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}
