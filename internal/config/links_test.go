package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestVTN_Defaults(t *testing.T) {
	c, err := Read([]byte(least+"openadr:\n  - {name: first, url: \"http://127.0.0.1:8080/openadr3\"}\n  - {name: second, url: \"https://vtn.example\", poll: 30s, programs: [a, b], allow_http: true, version: \"3.1\"}\n"), Environment{})
	if err != nil || len(c.OpenADR) != 2 {
		t.Fatalf("%+v, %v", c, err)
	}
	if v := c.OpenADR[0]; v.Name != "first" || v.Poll != 5*time.Minute || v.Programs != nil || v.IsInsecure || v.ClientID+string(v.Secret)+v.TokenURL+v.CAFile != "" {
		t.Errorf("%#v", v)
	}
	// The order is the order of trust.
	if v := c.OpenADR[1]; v.Name != "second" || v.Poll != 30*time.Second || !slices.Equal(v.Programs, []string{"a", "b"}) || !v.IsInsecure {
		t.Errorf("%#v", v)
	}
	expect(t, least+"openadr:\n  - {name: u, url: \"https://a\", version: \"2.0a\", poll: 0s, programs: a}\n",
		`line 4: openadr[0].version: "2.0a": want one of 3.1, 3.0, 3.0.0, 2.0b`, `line 4: openadr[0].programs: "a": want a list`, `line 4: openadr[0].poll: "0s": must be longer`)
}

// A version that is not quoted is a number to YAML, and "3.1" to us.
func TestVTN_VersionNeedsNoQuotes(t *testing.T) {
	expect(t, least+"openadr:\n  - {name: u, url: \"https://a\", version: 3.1}\n")
	expect(t, least+"openadr:\n  - {name: u, url: \"https://a\", version: 3.10}\n", `line 4: openadr[0].version: "3.10": want one of 3.1, 3.0, 3.0.0`)
}

func TestLinks_TakeTheirOwnSchemes(t *testing.T) {
	for _, c := range []struct {
		key, url string
		isGood   bool
	}{
		{"mqtt", "tcp://a:1883", true}, {"mqtt", "ssl://a", true}, {"mqtt", "rtu:///dev/ttyUSB0", false}, {"mqtt", "ws://a", false},
		{"modbus", "tcp://a", true}, {"modbus", "rtu:///dev/ttyUSB0", true}, {"modbus", "rtu+tcp://a:8899", true}, {"modbus", "ssl://a", false},
		{"openadr", "https://a", true}, {"openadr", "http://127.0.0.1", true}, {"openadr", "tcp://a", false},
	} {
		faults := faultsOf(t, fmt.Sprintf("%s%s:\n  - {name: a, url: %q}\n", least, c.key, c.url))
		if c.isGood != (faults == nil) || !c.isGood && faults[0].Path != c.key+"[0].url" {
			t.Errorf("%s %s: %v", c.key, c.url, faults.Error())
		}
	}
}

// The files that a link names are paths that can be opened from anywhere, and are there.
func TestLinks_FilesAreFoundWhenTheConfigurationIsRead(t *testing.T) {
	dir := write(t, map[string]string{"ca.pem": "x", "cert.pem": "x", "key.pem": "x", "password": "s3cret\n"})
	text := least + "mqtt:\n  - {name: a, url: \"ssl://a\", user: me, password_file: password, ca_file: ca.pem, cert_file: cert.pem, key_file: key.pem}\n"
	c, err := Read([]byte(text), Environment{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	want := Link{"a", "ssl://a", "me", "s3cret", filepath.Join(dir, "ca.pem"), filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")}
	if c.MQTT[0] != want {
		t.Errorf("%#v", c.MQTT[0])
	}
	faults := faultsOf(t, text) // in another folder
	if len(faults) != 4 {
		t.Errorf("%v", faults.Error())
	}
	for _, f := range faults {
		if !strings.HasSuffix(f.Path, "_file") || !strings.Contains(f.Text, "cannot be read: no such file") {
			t.Errorf("%v", f)
		}
	}
}

func TestPage_HasItsNamesAndItsAddress(t *testing.T) {
	c, err := Read([]byte(least+"http: {listen: \"[::1]:0\", hosts: [gateway.example, other.example]}\nlog: {level: debug, format: json}\n"), Environment{Dir: "/etc/hearth"})
	if err != nil || c.Listen != "[::1]:0" || len(c.Hosts) != 2 || c.LogLevel != "debug" || c.LogFormat != "json" || c.Storage != "/etc/hearth/h.db" {
		t.Errorf("%+v, %v", c, err)
	}
	expect(t, least+"http: {listen: \"0.0.0.0:80\", hosts: [\"\"]}\n", `line 3: http.listen: "0.0.0.0:80": the page has no password yet`, `line 3: http.hosts[0]: is empty`)
}

// Names are how devices, origins and the store tell things apart: each is there once, whatever it names.
func TestLinks_NamesAreTheirOwn(t *testing.T) {
	for name, lines := range map[string]string{
		"two brokers":        "mqtt:\n  - {name: a, url: \"tcp://x\"}\n  - {name: a, url: \"tcp://y\"}\n",
		"two buses":          "modbus:\n  - {name: a, url: \"tcp://x\"}\n  - {name: a, url: \"tcp://y\"}\n",
		"a broker and a bus": "mqtt:\n  - {name: a, url: \"tcp://x\"}\nmodbus:\n  - {name: a, url: \"tcp://y\"}\n",
		"two VTNs":           "openadr:\n  - {name: a, url: \"https://x\"}\n  - {name: a, url: \"https://y\"}\n",
	} {
		faults := faultsOf(t, least+lines)
		if len(faults) != 1 || faults[0].Value != "a" || !strings.Contains(faults[0].Text, "has this name") || !strings.HasSuffix(faults[0].Path, "].name") {
			t.Errorf("%s: %v", name, faults.Error())
		}
	}
	// A broker may go by the name of a VTN: nobody refers to both by one key.
	expect(t, least+"mqtt:\n  - {name: a, url: \"tcp://x\"}\nopenadr:\n  - {name: a, url: \"https://y\"}\n")
}

func TestObjective_CountsInTheHomesCurrency(t *testing.T) {
	c, err := Read([]byte(strings.Replace(least, "EUR", "CHF", 1)+"objective: {carbon_price: 60 CHF/t}\n"), Environment{})
	if err != nil || c.Carbon.Float() != 60 || c.Home.MaxExport != c.Home.MaxImport || c.Home.BaseLoad != 300 {
		t.Errorf("%+v, %v", c, err)
	}
	expect(t, strings.Replace(least, "EUR", "CHF", 1)+"objective: {carbon_price: 60 EUR/t}\n", `line 3: objective.carbon_price: "60 EUR/t": want for example "60 CHF/t"`)
}
