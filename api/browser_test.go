package api

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"
	"time"
)

// TestPage_WorksInARealBrowser runs web/test-browser against this server. It needs the built page, Node
// with web/node_modules, and Chromium. HEARTH_SHOTS names a folder that keeps the pictures.
func TestPage_WorksInARealBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("takes ten seconds")
	}
	need(t, "dist/index.html", "make web")
	need(t, "../web/node_modules/playwright-core", "make web")
	need(t, "/usr/bin/chromium", "apt-get install chromium")
	noon := time.Date(2026, 11, 19, 12, 34, 0, 0, berlin())
	change := time.Date(2026, 10, 25, 1, 10, 0, 0, berlin()) // 25 hours long
	pages := map[string]Source{
		"day":     sample(noon, noon.Add(48*time.Hour)),
		"change":  sample(change, time.Date(2026, 10, 26, 0, 0, 0, 0, berlin())),
		"unknown": unknown(noon),
		"hostile": hostile(noon),
	}
	addresses := map[string]string{}
	for name, home := range pages {
		server := httptest.NewServer(New(Options{Home: home}))
		t.Cleanup(server.Close)
		t.Cleanup(server.CloseClientConnections)
		addresses[name] = server.URL
	}
	list, err := json.Marshal(addresses)
	if err != nil {
		t.Fatal(err)
	}
	shots := os.Getenv("HEARTH_SHOTS")
	if shots == "" {
		shots = t.TempDir()
	}
	run := exec.CommandContext(t.Context(), "node", "test-browser/run.mjs")
	run.Dir = "../web"
	run.Env = append(os.Environ(), "HEARTH_PAGES="+string(list), "HEARTH_SHOTS="+shots)
	var out bytes.Buffer
	run.Stdout, run.Stderr = &out, &out
	if err := run.Run(); err != nil {
		t.Fatalf("browser: %v\n%s", err, out.String())
	}
	t.Log(out.String())
}

// need skips the test where a file is missing, or fails it where HEARTH_REQUIRE_PEERS is set.
func need(t *testing.T, path, remedy string) {
	t.Helper()
	if _, err := os.Stat(path); err == nil {
		return
	}
	if os.Getenv("HEARTH_REQUIRE_PEERS") != "" {
		t.Fatalf("%s is missing (%s), and HEARTH_REQUIRE_PEERS is set", path, remedy)
	}
	t.Skipf("%s is missing (%s)", path, remedy)
}
