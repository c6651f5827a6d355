package main

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"hearth/internal/console"
	"hearth/internal/mdns"
)

// service is what VTNs of the neighbourhood announce (Definition, "Discovery").
const service = "_openadr3._tcp"

// suggest lists the servers that announce themselves on the local network. None is asked anything: whoever is on the
// network can announce one.
func suggest(ctx context.Context, std stdio) error {
	found, err := mdns.Browse(ctx, service)
	if err != nil {
		return failure{exitUnavailable, fmt.Errorf("hearth: browse the local network: %w", err)}
	}
	if len(found) == 0 {
		return failure{exitUnavailable, fmt.Errorf("hearth: nobody on the local network announces an OpenADR server (%s): give its URL", service)}
	}
	writeFound(std, found)
	return nil
}

func writeFound(std stdio, found []mdns.Found) {
	t := console.NewTable("name", "url", "version", "programs")
	t.Left = []int{1, 2, 3}
	for _, f := range found {
		t.Row(f.Name, addressOf(f), f.Text.Of("version"), f.Text.Of("program_names"))
	}
	_, _ = t.WriteTo(std.out)
	fmt.Fprintln(std.out, "Anybody on the network can announce a server: ask whose it is, then run `hearth openadr probe URL`.")
}

// addressOf is the URL that an announcement gives, or that follows from it.
func addressOf(f mdns.Found) string {
	if u, err := url.Parse(f.Text.Of("local_url")); err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") {
		return u.String()
	}
	host := net.JoinHostPort(strings.TrimSuffix(f.Host, "."), strconv.Itoa(f.Port))
	return (&url.URL{Scheme: "https", Host: host}).JoinPath(f.Text.Of("base_path")).String()
}
