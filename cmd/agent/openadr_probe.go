package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"hearth/energy"
	"hearth/internal/agent/line"
	"hearth/internal/config"
	"hearth/internal/console"
	"hearth/openadr"
)

type openadrProbeCommand struct {
	URL        string   `arg:"positional" help:"Of the server, with any path prefix; without it, and without --config, the local network is asked for servers."`
	Config     string   `help:"Take the address and the credentials from a configuration."`
	Name       string   `help:"Of the server in the configuration."`
	ClientID   string   `arg:"--client-id" help:"Client id, with --secret-file."`
	SecretFile string   `arg:"--secret-file" help:"File that holds the client secret."`
	TokenURL   string   `arg:"--token-url" help:"Where tokens are had; without it the server is asked."`
	Auth       string   `help:"How the two are shown: body or basic; without it both are tried."`
	CAFile     string   `arg:"--ca-file" help:"Certificates of an authority to trust, in PEM."`
	CertFile   string   `arg:"--cert-file" help:"Our own certificate, in PEM, with --key-file, for servers that want one."`
	KeyFile    string   `arg:"--key-file" help:"The key of it."`
	Version    string   `help:"Of OpenADR: 3.1, 3.0 or 3.0.0; without it that is found out."`
	AllowHTTP  bool     `arg:"--allow-http" help:"Show the credentials over plain http to another machine."`
	Program    []string `arg:"separate,--program" help:"Look at these programs only, by name or id." placeholder:"PROGRAM"`
	Currency   string   `help:"Of prices whose currency the server does not name." placeholder:"EUR"`
}

// Run looks at a server and says what it is, as far as it gets.
func (c openadrProbeCommand) Run(ctx context.Context, std stdio) error {
	p, err := c.prober(std)
	if err != nil {
		return err
	}
	if p.v.URL == "" {
		return suggest(ctx, std)
	}
	return p.run(ctx)
}

// prober is one look at a server. Of v, an empty version or way to authenticate is to be found out.
type prober struct {
	v          config.VTN
	configured string // version; empty: none is
	secretFile string // as the configuration is to name it
	currency   energy.Currency
	zone       *time.Location
	now        func() time.Time
	std        stdio
	facts      *console.Facts

	base  *url.URL
	found evidence
}

func (c openadrProbeCommand) prober(std stdio) (*prober, error) {
	if c.Version == version20b {
		return nil, failure{exitUsage, errors.New("hearth: probe is for OpenADR 3; a server of 2.0b shows itself to those only who have registered")}
	}
	if err := errors.Join(oneOf("auth", c.Auth, "", "body", "basic"), oneOf("version", c.Version, "", "3.1", "3.0", "3.0.0")); err != nil {
		return nil, err
	}
	p := &prober{zone: time.Local, now: wall.Now, std: std, facts: console.NewFacts(std.out), secretFile: c.SecretFile}
	if c.Config != "" || c.Name != "" {
		if c.URL != "" {
			return nil, failure{exitUsage, errors.New("hearth: give a URL, or a server of the configuration")}
		}
		at := atVTN{c.Config, c.Name}
		if at.Config == "" {
			at.Config = defaultConfig
		}
		cfg, v, err := at.only()
		if err != nil {
			return nil, err
		}
		if v.Version == version20b {
			return nil, errOld(v.Name)
		}
		p.configured = v.Version
		p.v, p.zone, p.currency = v, cfg.Home.Zone, cfg.Home.Currency
	} else {
		p.v = config.VTN{URL: c.URL, ClientID: c.ClientID, TokenURL: c.TokenURL, CAFile: c.CAFile, CertFile: c.CertFile, KeyFile: c.KeyFile, IsInsecure: c.AllowHTTP}
	}
	p.v.Version, p.v.Auth = c.Version, c.Auth // else they are found out, whatever is configured
	if c.Program != nil {
		p.v.Programs = c.Program
	}
	if c.Currency != "" {
		var err error
		if p.currency, err = energy.ParseCurrency(c.Currency); err != nil {
			return nil, failure{exitUsage, fmt.Errorf("hearth: --currency: %w", err)}
		}
	}
	return p, c.credentials(p)
}

// credentials reads the secret that the flags name.
func (c openadrProbeCommand) credentials(p *prober) error {
	if c.Config == "" && c.Name == "" && (c.ClientID == "") != (c.SecretFile == "") {
		return failure{exitUsage, errors.New("hearth: --client-id and --secret-file belong together")}
	}
	if c.SecretFile == "" {
		return nil
	}
	text, err := os.ReadFile(c.SecretFile)
	if err != nil {
		return failure{exitUsage, fmt.Errorf("hearth: --secret-file: %w", err)}
	}
	p.v.Secret = config.Secret(strings.TrimRight(string(text), "\r\n"))
	if p.v.Secret == "" {
		return failure{exitUsage, fmt.Errorf("hearth: --secret-file %s: the file is empty", c.SecretFile)}
	}
	return nil
}

// probeLimit is for the whole look: a server may be slow in each of a hundred answers.
const probeLimit = 3 * time.Minute

// run goes on for as long as there is something to learn.
func (p *prober) run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	call, err := p.knock(ctx)
	if err != nil {
		return err
	}
	defer call.close()
	if p.v.ClientID != "" {
		if call.token, err = p.authenticate(ctx, call); err != nil {
			return err
		}
	}
	p.found = gather(ctx, call)
	p.sayVersion()
	if !p.sayAccess(call) {
		p.section(nil)
		return nil
	}
	client, err := openadr.New(p.settings())
	if err != nil {
		return failure{exitUsage, fmt.Errorf("hearth: %w", err)}
	}
	defer client.Close()
	p.sayNotifiers(ctx, client)
	offer, err := p.look(ctx, client)
	if err != nil {
		return vtnFailure(p.base.Host, err)
	}
	p.sayOffer(offer)
	p.section(offer)
	return nil
}

// settings are those of a client that speaks with the server as it was found.
func (p *prober) settings() openadr.Config {
	c := line.Connection(p.v, wall.Now)
	c.Timeout = 30 * time.Second
	c.AllowHTTP = c.AllowHTTP || c.ClientID == "" // who has no secret shows none
	return c
}
