package modbus

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"hearth/devices"
	"hearth/energy"
)

var update = flag.Bool("update", false, "write what the tests got into testdata/*/want.json")

// goldenInput is a device as its registers stand and what it is told.
type goldenInput struct {
	Profile   string              `json:"profile"`
	Params    map[string]string   `json:"params"`
	Registers map[string][]uint16 `json:"registers"` // from an address on
	Tell      []struct {
		Power   *energy.Watts `json:"power"` // nil: release
		LeaseS  float64       `json:"lease_s"`
		Refused bool          `json:"refused"`
	} `json:"tell"`
}

type goldenWant struct {
	Before devices.Observation `json:"before"`
	Writes []goldenWrite       `json:"writes,omitempty"`
	After  *energy.Watts       `json:"setpoint_after"` // nil: none
}

type goldenWrite struct {
	Addr  uint16   `json:"addr"`
	Words []uint16 `json:"words"`
}

// Each profile against the registers of a device: what is read, and what a command writes in which order.
func TestProfiles_ReadAndWriteAsTheGoldenFilesSay(t *testing.T) {
	cases, err := filepath.Glob("testdata/*/input.json")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, input := range cases {
		folder := filepath.Dir(input)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			got, err := json.MarshalIndent(runGolden(t, input), "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, '\n')
			want := filepath.Join(folder, "want.json")
			if *update {
				if err := os.WriteFile(want, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if expected, err := os.ReadFile(want); err != nil || !bytes.Equal(got, expected) {
				t.Fatalf("got %s\nwant %s %v", got, expected, err)
			}
		})
	}
}

func runGolden(t *testing.T, path string) (out goldenWant) {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var in goldenInput
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		t.Fatal(err)
	}
	slave := newBank(map[uint16]uint16{})
	for first, words := range in.Registers {
		addr, err := strconv.ParseUint(first, 10, 16)
		if err != nil {
			t.Fatal(err)
		}
		slave.set(uint16(addr), words...)
	}
	address, _ := serveBank(t, slave, "")
	device, driver := newDevice(t, Config{Profile: profileOf(t, in.Profile), Params: in.Params,
		Bus: openBus(t, "tcp://"+address, newHandClock(), newEager), Clock: newHandClock()})
	pollAll(t, driver)
	out.Before = device.Observe()
	for i, c := range in.Tell {
		if c.Power == nil {
			err = device.Setpoint.Release(t.Context())
		} else {
			err = device.Setpoint.SetPower(t.Context(), *c.Power, time.Duration(c.LeaseS*float64(time.Second)))
		}
		if (err != nil) != c.Refused {
			t.Fatalf("command %d: %v", i, err)
		}
	}
	for _, w := range slave.log() {
		out.Writes = append(out.Writes, goldenWrite{w.addr, w.words})
	}
	if o := device.Observe(); o.Setpoint.Valid {
		out.After = &o.Setpoint.Value
	}
	return out
}

// newDevice fills in what a test does not care about.
func newDevice(t testing.TB, c Config) (*devices.Device, *driver) {
	t.Helper()
	if c.Name == "" {
		c.Name = "it"
	}
	if c.Log == nil {
		c.Log = quiet()
	}
	device, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { device.Driver.Close() })
	return device, device.Driver.(*driver)
}

// pollAll reads each block once, as Run does.
func pollAll(t testing.TB, d *driver) {
	t.Helper()
	for _, b := range d.blocks {
		b.wait = d.poll(t.Context(), b, d.priority)
	}
}
