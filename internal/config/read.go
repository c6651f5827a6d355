package config

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"hearth/devices/profiles"
	"hearth/energy"
	"hearth/feeds"
)

// maxSize bounds the file: a home with 200 devices needs a tenth of it.
const maxSize = 1 << 20

// Environment is what a configuration refers to besides its own text.
type Environment struct {
	Dir         string // where relative file names begin; usually the file's own folder
	Credentials string // systemd's credentials folder, looked up first; empty: none
	Sources     []feeds.Type
}

// ReadFile reads a file and the secrets it names; sources are the types of sources that it may name. The error is [Faults] when the file could be read.
func ReadFile(name string, sources []feeds.Type) (*Config, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	return Read(text, Environment{filepath.Dir(name), os.Getenv("CREDENTIALS_DIRECTORY"), sources})
}

// Read reads the text of a configuration. The error is [Faults].
func Read(text []byte, env Environment) (*Config, error) {
	body, fault := parse(text)
	if fault != nil {
		return nil, Faults{*fault}
	}
	r := &reader{env: env, lines: map[string]int{}}
	root := newSection(&r.faults, "", body)
	root.line = 1
	r.root(root)
	root.done()
	r.check()
	if len(r.faults) > 0 {
		return nil, r.faults.sorted()
	}
	return &r.config, nil
}

func parse(text []byte) (ast.Node, *Fault) {
	switch {
	case len(text) > maxSize:
		return nil, &Fault{Text: fmt.Sprintf("the file has %d bytes, at most %d are read", len(text), maxSize)}
	case !utf8.Valid(text):
		return nil, &Fault{Text: "the file is not UTF-8 text"}
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // some editors mark UTF-8 by it; it is no part of the first key
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		var syntax *yaml.SyntaxError
		if errors.As(err, &syntax) && syntax.Token != nil {
			return nil, &Fault{Line: syntax.Token.Position.Line, Text: "not YAML: " + syntax.Message}
		}
		first, _, _ := strings.Cut(err.Error(), "\n")
		return nil, &Fault{Text: "not YAML: " + first}
	}
	if len(file.Docs) > 1 {
		return nil, &Fault{Line: beginOf(file.Docs[1]), Text: "a second document begins here: one file is one configuration"}
	}
	if len(file.Docs) == 0 {
		return nil, nil
	}
	return file.Docs[0].Body, nil
}

// beginOf is the line of a document's first key, or of its "---" where nothing follows.
func beginOf(d *ast.DocumentNode) int {
	switch {
	case d.Body != nil:
		return lineOf(d.Body)
	case d.Start != nil:
		return d.Start.Position.Line
	}
	return 0
}

type reader struct {
	env      Environment
	config   Config
	faults   Faults
	sections []*section          // of the devices, for checks across them
	vtns     []*section          // of the servers, likewise
	own      []*profiles.Profile // of the folder that the file names

	isMetered bool // the tariff goes by what the house connection has counted
	providers []provider
	spots     []spotAt
	lines     map[string]int // of the parts of the tariff, by their paths
}

func (r *reader) currency() energy.Currency { return r.config.Home.Currency }

func (r *reader) root(s *section) {
	c := &r.config
	r.home(s.child("home"))
	objective := s.child("objective")
	may(objective, "carbon_price", parseMoneyPer("t", r.currency), &c.Carbon)
	var fossil energy.GramsPerKWh
	if may(objective, "fossil_carbon", magnitude(energy.ParseGramsPerKWh), &fossil) {
		c.Fossil = &fossil
	}
	objective.done()
	c.Cycle = 10 * time.Second
	may(s, "cycle", parsePositiveDuration, &c.Cycle)
	if c.Cycle < time.Second || c.Cycle > 10*time.Minute {
		s.reject("cycle", "want 1s to 10m")
	}
	r.planning(s.child("planning"))
	r.fallback(s.child("fallback"))
	s.each("openadr", r.vtn)
	s.each("sources", r.source)
	r.tariff(s.child("tariff"))
	r.checkSources()
	s.each("mqtt", func(l *section) { c.MQTT = append(c.MQTT, r.link(l, "tcp", "ssl")) })
	s.each("modbus", func(l *section) { c.Modbus = append(c.Modbus, r.link(l, "tcp", "rtu", "rtu+tcp")) })
	r.families(s)
	s.each("devices", r.device)
	r.protection(s.child("protection"))
	r.checkResources()
	storage := s.child("storage")
	must(storage, "path", parseText, &c.Storage)
	c.Storage = r.resolve(c.Storage)
	storage.done()
	http := s.child("http")
	c.Listen = "127.0.0.1:8099"
	may(http, "listen", parseListen, &c.Listen)
	list(http, "hosts", parseText, &c.Hosts)
	http.done()
	log := s.child("log")
	c.LogLevel, c.LogFormat = "info", "text"
	may(log, "level", oneOf("debug", "info", "warn", "error"), &c.LogLevel)
	may(log, "format", oneOf("text", "json"), &c.LogFormat)
	log.done()
}

func (r *reader) home(s *section) {
	h := &r.config.Home
	h.Zone, h.Currency, h.BaseLoad = time.UTC, "EUR", 300
	must(s, "name", parseText, &h.Name)
	must(s, "zone", parseZone, &h.Zone)
	must(s, "currency", energy.ParseCurrency, &h.Currency)
	must(s, "max_import", positive(energy.ParseWatts), &h.MaxImport)
	h.MaxExport = h.MaxImport
	may(s, "max_export", magnitude(energy.ParseWatts), &h.MaxExport)
	may(s, "base_load", magnitude(energy.ParseWatts), &h.BaseLoad)
	s.done()
}

func (r *reader) planning(s *section) {
	p := &r.config.Planning
	*p = Planning{15 * time.Minute, 36 * time.Hour, 5 * time.Minute, 2 * time.Second}
	may(s, "slot", parsePositiveDuration, &p.Slot)
	may(s, "horizon", parsePositiveDuration, &p.Horizon)
	may(s, "every", parsePositiveDuration, &p.Every)
	may(s, "time_limit", parsePositiveDuration, &p.TimeLimit)
	if p.Slot < time.Minute || p.Slot > time.Hour || time.Hour%p.Slot != 0 {
		s.reject("slot", "want a whole part of an hour, from 1m to 1h")
	}
	if p.TimeLimit > 20*time.Second {
		s.reject("time_limit", "want at most 20s: nothing else is done meanwhile")
	}
	if p.Horizon < 4*time.Hour || p.Horizon > 7*24*time.Hour {
		s.reject("horizon", "want 4h to 168h")
	}
	s.done()
}

func (r *reader) fallback(s *section) {
	f := &r.config.Fallback
	var imp, exp energy.Price
	var carbon energy.GramsPerKWh
	if may(s, "import_price", parsePriceIn(r.currency), &imp) {
		f.Import = &imp
	}
	if may(s, "export_price", parsePriceIn(r.currency), &exp) {
		f.Export = &exp
	}
	if may(s, "carbon", magnitude(energy.ParseGramsPerKWh), &carbon) {
		f.Carbon = &carbon
	}
	s.done()
}

func (r *reader) link(s *section, schemes ...string) Link {
	var l Link
	must(s, "name", parseName, &l.Name)
	must(s, "url", parseURL(schemes...), &l.URL)
	if schemes[1] == "ssl" { // a broker knows people, a bus does not
		may(s, "user", parseText, &l.User)
		l.Password = r.secret(s, "password_file")
		l.CAFile, l.CertFile, l.KeyFile = r.file(s, "ca_file"), r.file(s, "cert_file"), r.file(s, "key_file")
		if (l.CertFile == "") != (l.KeyFile == "") {
			s.reject("cert_file", "cert_file and key_file belong together")
		}
	}
	return l
}

// secret reads the file named at key, without its trailing newline.
func (r *reader) secret(s *section, key string) Secret {
	name := r.file(s, key)
	if name == "" {
		return ""
	}
	text, err := os.ReadFile(name)
	if err != nil {
		s.reject(key, "cannot be read: "+reasonOf(err))
		return ""
	}
	secret := strings.TrimRight(string(text), "\r\n")
	if secret == "" {
		s.reject(key, "the file is empty")
	}
	return Secret(secret)
}

// file is the path of a readable file named at key; a relative name is looked up among systemd's
// credentials first, then beside the configuration.
func (r *reader) file(s *section, key string) string {
	var name string
	if !may(s, key, parseText, &name) {
		return ""
	}
	if r.env.Credentials != "" && !filepath.IsAbs(name) {
		if inside := filepath.Join(r.env.Credentials, name); isReadable(inside) == nil {
			return inside
		}
	}
	name = r.resolve(name)
	if err := isReadable(name); err != nil {
		s.reject(key, "cannot be read: "+err.Error())
		return ""
	}
	return name
}

func (r *reader) resolve(name string) string {
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(r.env.Dir, name)
}

func isReadable(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return errors.New(reasonOf(err))
	}
	return f.Close()
}

// reasonOf is why a file cannot be read, without its name.
func reasonOf(err error) string {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}
