package agent

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"hearth/energy"
	"hearth/internal/clock"
	"hearth/internal/config"
	"hearth/storage"
)

// singleHome is a home of one battery and one meter, on a bus where nobody is, its folder, and that for what is temporary.
func singleHome(t *testing.T, unit string) (o Options, dir, tmp string) {
	t.Helper()
	dir, tmp = t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", tmp)
	cfg, err := config.Read([]byte(`home: {name: H, zone: UTC, currency: EUR, max_import: 9kW}
storage: {path: h.db}
modbus: [{name: bus, url: "tcp://127.0.0.1:1"}]
devices:
  - {name: luna, kind: battery, profile: huawei-luna, link: bus, params: {unit: `+unit+`}, battery: {capacity: 10kWh, max_charge: 3kW, max_discharge: 3kW}}
  - {name: grid, kind: grid, profile: eastron-sdm630, link: bus}
`), config.Environment{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return Options{Config: cfg, Clock: clock.Wall{}, Log: slog.New(slog.DiscardHandler)}, dir, tmp
}

// empty says that nothing was left in a folder.
func empty(t *testing.T, dir string) {
	t.Helper()
	if left, err := filepath.Glob(filepath.Join(dir, "hearth*")); err != nil || len(left) > 0 {
		t.Errorf("left in %s: %v %v", dir, left, err)
	}
}

func TestLookAtDevice_LeavesNothingBehind(t *testing.T) {
	o, dir, tmp := singleHome(t, "1")
	s, err := LookAtDevice(t.Context(), o, "luna")
	if err != nil {
		t.Fatal(err)
	}
	if s.IsControlled() || s.Device.Name != "luna" || s.LinkErr() != nil {
		t.Errorf("%+v", s)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
	empty(t, tmp)
	if _, err := os.Stat(filepath.Join(dir, "h.db")); err == nil {
		t.Error("it has made a store")
	}
	if o.Config.Storage != filepath.Join(dir, "h.db") || len(o.Config.Devices) != 2 {
		t.Error("it has changed the configuration")
	}
}

func TestOpenDevice_TakesTheStoreAndLetsGoOfIt(t *testing.T) {
	o, _, tmp := singleHome(t, "1")
	s, err := OpenDevice(t.Context(), o, "luna")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenDevice(t.Context(), o, "luna"); !errors.Is(err, storage.ErrLocked) {
		t.Errorf("a second one: %v", err)
	}
	if _, err := New(t.Context(), o); !errors.Is(err, storage.ErrLocked) {
		t.Errorf("an agent beside it: %v", err)
	}
	d := s.Request(t.Context(), energy.Setpoint{Mode: energy.AtPower, Power: 1000})
	if !s.IsControlled() || d.Sent != nil {
		t.Errorf("it commands what was never heard: %+v", d)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := OpenDevice(t.Context(), o, "grid")
	if err != nil {
		t.Fatal(err)
	}
	if again.IsControlled() {
		t.Error("a meter takes no commands")
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
	empty(t, tmp)
}

func TestOpenDevice_LetsGoOfEverythingWhenItFails(t *testing.T) {
	o, _, tmp := singleHome(t, "999")
	for name, want := range map[string]error{"pump": ErrNoDevice, "luna": ErrConfig} {
		if _, err := LookAtDevice(t.Context(), o, name); !errors.Is(err, want) {
			t.Errorf("look at %s: %v", name, err)
		}
		if _, err := OpenDevice(t.Context(), o, name); !errors.Is(err, want) {
			t.Errorf("open %s: %v", name, err)
		}
	}
	empty(t, tmp)
}
