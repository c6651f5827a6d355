package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"hearth/api"
	"hearth/energy"
	"hearth/feeds"
	"hearth/internal/agent"
	"hearth/internal/config"
	"hearth/internal/console"
)

// sourcesCommand is all that concerns those who publish prices, greenness, forecasts, usage and bills.
type sourcesCommand struct {
	List  *sourcesListCommand  `arg:"subcommand:list" help:"How each source fares: age, coverage, next fetch, last error."`
	Fetch *sourcesFetchCommand `arg:"subcommand:fetch" help:"Ask a source now, and show what came and how it was understood."`
	Ask   *sourcesAskCommand   `arg:"subcommand:ask" help:"Ask a source what is no series: a bill, an appliance's consumption."`
	Tell  *sourcesTellCommand  `arg:"subcommand:tell" help:"Tell a source something; shows what would be sent, and sends it with --yes."`
	Bills *sourcesBillsCommand `arg:"subcommand:bills" help:"Show what was billed beside what the house connection has counted."`
	Types *sourcesTypesCommand `arg:"subcommand:types" help:"Show the types of sources, and what each needs to be told."`
}

// atConfig is the configuration of the sources.
type atConfig struct {
	Config string `help:"The configuration." default:"/etc/hearth/hearth.yaml"`
}

// pick finds a configured source by its name.
func (c atConfig) pick(name string) (*config.Config, config.Source, feeds.Source, error) {
	cfg, err := readConfig(c.Config)
	if err != nil {
		return nil, config.Source{}, nil, err
	}
	i := slices.IndexFunc(cfg.Sources, func(s config.Source) bool { return s.Name == name })
	if i < 0 {
		var names []string
		for _, s := range cfg.Sources {
			names = append(names, s.Name)
		}
		return nil, config.Source{}, nil, failure{exitUsage, fmt.Errorf("hearth: %s: there is no source of this name; there are: %s", name, strings.Join(names, ", "))}
	}
	source, err := agent.OpenSource(cfg.Sources[i], cfg.Home, wall)
	if err != nil {
		return nil, config.Source{}, nil, startFailure(err)
	}
	return cfg, cfg.Sources[i], source, nil
}

// sourceFailure gives an error of a source its exit code.
func sourceFailure(name string, err error) error {
	code := exitUnavailable
	if feeds.KindOf(err) == feeds.Misconfigured {
		code = exitConfig
	}
	return failure{code, fmt.Errorf("hearth: source %s: %w (%s)", name, feeds.Brief(err), feeds.KindOf(err))}
}

type sourcesListCommand struct {
	atConfig
	JSON bool `help:"As the interface of the page gives it."`
}

// Run asks the agent that runs; where none does, it looks into the store.
func (c sourcesListCommand) Run(ctx context.Context, std stdio) error {
	cfg, err := readConfig(c.Config)
	if err != nil {
		return err
	}
	var all []api.Feed
	err = ask(ctx, cfg, "/api/v1/sources", &all)
	if isNobody(err) {
		fmt.Fprintln(std.err, "hearth: no agent answers at "+cfg.Listen+": this is what it knew when it ended")
		all, err = agent.StoredSources(ctx, agent.Options{Config: cfg, Clock: wall, Log: newLog(cfg, io.Discard)})
	}
	if err != nil {
		return failure{exitUnavailable, fmt.Errorf("hearth: %w", err)}
	}
	if c.JSON {
		e := json.NewEncoder(std.out)
		e.SetIndent("", "  ")
		return e.Encode(all)
	}
	return writeSources(std.out, all, wall.Now(), cfg.Home.Zone)
}

// ask asks the agent that runs with this configuration.
func ask(ctx context.Context, cfg *config.Config, path string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+cfg.Listen+path, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		var problem struct{ Detail string }
		_ = json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&problem) // the status says enough
		return fmt.Errorf("the agent at %s answers %s %s", cfg.Listen, resp.Status, problem.Detail)
	}
	return json.NewDecoder(io.LimitReader(resp.Body, 64<<20)).Decode(into)
}

// isNobody says that no agent runs there.
func isNobody(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// writeSources prints a line for each kind of each source.
func writeSources(w io.Writer, all []api.Feed, now time.Time, zone *time.Location) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(w, "No sources are configured; `hearth sources types` shows which there are.")
		return err
	}
	clock := func(t time.Time) string { return t.In(zone).Format("Mon 15:04") }
	t := console.NewTable("source", "kind", "from", "until", "values", "status", "age", "next", "last error")
	t.Left = []int{1, 2, 3, 5, 7, 8}
	for _, f := range all {
		age, next, trouble := "never", clock(f.Next), f.Error
		if f.Good != nil {
			age = now.Sub(*f.Good).Round(time.Second).String()
		}
		if !f.Next.After(now) {
			next = "now"
		}
		if f.Fault == string(feeds.NotYet) {
			trouble = string(feeds.NotYet)
		}
		if len(f.Covers) == 0 {
			t.Row(f.Name, "nothing yet", "", "", "", "", age, next, trouble)
		}
		name := f.Name
		for _, c := range f.Covers {
			count := fmt.Sprint(c.Count)
			if c.Gaps > 0 {
				count += fmt.Sprintf(", %d gaps", c.Gaps)
			}
			t.Row(name, c.Kind, clock(c.From), clock(c.Until), count, c.Status, age, next, trouble)
			name, age, next, trouble = "", "", "", ""
		}
	}
	if _, err := t.WriteTo(w); err != nil {
		return err
	}
	for _, f := range all {
		for _, remark := range f.Remarks {
			fmt.Fprintf(w, "%s: remark: %s\n", f.Name, remark)
		}
	}
	return nil
}

type sourcesFetchCommand struct {
	atConfig
	Name string `arg:"positional,required" help:"Of the source, in the configuration."`
	JSON bool   `help:"All values as they were understood."`
}

// Run asks for yesterday (of what was counted), today, and as far ahead as the source publishes.
func (c sourcesFetchCommand) Run(ctx context.Context, std stdio) error {
	_, _, source, err := c.pick(c.Name)
	if err != nil {
		return err
	}
	about, now := source.About(), wall.Now()
	span := energy.Interval{Start: energy.Day(now, about.Zone).Start, End: energy.Day(now.Add(about.Ahead), about.Zone).End}
	if slices.ContainsFunc(about.Kinds, feeds.Kind.IsPast) {
		span.Start = energy.Day(span.Start.Add(-time.Hour), about.Zone).Start
	}
	values, err := source.Fetch(ctx, span)
	if err == nil {
		err = values.Check(about)
	}
	if err != nil {
		return sourceFailure(c.Name, err)
	}
	if c.JSON {
		e := json.NewEncoder(std.out)
		e.SetIndent("", "  ")
		return e.Encode(values)
	}
	values.Remarks = feeds.FewRemarks(values.Remarks)
	return console.Values(std.out, values, about.Zone)
}
