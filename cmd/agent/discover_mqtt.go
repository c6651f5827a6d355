package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"hearth/devices/discover"
	"hearth/devices/profiles"
	"hearth/internal/config"
)

// broker is one to listen to.
type broker struct {
	discover.Broker
	link discover.Link
}

// brokers are those given, or else those of the configuration, which may be nil.
func (c discoverCommand) brokers() (all []broker, cfg *config.Config, err error) {
	if c.Config != "" {
		if cfg, err = readConfig(c.Config); err != nil {
			return nil, nil, err
		}
		for _, l := range cfg.MQTT {
			config, err := tlsOf(l)
			if err != nil {
				return nil, nil, failure{exitConfig, fmt.Errorf("hearth: mqtt %s: %w", l.Name, err)}
			}
			all = append(all, broker{
				discover.Broker{URL: l.URL, User: l.User, Password: string(l.Password), TLS: config},
				discover.Link{Name: l.Name, URL: l.URL, Transport: profiles.MQTT, IsKnown: true},
			})
		}
	}
	var password string
	if c.PasswordFile != "" {
		text, err := os.ReadFile(c.PasswordFile)
		if err != nil {
			return nil, nil, failure{exitUsage, fmt.Errorf("hearth: --password-file: %w", err)}
		}
		password = strings.TrimRight(string(text), "\r\n")
	}
	for _, text := range c.MQTT {
		u, err := url.Parse(text)
		if err != nil || u.Hostname() == "" {
			return nil, nil, failure{exitUsage, errors.New("hearth: --mqtt: want for example tcp://192.168.1.10:1883")}
		}
		if u.User != nil {
			return nil, nil, failure{exitUsage, fmt.Errorf("hearth: --mqtt of %s: user and password belong into --user and --password-file", u.Hostname())}
		}
		if slices.ContainsFunc(all, func(b broker) bool { return b.URL == text }) {
			continue
		}
		name := discover.Name(linkName(profiles.MQTT, 0), append(namesOf(cfg, 0), namesOfBrokers(all)...))
		all = append(all, broker{
			discover.Broker{URL: text, User: c.User, Password: password},
			discover.Link{Name: name, URL: text, Transport: profiles.MQTT, User: c.User, PasswordFile: c.PasswordFile},
		})
	}
	for i := range all {
		all[i].ClientID = fmt.Sprintf("hearth-look-%08x", rand.Uint32()) // it leaves nothing at the broker
	}
	return all, cfg, nil
}

func namesOfBrokers(all []broker) (names []string) {
	for _, b := range all {
		names = append(names, b.link.Name)
	}
	return names
}

// tlsOf reads the certificates that a link names; nil where it names none.
func tlsOf(l config.Link) (*tls.Config, error) {
	if l.CAFile == "" && l.CertFile == "" {
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if l.CAFile != "" {
		text, err := os.ReadFile(l.CAFile)
		if err != nil {
			return nil, fmt.Errorf("ca_file: %w", err)
		}
		if c.RootCAs = x509.NewCertPool(); !c.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("ca_file %s: holds no certificate", l.CAFile)
		}
	}
	if l.CertFile != "" {
		own, err := tls.LoadX509KeyPair(l.CertFile, l.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("cert_file %s: %w", l.CertFile, err)
		}
		c.Certificates = []tls.Certificate{own}
	}
	return c, nil
}

// listen hears a broker in two steps: who is there, then what stands at the topics of those.
func (c discoverCommand) listen(ctx context.Context, b broker, all []*profiles.Profile, f *found) error {
	l, err := discover.Listen(ctx, b.Broker)
	if err != nil {
		return fmt.Errorf("mqtt %s: %w", b.link.Name, err)
	}
	defer l.Close()
	fault := l.Hear(ctx, discover.Filters(all))
	first := c.For * 2 / 3
	if wall.Sleep(ctx, first) != nil {
		return nil
	}
	heard, _, _ := l.Heard()
	var topics []string
	for _, t := range discover.Things(heard, all) {
		reads, commands := t.Topics()
		topics = append(append(topics, reads...), commands...)
	}
	slices.Sort(topics)
	fault = errors.Join(fault, l.Hear(ctx, slices.Compact(topics)))
	_ = wall.Sleep(ctx, c.For-first) // whoever is interrupted gets what there is
	heard, dropped, lost := l.Heard()
	things, err := c.adopt(discover.Things(heard, all), heard)
	fault = errors.Join(fault, err)
	discover.Hazards(things, heard)
	f.add(b.link, things)
	if dropped > 0 {
		fault = errors.Join(fault, fmt.Errorf("%d messages were too large or too many, and not looked at", dropped))
	}
	if fault = errors.Join(fault, lost); fault != nil {
		return fmt.Errorf("mqtt %s: %w", b.link.Name, fault)
	}
	return nil
}

// mdnsWait is how long is listened for those who answer by multicast: they do within half a second.
const mdnsWait = 4 * time.Second
