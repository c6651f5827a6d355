package sim

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"hearth/sim/house"
	"hearth/sim/market"
)

// Config is the agent's configuration for this home, YAML. Start comes first. It writes the
// secrets of whoever tells prices to files in dir, where the configuration puts the store too; listen is the address of the page.
//
// What waits for an answer on a socket is given time of the wall: the faster the clock, the longer.
func (h *Home) Config(dir, listen string) ([]byte, error) {
	s := &h.sockets
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.isStarted {
		return nil, errors.New("configure simulated home: not started")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("configure simulated home: %w", err)
	}
	signals, err := h.signals(dir)
	if err != nil {
		return nil, err
	}
	heard := fmt.Sprintf("max_age: %v, confirm_within: %v", h.wire(5*time.Minute, 4*time.Second), h.wire(time.Minute, time.Second))
	pace := fmt.Sprintf("poll: %v, ", h.wire(5*time.Second, 100*time.Millisecond)) + heard // of Modbus: plugs speak by themselves
	lines, plugLines := block(pace), block(heard)
	when := "cheapest"
	if h.market.Place().Name == market.Italy.Name { // where somebody recommends something
		when = "recommended"
	}
	return fmt.Appendf(nil, configuration,
		h.zone, h.market.Place().Currency, signals,
		h.wire(10*time.Second, 100*time.Millisecond), h.wire(5*time.Minute, 1500*time.Millisecond), h.wire(2*time.Second, 100*time.Millisecond),
		s.broker.url(), s.cabinet.URL(), s.garage.URL(),
		gridUnit, pace, solarUnit, pace,
		batteryUnit, lines, house.BatteryCapacity, house.BatteryMin, house.BatteryMax,
		house.BatteryPower, house.BatteryPower, 100*house.BatteryEfficiency, h.market.Place().Currency,
		chargerUnit, lines, 100*house.CarEfficiency,
		Dishwasher, plugLines, programText(), when, Boiler, plugLines, house.HeaterPower,
		filepath.Join(dir, "hearth.db"), listen,
	), nil
}

// block is flow entries as lines of their own.
func block(entries string) string { return strings.ReplaceAll(entries, ", ", "\n    ") }

func programText() string {
	var out []string
	for _, p := range house.ProgramPower(programStep) {
		out = append(out, p.String())
	}
	return strings.Join(out, ", ")
}

const programStep = 15 * time.Minute

// configuration asks for a little more heat than the tank's average day needs, and for the charge a
// day's driving takes; car and thermostat end by themselves what is too much.
const configuration = `# Written by the simulated home.
home:
  name: Simulated home
  zone: %v
  currency: %v
  max_import: 17kW
  max_export: 10kW
%scycle: %v
planning: {slot: 15m, horizon: 36h, every: %v, time_limit: 300ms}
protection: {every: %v}
mqtt:
  - {name: house, url: %q}
modbus:
  - {name: cabinet, url: %q}
  - {name: garage, url: %q}
devices:
  - {name: grid, title: Grid, kind: grid, profile: eastron-sdm630, link: cabinet, params: {unit: "%d"}, %s}
  - {name: solar, title: Solar roof, kind: solar, profile: eastron-sdm630, link: cabinet, params: {unit: "%d"}, %s}
  - name: battery
    title: House battery
    kind: battery
    profile: huawei-luna
    link: cabinet
    params: {unit: "%d"}
    %s
    battery: {capacity: %v, min: %v, max: %v, max_charge: %v, max_discharge: %v, efficiency: %v%%, wear: 0.02 %v/kWh}
  - name: car
    title: Car
    kind: vehicle
    profile: keba-p30
    link: garage
    params: {unit: "%d", phases: "3"}
    %s
    vehicle: {need: 15kWh, ready: "07:00", max_charge: 11.04kW, min_charge: 4.14kW, efficiency: %v%%}
  - name: dishwasher
    title: Dishwasher
    kind: appliance
    profile: tasmota-plug
    link: house
    params: {topic: %s, power_on_state: "1"}
    %s
    program: {step: 15m, power: [%s]}
    daily: {after: "19:00", before: "07:00"}
    when: %s
  - name: boiler
    title: Water heater
    kind: load
    profile: tasmota-plug
    link: house
    params: {topic: %s}
    %s
    run: {power: %v, for: 2h15m, at_least: 30m}
    daily: {after: "00:00", before: "24:00"}
storage: {path: %q}
http: {listen: %q}
`
