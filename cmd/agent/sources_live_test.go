package main

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hearth/sim"
	"hearth/sim/market"
)

// aPlace is a simulated home in a place, now, and its configuration.
func aPlace(t *testing.T, place market.Place) (file string) {
	t.Helper()
	zone, err := time.LoadLocation(place.Zone)
	if err != nil {
		t.Fatal(err)
	}
	home, err := sim.New(sim.Options{Clock: wall, Seed: 1, Zone: zone, Place: place})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = home.Close() })
	if err := home.Start(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	text, err := home.Config(dir, freeAddress(t))
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(dir, "hearth.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// freeAddress is one that nobody listens at just now.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Every vendor answers what it can be asked, and takes what it can be told.
func TestSources_AccountsAnswerAndAreTold(t *testing.T) {
	italy, california := aPlace(t, market.Italy), aPlace(t, market.California)
	for _, c := range []struct {
		file string
		args string
		code int
		says string
	}{
		{italy, "ask green", exitOK, "distribution"},
		{italy, "ask green greenness", exitOK, "renewable"},
		{italy, "ask green distribution period=yesterday", exitOK, "dishwasher"},
		{italy, "ask green distribution period=tomorrow", exitUsage, "period: want one of yesterday"},
		{italy, "ask green distribution", exitUsage, "period=...: is missing"},
		{italy, "ask green crystal", exitUsage, "crystal: is none of these"},
		{italy, "ask green saving colour=red", exitUsage, "colour: is not asked for"},
		{italy, "ask supplier contract", exitOK, "spot_hourly"},
		{italy, "ask meter granularities", exitOK, "QUARTER_HOUR"},
		{italy, "ask meter budget", exitOK, "80"},
		{italy, "tell meter", exitOK, "budget"},
		{italy, "tell meter budget amount=95", exitOK, "Nothing was sent; --yes sends it."},
		{italy, "tell meter budget amount=95 --yes", exitOK, "Sent."},
		{italy, "tell meter budget amount=95 --yes", exitOK, "There is nothing to send."},
		{italy, "tell green onboard", exitOK, "dimesion"},
		{italy, "fetch supplier", exitOK, "import price EUR/kWh"},
		{california, "ask landlord rates", exitOK, "E-ELEC"},
		{california, "ask landlord units", exitOK, "M-100234"},
		{california, "fetch landlord", exitOK, "0.41"},
		{california, "fetch dynamic", exitOK, "import price USD/kWh"},
		{california, "bills landlord", exitOK, "2026-0117"},
		{california, "bills landlord --from yesterday", exitUsage, "want a day"},
		{california, "bills dynamic", exitUsage, "knows no bills"},
	} {
		words := append(append([]string{"sources"}, strings.Fields(c.args)...), "--config", c.file)
		code, out, errs := hearth(t.Context(), "", words...)
		if code != c.code || !strings.Contains(out+errs, c.says) {
			t.Errorf("%s: %d, want %d and %q\n%s%s", c.args, code, c.code, c.says, out, errs)
		}
		if strings.Contains(out+errs, "simulated-home") {
			t.Errorf("%s: the secret is told", c.args)
		}
	}
}

// The agent that runs is asked how the sources fare; when it has ended, its store is.
func TestSources_ListAsksTheAgentThatRuns(t *testing.T) {
	file := aPlace(t, market.Italy)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	var out, errs lines
	go func() {
		ended <- run(ctx, []string{"run", "--config", file}, stdio{os.Stdin, &out, &errs})
	}()
	expect := func(isLive bool) {
		eventually(t, "all sources listed", func() bool {
			code, out, errs := hearth(t.Context(), "", "sources", "--config", file)
			isKnown := strings.Contains(out, "supplier  import price") && strings.Contains(out, "green     renewable share") && strings.Contains(out, "meter     energy taken")
			return code == exitOK && isKnown && strings.Contains(out, "final") && strings.Contains(errs, "no agent answers") != isLive
		})
	}
	expect(true)
	stop()
	if code := <-ended; code != exitOK {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	expect(false)
}
