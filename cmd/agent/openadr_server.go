package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"hearth/openadr"
)

// knock says whether anybody is there, how safely, at what time, and whether it may be an OpenADR server.
func (p *prober) knock(ctx context.Context) (*caller, error) {
	u, err := url.Parse(p.v.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
		return nil, failure{exitUsage, fmt.Errorf("hearth: %q: want for example %q", p.v.URL, "https://vtn.example/openadr3/3.1.0")}
	}
	u.RawQuery, u.Fragment = "", ""
	p.base = u
	call, err := newCaller(u, p.v)
	if err != nil {
		return nil, failure{exitUsage, fmt.Errorf("hearth: %w", err)}
	}
	p.facts.Say("server", "%s", u)
	first, err := call.get(ctx, "programs?limit=1&skip=0")
	if err != nil {
		defer call.close()
		return nil, p.lost(ctx, err)
	}
	p.facts.Say("reachable", "yes, in %v", first.took.Round(time.Millisecond))
	p.sayTLS(first)
	p.sayClock(first)
	if first.isList() || first.isLocked() {
		return call, nil
	}
	better, why := p.elsewhere(ctx, call, first)
	if better == nil {
		defer call.close()
		return nil, failure{exitUnavailable, fmt.Errorf("hearth: %s: %s", u, why)}
	}
	p.base, call.base, p.v.URL = better, better, better.String()
	return call, nil
}

// lost says why nobody is there.
func (p *prober) lost(ctx context.Context, err error) error {
	p.facts.Say("reachable", "no: %s", trouble(err))
	var untrusted *tls.CertificateVerificationError
	if errors.As(err, &untrusted) {
		if cert := peek(ctx, p.base); cert != nil {
			p.facts.Say("certificate", "%s", passport(cert))
			p.facts.Say("certificate", "SHA-256 %s", fingerprint(cert))
			p.facts.Say("certificate", "if the operator confirms that it is his: save it, or that of his authority, as PEM, and name the file as ca_file (--ca-file)")
		}
	}
	return failure{exitUnavailable, fmt.Errorf("hearth: %s: %s", p.base, trouble(err))}
}

func (p *prober) sayTLS(r reply) {
	if r.tls == nil || len(r.tls.PeerCertificates) == 0 {
		if p.isHere() {
			p.facts.Say("tls", "none, and it stays on this machine")
			return
		}
		p.facts.Say("tls", "none: tokens and prices can be read, and changed, on the way")
		return
	}
	cert := r.tls.PeerCertificates[0]
	p.facts.Say("tls", "%s, %s", tls.VersionName(r.tls.Version), passport(cert))
	if left := cert.NotAfter.Sub(p.now()); left < 30*24*time.Hour {
		p.facts.Say("tls", "the certificate ends in %.0f days", left.Hours()/24)
	}
}

// isHere says that the server is on this machine, as the client of OpenADR judges it.
func (p *prober) isHere() bool {
	_, err := openadr.New(openadr.Config{BaseURL: p.base.String()})
	return err == nil || p.base.Scheme == "https"
}

// maxSkew is the difference from which on intervals of minutes begin at the wrong time.
const maxSkew = 30 * time.Second

func (p *prober) sayClock(r reply) {
	skew, isTold := r.skew()
	direction := "ahead of"
	if skew < 0 {
		direction = "behind"
	}
	switch {
	case !isTold:
		p.facts.Say("clock", "the server does not tell the time")
	case skew.Abs() <= time.Second:
		p.facts.Say("clock", "agrees with ours to the second")
	default:
		p.facts.Say("clock", "%v %s ours", skew.Abs(), direction)
	}
	if skew.Abs() > maxSkew {
		p.facts.Say("clock", "one of the two is wrong, and limits would begin at the wrong time: see to NTP first")
	}
}

// elsewhere looks for the server at the paths that they are usually at, where the one given is not it.
func (p *prober) elsewhere(ctx context.Context, call *caller, first reply) (*url.URL, string) {
	p.facts.Say("openadr", "not here: %s", first.what())
	if strings.Contains(strings.ToLower(p.base.Path), "/openadr2/") {
		return nil, "this is an address of OpenADR 2.0b, which has no programs to ask for; this command speaks OpenADR 3"
	}
	if first.status >= 500 || first.status == 429 {
		return nil, "the server is in trouble: try again later"
	}
	for _, candidate := range p.candidates() {
		other := *call
		other.base = candidate
		r, err := other.get(ctx, "programs?limit=1&skip=0")
		if err == nil && (r.isList() || r.isLocked()) && r.url != first.url {
			p.facts.Say("openadr", "but at %s", candidate)
			return candidate, ""
		}
	}
	if first.status >= 300 && first.status < 400 {
		return nil, "it sends us elsewhere, where Hearth does not follow: ask for the address of the API"
	}
	return nil, "not an OpenADR 3 server, or not the whole address: it often ends like /openadr3/3.1.0"
}

// candidates are the address without what stands too much, and with what is often left out.
func (p *prober) candidates() (all []*url.URL) {
	for _, last := range []string{"/programs", "/events", "/auth/token", "/auth/server"} {
		if bare, isCut := strings.CutSuffix(strings.TrimRight(p.base.Path, "/"), last); isCut {
			u := *p.base
			u.Path = bare
			all = append(all, &u)
		}
	}
	for _, more := range []string{"openadr3/3.1.0", "openadr3/3.1.1", "openadr3/3.0.1", "openadr3", "openadr", "3.1.0", "3.0.1", "v1", "api"} {
		all = append(all, p.base.JoinPath(more))
	}
	return all
}

// authenticate gets a token, in the way that was given or in each that there is.
func (p *prober) authenticate(ctx context.Context, call *caller) (openadr.Secret, error) {
	if r, err := call.get(ctx, "auth/server"); err == nil {
		p.found.authServer = r
	}
	settings := p.settings()
	if settings.Dialect == "" {
		settings.Dialect = openadr.Dialect30 // tries all ways that there are, but for /auth/server
		if p.found.tokenURL() != "" {
			settings.Dialect = openadr.Dialect31
		}
	}
	p.facts.Say("token", "from %s", p.tokenEndpoint())
	styles := []openadr.AuthStyle{settings.AuthStyle}
	if p.v.Auth == "" {
		styles = []openadr.AuthStyle{openadr.AuthInBody, openadr.AuthBasic}
	}
	var token openadr.Secret
	var first error
	for _, settings.AuthStyle = range styles {
		client, err := openadr.New(settings)
		if err != nil {
			return "", failure{exitUsage, fmt.Errorf("hearth: %w", err)}
		}
		_, token, err = client.MQTTLogin(ctx, openadr.MQTTAuthentication{Method: openadr.MQTTToken}) // the token of the moment
		client.Close()
		if err == nil {
			p.v.Auth = string(settings.AuthStyle)
			p.facts.Say("token", "granted to %s, id and secret shown in the %s", p.v.ClientID, where(settings.AuthStyle))
			p.sayClaims(token)
			return token, nil
		}
		if first == nil {
			first = err
		}
		if openadr.KindOf(err) != openadr.Unauthorized {
			break
		}
	}
	p.facts.Say("token", "not granted: %v", first)
	return "", vtnFailure(p.base.Host, first)
}

func where(style openadr.AuthStyle) string {
	if style == openadr.AuthBasic {
		return "header (basic)"
	}
	return "body"
}

func (p *prober) tokenEndpoint() string {
	switch {
	case p.v.TokenURL != "":
		return p.v.TokenURL
	case p.found.tokenURL() != "":
		return p.found.tokenURL() + ", as the server says"
	}
	return p.base.JoinPath("auth", "token").String() + ", where it usually is"
}

// sayClaims says what a token says of itself, if it says anything.
func (p *prober) sayClaims(token openadr.Secret) {
	var claims struct {
		Scope   any     `json:"scope"` // a text, or a list
		Scp     any     `json:"scp"`
		Expires float64 `json:"exp"`
	}
	parts := strings.Split(string(token), ".")
	if len(parts) != 3 {
		p.facts.Say("token", "it says nothing of its scopes")
		return
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(text, &claims) != nil {
		p.facts.Say("token", "it says nothing of its scopes that can be read")
		return
	}
	if claims.Expires > 0 {
		left := time.Unix(int64(min(claims.Expires, 1<<40)), 0).Sub(p.now()).Round(time.Minute)
		p.facts.Say("token", "good for %v", left)
	}
	for _, scopes := range []any{claims.Scope, claims.Scp} {
		if scopes != nil {
			p.facts.Say("token", "scopes: %s", strings.Trim(fmt.Sprint(scopes), "[]"))
			return
		}
	}
	p.facts.Say("token", "it says nothing of its scopes")
}

func (p *prober) sayVersion() {
	found, reason := p.found.version()
	switch {
	case p.v.Version == "" && found == "":
		p.v.Version = cmp.Or(p.configured, string(openadr.Dialect31))
		p.facts.Say("version", "OpenADR 3, and %s: taken for %s (--version says otherwise)", reason, p.v.Version)
	case p.v.Version == "":
		p.v.Version = string(found)
		p.facts.Say("version", "OpenADR %s: %s", found, reason)
		if p.configured != "" && p.configured != string(found) {
			p.facts.Say("version", "the configuration says %s", p.configured)
		}
	case found != "" && string(found) != p.v.Version:
		p.facts.Say("version", "%s as you say, but it looks like %s: %s", p.v.Version, found, reason)
	default:
		p.facts.Say("version", "OpenADR %s, as you say", p.v.Version)
	}
}

// sayAccess says what may be read. It is false when programs may not, and there is no more to learn.
func (p *prober) sayAccess(call *caller) bool {
	open, shut := p.found.doors()
	if len(open) > 0 {
		who := "anybody"
		if call.token != "" {
			who = "this client"
		}
		p.facts.Say("access", "%s may read %s", who, strings.Join(open, ", "))
	}
	if len(shut) > 0 {
		p.facts.Say("access", "refused: %s", strings.Join(shut, ", "))
	}
	if p.found.programs.isList() {
		return true
	}
	if call.token == "" {
		p.facts.Say("token", "wanted, from %s: get a client id and a secret from the operator, and give --client-id and --secret-file", p.tokenEndpoint())
	}
	return false
}

// sayNotifiers says how the server tells of changes. Polling does without.
func (p *prober) sayNotifiers(ctx context.Context, client *openadr.Client) {
	n, err := client.Notifiers(ctx)
	switch {
	case openadr.KindOf(err) == openadr.NoMQTT:
		p.facts.Say("notifiers", "none for us: Hearth polls")
		return
	case err != nil:
		p.facts.Say("notifiers", "%v: Hearth polls", err)
		return
	}
	if n.IsWebhook {
		p.facts.Say("notifiers", "webhook, for homes that it can call")
	}
	if n.MQTT == nil {
		p.facts.Say("notifiers", "no MQTT: Hearth polls")
		return
	}
	for _, uri := range n.MQTT.URIs {
		p.facts.Say("notifiers", "MQTT at %s (%s)", uri, n.MQTT.Authentication.Method)
	}
}
