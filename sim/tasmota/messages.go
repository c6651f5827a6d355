package tasmota

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// timeForm is how Tasmota writes the local time.
const timeForm = "2006-01-02T15:04:05"

// sensor is the body of tele/SENSOR and, wrapped, of STATUS10. Watts are whole, as WattRes 0 has it.
func (p *Plug) sensor(r Reading) any {
	amps := float64(r.Power) / mains
	return struct {
		Time   string
		Energy any `json:"ENERGY"`
	}{r.At.Format(timeForm), struct {
		Total   float64 // kWh
		Power   int     // W
		Voltage int     // V
		Current float64 // A
	}{math.Round(float64(r.Energy)) / 1000, watts(r), mains, math.Round(amps*1000) / 1000}}
}

// state is the body of tele/STATE and, wrapped, of STATUS11.
func (p *Plug) state(r Reading) any {
	up := r.At.Sub(p.born)
	clock := time.Time{}.Add(up).Format("15:04:05")
	return struct {
		Time      string
		Uptime    string
		UptimeSec int64
		Power     string `json:"POWER"`
	}{r.At.Format(timeForm), fmt.Sprintf("%dT%s", int(up/(24*time.Hour)), clock), int64(up.Seconds()), onOff(r.IsOn)}
}

const mains = 230 // V

func watts(r Reading) int { return int(math.Round(float64(r.Power))) }

func onOff(on bool) string {
	if on {
		return "ON"
	}
	return "OFF"
}

func parseSwitch(payload string, was bool) (on, ok bool) {
	switch strings.ToUpper(payload) {
	case "ON", "1", "TRUE":
		return true, true
	case "OFF", "0", "FALSE":
		return false, true
	case "TOGGLE", "2":
		return !was, true
	}
	return false, false
}

// pulseLength reads PulseTime's two scales: 1..111 are tenths of a second, 112..64900 seconds above 100
// (docs/Commands.md, PulseTime).
func pulseLength(set int) time.Duration {
	if set <= 111 {
		return time.Duration(set) * time.Second / 10
	}
	return time.Duration(set-100) * time.Second
}

// pulseSetting is the inverse of pulseLength, up to its steps.
func pulseSetting(d time.Duration) int {
	if d <= pulseLength(111) {
		return int(d / (time.Second / 10))
	}
	return int((d+time.Second-1)/time.Second) + 100
}

// number reads a command's number inside bounds.
func number(payload string, low, high int) (int, bool) {
	n, err := strconv.Atoi(payload)
	return n, err == nil && low <= n && n <= high
}

func text(body any) []byte {
	b, err := json.Marshal(body)
	if err != nil {
		panic(err) // all bodies are made here of strings and finite numbers
	}
	return b
}
