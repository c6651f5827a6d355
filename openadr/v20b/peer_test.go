package v20b

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/openadr"
)

// peer is a VTN by other hands: the package openleadr, run by the Python that HEARTH_OPENLEADR_PYTHON names.
type peer struct {
	t   *testing.T
	in  io.Writer
	out *bufio.Reader
	url string
}

type answer struct {
	Port   int        `json:"port"`
	Error  string     `json:"error"`
	Opts   []string   `json:"opts"`
	Values []string   `json:"values"`
	Points [][]string `json:"points"`
}

func newPeer(t *testing.T, options map[string]string) *peer {
	t.Helper()
	python := os.Getenv("HEARTH_OPENLEADR_PYTHON")
	if python == "" {
		t.Skip("set HEARTH_OPENLEADR_PYTHON to a python that can import openleadr, to test against that VTN")
	}
	if options["fingerprint"] == "" {
		options["fingerprint"] = "none"
	}
	text, err := json.Marshal(options)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	cmd := exec.CommandContext(ctx, python, filepath.Join("testdata", "peer", "vtn.py"), string(text))
	var banners strings.Builder
	cmd.Stderr = &banners
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close() // it leaves by itself
		_ = cmd.Wait()
		cancel()
		if t.Failed() {
			t.Log(banners.String())
		}
	})
	p := &peer{t: t, in: in, out: bufio.NewReader(out)}
	scheme := "http"
	if options["http_cert"] != "" {
		scheme = "https"
	}
	p.url = fmt.Sprintf("%s://127.0.0.1:%d", scheme, p.read().Port)
	return p
}

func (p *peer) read() (a answer) {
	p.t.Helper()
	line, err := p.out.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &a)
	}
	if err != nil || a.Error != "" {
		p.t.Fatalf("openleadr: %v %s", err, a.Error)
	}
	return a
}

// do has the VTN do something, and tells what it knows then.
func (p *peer) do(format string, args ...any) answer {
	p.t.Helper()
	if _, err := fmt.Fprintf(p.in, format+"\n", args...); err != nil {
		p.t.Fatal(err)
	}
	return p.read()
}

func TestPeer_OpenLEADRIsFollowed(t *testing.T) {
	p := newPeer(t, map[string]string{})
	out := map[string]bool{"out": true}
	toPeer := func(c *Config) {
		withReports(c)
		c.BaseURL = p.url
		c.OptOut = func(id string) bool { return out[id] }
	}
	b := newBench(t, toPeer)
	if offer, err := b.Query(t.Context()); err != nil || offer.VTNID != "peer" || len(offer.Profiles) != 1 {
		t.Errorf("offers %+v, %v", offer, err)
	}
	start := time.Now().UTC().Truncate(time.Hour).Add(2 * time.Hour)
	b.turn(start.Add(-time.Hour).Sub(b.now()))
	add := func(id, signal string) {
		p.do("event %s %s %s", id, start.Format("2006-01-02T15:04:05+00:00"), signal)
	}
	v := b.engine()
	at := start.Add(90 * time.Minute)
	if got := b.levelAt(v, at); got != "-" || b.PollEvery() != 10*time.Second {
		t.Errorf("at first level %s, every %v", got, b.PollEvery())
	}
	add("in", "SIMPLE level 1 2")
	add("out", "LOAD_CONTROL x-loadControlSetpoint 21.5")
	add("price", "ELECTRICITY_PRICE price 0.2602 -0.01")
	if got := b.levelAt(v, at); got != "2" {
		t.Errorf("level %s, want 2", got)
	}
	if price, isThere := v.Signals(b.now()).ImportPrice.At(at); !isThere || price.String() != "-0.01" {
		t.Errorf("price %v", price)
	}
	if got := p.do("opts").Opts; fmt.Sprint(got) != "[in optIn out optOut price optIn]" {
		t.Errorf("it heard %v", got)
	}
	b.restart(toPeer)
	v = b.engine()
	if got := b.levelAt(v, at); got != "2" {
		t.Errorf("after a restart level %s, want 2", got)
	}
	p.do("cancel in")
	if got := b.levelAt(v, at); got != "-" {
		t.Errorf("cancelled, level %s", got)
	}
	p.do("forget")
	add("again", "SIMPLE level 3 3")
	if got := b.levelAt(v, at); got != "3" {
		t.Errorf("after it forgot us, level %s, want 3", got)
	}
	told := v.Signals(b.now())
	if told.Err != "" || len(told.Rejected) != 0 {
		t.Errorf("%q, rejected %v", told.Err, told.Rejected)
	}
}

func TestPeer_OpenLEADRGetsItsReports(t *testing.T) {
	p := newPeer(t, map[string]string{})
	b := newBench(t, withReports, func(c *Config) { c.BaseURL = p.url })
	b.poll()
	b.pollAt(6, 30)
	a := p.do("values")
	if got, want := fmt.Sprint(a.Points), "[[home-7 RealEnergy Wh k] [home-7 RealPower W k]]"; got != want {
		t.Errorf("it sees %s, want %s", got, want)
	}
	if got, want := fmt.Sprint(a.Values), "[0.25 0.25 1.0 1.0]"; got != want {
		t.Errorf("it heard %s, want %s", got, want)
	}
}

func TestPeer_OpenLEADRKnowsUsByOurCertificate(t *testing.T) {
	a := newAuthority(t)
	vtn, home := curveKey(t), curveKey(t)
	a.sign("vtn", &vtn.PublicKey, vtn)
	cert := a.sign("ven", &home.PublicKey, home)
	for print, want := range map[string]openadr.Kind{
		Fingerprint(cert.Raw):                  "",
		Fingerprint([]byte("somebody else's")): openadr.Unauthorized,
	} {
		p := newPeer(t, map[string]string{
			"fingerprint": print, "http_cert": a.file("vtn.pem"), "http_key": a.file("vtn.key"), "http_ca_file": a.file("ca.pem"),
		})
		c, err := New(Config{
			BaseURL: p.url, VENName: "home-7", CAFile: a.file("ca.pem"), CertFile: a.file("ven.pem"), KeyFile: a.file("ven.key"),
		}, &memory{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Events(t.Context(), openadr.Query{}); openadr.KindOf(err) != want {
			t.Errorf("want kind %q: %v", want, err)
		}
		_ = c.Close()
	}
}

// Every message that we can send fits the schema of the profile, as openleadr has it.
func TestPeer_OpenLEADRsSchemaTakesAllMessages(t *testing.T) {
	p := newPeer(t, map[string]string{})
	b := newBench(t, withReports)
	b.vtn.tell(distribute(simple("a", 0).String(), told{id: "b", status: "far", response: "always"}.String()),
		fineWith("oadrRegisterReport"), createReport(orderOf("r1", "PT15M", "PT15M", "2026-03-28T06:00:00Z", "PT0S", "home-7:energy", "home-7:power")))
	b.pollAt(6, 30)
	id, err := b.Opt(t.Context(), Opt{Context: "http://market.example", Spans: []energy.Interval{{Start: morning, End: at(9)}, {Start: at(10), End: at(11)}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.CancelOpt(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Query(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.vtn.tell(wrapped(`<a:oadrCancelReport e:schemaVersion="2.0b"><p:requestID>q6</p:requestID><e:reportRequestID>r1</e:reportRequestID></a:oadrCancelReport>`),
		wrapped(`<a:oadrRequestReregistration e:schemaVersion="2.0b"><e:venID>ven-1</e:venID></a:oadrRequestReregistration>`),
		wrapped(`<a:oadrCancelPartyRegistration e:schemaVersion="2.0b"><p:requestID>q9</p:requestID></a:oadrCancelPartyRegistration>`))
	b.poll()
	b.restart()
	b.poll()
	if err := b.Leave(t.Context()); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	for _, h := range b.vtn.heard {
		path := filepath.Join(t.TempDir(), h.name+".xml")
		if err := os.WriteFile(path, []byte(h.body), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Run(h.name, func(t *testing.T) {
			o := *p
			o.t = t
			o.do("validate %s", path)
			if t.Failed() {
				t.Log(h.body)
			}
		})
		kinds[h.name] = true
	}
	if len(kinds) != 15 {
		t.Errorf("%d kinds of messages: %v", len(kinds), kinds)
	}
}

func at(hour int) time.Time { return time.Date(2026, 3, 28, hour, 0, 0, 0, time.UTC) }
