package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"hearth/openadr"
)

// output can be read while it is written.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// url waits for the server to say where it is.
func (o *output) url(t *testing.T) string {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		if _, url, isThere := strings.Cut(o.String(), " at "); isThere {
			return strings.TrimSpace(url)
		}
		if time.Now().After(end) {
			t.Fatal("not started")
		}
	}
}

// The sample that the README names is served, to who knows the secret only.
func TestRun_ServesTheSample(t *testing.T) {
	for _, dialect := range []openadr.Dialect{openadr.Dialect31, openadr.Dialect30, openadr.Dialect300} {
		t.Run(string(dialect), func(t *testing.T) { serveSample(t, dialect) })
	}
}

func serveSample(t *testing.T, dialect openadr.Dialect) {
	ctx, cancel := context.WithCancel(t.Context())
	var out, errs output
	code := make(chan int, 1)
	go func() {
		args := []string{"--listen", "127.0.0.1:0", "--objects", "../../configs/vtn.json", "--client", "me:s3cret", "--dialect", string(dialect)}
		code <- command{out: &out, errs: &errs}.run(ctx, args)
	}()
	url := out.url(t)
	for secret, works := range map[openadr.Secret]bool{"s3cret": true, "wrong": false} {
		client, err := openadr.New(openadr.Config{BaseURL: url, Dialect: dialect, ClientID: "me", ClientSecret: secret})
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		events, err := client.Events(t.Context(), openadr.Query{ProgramID: "home-prices"})
		if (err == nil) != works || works && (len(events.Items) != 3 || len(events.Malformed) != 0) {
			t.Errorf("secret %t: %d events, %v", works, len(events.Items), err)
		}
	}
	cancel()
	if got := <-code; got != exitOK {
		t.Errorf("exit %d: %s", got, errs.String())
	}
}

func TestRun_ExitCodesTellWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, c := range map[string]struct {
		args []string
		code int
	}{
		"no objects":       {nil, exitUsage},
		"unknown flag":     {[]string{"--bake"}, exitUsage},
		"unknown dialect":  {[]string{"--objects", "../../configs/vtn.json", "--dialect", "2.0b"}, exitUsage},
		"help":             {[]string{"--help"}, exitOK},
		"no such file":     {[]string{"--objects", filepath.Join(dir, "none")}, exitData},
		"not JSON":         {[]string{"--objects", write("text", "prices")}, exitData},
		"nothing in it":    {[]string{"--objects", write("empty", "{}")}, exitData},
		"no secret":        {[]string{"--objects", "../../configs/vtn.json", "--client", "me"}, exitUsage},
		"no id":            {[]string{"--objects", "../../configs/vtn.json", "--business", ":s"}, exitUsage},
		"no broker":        {[]string{"--objects", "../../configs/vtn.json", "--mqtt", "http://b"}, exitUsage},
		"no url":           {[]string{"--objects", "../../configs/vtn.json", "--mdns", "vtn.local"}, exitUsage},
		"nobody publishes": {[]string{"--state", filepath.Join(dir, "state")}, exitUsage},
		"a broker of 3.0":  {[]string{"--objects", "../../configs/vtn.json", "--mqtt", "mqtt://b", "--dialect", "3.0"}, exitUsage},
		"an argument":      {[]string{"--objects", "../../configs/vtn.json", "more"}, exitUsage},
		"no state":         {[]string{"--objects", "../../configs/vtn.json", "--state", write("text", "prices")}, exitData},
		"not loopback":     {[]string{"--objects", "../../configs/vtn.json", "--listen", "203.0.113.1:80"}, exitUnavailable},
	} {
		var out, errs output
		if code := (command{out: &out, errs: &errs}).run(t.Context(), c.args); code != c.code {
			t.Errorf("%s: exit %d, want %d: %s", name, code, c.code, errs.String())
		}
	}
}
