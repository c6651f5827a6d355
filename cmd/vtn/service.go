package main

import (
	"strconv"
	"strings"

	"hearth/internal/mdns"
	"hearth/openadr"
)

// service is how the server is announced (Definition, "Discovery"), under the URL by which others reach it.
func service(o options, programs []openadr.Program) mdns.Service {
	port, _ := strconv.Atoi(o.public.Port())
	if port == 0 {
		port = map[string]int{"http": 80, "https": 443}[o.public.Scheme]
	}
	version := map[openadr.Dialect]string{openadr.Dialect31: "3.1", openadr.Dialect30: "3.0.1", openadr.Dialect300: "3.0.0"}[o.dialect]
	requiresAuth := "False"
	if o.client.id != "" {
		requiresAuth = "True"
	}
	s := mdns.Service{
		Name: "OpenADR at " + o.public.Host, Type: "_openadr3._tcp", Port: port,
		Text: mdns.Text{
			{Key: "version", Value: version},
			{Key: "base_path", Value: strings.Trim(o.public.Path, "/")},
			{Key: "local_url", Value: o.public.String()},
			{Key: "program_names", Value: namesOf(programs)},
			{Key: "requires_auth", Value: requiresAuth},
		},
	}
	if host := o.public.Hostname(); strings.HasSuffix(strings.ToLower(host), ".local") {
		s.Host = host
	}
	return s
}

// namesOf lists the programs that everybody may see, as many as a pair of the announcement holds.
func namesOf(programs []openadr.Program) string {
	const longest = 255 - len("program_names=")
	out := ""
	for _, p := range programs {
		next := strings.TrimPrefix(out+","+p.ProgramName, ",")
		if len(p.Targets) == 0 && !strings.Contains(p.ProgramName, ",") && len(next) <= longest {
			out = next
		}
	}
	return out
}
