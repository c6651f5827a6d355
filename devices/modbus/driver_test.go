package modbus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/simonvetter/modbus"
	"pgregory.net/rapid"

	"hearth/devices/profiles"
	"hearth/energy"
	"hearth/internal/clock"
)

// toy is a meter with a counter and a lamp, in one block and two single registers.
func toy() *profiles.Profile {
	low, high := -5000.0, 5000.0
	return &profiles.Profile{ID: "toy", Transport: profiles.Modbus,
		Points: []profiles.Point{
			{Name: "power", Unit: "W", FC: 3, Addr: 10, Type: "i16", Block: "b", PollS: 5, Min: &low, Max: &high, NaN: []string{"0x8000"}},
			{Name: "energy_import", Unit: "kWh", FC: 3, Addr: 12, Type: "u32", Block: "b", PollS: 5, NaN: []string{"0x0000FFFF"}},
			{Name: "switch", Unit: "bool", FC: 3, Addr: 20, Type: "u16", Values: []int{3, 4}, PollS: 60},
		},
		Actions: []profiles.Action{
			{Name: "setup", Write: []profiles.Write{{FC: 6, Addr: 39, Type: "u16", Value: "7"}}},
			{Name: "on", Write: []profiles.Write{
				{FC: 16, Addr: 40, Type: "u16", Value: "{lease_s}"},
				{FC: 16, Addr: 41, Type: "u16", Value: "3"},
			}},
			{Name: "off", Write: []profiles.Write{{FC: 6, Addr: 41, Type: "u16", Value: "1"}}},
		},
		Confirm: &profiles.Confirm{Point: "switch", WithinS: 10},
		Lease:   &profiles.Lease{Kind: "timer", MinS: 1, MaxS: 3600},
	}
}

// toyDevice is a toy on a slave of its own, with what it logs.
func toyDevice(t *testing.T, p *profiles.Profile) (d *driver, slave *bank, clock *handClock, log *notes) {
	slave = newBank(map[uint16]uint16{10: 230, 11: 0, 12: 0, 13: 1000, 20: 1})
	address, _ := serveBank(t, slave, "")
	clock, log = newHandClock(), new(notes)
	_, d = newDevice(t, Config{Profile: p, Clock: clock, Log: slog.New(slog.NewTextHandler(log, nil)),
		Bus: openBus(t, "tcp://"+address+"?timeout=200ms", clock, newEager)})
	return d, slave, clock, log
}

// notes is a log that may be read while it is written.
type notes struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (n *notes) Write(b []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.Write(b)
}

func (n *notes) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.String()
}

// run runs the driver until the test ends.
func run(t *testing.T, d *driver) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := d.Run(ctx); err != nil {
			t.Errorf("run: %v", err)
		}
	})
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
}

func TestDriver_ReadsEachBlockWhenItIsDue(t *testing.T) {
	d, slave, clock, _ := toyDevice(t, toy())
	run(t, d)
	eventually(t, "first reads", func() bool { return slave.readCount(10) == 1 && slave.readCount(20) == 1 })
	for n := 2; n <= 13; n++ {
		clock.awaitSleeper(t)
		clock.Advance(5 * time.Second)
		eventually(t, fmt.Sprintf("read %d of the block", n), func() bool { return slave.readCount(10) == n })
	}
	eventually(t, "second read of the lamp after a minute", func() bool { return slave.readCount(20) == 2 })
	clock.awaitSleeper(t)
	if p := d.Power(); p != energy.Read(energy.Watts(230), start.Add(time.Minute)) {
		t.Errorf("power %+v", p)
	}
	if got := slave.reads[0]; got != [2]uint16{10, 4} {
		t.Errorf("the block was read as %v", got)
	}
}

// In the demo a minute passes in a tenth of a second; deadlines on the wire stay real.
func TestDriver_ReadsAndObeysWhenTheClockRunsSixHundredTimesAsFast(t *testing.T) {
	slave := newBank(map[uint16]uint16{1000: 0, 1001: 3, 1004: 0, 1005: 7, 1020: 63, 1021: 11272, 1036: 0, 1037: 1, 1502: 0, 1503: 1, 1100: 0, 1101: 6000})
	address, _ := serveBank(t, slave, "")
	fast := clock.NewFast(start, 600)
	device, d := newDevice(t, Config{Profile: profileOf(t, "keba-p30"), Poll: time.Minute, Clock: fast,
		Bus: openBus(t, "tcp://"+address, fast, newSteady)})
	run(t, d)
	eventually(t, "three readings", func() bool { return slave.readCount(1020) == 3 })
	if o := device.Observe(); math.Round(float64(o.Power.Value)) != 4140 || o.Power.At.Before(start.Add(time.Minute)) || o.Power.At.After(fast.Now()) {
		t.Errorf("power %+v at %v", o.Power, fast.Now())
	}
	told := fast.Now()
	if err := device.Setpoint.SetPower(t.Context(), 4140, 10*time.Minute); err != nil {
		t.Fatal(err)
	}
	if s := device.Observe().Setpoint; s.Value != 4140 || !s.At.After(told) {
		t.Errorf("setpoint %+v, told at %v", s, told)
	}
}

func TestDriver_PollReplacesTheProfilesRhythm(t *testing.T) {
	slave := newBank(map[uint16]uint16{10: 0, 11: 0, 12: 0, 13: 0, 20: 1})
	address, _ := serveBank(t, slave, "")
	clock := newHandClock()
	_, d := newDevice(t, Config{Profile: toy(), Poll: time.Minute, Clock: clock, Bus: openBus(t, "tcp://"+address, clock, newEager)})
	for _, b := range d.blocks {
		if b.poll != time.Minute || b.points[0].maxAge != 3*time.Minute {
			t.Errorf("block %s: poll %v, valid for %v", b.points[0].Name, b.poll, b.points[0].maxAge)
		}
	}
}

func TestDriver_ReadsOnAfterTheClockWasSetBack(t *testing.T) {
	d, slave, clock, _ := toyDevice(t, toy())
	run(t, d)
	eventually(t, "first read", func() bool { return slave.readCount(20) == 1 })
	clock.awaitSleeper(t)
	clock.Advance(-24 * time.Hour)
	// The sleep under way still ends by the old time; what matters is that no block waits a day.
	for _, b := range d.blocks {
		if w := b.delay(clock.Now()); w > 0 {
			t.Errorf("block %s waits %v", b.points[0].Name, w)
		}
	}
}

func TestDriver_ASilentDeviceKeepsItsReadingWithItsTimeUntilTooOld(t *testing.T) {
	d, slave, clock, log := toyDevice(t, toy())
	pollAll(t, d)
	clock.Advance(time.Minute)
	slave.missing[10] = nil
	d.Bus.address.target = freePort(t) // gone
	_ = d.Bus.hangUp()
	for range 3 {
		pollAll(t, d)
	}
	if p := d.Power(); p != energy.Read(energy.Watts(230), start) {
		t.Errorf("power %+v", p)
	}
	if o := d.Online(); o != energy.Read(false, clock.Now()) {
		t.Errorf("online %+v", o)
	}
	clock.Advance(2 * time.Minute)
	if p := d.Power(); p.Valid || !p.At.Equal(start) {
		t.Errorf("power after three minutes of silence: %+v", p)
	}
	if n := strings.Count(log.String(), "device lost"); n != 1 {
		t.Errorf("lost was logged %d times:\n%s", n, log)
	}
	d.Bus.address.target, _ = serveBank(t, slave, "")
	for range 3 {
		pollAll(t, d)
	}
	if n := strings.Count(log.String(), "device back"); n != 1 || !d.Online().Value || !d.Power().Valid {
		t.Errorf("back was logged %d times:\n%s", n, log)
	}
}

func TestDriver_NotThereIsUnknownAndNotZero(t *testing.T) {
	d, slave, _, _ := toyDevice(t, toy())
	pollAll(t, d)
	slave.set(10, 0x8000)
	pollAll(t, d)
	if p := d.Power(); p.Valid {
		t.Errorf("power %+v", p)
	}
}

func TestDriver_DropsWhatIsImplausibleAndSaysSoOnce(t *testing.T) {
	d, slave, clock, log := toyDevice(t, toy())
	pollAll(t, d)
	slave.set(10, 6000)
	for range 3 {
		clock.Advance(5 * time.Second)
		pollAll(t, d)
	}
	if p := d.Power(); p != energy.Read(energy.Watts(230), start) {
		t.Errorf("power %+v", p)
	}
	slave.set(10, 0xFFFF) // -1
	pollAll(t, d)
	if p := d.Power(); p != energy.Read(energy.Watts(-1), clock.Now()) {
		t.Errorf("power %+v", p)
	}
	if err := containsAll(log.String(), "power 6000 is not plausible", "power after 3 dropped"); err != nil || strings.Count(log.String(), "value dropped") != 1 {
		t.Errorf("log %v:\n%s", err, log)
	}
}

// Whatever the registers say, a counter never falls and one wild value does not stop it for good.
func TestDriver_CountersNeverFall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, err := newDriver(Config{Name: "it", Profile: toy(), Log: quiet(), Clock: newHandClock(), Bus: nil})
		if err != nil {
			t.Fatal(err)
		}
		now, count, last := start, uint16(1000), 0.0 // kWh, Wh
		say := func(count uint16) float64 {
			p.take(p.blocks[0], []byte{0, 0, 0, 0, 0, 0, byte(count >> 8), byte(count)}, now)
			if r := p.readings["energy_import"]; r.Valid {
				return r.Value
			}
			return last
		}
		last = say(count)
		for _, step := range rapid.SliceOfN(rapid.IntRange(-3, 3), 1, 40).Draw(t, "steps") {
			now = now.Add(10 * time.Minute)
			var got float64
			switch {
			case step < 0:
				got = say(count / 2) // a glitch downwards
			case step == 3:
				got = say(count + 500) // 500 kWh at once
			case step == 0:
				if got = say(0xFFFF); p.readings["energy_import"].Valid {
					t.Fatal("a counter that is not there is valid")
				}
			default:
				count++
				got = say(count)
			}
			if got < last || got > float64(count)*1000 {
				t.Fatalf("after %v it stands at %v, the meter at %v kWh", last, got, count)
			}
			last = got
		}
		now = now.Add(time.Hour)
		if got := say(count + 2); got != float64(count+2)*1000 {
			t.Fatalf("stands at %v while the meter says %v kWh", got, count+2)
		}
	})
}

func TestDriver_AsksForRefusedRegistersAgainTheNextDay(t *testing.T) {
	d, slave, clock, log := toyDevice(t, toy())
	slave.missing[20] = modbus.ErrIllegalDataAddress
	run(t, d)
	eventually(t, "refused", func() bool { return strings.Contains(log.String(), "registers refused") && slave.readCount(10) == 1 })
	slave.mu.Lock()
	slave.missing[20] = nil
	slave.mu.Unlock()
	for range 5 {
		n := slave.readCount(10)
		clock.awaitSleeper(t)
		clock.Advance(4 * time.Hour)
		eventually(t, "the block is read", func() bool { return slave.readCount(10) > n })
	}
	if slave.readCount(20) != 0 {
		t.Fatal("asked again within a day")
	}
	clock.awaitSleeper(t)
	clock.Advance(4 * time.Hour)
	eventually(t, "asked after a day", func() bool { return slave.readCount(20) == 1 })
	if d.Online().Value != true || strings.Contains(log.String(), "lost") {
		t.Errorf("a refusal is an answer:\n%s", log)
	}
}

func TestDriver_ABusyDeviceIsAskedAgainSoon(t *testing.T) {
	d, slave, _, log := toyDevice(t, toy())
	slave.missing[10] = modbus.ErrServerDeviceBusy
	for range 3 {
		pollAll(t, d)
	}
	if w := d.blocks[0].wait; w != 5*time.Second {
		t.Errorf("waits %v", w)
	}
	if n := strings.Count(log.String(), "refused"); n != 1 {
		t.Errorf("logged %d times:\n%s", n, log)
	}
}

func TestDriver_CloseEndsRunAndMayComeFirstAndTwice(t *testing.T) {
	d, slave, _, _ := toyDevice(t, toy())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(context.Background()) }()
	eventually(t, "first read", func() bool { return slave.readCount(10) == 1 })
	for range 2 {
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		go func() { ended <- d.Run(context.Background()) }() // after Close
	}
	<-ended
	for range 50 {
		if err := d.Turn(t.Context(), true, time.Minute); !errors.Is(err, errClosed) || len(slave.log()) != 0 {
			t.Fatalf("a closed driver still commands: %v", err)
		}
	}
}

func TestNew_GivesOnlyTheRolesTheProfileHas(t *testing.T) {
	roles := func(id string) string {
		bus := openBus(t, "tcp://127.0.0.1:1", newHandClock(), newEager)
		d, _ := newDevice(t, Config{Profile: profileOf(t, id), Bus: bus, Clock: newHandClock()})
		return fmt.Sprint(d.Meter != nil, d.Counter != nil, d.Switch != nil, d.Setpoint != nil, d.Battery != nil, d.Charger != nil, d.Availability != nil)
	}
	for id, want := range map[string]string{ //  meter counter switch setpoint battery charger availability
		"eastron-sdm630": "true true false false false false true",
		"keba-p30":       "true true false true false true true",
		"huawei-luna":    "true false false true true false true",
	} {
		if got := roles(id); got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
}

func TestNew_StatesWhatTheDeviceTakes(t *testing.T) {
	bus := openBus(t, "tcp://127.0.0.1:1", newHandClock(), newEager)
	keba, _ := newDevice(t, Config{Profile: profileOf(t, "keba-p30"), Params: map[string]string{"phases": "1", "max_current": "10"}, Bus: bus, Clock: newHandClock()})
	if c := keba.Capabilities; c.Floor != 1380 || c.Max != 2300 || c.Min != 0 || c.Lease != "silent" || c.LeaseMin != 10*time.Second ||
		c.LeaseMax != 10*time.Minute || !c.ReadBack || c.MinOn != 5*time.Minute || c.MaxSwitches != 24 || c.Tolerance != 50 {
		t.Errorf("keba: %+v", c)
	}
	huawei, _ := newDevice(t, Config{Profile: profileOf(t, "huawei-luna"), Params: map[string]string{"max_discharge": "2.5kW"}, Bus: bus, Clock: newHandClock()})
	if c := huawei.Capabilities; c.Floor != 0 || c.Max != 5000 || c.Min != -2500 || c.Lease != "timer" || c.LeaseMax != 24*time.Hour {
		t.Errorf("huawei: %+v", c)
	}
}

func TestNew_NamesEveryFault(t *testing.T) {
	p := toy()
	p.Params = []profiles.Param{{Name: "unit", Default: "0"}, {Name: "sign", Default: "2"}, {Name: "max_charge", Default: "5"}}
	p.Points = append(p.Points,
		profiles.Point{Name: "soc", Unit: "furlong", FC: 3, Type: "u16"},
		profiles.Point{Name: "setpoint", Unit: "mA", FC: 3, Type: "u16"},
		profiles.Point{Name: "plugged", Unit: "bool", FC: 1, Type: "u16"},
		profiles.Point{Name: "online", Unit: "bool", FC: 3, Addr: 65536, Type: "u16"},
		profiles.Point{Name: "energy_export", Unit: "Wh", FC: 4, Type: "u8"},
		profiles.Point{Name: "session_energy", Unit: "Wh", FC: 3, Addr: 200, Type: "u32", Block: "b", NaN: []string{"all"}},
		profiles.Point{Name: "session_energy", Unit: "Wh", FC: 3, Addr: 65535, Type: "u32", Block: "b"})
	p.Actions = append(p.Actions, profiles.Action{Name: "explode"}, profiles.Action{Name: "release", Write: []profiles.Write{
		{FC: 6, Addr: 1, Type: "u32", Value: "1"}, {FC: 16, Addr: 65535, Type: "u32", Value: "1"},
		{FC: 6, Addr: 2, Type: "u16", Value: "{nothing}"}, {FC: 6, Addr: 3, Type: "u16", Value: "{value}", Unit: "A"},
	}})
	p.Confirm.Point = "mode"
	_, err := New(Config{Name: "it", Profile: p, Log: quiet(), Clock: newHandClock()})
	if err == nil {
		t.Fatal("accepted")
	}
	if lack := containsAll(err.Error(), "modbus device it: profile toy", "unit: \"0\"", "sign: \"2\"", "max_charge", `unit "furlong"`,
		"amperes need the params", "function 1", "address 65536", `type "u8"`, `nan "all"`, "at most 125", "action explode: it writes nothing",
		"function 6 with type u32", "write 65535", `value "{nothing}"`, `unit "A"`, `no point "mode"`); lack != nil {
		t.Errorf("%v in:\n%v", lack, err)
	}
}

func TestNew_RefusesAProfileOfAnotherTransport(t *testing.T) {
	_, err := New(Config{Name: "it", Profile: profileOf(t, "tasmota-plug"), Params: map[string]string{"topic": "boiler"}, Log: quiet(), Clock: newHandClock()})
	if err == nil || containsAll(err.Error(), "device it", `transport is "mqtt"`) != nil {
		t.Errorf("%v", err)
	}
}

func TestNew_RefusesParamsTheProfileDoesNotKnow(t *testing.T) {
	for _, params := range []map[string]string{{"speed": "9"}, {"unit": "248"}, {"unit": "1.5"}, {"sign": "0"}, {"unit": "x"}} {
		if _, err := New(Config{Name: "it", Profile: profileOf(t, "eastron-sdm630"), Params: params, Log: quiet(), Clock: newHandClock()}); err == nil {
			t.Errorf("%v: accepted", params)
		}
	}
}
