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
		code <- run(ctx, []string{"--listen", "127.0.0.1:0", "--objects", "../../configs/vtn.json", "--client", "me:s3cret", "--dialect", string(dialect)}, &out, &errs)
	}()
	for end := time.Now().Add(10 * time.Second); !strings.Contains(out.String(), "http://"); {
		if time.Now().After(end) {
			t.Fatalf("not started: %s", errs.String())
		}
		time.Sleep(time.Millisecond)
	}
	url := strings.TrimSpace(out.String()[strings.Index(out.String(), "http://"):])
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
		"no objects":      {nil, exitUsage},
		"unknown flag":    {[]string{"--bake"}, exitUsage},
		"unknown dialect": {[]string{"--objects", "../../configs/vtn.json", "--dialect", "2.0b"}, exitUsage},
		"help":            {[]string{"--help"}, exitOK},
		"no such file":    {[]string{"--objects", filepath.Join(dir, "none")}, exitData},
		"not JSON":        {[]string{"--objects", write("text", "prices")}, exitData},
		"nothing in it":   {[]string{"--objects", write("empty", "{}")}, exitData},
		"not loopback":    {[]string{"--objects", "../../configs/vtn.json", "--listen", "203.0.113.1:80"}, exitUnavailable},
	} {
		var out, errs output
		if code := run(t.Context(), c.args, &out, &errs); code != c.code {
			t.Errorf("%s: exit %d, want %d: %s", name, code, c.code, errs.String())
		}
	}
}
