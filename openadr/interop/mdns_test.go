package interop_test

import (
	"context"
	"net"
	"os"
	"testing"
	"time"

	"hearth/internal/mdns"
)

// The VTN announces itself on the loopback of its namespace, which is all the network there is.
func TestVTN_IsFoundOnTheLocalNetwork(t *testing.T) {
	vtn(t)
	lo, err := net.InterfaceByName("lo")
	if err != nil {
		t.Fatal(err)
	}
	if lo.Flags&net.FlagMulticast == 0 || os.Getenv("HEARTH_OPENLEADR_MDNS") == "" {
		t.Skip("the loopback takes no multicast here")
	}
	var found []mdns.Found
	for deadline := time.Now().Add(patience); len(found) == 0 && time.Now().Before(deadline); {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		found, err = mdns.Config{Interfaces: []net.Interface{*lo}}.Browse(ctx, "_openadr3._tcp")
		cancel()
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(found) != 1 {
		t.Fatalf("found %+v", found)
	}
	f := found[0]
	if f.Name != "openleadr-vtn" || f.Host != "vtn.local." || f.Port != 3000 || len(f.Addresses) != 1 || !f.Addresses[0].IsLoopback() {
		t.Errorf("%+v", f)
	}
	// The specification has 3.1.0, and a URL of https.
	for key, want := range map[string]string{"version": "3.1", "base_path": "", "local_url": "http://vtn.local.:3000/"} {
		if got := f.Text.Of(key); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
}
