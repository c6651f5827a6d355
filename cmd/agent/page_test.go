package main

import (
	"os"
	"os/exec"
	"testing"
)

// What a newcomer sees: the demo prints an address, and a real browser shows a home there, with its chart
// and a card for each device, without an error in its console or a request to anywhere else.
func TestDemo_ShowsItsPageInARealBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("takes ten seconds")
	}
	for path, remedy := range map[string]string{
		"../../api/dist/index.html": "make web", "../../web/node_modules/playwright-core": "make web", "/usr/bin/chromium": "apt-get install chromium",
	} {
		if _, err := os.Stat(path); err != nil {
			if os.Getenv("HEARTH_REQUIRE_PEERS") != "" {
				t.Fatalf("%s is missing (%s)", path, remedy)
			}
			t.Skipf("%s is missing (%s)", path, remedy)
		}
	}
	address := lives(t, "--speed", "600")
	browser := exec.CommandContext(t.Context(), "node", "test-browser/run.mjs")
	browser.Dir = "../../web"
	browser.Env = append(os.Environ(), "HEARTH_URL="+address, "HEARTH_SHOTS="+t.TempDir())
	if text, err := browser.CombinedOutput(); err != nil {
		t.Fatalf("browser: %v\n%s", err, text)
	}
}
