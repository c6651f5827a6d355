package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	mochi "github.com/mochi-mqtt/server/v2"

	"hearth/devices/discover"
	"hearth/devices/profiles"
	"hearth/internal/config"
	"hearth/internal/mdns"
	"hearth/sim/slave"
)

// announce has the broker keep the messages of a transcript, as devices that were there before us left them.
func announce(t *testing.T, s *mochi.Server, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		part := strings.SplitN(strings.TrimSpace(line), " ", 3)
		if len(part) < 3 || part[0] == "#" {
			continue
		}
		if err := s.Publish(part[1], []byte(part[2]), true, 0); err != nil {
			t.Fatal(err)
		}
	}
}

// accepted reads what was printed as `hearth check` would, behind the part of a home that discovery cannot know.
func accepted(t *testing.T, configuration string) *config.Config {
	t.Helper()
	home := "home: {name: H, zone: Europe/Berlin, currency: EUR, max_import: 9kW}\nstorage: {path: h.db}\n"
	c, err := config.Read([]byte(home+configuration), config.Environment{Dir: t.TempDir()})
	if err != nil {
		t.Fatalf("%v in\n%s", err, configuration)
	}
	return c
}

// looked runs `hearth discover --json`.
func looked(t *testing.T, args ...string) (r result, code int, errs string) {
	t.Helper()
	code, out, errs := hearth(t.Context(), "", append([]string{"discover", "--json", "--no-mdns", "--for", "600ms"}, args...)...)
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("%d %v %s%s", code, err, out, errs)
	}
	return r, code, errs
}

func thingOf(t *testing.T, r result, name string) shownThing {
	t.Helper()
	for _, s := range r.Things {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("no %q in %+v", name, r.Things)
	return shownThing{}
}

// Every family is found by what its makers say it announces, and what is printed is a configuration.
func TestDiscover_FindsWhoAnnouncesAndPrintsAConfiguration(t *testing.T) {
	server, v, url := aHouse(t)
	announce(t, server, "../../devices/discover/testdata/every-family/input.txt")
	r, code, errs := looked(t, "--mqtt", url)
	if code != exitOK || errs != "" {
		t.Errorf("%d %s", code, errs)
	}
	washer := thingOf(t, r, "Washing machine")
	if !strings.HasPrefix(washer.Profile, "tasmota-") || washer.Params["topic"] != "washer" || len(washer.Missing) > 0 || washer.Model != "Gosund SP1 v23, Tasmota 13.4.0" {
		t.Errorf("%+v", washer)
	}
	for _, name := range []string{"heater", "Pool pump", "shellyplug-s-7A8B9C", "shellyplus1pm-a8032ab1", "openevse-7a3c", "Carport", "evcc Garage", "Balcony", "victron c0619ab1c2d3", "Boiler"} {
		thingOf(t, r, name)
	}
	c := accepted(t, r.Configuration)
	if len(c.MQTT) != 1 || c.MQTT[0].URL != url || len(c.Devices) == 0 {
		t.Fatalf("%+v", c)
	}
	for _, d := range c.Devices {
		if d.Kind != config.Meter {
			t.Errorf("%s is a %s: nothing may be controlled unasked", d.Name, d.Kind)
		}
	}
	if said := v.of("hearth"); len(said) > 0 {
		t.Errorf("it has published %q", said)
	}
}

func TestDiscover_ShowsATableWithItsHazards(t *testing.T) {
	server, _, url := aHouse(t)
	announce(t, server, "../../devices/discover/testdata/two-with-one-name/input.txt")
	if err := server.Publish("cmnd/plug1/POWER", []byte("ON"), true, 0); err != nil {
		t.Fatal(err)
	}
	code, out, errs := hearth(t.Context(), "", "discover", "--no-mdns", "--for", "600ms", "--mqtt", url)
	if code != exitOK {
		t.Fatalf("%d %s", code, errs)
	}
	wants(t, out, "what", "model", "where", "profile", "needs", "Tasmota  A, Tasmota 13.4.0  broker: t", "tasmota-",
		"Tasmota (t", "): remark: another thing calls itself the same", `the broker keeps the order "ON" at cmnd/plug1/POWER`,
		"mqtt:\n  - name: broker\n    url: \""+url+"\"\ndevices:\n", "- name: tasmota\n", "- name: tasmota-2\n")
}

// What the configuration has is not printed again; its brokers are those that are listened to.
func TestDiscover_LeavesOutWhatIsConfigured(t *testing.T) {
	server, _, url := aHouse(t)
	for _, topic := range []string{"lamp", "pump"} {
		if err := server.Publish("tele/"+topic+"/LWT", []byte("Online"), true, 0); err != nil {
			t.Fatal(err)
		}
	}
	r, code, errs := looked(t, "--config", atHome(t, atBroker(url)+aHeater))
	if code != exitOK || thingOf(t, r, "lamp").Configured != "heater" || thingOf(t, r, "pump").Configured != "" {
		t.Errorf("%d %+v %s", code, r, errs)
	}
	if strings.Contains(r.Configuration, "lamp") || strings.Contains(r.Configuration, "mqtt:") || !strings.Contains(r.Configuration, "    link: house\n") {
		t.Errorf("%s", r.Configuration)
	}
}

// Strangers may write anything to a broker: the look goes on, bounded, and prints what a terminal can bear.
func TestDiscover_BearsWhatStrangersWrite(t *testing.T) {
	server, _, url := aHouse(t)
	for topic, payload := range map[string]string{
		"tasmota/discovery/01/config":       `{"t":"plug","dn":"<script>alert(1)</script>\u001b[2J\n  - name: evil"}`,
		"tasmota/discovery/02/config":       strings.Repeat("x", 1<<20+1),
		"tasmota/discovery/03/config":       `{"t":"+/#","dn":"all"}`,
		"tele/\xff\xfe/LWT":                 "Online",
		"tele/plug/LWT":                     "Online",
		"zigbee2mqtt/bridge/devices":        `[{"friendly_name":"a/b/+","definition":{}},{"friendly_name":"` + strings.Repeat("n", 1000) + `"}]`,
		"homeassistant/sensor/a/b/c/config": "{{",
		"shellies/announce":                 "\x00\x01",
	} {
		if err := server.Publish(topic, []byte(payload), true, 0); err != nil {
			t.Logf("%q: %v", topic, err) // the broker has refused it already
		}
	}
	code, out, errs := hearth(t.Context(), "", "discover", "--no-mdns", "--for", "600ms", "--mqtt", url)
	if code != exitOK || !strings.Contains(errs, "1 messages were too large") || strings.ContainsAny(out, "\x1b\x00") || !utf8.ValidString(out) || strings.Contains(out, "\n  - name: evil") || len(out) > 1<<14 {
		t.Errorf("%d %d bytes %s\n%q", code, len(out), errs, out)
	}
	_, configuration, _ := strings.Cut(out, "is told to them:\n\n")
	accepted(t, configuration)
}

// aCabinet is a meter at unit 7, a meter of SunSpec at unit 8, and nothing that bears to be written to.
func aCabinet(t *testing.T) (url string, written *atomic.Int64) {
	t.Helper()
	written = &atomic.Int64{}
	refuse := func(uint16, []uint16) error { written.Add(1); return nil }
	meter, spec := slave.Bank{}, slave.Bank{}
	meter.Zero(0, 89)
	meter.F32(6, 5.2)
	meter.F32(52, 1234)
	meter.F32(72, 50.5)
	meter.F32(74, 3)
	spec.U32(40000, 0x53756E53)
	spec.U16(40002, 1)
	spec.U16(40003, 66)
	spec.Zero(40004, 40069)
	for i, text := range []string{"Fronius", "Smart Meter"} {
		for j, c := range []byte(text) {
			addr := uint16(40004 + 16*i + j/2)
			spec[addr] |= uint16(c) << (8 - 8*(j%2))
		}
	}
	spec.U16(40070, 203)
	spec.U16(40071, 105)
	spec.Zero(40072, 40176)
	spec.U16(40177, 0xFFFF)
	spec.U16(40178, 0)
	s, err := slave.Serve(map[uint8]slave.Unit{7: {Input: meter.Read, Write: refuse}, 8: {Holding: spec.Read, Write: refuse}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s.URL(), written
}

// Hosts are asked for the units that were given, with functions that read, and no others.
func TestDiscover_AsksGivenHostsAndOnlyReads(t *testing.T) {
	url, written := aCabinet(t)
	r, code, errs := looked(t, "--host", strings.TrimPrefix(url, "tcp://"), "--unit", "7,8,9,7")
	if code != exitOK || written.Load() != 0 || !strings.Contains(errs, "unit 9: nobody answers") || strings.Contains(errs, "unit 7") || strings.Contains(errs, "unit 8") {
		t.Errorf("%d, %d writes, %s", code, written.Load(), errs)
	}
	var fits, models []string
	for _, s := range r.Things {
		fits, models = append(fits, s.Profile+" "+strings.Join(s.Remarks, " ")), append(models, s.Model)
	}
	all := strings.Join(fits, " ")
	if !strings.Contains(all, "eastron-sdm630") || !strings.Contains(strings.Join(models, " "), "Fronius Smart Meter") {
		t.Errorf("%s %q", all, models)
	}
	c := accepted(t, r.Configuration)
	if len(c.Devices) == 0 || len(c.Modbus) != 1 || c.Modbus[0].URL != url || c.Devices[0].Params["unit"] != "7" {
		t.Errorf("%s", r.Configuration)
	}
}

// A bus that the configuration has keeps its name, what hangs on it is known, and an agent on it is not disturbed.
func TestDiscover_NeverAsksBesideTheAgent(t *testing.T) {
	url, _ := aCabinet(t)
	section := "modbus: [{name: cabinet, url: \"" + url + "\"}]\ndevices: [{name: main, kind: grid, profile: eastron-sdm630, link: cabinet, params: {unit: 7}}]\n"
	file := atHome(t, section)
	r, code, errs := looked(t, "--config", file, "--host", url, "--unit", "7")
	if code != exitOK || len(r.Things) != 1 || r.Things[0].Configured != "main" || strings.Contains(r.Configuration, "modbus:") {
		t.Errorf("%d %+v %s", code, r, errs)
	}
	page := httptest.NewServer(http.NotFoundHandler())
	defer page.Close()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.ReplaceAll(text, []byte("127.0.0.1:1\""), []byte(page.Listener.Addr().String()+"\""))
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if r, code, errs = looked(t, "--config", file, "--host", url, "--unit", "7"); code != exitUnavailable || len(r.Things) > 0 || !strings.Contains(errs, "only one may ask on its bus") {
		t.Errorf("%d %+v %s", code, r, errs)
	}
}

func TestDiscover_FindsOnTheLocalNetwork(t *testing.T) {
	lo, err := net.InterfaceByName("lo")
	if err != nil {
		t.Skip("no interface named lo")
	}
	probe, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	network := mdns.Config{Interfaces: []net.Interface{*lo}, Port: probe.LocalAddr().(*net.UDPAddr).Port}
	_ = probe.Close()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 4)
	services := []mdns.Service{
		{Name: "shellyplus1-a1", Type: "_shelly._tcp", Host: "shellyplus1-a1", Port: 80, Text: mdns.Text{{Key: "app", Value: "Plus1"}, {Key: "ver", Value: "1.4.4"}}},
		{Name: "inverter", Type: "_modbus._tcp", Host: "inverter", Port: 502},
		{Name: "openevse-7a3c", Type: "_http._tcp", Host: "openevse", Port: 80},
		{Name: "printer", Type: "_http._tcp", Host: "printer", Port: 80},
	}
	for _, s := range services {
		go func() { ended <- network.Announce(ctx, s) }()
	}
	defer func() {
		cancel()
		for range services {
			<-ended
		}
	}()
	var out, errs bytes.Buffer
	if err := (discoverCommand{Unit: "1", For: 3 * time.Second, Network: network}).Run(ctx, stdio{nil, &out, &errs}); err != nil {
		t.Fatal(err, errs.String())
	}
	wants(t, out.String(), "inverter", "Modbus TCP", "127.0.0.1:502", "--host 127.0.0.1:502", "openevse-7a3c", "OpenEVSE", "shellyplus1-a1", "Shelly Plus1 1.4.4", "MQTT: switch it on")
	if strings.Contains(out.String(), "printer") {
		t.Errorf("a printer is no device\n%s", out.String())
	}
}

// A secret on the command line is refused unseen, and one in a file reaches the broker alone.
func TestDiscover_NeverShowsASecret(t *testing.T) {
	_, _, url := aHouse(t)
	code, out, errs := hearth(t.Context(), "", "discover", "--no-mdns", "--mqtt", "tcp://me:hunter2@127.0.0.1")
	if code != exitUsage || strings.Contains(out+errs, "hunter2") || !strings.Contains(errs, "--password-file") {
		t.Errorf("%d %s", code, errs)
	}
	file := filepath.Join(t.TempDir(), "word")
	if err := os.WriteFile(file, []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	aPlug(t, url, "lamp")
	code, out, errs = hearth(t.Context(), "", "discover", "--no-mdns", "--for", "900ms", "--mqtt", url, "--user", "me", "--password-file", file)
	if code != exitOK || strings.Contains(out+errs, "hunter2") {
		t.Fatalf("%d %s", code, errs)
	}
	wants(t, out, "lamp", "password_file: \""+file+"\"")
	c := accepted(t, out[strings.Index(out, "\nmqtt:"):])
	if c.MQTT[0].User != "me" || string(c.MQTT[0].Password) != "hunter2" {
		t.Errorf("%+v", c.MQTT)
	}
}

func TestDiscover_SaysWhoCannotBeAsked(t *testing.T) {
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"--mqtt tcp://127.0.0.1:1", exitUnavailable, "mqtt broker: listen to broker 127.0.0.1:1: "},
		{"--mqtt house", exitUsage, "--mqtt: want for example tcp://"},
		{"--host 127.0.0.1:1", exitUnavailable, "unit 1: nobody answers"},
		{"--host rtu://nowhere", exitUnavailable, "want for example rtu:///dev/ttyUSB0"},
		{"--unit 0", exitUsage, "want 1 to 247, or 255"},
		{"--unit 1,,2", exitUsage, "--unit"},
		{"--for 0s", exitUsage, "--for is longer than nothing"},
		{"--config /nowhere.yaml", exitConfig, "no such file"},
		{"--password-file /nowhere", exitUsage, "no such file"},
	} {
		code, _, errs := hearth(t.Context(), "", append([]string{"discover", "--no-mdns", "--for", "300ms"}, strings.Fields(c.args)...)...)
		if code != c.code || !strings.Contains(errs, c.says) {
			t.Errorf("%s: %d %s", c.args, code, errs)
		}
	}
	if code, out, _ := hearth(t.Context(), "", "discover", "--no-mdns", "--for", "10ms"); code != exitOK || !strings.Contains(out, "Nothing was found") {
		t.Errorf("%d %s", code, out)
	}
	if _, err := unitsOf(strings.Trim(strings.ReplaceAll(fmt.Sprint(make([]int, 40)), "0", "1"), "[]")); err == nil {
		t.Error("no error")
	}
}

// What was met on a broker is not told again because it has a page as well.
func TestFound_AdoptsNobodyTwice(t *testing.T) {
	f := &found{}
	f.add(discover.Link{Name: "broker"}, []discover.Thing{{Name: "OpenEVSE-7a3c", Where: "openevse/announce/7a3c"}})
	f.adopt([]discover.Thing{{Name: "openevse-7a3c", Where: "127.0.0.1:80"}, {Name: "other", Where: "127.0.0.1:81"}})
	if len(f.things) != 2 || f.things[1].Name != "other" || f.things[1].Link != "" {
		t.Errorf("%+v", f.things)
	}
}

// What describes itself and is not known gets a profile made of that, written only when that is asked for, over nobody's.
func TestDiscover_MakesProfilesOfWhatDescribesItself(t *testing.T) {
	server, _, url := aHouse(t)
	list := `[{"friendly_name":"relay","type":"Router","definition":{"model":"ZBMINI","vendor":"SONOFF","exposes":[{"type":"switch","features":[{"type":"binary","name":"state","property":"state","access":7,"value_on":"ON","value_off":"OFF"}]}]}}]`
	if err := server.Publish("zigbee2mqtt/bridge/devices", []byte(list), true, 0); err != nil {
		t.Fatal(err)
	}
	r, code, errs := looked(t, "--mqtt", url)
	if relay := thingOf(t, r, "relay"); code != exitOK || relay.Profile != "z2m-relay" || len(relay.Missing) != 1 || !strings.Contains(relay.Missing[0], "--make FOLDER") {
		t.Errorf("%d %+v %s", code, relay, errs)
	}
	dir := t.TempDir()
	for range 2 {
		if r, code, errs = looked(t, "--mqtt", url, "--make", dir); code != exitOK || errs != "" || len(thingOf(t, r, "relay").Missing) > 0 {
			t.Fatalf("%d %+v %s", code, r, errs)
		}
	}
	made, err := profiles.LoadFolder(os.DirFS(dir))
	if err != nil || len(made) != 1 || made[0].ID != "z2m-relay" || !isActor(made[0]) {
		t.Errorf("%v %v", made, err)
	}
	if _, _, errs = looked(t, "--mqtt", url, "--make", filepath.Join(dir, "none")); !strings.Contains(errs, "write profile: ") {
		t.Errorf("%s", errs)
	}
}
