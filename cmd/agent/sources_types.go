package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"hearth/feeds"
	"hearth/internal/agent"
	"hearth/internal/config"
)

type sourcesTypesCommand struct {
	Name     string `arg:"positional" help:"Of one type; all where it is left out."`
	Markdown bool   `help:"As docs/sources.md has it."`
}

// Run prints the types and their samples.
func (c sourcesTypesCommand) Run(_ context.Context, std stdio) error {
	types := agent.SourceTypes()
	if c.Markdown {
		return writeTypes(std.out, types)
	}
	isFound := false
	for _, t := range types {
		switch c.Name {
		case "":
			fmt.Fprintf(std.out, "%-16s %s\n", t.Name, t.Title)
		case t.Name:
			writeType(std.out, t)
		}
		isFound = isFound || c.Name == "" || c.Name == t.Name
	}
	if !isFound {
		return failure{exitUsage, fmt.Errorf("hearth: %s: there is no such type", c.Name)}
	}
	return nil
}

func writeType(w io.Writer, t feeds.Type) {
	fmt.Fprintf(w, "%s\nstep %s, unit %s\n\n", t.Title, t.Step, t.Unit)
	for _, k := range t.Keys {
		fmt.Fprintf(w, "  %-20s %s\n", keyName(k), keyHelp(k))
	}
	fmt.Fprintf(w, "\n%s", sampleOf(t))
}

// keyName is how a configuration writes the key.
func keyName(k feeds.Key) string {
	if k.IsSecret {
		return k.Name + "_file"
	}
	return k.Name
}

func keyHelp(k feeds.Key) string {
	help := k.Help
	if len(k.Among) > 0 {
		help += ": " + strings.Join(k.Among, ", ")
	}
	if k.IsRequired {
		help += " (required)"
	}
	return help
}

// sampleOf is a type's sample as a section of a configuration.
func sampleOf(t feeds.Type) string {
	var b strings.Builder
	b.WriteString("sources:\n")
	for i, line := range strings.Split(strings.TrimRight(t.Sample, "\n"), "\n") {
		lead := "    "
		if i == 0 {
			lead = "  - "
		}
		b.WriteString(lead + line + "\n")
	}
	return b.String()
}

// writeTypes is docs/sources.md.
func writeTypes(w io.Writer, types []feeds.Type) error {
	var b strings.Builder
	b.WriteString(`# Sources

Everybody whom Hearth can ask besides OpenADR servers. This page is written by ` + "`hearth sources types --markdown`" + `, from what the
program knows of itself; a test holds the two together, and loads every sample.

| type | what | key | step | published | unit |
|---|---|---|---|---|---|
`)
	for _, t := range types {
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s | %s | %s | %s |\n", t.Name, t.Name, t.Title, secretsOf(t), t.Step, published(t), t.Unit)
	}
	for _, t := range types {
		fmt.Fprintf(&b, "\n## %s\n\n%s.\nMore in [feeds/%s](../feeds/%s/README.md).\n\n| key | |\n|---|---|\n", t.Name, t.Title, t.Name, t.Name)
		for _, k := range t.Keys {
			fmt.Fprintf(&b, "| `%s` | %s |\n", keyName(k), strings.ReplaceAll(keyHelp(k), "|", "\\|"))
		}
		fmt.Fprintf(&b, "\n```yaml\n%s```\n", sampleOf(t))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// published is when something new comes out, of the source that the sample describes.
func published(t feeds.Type) string {
	source, err := ofSample(t)
	if err != nil {
		return err.Error()
	}
	about := source.About()
	if at := about.Publishes.At; at != 0 {
		return fmt.Sprintf("%02d:%02d %s", int(at.Hours()), int(at.Minutes())%60, about.Zone)
	}
	every := cmp.Or(about.Publishes.Every, time.Hour)
	if every%time.Hour == 0 {
		return fmt.Sprintf("every %v h", every.Hours())
	}
	return fmt.Sprintf("every %v min", every.Minutes())
}

// fileKey finds the files that a sample names.
var fileKey = regexp.MustCompile(`(?m)^\w+_file: *(\S+)$`)

// ofSample builds the source that a type's sample describes, as a configuration would.
func ofSample(t feeds.Type) (source feeds.Source, err error) {
	dir, err := os.MkdirTemp("", "hearth-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	for _, name := range fileKey.FindAllStringSubmatch(t.Sample, -1) {
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name[1])), []byte("secret-of-the-sample"), 0o600); err != nil {
			return nil, err
		}
	}
	for _, currency := range []string{"EUR", "USD", "GBP", "DKK", "NOK", "AUD"} { // of the place that the sample is from
		home := "home: {name: Sample, zone: Europe/Berlin, currency: " + currency + ", max_import: 10kW}\nstorage: {path: hearth.db}\n"
		var cfg *config.Config
		if cfg, err = config.Read([]byte(home+sampleOf(t)), config.Environment{Dir: dir, Sources: []feeds.Type{t}}); err == nil {
			return agent.OpenSource(cfg.Sources[0], cfg.Home, wall)
		}
	}
	return nil, err
}

// secretsOf names what has to be had from the publisher.
func secretsOf(t feeds.Type) string {
	var names []string
	for _, k := range t.Keys {
		if k.IsSecret {
			word := strings.ReplaceAll(k.Name, "_", " ")
			if !k.IsRequired {
				word += " (optional)"
			}
			names = append(names, word)
		}
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
