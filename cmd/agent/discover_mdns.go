package main

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"

	"hearth/devices/discover"
	"hearth/internal/mdns"
)

// neighbour is a type of service by which devices announce themselves. Known says what it is and what to do, and false
// of a service that is no device of a home.
type neighbour struct {
	service string
	known   func(f mdns.Found, address string) (model, next string, isOurs bool)
}

var neighbours = []neighbour{
	{"_shelly._tcp", func(f mdns.Found, _ string) (string, string, bool) {
		return "Shelly " + strings.TrimSpace(f.Text.Of("app")+" "+f.Text.Of("ver")), "MQTT: switch it on in its settings, and give --mqtt", true
	}},
	{"_http._tcp", byName},
	{"_esphomelib._tcp", func(f mdns.Found, _ string) (string, string, bool) {
		return "ESPHome " + f.Text.Of("version"), "MQTT: a part mqtt in its YAML, and --mqtt", true
	}},
	{"_modbus._tcp", func(_ mdns.Found, address string) (string, string, bool) {
		return "Modbus TCP", "a look: --host " + address, true
	}},
	{"_mqtt._tcp", func(_ mdns.Found, address string) (string, string, bool) {
		return "MQTT broker", "a look: --mqtt tcp://" + address, true
	}},
	{service, func(f mdns.Found, _ string) (string, string, bool) {
		return "OpenADR server", "a look: hearth openadr probe " + addressOf(f), true
	}},
}

// byName knows those who announce a page like any other by how they call it.
func byName(f mdns.Found, _ string) (model, next string, isOurs bool) {
	for prefix, model := range map[string]string{"shelly": "Shelly", "openevse": "OpenEVSE", "go-e": "go-eCharger", "tasmota": "Tasmota", "opendtu": "OpenDTU", "evcc": "evcc"} {
		if strings.HasPrefix(strings.ToLower(f.Name), prefix) {
			return model, "MQTT: switch it on in its settings, and give --mqtt", true
		}
	}
	return "", "", false
}

// browse asks the local network for each type of service. Whoever answers is believed to be there, no more.
func (c discoverCommand) browse(ctx context.Context) (things []discover.Thing, err error) {
	ctx, cancel := context.WithTimeout(ctx, min(c.For, mdnsWait))
	defer cancel()
	answers, faults := make([][]mdns.Found, len(neighbours)), make([]error, len(neighbours))
	var asking sync.WaitGroup
	for i, n := range neighbours {
		asking.Go(func() { answers[i], faults[i] = c.Network.Browse(ctx, n.service) })
	}
	asking.Wait()
	for i, n := range neighbours {
		for _, f := range answers[i] {
			address := whereOf(f)
			model, next, isOurs := n.known(f, address)
			isTwin := slices.ContainsFunc(things, func(t discover.Thing) bool { return strings.EqualFold(t.Name, f.Name) })
			if isOurs && !isTwin {
				things = append(things, discover.Thing{Name: f.Name, Model: model, Where: address, Missing: []string{next}})
			}
		}
	}
	if !slices.Contains(faults, nil) {
		return things, errors.Join(errors.New("the local network cannot be asked"), faults[0])
	}
	return things, nil
}

// whereOf is an address of a service: a number where there is one, as names of mDNS mean nothing to most machines.
func whereOf(f mdns.Found) string {
	host := strings.TrimSuffix(f.Host, ".")
	if i := slices.IndexFunc(f.Addresses, func(a netip.Addr) bool { return a.Is4() }); i >= 0 {
		host = f.Addresses[i].String()
	}
	return net.JoinHostPort(host, strconv.Itoa(f.Port))
}
