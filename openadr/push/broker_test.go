package push

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"maps"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"hearth/openadr"
	"hearth/openadr/vtn"
)

var withToken = map[string]any{"method": "OAUTH2BEARERTOKEN", "username": "{clientID}"}

// rings waits for the bell to ring in its quiet, where no ear hears it.
func rings(t testing.TB, r rig, say func()) {
	t.Helper()
	r.Bell.mu.Lock()
	r.Bell.isDue = false
	r.Bell.mu.Unlock()
	say()
	eventually(t, "the bell has rung", func() bool {
		r.Bell.mu.Lock()
		defer r.Bell.mu.Unlock()
		return r.Bell.isDue
	})
}

func TestBroker_AMessageIsAHintAtOnce(t *testing.T) {
	type speaker interface{ say(string, string, bool) }
	run := func(t *testing.T, uri string, by speaker) {
		r := newRig(t, newOffice(t, anonymous, uri).client)
		b := newBroker(t, r)
		stop := start(t, b)
		well(t, b)
		eventually(t, "the connection is a hint", func() bool { return r.ear.count() == 1 })
		by.say("OpenADR/other/x", someNotification, false)
		isQuick(t, r, func() { by.say("OpenADR/events/CREATE", "garbage is as good", false) })
		if b.Heard() > tries {
			t.Error("a message of another topic was heard")
		}
		stop()
	}
	t.Run("mochi", func(t *testing.T) {
		p := newPub(t)
		p.start()
		run(t, p.url("mqtt"), p)
	})
	t.Run("mosquitto", func(t *testing.T) {
		m := newMosquitto(t, "allow_anonymous true")
		run(t, "tcp://"+m.address, m)
	})
}

// The small VTN, a real broker and we: no topic is made up on the way.
func TestBroker_AChangeAtTheVTNIsAHintAtOnce(t *testing.T) {
	m := newMosquitto(t, "allow_anonymous true")
	v := vtn.New(vtn.Config{ClientID: "home", ClientSecret: "s3cret", Broker: &vtn.Broker{URL: "mqtt://" + m.address, Prefix: "town/"}})
	if err := v.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.Close() })
	v.PutProgram(openadr.Program{Metadata: openadr.Metadata{ID: "p"}, ProgramName: "p"})
	client := dialVTN(t, openadr.Config{BaseURL: v.URL(), ClientID: "home", ClientSecret: "s3cret"})
	ven, err := client.CreateVEN(t.Context(), openadr.VENObject{Name: "home"})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]BrokerConfig{
		"topics of the ven":     {VENID: func() string { return ven.ID }},
		"topics of the program": {Programs: func() []string { return []string{"p"} }},
	} {
		r := newRig(t, client)
		b := newBroker(t, r, func(o *BrokerConfig) { *o = c })
		stop := start(t, b)
		well(t, b)
		eventually(t, name+": the connection is a hint", func() bool { return r.ear.count() == 1 })
		isQuick(t, r, func() { v.Put(openadr.Event{Metadata: openadr.Metadata{ID: "e"}, ProgramID: "p"}) })
		stop()
	}
}

func TestBroker_ComesBackWithTheBroker(t *testing.T) {
	m := newMosquitto(t, "allow_anonymous true")
	r := newRig(t, newOffice(t, anonymous, "mqtt://"+m.address).client)
	b := newBroker(t, r)
	start(t, b)
	well(t, b)
	m.kill()
	eventually(t, "the loss is noticed", func() bool { return b.Err() != nil })
	if !strings.Contains(b.Err().Error(), m.address) {
		t.Errorf("%v does not say which broker", b.Err())
	}
	rings(t, r, func() {
		m.start()
		well(t, b)
	})
	m.say("OpenADR/events/UPDATE", "x", false)
	eventually(t, "it is heard", func() bool { return b.Heard() == 1 })
	if lost, back := r.log.count("push lost"), r.log.count("push back"); lost != 1 || back != 1 {
		t.Errorf("%d and %d lines:\n%s", lost, back, r.log.text())
	}
}

// A token is good for one connection; one that the VTN no longer knows is not shown again.
func TestBroker_ReconnectsWithAFreshToken(t *testing.T) {
	p := newPub(t)
	o := newOffice(t, withToken, p.url("mqtt"))
	p.admit = func(user, password string) bool {
		o.mu.Lock()
		defer o.mu.Unlock()
		return user == "home" && password != "" && !o.revoked[password]
	}
	p.start()
	r := newRig(t, o.client)
	b := newBroker(t, r)
	start(t, b)
	well(t, b)
	p.stop()
	eventually(t, "the loss is noticed", func() bool { return b.Err() != nil })
	o.change(func() { o.revoked["t1"] = true })
	p.start()
	well(t, b)
	came := p.guests()
	if came[0] != "home t1" || came[len(came)-1] != "home t2" {
		t.Errorf("%q", came)
	}
	if strings.Contains(r.log.text(), "t1") && strings.Contains(r.log.text(), "Password") {
		t.Errorf("a token is in the log:\n%s", r.log.text())
	}
}

func TestBroker_WhoIsNotLetInSaysSo(t *testing.T) {
	p := newPub(t)
	p.admit = func(string, string) bool { return false }
	p.start()
	r := newRig(t, newOffice(t, withToken, p.url("mqtt")).client)
	b := newBroker(t, r)
	start(t, b)
	eventually(t, "it says so", func() bool { return b.Err() != nil && strings.Contains(b.Err().Error(), "connect "+p.config.Address) })
	if r.ear.count() != 0 || strings.Contains(r.log.text()+b.Err().Error(), "t1") {
		t.Errorf("%d hints, %v\n%s", r.ear.count(), b.Err(), r.log.text())
	}
}

func TestBroker_TenThousandMessagesAreFewHints(t *testing.T) {
	p := newPub(t)
	p.start()
	r := newRig(t, newOffice(t, anonymous, p.url("mqtt")).client)
	b := newBroker(t, r)
	start(t, b)
	well(t, b)
	began := time.Now()
	for i := range 10_000 {
		p.say("OpenADR/events/CREATE", fmt.Sprint("event ", i), false)
	}
	eventually(t, "the storm is heard", func() bool { return r.ear.count() >= 2 })
	if most := 2 + int(time.Since(began)/quiet); r.ear.count() > most {
		t.Errorf("%d hints in %v", r.ear.count(), time.Since(began))
	}
	if b.Err() != nil {
		t.Error(b.Err())
	}
}

// What a broker kept for us was said before we came: the hint of the connection covers it.
func TestBroker_RetainedGarbageIsNoHint(t *testing.T) {
	m := newMosquitto(t, "allow_anonymous true")
	for i := range 3 {
		m.say(fmt.Sprint("OpenADR/events/", i), "stale", true)
	}
	r := newRig(t, newOffice(t, anonymous, "mqtt://"+m.address).client)
	b := newBroker(t, r)
	start(t, b)
	well(t, b)
	m.say("OpenADR/events/last", "x", true) // retained, but said now; what was kept has come before
	eventually(t, "it is heard", func() bool { return b.Heard() > 0 })
	if b.Heard() != 1 || r.ear.count() != 1 {
		t.Errorf("%d messages, %d hints", b.Heard(), r.ear.count())
	}
}

func TestBroker_SubscribesToAllTheVTNGives(t *testing.T) {
	p := newPub(t)
	p.start()
	o := newOffice(t, anonymous, p.url("mqtt"))
	o.topics = map[string]string{
		"vens/v/events":     "events/vens/v/+", // where nothing is ever said
		"programs/p/events": "events/program/p/+", "programs/q/events": "a/#/wrong", "programs/r/events": "events/program/p/+",
		"programs/s/events": "500",
	}
	r := newRig(t, o.client)
	b := newBroker(t, r, func(c *BrokerConfig) {
		c.VENID = func() string { return "v" }
		c.Programs = func() []string { return []string{"p", "q", "r", "s", "unknown", "p"} }
	})
	start(t, b)
	well(t, b)
	if got, want := p.filters(), "events/vens/v/+ events/program/p/+"; got != want {
		t.Errorf("subscribed to %q, want %q", got, want)
	}
	p.say("events/program/p/x", "x", false)
	eventually(t, "it is heard", func() bool { return b.Heard() == 1 })
}

func TestBroker_OneTopicThatIsRefusedLeavesTheOthers(t *testing.T) {
	p := newPub(t)
	p.allow = func(topic string) bool { return topic == "b" }
	p.start()
	o := newOffice(t, anonymous, p.url("mqtt"))
	o.topics = map[string]string{"events": "a", "programs/p/events": "b"}
	r := newRig(t, o.client)
	b := newBroker(t, r, func(c *BrokerConfig) { c.Programs = func() []string { return []string{"p"} } })
	stop := start(t, b)
	well(t, b)
	stop()
	b = newBroker(t, r)
	start(t, b)
	eventually(t, "it says so", func() bool { return b.Err() != nil && strings.Contains(b.Err().Error(), "every topic is refused") })
}

// Most VTNs have no broker, or not for us. That is no fault, and not asked all the time.
func TestBroker_NoBrokerIsNoFault(t *testing.T) {
	for name, change := range map[string]func(*office){
		"forbidden":       func(o *office) { o.notifiers = nil },
		"webhook only":    func(o *office) { o.notifiers = map[string]any{"WEBHOOK": true} },
		"no uris":         func(o *office) { o.announce(anonymous) },
		"no topics of us": func(o *office) { o.change(func() { o.topics = nil }) },
	} {
		p := newPub(t)
		p.start()
		o := newOffice(t, anonymous, p.url("mqtt"))
		change(o)
		r := newRig(t, o.client)
		b := newBroker(t, r)
		start(t, b)
		well(t, b)
		eventually(t, "it waits for a day", func() bool { return r.clock.asked() == lookAgain })
		if r.ear.count() != 0 || r.log.text() != "" {
			t.Errorf("%s: %d hints\n%s", name, r.ear.count(), r.log.text())
		}
		o.announce(anonymous, p.url("mqtt"))
		o.change(func() { o.topics = map[string]string{"events": "e"} })
		b.Recheck()
		eventually(t, name+": it is found when we are told to look", func() bool { return r.ear.count() == 1 })
	}
}

func TestBroker_In30ThereIsNoneAndNobodyIsAsked(t *testing.T) {
	v, client := town(t, openadr.Dialect30)
	r := newRig(t, client)
	b := newBroker(t, r)
	start(t, b)
	well(t, b)
	if len(v.Requests()) != 0 || r.log.text() != "" {
		t.Errorf("%q\n%s", v.Requests(), r.log.text())
	}
}

func TestBroker_AVTNThatIsAwayIsAskedAgain(t *testing.T) {
	p := newPub(t)
	p.start()
	o := newOffice(t, anonymous, p.url("mqtt"))
	o.topics["events"] = "500"
	r := newRig(t, o.client)
	b := newBroker(t, r)
	start(t, b)
	eventually(t, "it says so", func() bool { return openadr.KindOf(b.Err()) == openadr.Unavailable })
	o.change(func() { o.topics["events"] = "e" })
	well(t, b)
	if lost, back := r.log.count("push lost"), r.log.count("push back"); lost != 1 || back != 1 {
		t.Errorf("%d and %d lines:\n%s", lost, back, r.log.text())
	}
}

func TestBroker_WhatIsNotEncryptedIsNotUsed(t *testing.T) {
	o := newOffice(t, withToken, "mqtt://192.0.2.1:1883", "tcp://broker.example")
	r := newRig(t, o.client)
	b := newBroker(t, r)
	start(t, b)
	eventually(t, "it says so", func() bool { return b.Err() != nil && strings.Contains(b.Err().Error(), "not encrypted") })
	eventually(t, "it waits for a day", func() bool { return r.clock.asked() == lookAgain })
	if r.log.count("push lost") != 1 {
		t.Errorf("%s", r.log.text())
	}
}

func TestBroker_TriesEachWayInTurn(t *testing.T) {
	p := newPub(t)
	p.start()
	r := newRig(t, newOffice(t, anonymous, p.url("mqtt"), "mqtts://"+freeAddress(t), "ftp://x", p.url("ssl"), "").client)
	b := newBroker(t, r)
	start(t, b)
	well(t, b)
}

func TestBroker_SpeaksTLSAndWebSockets(t *testing.T) {
	authority := newAuthority(t)
	pem, key := authority.issue("server")
	pair, err := tls.X509KeyPair([]byte(pem), []byte(key))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(authority.ca))
	ca := file(t, "ca.pem", authority.ca)
	ours, oursKey := authority.issue("home")
	handed := map[string]any{"method": "CERTIFICATE", "caCert": authority.ca, "clientCert": ours, "clientKey": oursKey}
	without := func(field string) map[string]any {
		out := maps.Clone(handed)
		delete(out, field)
		return out
	}
	own, none := func(c *BrokerConfig) { c.CAFile = ca }, func(*BrokerConfig) {}
	for name, c := range map[string]struct {
		scheme string
		login  map[string]any
		change func(*BrokerConfig)
		asks   tls.ClientAuthType
		why    string // why it fails; empty: it does not
	}{
		"mqtts":                   {"mqtts", anonymous, own, tls.NoClientCert, ""},
		"ssl":                     {"ssl", anonymous, own, tls.NoClientCert, ""},
		"wss":                     {"wss", anonymous, own, tls.NoClientCert, ""},
		"wss, unknown authority":  {"wss", anonymous, none, tls.NoClientCert, "unknown authority"},
		"unknown authority":       {"tls", anonymous, none, tls.NoClientCert, "unknown authority"},
		"handed out":              {"mqtts", handed, none, tls.RequireAndVerifyClientCert, ""},
		"handed out, own CA file": {"mqtts", without("caCert"), own, tls.RequireAndVerifyClientCert, ""},
		"no certificate":          {"mqtts", without("clientCert"), none, tls.RequireAndVerifyClientCert, "certificate required"},
		"no key":                  {"mqtts", without("clientKey"), none, tls.NoClientCert, "the certificate that the VTN hands out"},
		"no PEM":                  {"mqtts", map[string]any{"method": "CERTIFICATE", "caCert": "x"}, none, tls.NoClientCert, "is no PEM"},
		"unknown method":          {"mqtts", map[string]any{"method": "KERBEROS"}, own, tls.NoClientCert, `wants "KERBEROS"`},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPub(t)
			p.isWeb = c.scheme == "wss"
			p.config.TLSConfig = &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: c.asks, ClientCAs: roots}
			p.start()
			r := newRig(t, newOffice(t, c.login, p.url(c.scheme)).client)
			r.Pace = patient{}
			b := newBroker(t, r, c.change)
			start(t, b)
			if c.why == "" {
				well(t, b)
				p.say("OpenADR/events/x", "x", false)
				eventually(t, "it is heard", func() bool { return b.Heard() == 1 })
				return
			}
			eventually(t, "it says "+c.why, func() bool { return b.Err() != nil && strings.Contains(b.Err().Error(), c.why) })
			if strings.Contains(r.log.text(), oursKey) {
				t.Error("the key is in the log")
			}
		})
	}
}

func TestBroker_FollowsAVTNThatMovesWithoutALine(t *testing.T) {
	p, q := newPub(t), newPub(t)
	p.start()
	q.start()
	o := newOffice(t, anonymous, p.url("mqtt"))
	r := newRig(t, o.client)
	b := newBroker(t, r)
	start(t, b)
	well(t, b)
	b.Recheck()
	eventually(t, "it has looked", func() bool { return o.requests() >= 6 })
	if came := len(p.guests()); came != 1 {
		t.Errorf("%d connections though nothing has changed", came)
	}
	o.announce(anonymous, q.url("mqtt"))
	b.Recheck()
	eventually(t, "it has moved", func() bool { return q.filters() != "" })
	well(t, b)
	if r.log.text() != "" {
		t.Errorf("%s", r.log.text())
	}
}

// A broker may announce 256 MB with four bytes.
func TestBroker_ALongPacketIsNotWaitedFor(t *testing.T) {
	at := rude(t, func(c net.Conn) {
		_, _ = c.Write([]byte{0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1, 'x'})
		_, _ = readPacket(c)
	})
	r := newRig(t, newOffice(t, anonymous, "mqtt://"+at).client)
	r.Pace = patient{}
	b := newBroker(t, r)
	start(t, b)
	eventually(t, "it is too long", func() bool { return b.Err() != nil && strings.Contains(b.Err().Error(), errTooLong.Error()) })
}

// tally is a pace that counts what it is told.
type tally struct {
	prompt
	mu        sync.Mutex
	good, bad int
}

func (p *tally) Next(err error) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		p.good++
	} else {
		p.bad++
	}
	return p.prompt.Next(err)
}

// One that takes us and throws us out is not a broker that is well: the pauses grow, and with them those of the hints.
func TestBroker_ThrownOutAtOnceIsNoSuccess(t *testing.T) {
	at := rude(t, func(net.Conn) {})
	r := newRig(t, newOffice(t, anonymous, "mqtt://"+at).client)
	p := &tally{}
	r.Pace = p
	start(t, newBroker(t, r))
	eventually(t, "it was tried some times", func() bool { p.mu.Lock(); defer p.mu.Unlock(); return p.bad > 5 })
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.good != 0 {
		t.Errorf("%d times well", p.good)
	}
}

// After a long time the loss is a first one, and the pauses begin anew.
func TestBroker_LostAfterALongTimeIsAFirstLoss(t *testing.T) {
	at := rude(t, func(net.Conn) {})
	r := newRig(t, newOffice(t, anonymous, "mqtt://"+at).client)
	p := &tally{}
	r.Pace = p
	b := newBroker(t, r)
	b.steady = time.Nanosecond
	start(t, b)
	eventually(t, "it was well", func() bool { p.mu.Lock(); defer p.mu.Unlock(); return p.good > 2 && p.bad > 2 })
}

func TestBroker_CloseIsPromptAtAnyTime(t *testing.T) {
	hanging := newMosquitto(t, "allow_anonymous true")
	hanging.signal(syscall.SIGSTOP)
	defer hanging.signal(syscall.SIGCONT)
	p := newPub(t)
	p.start()
	for name, uri := range map[string]string{"nobody there": "mqtt://" + freeAddress(t), "nobody answers": "mqtt://" + hanging.address, "all is well": p.url("mqtt")} {
		o := newOffice(t, anonymous, uri)
		b := newBroker(t, newRig(t, o.client))
		stop := start(t, b)
		eventually(t, "it is about to connect", func() bool { return o.requests() >= 4 })
		began := time.Now()
		stop()
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("%s: it took %v", name, took)
		}
	}
	never := newBroker(t, newRig(t, nil))
	_, _ = never.Close(), never.Close()
	if err := never.Run(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestNewBroker_ReadsItsFileAndHasAnIDOfItsOwn(t *testing.T) {
	for name, want := range map[string]string{"/nowhere.pem": "ca file", file(t, "x.pem", "x"): "no PEM"} {
		if _, err := NewBroker(BrokerConfig{CAFile: name}, Parts{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	a, b := newBroker(t, rig{}), newBroker(t, rig{})
	if a.cfg.ClientID == b.cfg.ClientID || len(a.cfg.ClientID) != 23 {
		t.Errorf("%s and %s", a.cfg.ClientID, b.cfg.ClientID)
	}
}
