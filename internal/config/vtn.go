package config

import (
	"fmt"
	"net"
	"slices"
	"time"
)

// VTN is an OpenADR server to follow.
type VTN struct {
	Name     string
	URL      string
	Version  string            // of OpenADR: 3.1, 3.0, 3.0.0 or 2.0b
	Payloads map[string]string // private payload types, and what they mean
	Hundreds []string          // programs that write per cent as 0 to 100
	Programs []string
	Targets  []string // of events to ask for; none: all that we may see
	Poll     time.Duration

	Auth       string // how the client shows its id and secret: body or basic
	ClientID   string
	Secret     Secret
	TokenURL   string
	CAFile     string
	CertFile   string // of the client, with KeyFile
	KeyFile    string
	Pins       []string // public keys, one of which the server must have
	IsInsecure bool     // plain http to a host that is not this machine

	IsOptedOut bool     // levels, setpoints and alerts are shown, and not followed
	VEN        string   // name to be enrolled by; empty: we listen only
	Resources  []string // devices that the operator knows by name
	Reports    []string // payload types that may be told; none: nothing is
	MQTT       string   // notifications by the server's broker: tls, plain (too) or off
	Webhook    *Webhook // notifications by calls of the server; nil: it need not call
}

// Webhook is where a server calls us.
type Webhook struct {
	Listen            string
	URL               string // as the server sees it
	CertFile, KeyFile string // none: a proxy before us has them
}

func (r *reader) vtn(s *section) {
	v := VTN{Poll: 5 * time.Minute, Version: "3.1", Auth: "body", MQTT: "tls"}
	must(s, "name", parseName, &v.Name)
	must(s, "url", parseURL("https", "http"), &v.URL)
	may(s, "version", oneOf("3.1", "3.0", "3.0.0", "2.0b"), &v.Version)
	payloads := s.child("payloads")
	for _, name := range payloads.keys {
		var meaning string
		if may(payloads, name, parseText, &meaning) {
			if v.Payloads == nil {
				v.Payloads = map[string]string{}
			}
			v.Payloads[name] = meaning
		}
	}
	list(s, "hundreds", parseText, &v.Hundreds)
	list(s, "programs", parseText, &v.Programs)
	list(s, "targets", parseText, &v.Targets)
	may(s, "poll", parsePositiveDuration, &v.Poll)
	r.trust(s, &v)
	r.told(s, &v)
	r.config.OpenADR = append(r.config.OpenADR, v)
	r.vtns = append(r.vtns, s)
}

// trust is who we are to the server, and how we know it.
func (r *reader) trust(s *section, v *VTN) {
	may(s, "auth", oneOf("body", "basic"), &v.Auth)
	may(s, "client_id", parseText, &v.ClientID)
	v.Secret = r.secret(s, "client_secret_file")
	may(s, "token_url", parseURL("https", "http"), &v.TokenURL)
	v.CAFile = r.file(s, "ca_file")
	v.CertFile, v.KeyFile = r.pair(s)
	list(s, "pins", parseText, &v.Pins)
	may(s, "allow_http", parseBool, &v.IsInsecure)
	if (v.ClientID == "") != !s.has("client_secret_file") {
		s.reject("client_id", "client_id and client_secret_file belong together")
	}
}

// pair is the files of a certificate and its key.
func (r *reader) pair(s *section) (cert, key string) {
	cert, key = r.file(s, "cert_file"), r.file(s, "key_file")
	if s.has("cert_file") != s.has("key_file") {
		s.reject("cert_file", "cert_file and key_file belong together")
	}
	return cert, key
}

// told is what the server hears of us, and how it may wake us.
func (r *reader) told(s *section, v *VTN) {
	may(s, "opt_out", parseBool, &v.IsOptedOut)
	may(s, "ven", parseText, &v.VEN)
	list(s, "resources", parseName, &v.Resources)
	list(s, "reports", parseText, &v.Reports)
	if v.VEN == "" && (len(v.Reports) > 0 || len(v.Resources) > 0) {
		s.reject("ven", "the server must know us by a name to be told of resources, or to get reports")
	}
	if len(v.Reports) > 0 && len(v.Resources) == 0 {
		s.reject("reports", "of what? add resources: devices by their names, the meter of the house connection first of all")
	}
	if v.Version == "2.0b" && v.VEN == "" {
		s.reject("ven", "OpenADR 2.0b shows events to those only who have registered by a name")
	}
	may(s, "mqtt", oneOf("tls", "plain", "off"), &v.MQTT)
	if !s.has("webhook") {
		return
	}
	w := s.child("webhook")
	v.Webhook = &Webhook{}
	must(w, "listen", parseAddress, &v.Webhook.Listen)
	must(w, "url", parseURL("https", "http"), &v.Webhook.URL)
	v.Webhook.CertFile, v.Webhook.KeyFile = r.pair(w)
	if host, _, _ := net.SplitHostPort(v.Webhook.Listen); v.Webhook.Listen != "" && v.Webhook.CertFile == "" && !isLoopback(host) {
		w.reject("listen", "calls from beyond this machine show a secret: give cert_file and key_file, or listen on 127.0.0.1 behind a proxy")
	}
	w.done()
	if v.VEN == "" {
		s.reject("webhook", "the server must know us by a name to call us: add ven")
	}
}

// checkResources holds the resources that servers are told of against the devices there are.
func (r *reader) checkResources() {
	for i, v := range r.config.OpenADR {
		for _, name := range v.Resources {
			if !slices.ContainsFunc(r.config.Devices, func(d Device) bool { return d.Name == name }) {
				r.vtns[i].reject("resources", fmt.Sprintf("no device is called %q", name))
			}
		}
	}
}
