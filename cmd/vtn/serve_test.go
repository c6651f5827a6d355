package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hearth/internal/mdns"
	"hearth/openadr"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// running is a server of this command.
type running struct {
	url       string
	errs      *output
	terminate func() int
}

func start(t *testing.T, c command, args ...string) running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	var out, errs output
	c.out, c.errs = &out, &errs
	code := make(chan int, 1)
	go func() { code <- c.run(ctx, append([]string{"--listen", "127.0.0.1:0"}, args...)) }()
	return running{out.url(t), &errs, func() int { cancel(); return <-code }}
}

// post writes as the business side and wants the status.
func (r running) post(t *testing.T, path, body string, want int) {
	t.Helper()
	token := ""
	client, err := openadr.New(openadr.Config{BaseURL: r.url, ClientID: "office", ClientSecret: "s"})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, secret, err := client.MQTTLogin(t.Context(), openadr.MQTTAuthentication{Method: openadr.MQTTToken}); err == nil {
		token = string(secret)
	}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url+path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != want {
		t.Errorf("POST %s: %d, want %d", path, resp.StatusCode, want)
	}
}

// programs are the names that anybody sees.
func (r running) programs(t *testing.T) (out []string) {
	t.Helper()
	client, err := openadr.New(openadr.Config{BaseURL: r.url})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	list, err := client.Programs(t.Context(), openadr.Query{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list.Items {
		out = append(out, p.ProgramName)
	}
	return out
}

// What was published over HTTP is there after a restart, beside the objects it once started with.
func TestRun_SurvivesARestart(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state.json")
	args := []string{"--objects", "../../configs/vtn.json", "--business", "office:s", "--state", state}
	first := start(t, command{}, args...)
	before := fmt.Sprint(first.programs(t))
	first.post(t, "/programs", `{"programName":"building"}`, 201)
	first.post(t, "/programs", `{"programName":"building"}`, 409)
	if code := first.terminate(); code != exitOK {
		t.Errorf("exit %d: %s", code, first.errs)
	}
	info, err := os.Stat(state)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	second := start(t, command{}, args...)
	if got, want := fmt.Sprint(second.programs(t)), strings.TrimSuffix(before, "]")+" building]"; got != want {
		t.Errorf("after the restart %s, want %s", got, want)
	}
	second.terminate()
	third := start(t, command{}, "--business", "office:s", "--state", state) // the file is all it needs
	if got := fmt.Sprint(third.programs(t)); !strings.Contains(got, "building") {
		t.Errorf("without objects %s", got)
	}
	third.terminate()
	left, err := os.ReadDir(filepath.Dir(state))
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A change is on the disk soon, not at the end only: the power may fail.
func TestRun_SavesWhileItRuns(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state.json")
	r := start(t, command{}, "--business", "office:s", "--state", state)
	r.post(t, "/programs", `{"programName":"building"}`, 201)
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if text, _ := os.ReadFile(state); strings.Contains(string(text), "building") {
			break
		}
		if time.Now().After(end) {
			t.Fatal("not saved")
		}
	}
	r.terminate()
}

// Where nothing can be saved it says so, serves on, and ends with a code that tells.
func TestRun_SaysWhenItCannotSave(t *testing.T) {
	r := start(t, command{}, "--business", "office:s", "--state", filepath.Join(t.TempDir(), "none", "state.json"))
	r.post(t, "/programs", `{"programName":"building"}`, 201)
	if got := fmt.Sprint(r.programs(t)); got != "[building]" {
		t.Errorf("serves %s", got)
	}
	if code := r.terminate(); code != exitIO || !strings.Contains(r.errs.String(), "save state") {
		t.Errorf("exit %d: %s", code, r.errs)
	}
}

// The announced server is found with all that a client needs to ask it.
func TestRun_CanBeFound(t *testing.T) {
	lo, err := net.InterfaceByName("lo")
	if err != nil {
		t.Skip("no interface named lo")
	}
	probe, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	network := mdns.Config{Interfaces: []net.Interface{*lo}, Port: probe.LocalAddr().(*net.UDPAddr).Port}
	probe.Close()
	r := start(t, command{network: network}, "--objects", "../../configs/vtn.json", "--client", "me:s", "--mdns", "https://vtn.local:8443/openadr3/")
	ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
	defer cancel()
	found, err := network.Browse(ctx, "_openadr3._tcp")
	if err != nil || len(found) != 1 {
		t.Fatalf("found %v, %v; %s", found, err, r.errs)
	}
	f := found[0]
	want := "[{version 3.1} {base_path openadr3} {local_url https://vtn.local:8443/openadr3/} {program_names home-prices} {requires_auth True}]"
	if f.Name != "OpenADR at vtn.local:8443" || f.Host != "vtn.local." || f.Port != 8443 || fmt.Sprint(f.Text) != want {
		t.Errorf("found %+v", f)
	}
	if code := r.terminate(); code != exitOK || r.errs.String() != "" {
		t.Errorf("exit %d: %s", code, r.errs)
	}
}

func TestService_NamesOnlyWhatEverybodyMaySee(t *testing.T) {
	long := strings.Repeat("x", 128)
	for want, names := range map[string][]openadr.Program{
		"":            nil,
		"a,b":         {{ProgramName: "a"}, {ProgramName: "secret", Targets: []string{"vip"}}, {ProgramName: "b"}, {ProgramName: "c,d"}},
		long + ",end": {{ProgramName: long}, {ProgramName: long}, {ProgramName: "end"}},
	} {
		if got := namesOf(names); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for text, want := range map[string]string{
		"https://vtn.example/": "vtn.example 443 ", "http://192.0.2.1/a/b": "192.0.2.1 80 a/b", "http://[fd00::1]:8080": "[fd00::1]:8080 8080 ",
	} {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		s := service(options{public: u, dialect: openadr.Dialect30}, nil)
		if got := fmt.Sprint(strings.TrimPrefix(s.Name, "OpenADR at "), " ", s.Port, " ", s.Text.Of("base_path")); got != want || s.Host != "" || s.Text.Of("requires_auth") != "False" || s.Text.Of("version") != "3.0.1" {
			t.Errorf("%s: %q, %+v", text, got, s)
		}
	}
}

// What others on the machine should not see in the command line may stand in files.
func TestOptions_ReadSecretsFromFiles(t *testing.T) {
	name := filepath.Join(t.TempDir(), "secret")
	for text, isGood := range map[string]bool{"office:a:b\n": true, "office": false, "": true} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var errs output
		o, err := readOptions([]string{"--objects", "x", "--business", "@" + name, "--client", "@" + name}, &errs)
		if (err == nil) != isGood || strings.HasPrefix(text, "office:") && (o.business != login{"office", "a:b"} || o.client != o.business) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, flag := range []string{"--business", "--client", "--mqtt"} {
		var errs output
		if _, err := readOptions([]string{"--objects", "x", flag, "@" + name + "x"}, &errs); err == nil || !strings.Contains(errs.String(), flag[2:]+": ") {
			t.Errorf("%s of no file: %v", flag, err)
		}
	}
}

// The password of the broker goes to the broker, and nowhere else.
func TestOptions_TakeTheLoginOutOfTheBrokersURL(t *testing.T) {
	var errs output
	o, err := readOptions([]string{"--objects", "x", "--mqtt", "mqtts://vtn:hunter2@b.example:8884/building/7/", "--mqtt-token"}, &errs)
	if err != nil {
		t.Fatal(err)
	}
	if b := o.broker; b.URL != "mqtts://b.example:8884" || b.User != "vtn" || string(b.Password) != "hunter2" || b.Prefix != "building/7/" {
		t.Errorf("%+v", *b)
	}
	if m := o.config().MQTT; m.URIs[0] != o.broker.URL || m.Authentication.Method != openadr.MQTTToken || m.Authentication.Username != "{clientID}" {
		t.Errorf("%+v", *m)
	}
	for _, bad := range []string{"mqtt://vtn:hunter2@b:x", "http://vtn:hunter2@b", "mqtt://vtn:hunter2@b/a+b"} {
		if _, err := readOptions([]string{"--objects", "x", "--mqtt", bad}, &errs); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
	if strings.Contains(errs.String(), "hunter2") {
		t.Errorf("shows the password: %s", errs.String())
	}
}
