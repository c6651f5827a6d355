package config

import (
	"slices"
	"strings"
	"testing"
)

func TestVTN_SaysWhoWeAreAndWhatWeTell(t *testing.T) {
	dir := write(t, map[string]string{"ca.pem": "x", "cert.pem": "x", "key.pem": "x", "hook.pem": "x", "hook.key": "x"})
	c, err := Read([]byte(least+`openadr:
  - name: u
    url: https://vtn.example
    version: 3.0.0
    hundreds: [charging]
    targets: ["CIRCUIT_IDS:24030"]
    cert_file: cert.pem
    key_file: key.pem
    pins: [c2hh]
    ven: home-1
    resources: [grid]
    reports: [USAGE, DEMAND]
    mqtt: plain
    opt_out: true
    webhook: {listen: ":8443", url: "https://home.example/hook", cert_file: hook.pem, key_file: hook.key}
  - {name: silent, url: "https://vtn.example"}
modbus:
  - {name: panel, url: "tcp://127.0.0.1:502"}
devices:
  - {name: grid, kind: grid, profile: eastron-sdm630, link: panel}
`), Environment{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	v := c.OpenADR[0]
	if v.Version != "3.0.0" || !slices.Equal(v.Hundreds, []string{"charging"}) || !slices.Equal(v.Targets, []string{"CIRCUIT_IDS:24030"}) ||
		!strings.HasSuffix(v.CertFile, "cert.pem") || !strings.HasSuffix(v.KeyFile, "key.pem") || !slices.Equal(v.Pins, []string{"c2hh"}) {
		t.Errorf("%+v", v)
	}
	if v.VEN != "home-1" || !slices.Equal(v.Resources, []string{"grid"}) || !slices.Equal(v.Reports, []string{"USAGE", "DEMAND"}) || v.MQTT != "plain" || !v.IsOptedOut {
		t.Errorf("%+v", v)
	}
	if w := v.Webhook; w == nil || w.Listen != ":8443" || w.URL != "https://home.example/hook" || !strings.HasSuffix(w.CertFile, "hook.pem") || !strings.HasSuffix(w.KeyFile, "hook.key") {
		t.Errorf("%+v", w)
	}
	if v := c.OpenADR[1]; v.VEN != "" || v.Reports != nil || v.Webhook != nil || v.MQTT != "tls" {
		t.Errorf("a server that is only listened to is told nothing: %+v", v)
	}
}

// Behind a proxy on this machine a webhook needs no certificate of its own.
func TestVTN_WebhookOnThisMachineNeedsNoCertificate(t *testing.T) {
	expect(t, least+`openadr:
  - {name: u, url: "https://vtn.example", ven: home-1, webhook: {listen: "127.0.0.1:0", url: "https://home.example/hook"}}
`)
	expect(t, least+`openadr:
  - {name: u, url: "https://vtn.example", ven: home-1, webhook: {listen: "8443"}}
`, `line 4: openadr[0].webhook.listen: "8443": want an address and a port`, `line 4: openadr[0].webhook.url: is missing`)
}

func TestVTN_Of20bWantsAName(t *testing.T) {
	expect(t, least+`openadr:
  - {name: u, url: "https://vtn.example", version: 2.0b}
`, `line 4: openadr[0].ven: OpenADR 2.0b shows events to those only who have registered by a name`)
}
