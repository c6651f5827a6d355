package modbus

import (
	"fmt"
	"math"
	"net"
	"strconv"
	"testing"

	"hearth/devices/devicetest"
	"hearth/energy"
)

// pollAs are the options of mbpoll that read a register type. It knows no 64-bit values, and takes 32-bit
// integers and floats apart by -B, which says that the high word comes first.
var pollAs = map[string]string{"u16": "4", "i16": "4", "u32": "4:int", "i32": "4:int", "f32": "4:float"}

// Our slaves are checked by a client that is not ours and not Go: what both our slave and our driver
// misread in the same way would pass every other test.
func TestMbpoll_ReadsThePowerOfEverySlave(t *testing.T) {
	mbpollPath := needPeer(t, "mbpoll", "mbpoll")
	for _, id := range modbusIDs(t) {
		s := newSimulated(t, id, devicetest.NewClock(start))
		for _, p := range s.profile.Points {
			if p.Name != "power" || p.Minus != nil || p.Negative != nil {
				continue // told in two registers
			}
			want := energy.Watts(1234)
			if p.Sign < 0 && oneWay[id] {
				want = -want
			}
			s.Measure(want)
			host, port, err := net.SplitHostPort(s.address)
			if err != nil {
				t.Fatal(err)
			}
			kind := pollAs[p.Type]
			if p.FC == 4 {
				kind = "3" + kind[1:]
			}
			args := []string{"-m", "tcp", "-a", "1", "-p", port, "-r", strconv.Itoa(p.Addr), "-c", "1", "-t", kind}
			if p.Words != "little" {
				args = append(args, "-B")
			}
			values := mbpoll(t, mbpollPath, append(args, host)...)
			if len(values) != 1 {
				t.Errorf("%s: %q", id, values)
				continue
			}
			raw, err := strconv.ParseFloat(values[0], 64)
			sign := map[bool]float64{true: -1, false: 1}[p.Sign < 0]
			scale := map[bool]float64{true: 1, false: p.Scale}[p.Scale == 0]
			if err != nil || math.Abs(raw*scale*sign-float64(want)) > 1 {
				t.Errorf("%s: mbpoll reads %v, want %v", id, values, want)
			}
		}
	}
}

// The same slave through mbpoll and through us, on a serial line.
func TestMbpoll_AndWeReadTheSameOnASerialLine(t *testing.T) {
	mbpollPath := needPeer(t, "mbpoll", "mbpoll")
	own := startSerialPymodbus(t)
	args := []string{"-m", "rtu", "-a", "1", "-b", "19200", "-P", "none", "-B"}
	theirs := mbpoll(t, mbpollPath, append(args, "-r", "52", "-c", "1", "-t", "3:float", own)...)
	if fmt.Sprint(theirs) != "[1100]" {
		t.Errorf("mbpoll reads %v", theirs)
	}
	speaksWith(t, openBus(t, "rtu://"+own+"?parity=N&timeout=2s", newHandClock(), newEager))
	theirs = mbpoll(t, mbpollPath, append(args, "-r", "100", "-c", "3", "-t", "4", own)...)
	if fmt.Sprint(theirs) != "[258 772 1286]" {
		t.Errorf("what we wrote mbpoll reads as %v", theirs)
	}
}
