package config

import (
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hearth/configs"
	"hearth/energy"
)

var update = flag.Bool("update", false, "write what the tests got as what they want")

// Each file holds one mistake and is named after it; beside it stand the lines that `hearth check` prints.
func TestRead_NamesEachMistake(t *testing.T) {
	files, err := filepath.Glob("testdata/bad-*.yaml")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimPrefix(filepath.Base(file), "bad-"), func(t *testing.T) {
			_, err := ReadFile(file, testSources)
			var faults Faults
			if !errors.As(err, &faults) {
				t.Fatalf("want faults, got %v", err)
			}
			wantFile := strings.TrimSuffix(file, ".yaml") + ".txt"
			if *update {
				if err := os.WriteFile(wantFile, []byte(faults.Error()+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(wantFile)
			if err != nil {
				t.Fatal(err)
			}
			if got := faults.Error() + "\n"; got != string(want) {
				t.Errorf("got:\n%swant:\n%s", got, want)
			}
		})
	}
}

func TestRead_ReportsAllFaultsAtOnceInOrder(t *testing.T) {
	_, err := ReadFile("testdata/bad-ten-mistakes.yaml", testSources)
	var faults Faults
	if !errors.As(err, &faults) || len(faults) < 10 {
		t.Fatalf("%d faults: %v", len(faults), err)
	}
	for i, f := range faults {
		if f.Path == "" || f.Text == "" || i > 0 && f.Line < faults[i-1].Line {
			t.Errorf("fault %d: %+v", i, f)
		}
	}
}

func TestRead_LoadsTheSamples(t *testing.T) {
	files, err := configs.Files.ReadDir(".")
	if err != nil || len(files) < 3 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	for _, f := range files {
		text, err := configs.Files.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Read(text, Environment{Dir: "/etc/hearth", Sources: sampleSources}); err != nil {
			t.Errorf("%s:\n%v", f.Name(), err)
		}
	}
}

// The sample's commented-out keys are true as well: uncommented, with the files they name, it still loads.
func TestRead_LoadsTheSampleWithEveryKey(t *testing.T) {
	text, err := configs.Files.ReadFile("hearth.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"vtn-client-secret", "utility-ca.pem", "mqtt-password", "broker-ca.pem", "hearth.pem", "hearth.key", "vtn.pem", "vtn.key"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("s3cret\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var whole []string
	for line := range strings.Lines(string(text)) {
		if bare, ok := strings.CutPrefix(strings.TrimLeft(line, " "), "# "); ok && strings.HasPrefix(line, "    #") || strings.HasPrefix(line, "  # hosts") {
			line = line[:strings.Index(line, "#")] + bare
		}
		whole = append(whole, line)
	}
	c, err := Read([]byte(strings.Join(whole, "")), Environment{Dir: dir, Sources: sampleSources})
	if err != nil {
		t.Fatal(err)
	}
	if v := c.OpenADR[0]; v.ClientID == "" || v.Secret != "s3cret" || v.CAFile == "" || v.TokenURL == "" || v.KeyFile == "" || len(v.Pins) != 1 || v.VEN == "" || v.Webhook == nil {
		t.Errorf("openadr: %#v", v)
	}
	if m := c.MQTT[0]; m.User == "" || m.Password != "s3cret" || m.KeyFile == "" {
		t.Errorf("mqtt: %#v", m)
	}
	if len(c.Hosts) != 1 {
		t.Errorf("hosts: %v", c.Hosts)
	}
}

func TestRead_SaysWhatTheSampleSays(t *testing.T) {
	text, _ := configs.Files.ReadFile("full-house.yaml")
	c, err := Read(text, Environment{Dir: "/etc/hearth"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Home.MaxImport != 17000 || c.Carbon != energy.MoneyOf(60) || c.Cycle != 10*time.Second || *c.Fallback.Import != energy.PriceOf(0.32) {
		t.Errorf("home %+v carbon %v cycle %v", c.Home, c.Carbon, c.Cycle)
	}
	d := c.Devices[2]
	if b := d.Battery; b == nil || b.Capacity != 10_000 || b.Min != 0.1 || b.Efficiency != 0.95 || b.Wear != energy.PriceOf(0.02) {
		t.Errorf("battery %+v", d.Battery)
	}
	if v := c.Devices[3].Vehicle; v == nil || v.Ready != 7*60 || v.MinCharge != 4140 {
		t.Errorf("vehicle %+v", v)
	}
	if a := c.Devices[4]; a.Appliance.Length() != 2*time.Hour || a.Daily.String() != "19:30 to 07:00" || a.Params["topic"] != "dishwasher" {
		t.Errorf("appliance %+v %v", a.Appliance, a.Daily)
	}
	if l := c.Devices[5]; l.Load.AtLeast != 30*time.Minute || l.Daily != (Window{0, 24 * 60}) || l.Oldest() != 5*time.Minute {
		t.Errorf("load %+v", l)
	}
}

func TestRead_PrefersCredentialsOfTheServiceManager(t *testing.T) {
	beside, credentials := t.TempDir(), t.TempDir()
	for dir, secret := range map[string]string{beside: "beside", credentials: "credential"} {
		if err := os.WriteFile(filepath.Join(dir, "vtn"), []byte(secret), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text := []byte(`home: {name: H, zone: UTC, currency: EUR, max_import: 11kW}
storage: {path: h.db}
openadr:
  - {name: u, url: "https://vtn.example", client_id: me, client_secret_file: vtn}
`)
	for credentials, want := range map[string]Secret{"": "beside", credentials: "credential"} {
		c, err := Read(text, Environment{Dir: beside, Credentials: credentials})
		if err != nil || c.OpenADR[0].Secret != want {
			t.Errorf("%v, %v", c, err)
		}
		if c.Storage != filepath.Join(beside, "h.db") {
			t.Errorf("store at %s", c.Storage)
		}
	}
}

func TestSecret_IsNeverSeen(t *testing.T) {
	s := Secret("s3cret")
	text, _ := s.MarshalText()
	for _, seen := range []string{fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %s %q", s, s, s, s, s), string(text), s.LogValue().String(), fmt.Sprintf("%+v", VTN{Secret: s})} {
		if strings.Contains(seen, "s3cret") {
			t.Errorf("%q", seen)
		}
	}
	_ = slog.LogValuer(s)
}

func TestNearest(t *testing.T) {
	known := []string{"max_import", "max_export", "zone"}
	for word, want := range map[string]string{"max_exprt": "max_export", "zon": "zone", "colour": ""} {
		if got := nearest(word, known); got != want {
			t.Errorf("%q is like %q, want %q", word, got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	files, _ := filepath.Glob("testdata/bad-*.yaml")
	for _, file := range files {
		text, _ := os.ReadFile(file)
		f.Add(text)
	}
	entries, _ := configs.Files.ReadDir(".")
	for _, e := range entries {
		text, _ := configs.Files.ReadFile(e.Name())
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := Read(text, Environment{Dir: t.TempDir()})
		var faults Faults
		if err != nil && (!errors.As(err, &faults) || len(faults) == 0) {
			t.Fatalf("%v", err)
		}
		if (c == nil) == (err == nil) {
			t.Fatal("a configuration or faults")
		}
	})
}
