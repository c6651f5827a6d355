package modbus

// natures are how the devices that act behave, as their makers describe it.
var natures = map[string]nature{
	"alfen-eve": {
		begins: map[uint16]uint16{1201: 0x4332, 1210: 0x40C0, 1212: 0x40C0, 1215: 3}, // six amperes
		fedBy:  []uint16{1210, 1211}, watchdog: always(60),
		lapse: func(s *simulated) { s.words[1210], s.words[1211] = s.words[1212], s.words[1213] },
		settle: func(s *simulated) { // seconds left
			left := max(60-int(s.clock.Now().Sub(s.fed).Seconds()), 0)
			s.words[1209], s.words[1214] = uint16(left), 0
			if left > 0 {
				s.words[1214] = 1
			}
		},
	},
	"webasto-next": {
		begins: map[uint16]uint16{1000: 3, 1104: 6, 2000: 6, 2002: 60, 5004: 6}, mirrors: map[uint16]uint16{5004: 1104},
		fedBy: []uint16{6000}, pulses: []uint16{6000}, watchdog: in(2002),
		lapse: func(s *simulated) { s.words[5004], s.words[1104] = s.words[2000], s.words[2000] },
	},
	"heidelberg-energy-control": {
		begins:   map[uint16]uint16{5: 7, 257: 15000, 261: 60, 262: 60},
		watchdog: func(w func(uint16) int) int { return w(257) / 1000 },
		lapse:    func(s *simulated) { s.words[261] = s.words[262] },
	},
	"abb-terra-ac": {
		begins: map[uint16]uint16{0x400B: 0x0111, 0x400F: 6000, 0x4101: 6000}, mirrors: map[uint16]uint16{0x4101: 0x400F},
		watchdog: always(60), lapse: func(s *simulated) { s.words[0x4101], s.words[0x400F] = 6000, 6000 },
	},
	"keba-p30": { // a vehicle that charges whenever it may
		begins: map[uint16]uint16{1005: 7, 5014: 1, 5004: 6000, 5016: 6000, 1553: 1},
		fedBy:  []uint16{5018}, watchdog: in(5018),
		lapse: func(s *simulated) { s.words[5004], s.words[5014] = s.words[5016], 1 },
		settle: func(s *simulated) {
			s.words[1001] = 5
			if s.words[5014] == 1 {
				s.words[1001] = 3
			}
			s.words[1101], s.words[1553] = s.words[5004], s.words[5052]
		},
	},
	"victron-evcs": {begins: map[uint16]uint16{5009: 1, 5010: 1, 5015: 2, 5016: 6}},
	"victron-gx-mode3": {
		begins: map[uint16]uint16{2902: 1, 843: 50},
		fedBy:  []uint16{37}, watchdog: always(60), lapse: func(s *simulated) { s.words[37] = 0x7FFF }, // passing through
	},
	"huawei-luna": { // does at once what it is forced to, until the period is over
		begins: map[uint16]uint16{37760: 500}, fedBy: []uint16{47100},
		watchdog: func(w func(uint16) int) int { return 60 * w(47083) },
		lapse:    func(s *simulated) { s.words[47100] = 0 },
	},
	"solaredge-hybrid": {
		begins: map[uint16]uint16{0xE00A: 1, 0xE00B: 3600, 0xE00D: 7, 0xE185: 0x4248}, // 50 %
		fedBy:  []uint16{0xE00B, 0xE00D}, watchdog: in(0xE00B),
		lapse: func(s *simulated) { s.words[0xE00D] = s.words[0xE00A] },
	},
	"sungrow-hybrid": {begins: map[uint16]uint16{13022: 500, 13050: 0xCC}},
	"stiebel-wpm": {begins: map[uint16]uint16{5000: 2, 521: 485}, settle: func(s *simulated) {
		s.words[5000] = map[[2]uint16]uint16{{0, 1}: 1, {0, 0}: 2, {1, 0}: 3, {1, 1}: 4}[[2]uint16{s.words[4001], s.words[4002]}]
	}},
}

// always is a watchdog nobody can set.
func always(seconds int) func(func(uint16) int) int {
	return func(func(uint16) int) int { return seconds }
}

// in is a watchdog whose seconds are in a register.
func in(addr uint16) func(func(uint16) int) int {
	return func(w func(uint16) int) int { return w(addr) }
}
