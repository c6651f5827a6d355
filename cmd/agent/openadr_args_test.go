package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hearth/internal/config"
	"hearth/internal/mdns"
	"hearth/openadr"
	"hearth/openadr/vtn"
)

func caFileOf(t *testing.T, s *httptest.Server) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// atVTNs writes a configuration with servers, and the secret of them all.
func atVTNs(t *testing.T, servers string) string {
	t.Helper()
	file := atHome(t, servers)
	if err := os.WriteFile(filepath.Join(filepath.Dir(file), "secret"), []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

const aWallbox = `  - {name: wallbox, title: Charger, kind: vehicle, profile: keba-p30, link: m, params: {unit: 255, phases: 3}, vehicle: {need: 14kWh, ready: "07:00", max_charge: 11kW, min_charge: 4.14kW, efficiency: 92%}}
`

func TestOpenADR_SaysWhatCannotBeDone(t *testing.T) {
	none := atVTNs(t, "")
	two := atVTNs(t, "openadr:\n  - {name: a, url: \"http://127.0.0.1:1\"}\n  - {name: b, url: \"http://127.0.0.1:1\", payloads: {X: NONSENSE}}\n")
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args string
		code int
		says string
	}{
		"no server":           {"watch --config " + none, exitConfig, "no OpenADR server is configured"},
		"no file":             {"watch --config " + none + ".not", exitConfig, "no such file"},
		"another name":        {"watch --name c --config " + two, exitUsage, "there are: a, b"},
		"which of two":        {"register --config " + two, exitUsage, "say which with --name"},
		"nobody to be":        {"register --name a --config " + two, exitConfig, "names no `ven`"},
		"no meaning":          {"watch --name b --config " + two, exitConfig, "payloads.X"},
		"no time ahead":       {"watch --ahead 0s --config " + two, exitUsage, "--ahead"},
		"a URL and a file":    {"probe http://127.0.0.1:1 --name a", exitUsage, "give a URL, or"},
		"half of credentials": {"probe http://127.0.0.1:1 --client-id me", exitUsage, "belong together"},
		"no secret":           {"probe http://127.0.0.1:1 --client-id me --secret-file " + empty, exitUsage, "is empty"},
		"no secret file":      {"probe http://127.0.0.1:1 --client-id me --secret-file " + empty + ".not", exitUsage, "no such file"},
		"no currency":         {"probe http://127.0.0.1:1 --currency euro", exitUsage, "--currency"},
		"no ca file":          {"probe https://127.0.0.1:1 --ca-file " + empty, exitUsage, "holds no PEM certificate"},
		"another version":     {"probe http://127.0.0.1:1 --version 2", exitUsage, "version"},
		"nobody there":        {"probe --name a --config " + two, exitUnavailable, "127.0.0.1:1"},
	} {
		code, out, errs := hearth(t.Context(), "", append([]string{"openadr"}, strings.Fields(c.args)...)...)
		if code != c.code || !strings.Contains(errs, c.says) {
			t.Errorf("%s: %d\n%s%s", name, code, out, errs)
		}
	}
}

// The server of a configuration is looked at with its credentials, and they are not shown.
func TestProbe_TakesItsCredentialsFromTheConfiguration(t *testing.T) {
	v := aTown(t, vtn.Config{ClientID: "home", ClientSecret: "s3cret"})
	file := atVTNs(t, fmt.Sprintf("openadr: [{name: utility, url: %q, client_id: home, client_secret_file: secret}]\n", v.URL()))
	code, out, errs := hearth(t.Context(), "", "openadr", "probe", "--config", file)
	if code != exitOK || !strings.Contains(out, "granted to home") || !strings.Contains(out, "  - name: utility\n") || strings.Contains(out+errs, "s3cret") {
		t.Errorf("%d\n%s%s", code, out, errs)
	}
}

func TestRegister_ShowsBeforeItSends(t *testing.T) {
	for _, d := range dialectsOfVTN {
		v := aTown(t, vtn.Config{Dialect: d, ClientID: "home", ClientSecret: "s3cret"})
		file := atVTNs(t, fmt.Sprintf("openadr: [{name: utility, url: %q, version: %q, client_id: home, client_secret_file: secret, ven: house, resources: [wallbox]}]\n", v.URL(), d)+
			"modbus: [{name: m, url: \"tcp://127.0.0.1:1\"}]\ndevices:\n  - {name: grid, kind: grid, profile: eastron-sdm630, link: m, params: {unit: 1}}\n"+aWallbox)
		var said []string
		for _, args := range [][]string{nil, {"--yes"}, {"--yes"}, nil} {
			code, out, errs := hearth(t.Context(), "", append([]string{"openadr", "register", "--config", file}, args...)...)
			if code != exitOK {
				t.Fatalf("%s: %d\n%s%s", d, code, out, errs)
			}
			said = append(said, out)
			if wrote := len(v.VENs()) > 0; wrote != (len(said) > 1) {
				t.Fatalf("%s: after %d runs it is %v that something was sent", d, len(said), wrote)
			}
		}
		golden(t, "register", strings.Join(said, "---\n"))
		if got := v.Resources(""); len(got) != 1 || got[0].Name != "wallbox" {
			t.Errorf("%s: %+v", d, got)
		}
	}
}

func TestRegister_SaysWhyNothingWasSent(t *testing.T) {
	whole := aTown(t, vtn.Config{})
	for name, c := range map[string]struct {
		status, code int
		says         string
	}{
		"no such path": {http.StatusNotFound, exitUnavailable, "takes no registration from us"},
		"no scope":     {http.StatusForbidden, exitUnavailable, "takes no registration from us"},
		"a bad token":  {http.StatusUnauthorized, exitConfig, "credentials rejected"},
		"trouble":      {http.StatusInternalServerError, exitUnavailable, "unavailable"},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/vens" {
				w.WriteHeader(c.status)
				return
			}
			whole.ServeHTTP(w, r)
		}))
		file := atVTNs(t, fmt.Sprintf("openadr: [{name: utility, url: %q, ven: house}]\n", s.URL))
		for _, args := range [][]string{nil, {"--yes"}} {
			code, out, errs := hearth(t.Context(), "", append([]string{"openadr", "register", "--config", file}, args...)...)
			if code != c.code || !strings.Contains(errs, c.says) || out != "" {
				t.Errorf("%s: %d\n%s%s", name, code, out, errs)
			}
		}
		s.Close()
	}
	if got := whole.VENs(); len(got) > 0 {
		t.Errorf("%+v", got)
	}
}

// Somebody else's name is the configuration's to change.
func TestRegister_SaysThatANameIsTaken(t *testing.T) {
	v := aTown(t, vtn.Config{ClientID: "home", ClientSecret: "s3cret", Clients: map[string]openadr.Secret{"other": "s"}})
	other, err := openadr.New(openadr.Config{BaseURL: v.URL(), ClientID: "other", ClientSecret: "s"})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.CreateVEN(t.Context(), openadr.VENObject{Name: "house"}); err != nil {
		t.Fatal(err)
	}
	file := atVTNs(t, fmt.Sprintf("openadr: [{name: utility, url: %q, client_id: home, client_secret_file: secret, ven: house}]\n", v.URL()))
	code, out, errs := hearth(t.Context(), "", "openadr", "register", "--yes", "--config", file)
	if code != exitConfig || !strings.Contains(errs, "the name is taken") {
		t.Errorf("%d\n%s%s", code, out, errs)
	}
}

// A server that wants to see our certificate sees it, and one whose key does not fit a pin sees no token.
func TestProbe_ShowsItsCertificateAndHoldsToPins(t *testing.T) {
	v := aTown(t, vtn.Config{ClientID: "home", ClientSecret: "s3cret"})
	s := httptest.NewUnstartedServer(v)
	s.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	cert, key := aCertificate(t)
	sum := sha256.Sum256(s.Certificate().RawSubjectPublicKeyInfo)
	server := config.VTN{URL: s.URL, CAFile: caFileOf(t, s), CertFile: cert, KeyFile: key, ClientID: "home", Secret: "s3cret"}
	for pin, isGood := range map[string]bool{
		base64.StdEncoding.EncodeToString(sum[:]): true, "sha256/" + base64.StdEncoding.EncodeToString(sum[:]): true, hex.EncodeToString(sum[:]): true,
		strings.Repeat("00", 32): false,
	} {
		server.Pins = []string{pin}
		out, err := probed(t, server)
		if (err == nil) != isGood || strings.Contains(out, "granted to home") != isGood {
			t.Errorf("pin %s: %v\n%s", pin, err, out)
		}
	}
	server.Pins, server.CertFile = nil, ""
	if out, err := probed(t, server); err == nil {
		t.Errorf("without a certificate:\n%s", out)
	}
}

// aCertificate makes one, and its key.
func aCertificate(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	text, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(t.TempDir(), "vtn.pem"), filepath.Join(t.TempDir(), "vtn.key")
	for file, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: text}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func TestWatch_PrintsWhatIsNewAndWhatIsGone(t *testing.T) {
	for _, d := range dialectsOfVTN {
		v := aTown(t, vtn.Config{Dialect: d})
		file := atVTNs(t, fmt.Sprintf("openadr: [{name: utility, url: %q, version: %q, poll: 20ms}]\n", v.URL(), d))
		for _, asked := range [][]string{nil, {"--json"}} {
			from := time.Now().UTC().Truncate(time.Hour)
			priority := 2
			limit := openadr.Event{Metadata: openadr.Metadata{ID: "now"}, ProgramID: "p2", Priority: &priority, IntervalPeriod: openadr.Period(from, 2*time.Hour),
				Intervals: []openadr.Interval{{Payloads: []openadr.ValuesMap{payloadOf("IMPORT_CAPACITY_LIMIT", "4.2")}}}}
			v.Put(limit)
			ctx, stop := context.WithCancel(t.Context())
			var out, errs lines
			ended := make(chan int)
			await := func(text string) {
				eventually(t, text, func() bool { return strings.Contains(out.String(), text) })
			}
			go func() {
				args := append([]string{"openadr", "watch", "--config", file}, asked...)
				ended <- run(ctx, args, stdio{strings.NewReader(""), &out, &errs})
			}()
			first, second := "4.2kW  (IMPORT_CAPACITY_LIMIT, event now, priority 2, program grid)\n", "6kW"
			gone := "- " // what held before
			if asked != nil {
				first, second, gone = `"value":4200,"unit":"W","payload":"IMPORT_CAPACITY_LIMIT","event":"now","priority":2,"program":"grid"}`, `"value":6000`, `{"is":"gone","vtn":"utility"`
			}
			await(first)
			limit.Intervals[0].Payloads[0] = payloadOf("IMPORT_CAPACITY_LIMIT", "6")
			v.Put(limit)
			await(second)
			v.Delete("now")
			await(gone)
			stop()
			if code := <-ended; code != exitOK || !strings.Contains(out.String(), gone) {
				t.Errorf("%s: %d\n%s%s", d, code, &out, &errs)
			}
			for line := range strings.Lines(out.String()) {
				if asked != nil && !json.Valid([]byte(line)) {
					t.Errorf("no JSON: %s", line)
				}
			}
		}
	}
}

func TestWatch_EndsWithoutAnythingWhereNothingComes(t *testing.T) {
	v := aTown(t, vtn.Config{ClientID: "home", ClientSecret: "s"})
	file := atVTNs(t, fmt.Sprintf("openadr: [{name: utility, url: %q, client_id: home, client_secret_file: secret, poll: 20ms}]\n", v.URL()))
	code, out, errs := hearth(t.Context(), "", "openadr", "watch", "--for", "300ms", "--config", file)
	if code != exitUnavailable || out != "" || !strings.Contains(errs, "nothing came") || !strings.Contains(errs, "credentials rejected") || strings.Contains(errs, "s3cret") {
		t.Errorf("%d\n%s%s", code, out, errs)
	}
}

// What strangers announce is shown and not asked, and moves no cursor.
func TestProbe_SuggestsWhatIsAnnounced(t *testing.T) {
	var out strings.Builder
	writeFound(stdio{nil, &out, &out}, []mdns.Found{
		{Name: "Building 7", Host: "vtn.local.", Port: 443, Text: mdns.Text{{Key: "version", Value: "3.1"}, {Key: "base_path", Value: "openadr3/3.1.0"}}},
		{Name: "odd\x1b[2J", Host: "x.local.", Port: 8080, Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.1")},
			Text: mdns.Text{{Key: "local_url", Value: "javascript:alert(1)"}, {Key: "program_names", Value: "a,b"}}},
		{Name: "Flat", Text: mdns.Text{{Key: "local_url", Value: "https://flat.local/3.1.0"}}},
	})
	golden(t, "browse", out.String())
}
