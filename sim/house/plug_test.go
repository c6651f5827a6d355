package house

import (
	"testing"
	"time"

	"hearth/energy"
)

func TestPlug_EndsAnOnWhenItsPulseIsOver(t *testing.T) {
	p := Plug{Pulse: time.Minute}
	p.Turn(true)
	for range 11 {
		p.step(100, 5*time.Second)
	}
	p.Turn(true) // every "on" begins the pulse anew
	for range 11 {
		if p.step(100, 5*time.Second); !p.IsOn {
			t.Fatal("off before the pulse was over")
		}
	}
	if p.step(100, 5*time.Second); p.IsOn || p.Left != 0 {
		t.Errorf("on %t with %v left after the pulse", p.IsOn, p.Left)
	}
	if want := energy.Watts(100).Over(115 * time.Second); !near(p.Energy, want) {
		t.Errorf("counted %v, want %v", p.Energy, want)
	}
}

func TestPlug_StaysOnWithoutAPulse(t *testing.T) {
	p := Plug{}
	p.Turn(true)
	for range 10000 {
		p.step(0, time.Minute)
	}
	if !p.IsOn {
		t.Error("went off by itself")
	}
}

func TestPlug_ThatSticksDoesNotMove(t *testing.T) {
	p := Plug{IsOn: true, Sticks: true}
	if p.Turn(false); !p.IsOn {
		t.Error("moved")
	}
}
