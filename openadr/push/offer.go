package push

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"hearth/openadr"
)

const (
	discoverLimit = 2 * time.Minute // for all questions of one discovery
	maxURIs       = 8               // tried in turn
	maxTopic      = 1024            // bytes; MQTT would take 65535
)

// offer is what a VTN has for us: where, as whom, and what to subscribe to.
type offer struct {
	doors  []door
	login  openadr.MQTTAuthentication
	topics [][]string // sets, each wanted for itself: of those a VTN hands out some may be wrong

	isPartial bool // a set may be missing, because the VTN was away for a moment
}

// door is a way into a broker.
type door struct {
	address string // host:port
	url     string // of a web socket, otherwise empty
	isPlain bool
}

func (o offer) equals(other offer) bool {
	return slices.Equal(o.doors, other.doors) && o.login == other.login &&
		slices.EqualFunc(o.topics, other.topics, slices.Equal[[]string])
}

// discover asks the VTN.
func (b *Broker) discover(ctx context.Context) (o offer, err error) {
	ctx, cancel := context.WithTimeout(ctx, discoverLimit)
	defer cancel()
	n, err := b.parts.Client.Notifiers(ctx)
	if err != nil {
		return o, err
	}
	if n.MQTT == nil || len(n.MQTT.URIs) == 0 {
		return o, &openadr.Error{Op: "get notifiers", Kind: openadr.NoMQTT}
	}
	if o.doors, err = doors(n.MQTT.URIs, b.cfg.AllowPlain); err != nil {
		return o, err
	}
	o.login = n.MQTT.Authentication
	switch o.login.Method {
	case openadr.MQTTAnonymous, openadr.MQTTToken, openadr.MQTTCertificate, "":
	default:
		return o, fmt.Errorf("mqtt: %w: it wants %.40q", errUnfit, o.login.Method)
	}
	o.topics, o.isPartial, err = b.topics(ctx)
	return o, err
}

// schemes are those that brokers are named with, the safe ones first.
var schemes = [...]struct {
	name, port string
	isPlain    bool
	isWeb      bool
}{
	{"mqtts", "8883", false, false}, {"ssl", "8883", false, false}, {"tls", "8883", false, false}, {"wss", "443", false, true},
	{"mqtt", "1883", true, false}, {"tcp", "1883", true, false}, {"ws", "80", true, true},
}

// doors are the URIs that may be tried: encrypted ones first, otherwise in the VTN's order. What cannot be read is
// left out.
func doors(uris []string, allowPlain bool) ([]door, error) {
	var safe, plain []door
	isBarred := false
	for _, text := range uris {
		u, err := url.Parse(text)
		if err != nil || u.Hostname() == "" {
			continue
		}
		for _, s := range schemes {
			if s.name != strings.ToLower(u.Scheme) {
				continue
			}
			d := door{address: net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), s.port)), isPlain: s.isPlain}
			if s.isWeb {
				d.url = (&url.URL{Scheme: s.name, Host: d.address, Path: u.Path, RawQuery: u.RawQuery}).String()
			}
			switch {
			case slices.Contains(safe, d), slices.Contains(plain, d):
			case !s.isPlain:
				safe = append(safe, d)
			case allowPlain || openadr.IsLoopback(u.Hostname()):
				plain = append(plain, d)
			default:
				isBarred = true
			}
		}
	}
	all := append(safe, plain...)
	switch {
	case len(all) > 0:
		return all[:min(len(all), maxURIs)], nil
	case isBarred:
		return nil, fmt.Errorf("mqtt: %w: those of the VTN are not encrypted", errUnfit)
	}
	return nil, fmt.Errorf("mqtt: %w: %d URIs that cannot be read", errUnfit, len(uris))
}

// topics asks for all sets that there may be. A known VTN hands out topics for a VEN on which nothing is ever said,
// so one set is not enough.
func (b *Broker) topics(ctx context.Context) (sets [][]string, isPartial bool, err error) {
	var faults []error
	seen := map[string]bool{}
	add := func(t openadr.Topics, err error) {
		if err != nil {
			faults = append(faults, err)
			return
		}
		set := slices.DeleteFunc(t.List(), func(topic string) bool {
			isKnown := seen[topic]
			seen[topic] = true
			return isKnown || len(topic) > maxTopic || !utf8.ValidString(topic) || strings.ContainsRune(topic, 0)
		})
		if len(set) > 0 {
			sets = append(sets, set)
		}
	}
	if b.cfg.VENID != nil {
		if id := b.cfg.VENID(); id != "" {
			add(b.parts.Client.TopicsOfVEN(ctx, id, "events"))
		}
	}
	if b.cfg.Programs != nil {
		for _, id := range distinct(b.cfg.Programs()) {
			add(b.parts.Client.TopicsOfProgram(ctx, id, "events"))
		}
	}
	add(b.parts.Client.TopicsOfEvents(ctx))
	away := slices.IndexFunc(faults, func(err error) bool {
		return isTemporary(err) && openadr.KindOf(err) != openadr.Unreadable // a refusal, or an answer without topics, is for good
	})
	switch {
	case len(sets) > 0:
		return sets, away >= 0, nil
	case away >= 0:
		return nil, true, faults[away]
	}
	return nil, false, faults[0]
}

// trust is how a door is checked, and with which certificate of ours.
func (b *Broker) trust(a openadr.MQTTAuthentication) (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: b.roots}
	if a.Method != openadr.MQTTCertificate {
		return c, nil
	}
	if a.CACert != "" {
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM([]byte(a.CACert)) {
			return nil, errors.New("mqtt: the authority that the VTN hands out is no PEM certificate")
		}
	}
	if a.ClientCert != "" {
		own, err := tls.X509KeyPair([]byte(a.ClientCert), []byte(a.ClientKey))
		if err != nil {
			return nil, fmt.Errorf("mqtt: the certificate that the VTN hands out: %w", err)
		}
		c.Certificates = []tls.Certificate{own}
	}
	return c, nil
}
