package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"hearth/energy"
	"hearth/internal/agent"
	"hearth/internal/config"
	"hearth/sim"
	"hearth/storage"
)

// lines is a stream that can be read while the program writes it.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// configured writes a minimal configuration with more lines below it and returns its name.
func configured(t *testing.T, more string) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "hearth.yaml")
	text := "home: {name: Minimal, zone: UTC, currency: EUR, max_import: 11kW}\nstorage: {path: data/hearth.db}\n" + more
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// eventually waits for something that a running program does.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within 20 s: %s", what)
		}
	}
}

// daemon is `hearth run`, in this process.
type daemon struct {
	errs lines
	stop func() int
}

func start(t *testing.T, config string) *daemon {
	t.Helper()
	d := &daemon{}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"run", "--config", config}, stdio{strings.NewReader(""), io.Discard, &d.errs})
	}()
	d.stop = sync.OnceValue(func() int { cancel(); return <-ended })
	t.Cleanup(func() { d.stop() })
	return d
}

// page is the address that the log names.
func (d *daemon) page() string {
	_, after, _ := strings.Cut(d.errs.String(), "page=")
	address, _, isWhole := strings.Cut(after, " ")
	if !isWhole {
		return ""
	}
	return strings.Trim(address, `"`)
}

func get(url string) string {
	answer, err := http.Get(url)
	if err != nil {
		return err.Error()
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	return fmt.Sprintf("%d %s", answer.StatusCode, body)
}

// A home with nothing in it is a home: it starts, serves its page, and stops with 0 when it is told to.
func TestRun_ServesUntilItIsToldToStop(t *testing.T) {
	file := configured(t, "http: {listen: \"127.0.0.1:0\"}\n")
	d := start(t, file)
	eventually(t, "the page", func() bool { return d.page() != "" })
	eventually(t, "ready", func() bool { return get(d.page()+"/readyz") == "200 ready\n" })
	if metrics := get(d.page() + "/metrics"); !strings.Contains(metrics, `hearth_build_info{goversion="go`) || !strings.Contains(metrics, "hearth_store_writable 1") {
		t.Errorf("metrics: %.300s", metrics)
	}
	// The store has one owner: whoever comes second is told to come back later, not to mend its configuration.
	if code, _, errs := hearth(t.Context(), "", "run", "--config", file); code != exitUnavailable || !strings.Contains(errs, "in use by another process") {
		t.Errorf("a second one on the store: exit %d: %s", code, errs)
	}
	// So has the port.
	taken := strings.TrimPrefix(d.page(), "http://")
	if code, _, errs := hearth(t.Context(), "", "run", "--config", configured(t, fmt.Sprintf("http: {listen: %q}\n", taken))); code != exitUnavailable || !strings.Contains(errs, "address already in use") {
		t.Errorf("a second one on the port: exit %d: %s", code, errs)
	}
	page := d.page()
	if code := d.stop(); code != exitOK {
		t.Errorf("exit %d: %s", code, d.errs.String())
	}
	if got := get(page + "/readyz"); strings.HasPrefix(got, "200") {
		t.Errorf("it still serves: %s", got)
	}
	for _, line := range []string{"level=INFO msg=started home=Minimal", "msg=stopped"} {
		if strings.Count(d.errs.String(), line) != 1 {
			t.Errorf("want %q once:\n%s", line, d.errs.String())
		}
	}
	// What it leaves is a whole store, which verify reads.
	if code, out, errs := hearth(t.Context(), "", "store", "verify", filepath.Join(filepath.Dir(file), "data", "hearth.db")); code != exitOK || out+errs != "" {
		t.Errorf("verify: exit %d: %s%s", code, out, errs)
	}
}

func TestRun_StoppedBeforeItBeganIsNoFailure(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	// An address of this machine needs no waiting, so all that is left is to end.
	code, _, errs := hearth(ctx, "", "run", "--config", configured(t, "http: {listen: \"127.0.0.1:0\"}\n"))
	if code != exitOK && !strings.Contains(errs, "canceled") {
		t.Errorf("exit %d: %s", code, errs)
	}
}

// What no restart can heal ends with 78, which the unit does not restart after.
func TestRun_WhatCannotBeBuiltIsAConfigurationError(t *testing.T) {
	for name, lines := range map[string]string{
		"authority of the VTN":    "openadr:\n  - {name: u, url: \"https://127.0.0.1:1\", ca_file: hearth.yaml}\n",
		"authority of the broker": "mqtt:\n  - {name: b, url: \"ssl://127.0.0.1:1\", ca_file: hearth.yaml}\n",
		"http beyond loopback":    "openadr:\n  - {name: u, url: \"http://vtn.example\"}\n",
		"an address of a bus":     "modbus:\n  - {name: b, url: \"tcp://127.0.0.1?parity=N\"}\n",
	} {
		code, _, errs := hearth(t.Context(), "", "run", "--config", configured(t, lines+"http: {listen: \"127.0.0.1:0\"}\n"))
		if code != exitConfig || strings.Count(errs, "\n") != 1 || !strings.HasPrefix(errs, "hearth: configuration cannot be used: ") {
			t.Errorf("%s: exit %d: %s", name, code, errs)
		}
	}
}

func TestNewLog_GoesByTheConfiguration(t *testing.T) {
	for _, c := range []struct {
		level, format string
		want          string
		isSaid        bool
	}{
		{"info", "text", "level=INFO msg=hello", true}, {"info", "json", `"msg":"hello"`, true}, {"debug", "text", "msg=hello", true},
		{"warn", "text", "", false}, {"error", "json", "", false},
	} {
		var out bytes.Buffer
		newLog(&config.Config{LogLevel: c.level, LogFormat: c.format}, &out).Info("hello")
		if (out.Len() > 0) != c.isSaid || !strings.Contains(out.String(), c.want) {
			t.Errorf("%s %s: %q", c.level, c.format, out.String())
		}
	}
}

func TestStartFailure_GivesEachKindItsCode(t *testing.T) {
	for err, want := range map[error]int{
		storage.ErrNewerSchema: exitConfig, agent.ErrConfig: exitConfig, storage.ErrLocked: exitUnavailable,
		net.ErrClosed: exitInternal, os.ErrPermission: exitInternal,
	} {
		got, ok := startFailure(fmt.Errorf("store x: %w", err)).(failure)
		if !ok || got.code != want || got.Error() != "hearth: store x: "+err.Error() {
			t.Errorf("%v: %+v, want %d", err, got, want)
		}
	}
}

// aStore is a store with a value and some readings, closed.
func aStore(t *testing.T) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "a.db")
	s, err := storage.Open(t.Context(), file, storage.Options{Clock: wall, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Put("home", []byte("ours")); err != nil {
		t.Fatal(err)
	}
	for i := range 200 {
		s.Record(wall.Now().Add(-time.Duration(i)*time.Second), map[string]float64{"grid.power": float64(i)})
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestStore_VerifyAndSalvage(t *testing.T) {
	file := aStore(t)
	if code, _, errs := hearth(t.Context(), "", "store", "verify", file); code != exitOK {
		t.Errorf("verify of a good file: exit %d: %s", code, errs)
	}
	rescued := filepath.Join(t.TempDir(), "rescued.db")
	if code, _, errs := hearth(t.Context(), "", "store", "salvage", file, rescued); code != exitOK {
		t.Fatalf("salvage: exit %d: %s", code, errs)
	}
	s, err := storage.Open(t.Context(), rescued, storage.Options{Clock: wall, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	n := 0
	if err := s.Readings("grid.power", energy.Span(wall.Now().Add(-time.Hour), 2*time.Hour), func(time.Time, float64) bool { n++; return true }); err != nil {
		t.Error(err)
	}
	if v, ok, err := s.Get("home"); n != 200 || !ok || string(v) != "ours" {
		t.Errorf("%d readings, %q, %v", n, v, err)
	}
	for _, args := range [][]string{{"verify"}, {"salvage", file}, {}} {
		if code, _, _ := hearth(t.Context(), "", append([]string{"store"}, args...)...); code != exitUsage {
			t.Errorf("store %v: exit %d", args, code)
		}
	}
}

func TestStore_DamageIsSaid(t *testing.T) {
	file := aStore(t)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(text); i += 512 {
		text[i] ^= 0xff
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := hearth(t.Context(), "", "store", "verify", file); code != exitData || !strings.Contains(errs, filepath.Base(file)) {
		t.Errorf("verify: exit %d: %s", code, errs)
	}
	if code, _, errs := hearth(t.Context(), "", "store", "verify", file+".none"); code != exitData || errs == "" {
		t.Errorf("no file: exit %d: %s", code, errs)
	}
	if code, _, errs := hearth(t.Context(), "", "store", "salvage", file+".none", file+".to"); code != exitData || errs == "" {
		t.Errorf("salvage of no file: exit %d: %s", code, errs)
	}
}

// The tool that looks after the store is this program; a test's is the test's.
func TestStoreTool_IsThisProgram(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if got := storeTool(); len(got) != 2 || got[0] != self || got[1] != "store" {
		t.Errorf("%v", got)
	}
}

// Rows of one instant come together, in order, each by its device.
func TestPast_GathersTheRowsOfAnInstant(t *testing.T) {
	at := time.Date(2026, 5, 12, 12, 0, 0, 0, time.UTC)
	var measured []sim.Past
	for i := range 3 {
		for _, device := range []string{"grid", "boiler"} {
			var p sim.Past
			p.Start, p.Device, p.Power = at.Add(time.Duration(i)*time.Minute), device, energy.Watts(100*i)
			measured = append(measured, p)
		}
	}
	n := 0
	for start, row := range past(measured) {
		if !start.Equal(at.Add(time.Duration(n)*time.Minute)) || len(row) != 2 || row["grid"] != energy.Watts(100*n) || row["boiler"] != row["grid"] {
			t.Errorf("row %d: %v %v", n, start, row)
		}
		if n++; n == 2 {
			break // whoever has enough may stop
		}
	}
	if n != 2 {
		t.Errorf("%d rows", n)
	}
}

func TestListenNear_TakesTheNextFreePort(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	first := taken.Addr().(*net.TCPAddr).Port
	l, err := listenNear(t.Context(), taken.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if got := l.Addr().(*net.TCPAddr).Port; got <= first || got > first+100 {
		t.Errorf("port %d after %d", got, first)
	}
	for _, address := range []string{"nowhere", "127.0.0.1:http", "192.0.2.1:0"} { // the last is nobody's address (RFC 5737)
		if l, err := listenNear(t.Context(), address); err == nil {
			_ = l.Close()
			t.Errorf("%s is taken", address)
		}
	}
}
