package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"hearth/openadr"
)

// section prints what a configuration needs to follow the server; o is nil where it was not let in.
func (p *prober) section(o *offer) {
	var b strings.Builder
	key := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "    %s: %s\n", name, value)
		}
	}
	fmt.Fprintf(&b, "openadr:\n  - name: %s\n", p.name())
	key("url", quoted(p.v.URL))
	key("version", quoted(p.v.Version))
	p.identity(&b, key)
	if o != nil {
		p.chosen(&b, o)
	}
	key("poll", "5m")
	if o != nil {
		for _, kind := range o.unknown() {
			fmt.Fprintf(&b, "    # payloads: {%s: RENEWABLE_SHARE}   # if that is what it means\n", quoted(kind))
		}
	}
	fmt.Fprintf(p.std.out, "\nThe section for it:\n\n%s", b.String())
}

// identity is the keys that say who we are to the server, and how we know it.
func (p *prober) identity(b *strings.Builder, key func(name, value string)) {
	if p.v.ClientID == "" {
		if !p.found.programs.isList() {
			b.WriteString("    client_id: YOURS\n    client_secret_file: vtn-client-secret\n")
		}
	} else {
		if p.v.Auth == string(openadr.AuthBasic) {
			key("auth", p.v.Auth)
		}
		key("client_id", quoted(p.v.ClientID))
		file := "vtn-client-secret   # as it is in the configuration"
		if p.secretFile != "" {
			file = quoted(p.secretFile)
		}
		key("client_secret_file", file)
	}
	if p.v.TokenURL != "" {
		key("token_url", quoted(p.v.TokenURL))
	}
	if p.v.CAFile != "" {
		key("ca_file", quoted(p.v.CAFile))
	}
	if p.v.CertFile != "" {
		key("cert_file", quoted(p.v.CertFile))
		key("key_file", quoted(p.v.KeyFile))
	}
	if len(p.v.Pins) > 0 {
		key("pins", list(p.v.Pins))
	}
	if p.base.Scheme == "http" && !p.isHere() {
		key("allow_http", "true   # what goes over the wire can be read and changed")
	}
}

// chosen lists programs: the ones asked for, or those that there are, unless there are many.
func (p *prober) chosen(b *strings.Builder, o *offer) {
	const few = 5
	var names []string
	for _, program := range o.programs[:min(len(o.programs), few)] {
		name := program.ProgramName
		if name == "" {
			name = program.ID
		}
		names = append(names, name)
	}
	switch {
	case len(names) == 0:
	case len(p.v.Programs) > 0 || len(o.programs) <= few:
		fmt.Fprintf(b, "    programs: %s\n", list(names))
	default:
		fmt.Fprintf(b, "    # programs: %s   # without it all %d of them are followed\n", list(names), len(o.programs))
	}
}

// name is a name for the server that a configuration takes: from its host.
func (p *prober) name() string {
	if p.v.Name != "" {
		return p.v.Name
	}
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(p.base.Hostname()))
	if name = strings.Trim(name, "-"); name == "" {
		return "utility"
	}
	return name[:min(len(name), 63)]
}

// quoted is a text that YAML reads as it is: JSON is YAML.
func quoted(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(text)
}

func list(texts []string) string {
	var all []string
	for _, text := range texts {
		all = append(all, quoted(text))
	}
	return "[" + strings.Join(all, ", ") + "]"
}
