package energy

import (
	"encoding/json"
	"testing"
)

func TestSetpoint_ReadsAsASentenceInTheLog(t *testing.T) {
	for _, c := range []struct {
		s    Setpoint
		want string
	}{
		{Setpoint{}, "release"},
		{Setpoint{Mode: On}, "on"},
		{Setpoint{Mode: On, Power: 2000}, "on"},
		{Setpoint{Mode: Off}, "off"},
		{Setpoint{Mode: AtPower, Power: 3600}, "power 3.6kW"},
		{Setpoint{Mode: AtPower}, "power 0W"},
		{Setpoint{Mode: AtPower, Power: 1380, Phases: 1}, "power 1.38kW on 1 phase"},
		{Setpoint{Mode: AtPower, Power: 11000, Phases: 3}, "power 11kW on 3 phases"},
		{Setpoint{Mode: AtMost, Power: -3000}, "at_most -3kW"},
		{Setpoint{Mode: Blocked}, "blocked"},
		{Setpoint{Mode: Recommended}, "recommended"},
		{Setpoint{Mode: Forced}, "forced"},
		{Setpoint{Mode: OnPhases, Phases: 1}, "on 1 phase"},
	} {
		if got := c.s.String(); got != c.want {
			t.Errorf("%#v is %q, want %q", c.s, got, c.want)
		}
	}
}

// Stored states and decisions are read again by later versions, and those of earlier ones by this.
func TestSetpoint_IsStoredAsBefore(t *testing.T) {
	for text, s := range map[string]Setpoint{
		`{"mode":""}`:                              {},
		`{"mode":"on"}`:                            {Mode: On},
		`{"mode":"power","power":-500}`:            {Mode: AtPower, Power: -500},
		`{"mode":"power","power":1380,"phases":1}`: {Mode: AtPower, Power: 1380, Phases: 1},
		`{"mode":"at_most","power":-3000}`:         {Mode: AtMost, Power: -3000},
		`{"mode":"forced"}`:                        {Mode: Forced},
	} {
		got, err := json.Marshal(s)
		if err != nil || string(got) != text {
			t.Errorf("%v is stored as %s, want %s (%v)", s, got, text, err)
		}
		var back Setpoint
		if err := json.Unmarshal([]byte(text), &back); err != nil || back != s {
			t.Errorf("%s is read as %v, want %v (%v)", text, back, s, err)
		}
	}
}
