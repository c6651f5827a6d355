package sunspec

// The numbers of the models we know.
const (
	common        = 1
	nameplate     = 120
	basicSettings = 121
	controls      = 123
	storage       = 124
	strings160    = 160
	derAC         = 701
	derCapacity   = 702
	derControls   = 704
	derStorage    = 713
	batteryBank   = 802
)

var (
	integerInverters = []int{101, 102, 103}
	floatInverters   = []int{111, 112, 113}
	integerMeters    = []int{201, 202, 203, 204}
	floatMeters      = []int{211, 212, 213, 214}

	// kept are the models whose registers the walk reads whole: who it is, ratings, controls.
	kept = []int{common, nameplate, basicSettings, controls, storage, strings160, derCapacity, derControls, derStorage, batteryBank}
)

// kind is a type of the standard.
type kind string

const (
	u16    kind = "u16"
	i16    kind = "i16"
	u32    kind = "u32"
	i32    kind = "i32"
	u64    kind = "u64"
	f32    kind = "f32"
	acc32  kind = "acc32" // a counter, where 0 means not implemented
	sunssf kind = "sunssf"
)

// field is where a value stands in its model. Offsets count from the register that holds the ID.
type field struct {
	offset int
	kind   kind
	scale  int // offset of its scale factor; 0: it has none
}

func (f field) size() int {
	switch f.kind {
	case u32, i32, f32, acc32:
		return 2
	case u64:
		return 4
	}
	return 1
}

// absent are the raw values that mean "not implemented".
func (f field) absent() []uint64 {
	switch f.kind {
	case u16:
		return []uint64{0xFFFF}
	case i16, sunssf:
		return []uint64{0x8000}
	case u32:
		return []uint64{0xFFFFFFFF}
	case i32:
		return []uint64{0x80000000}
	case u64:
		return []uint64{0xFFFFFFFFFFFFFFFF, 0x8000000000000000} // the counters of 701 were acc64 once
	case f32:
		return []uint64{0x7FC00000}
	case acc32:
		return []uint64{0, 0xFFFFFFFF} // the second is what devices say that are asleep; it is no reading in a home
	}
	return nil
}

// register is the type as profiles call it.
func (f field) register() string {
	if f.kind == acc32 {
		return string(u32)
	}
	return string(f.kind)
}

// reading is a field with its meaning for a home.
type reading struct {
	point, unit string
	sign        int
	field       field
}

// readings of each model, with our sign: producing and discharging are negative. A sign of 0 is the owner's
// to say.
func readings(id int) []reading {
	switch id {
	case 101, 102, 103:
		return []reading{{"power", "W", -1, field{14, i16, 15}}, {"energy_export", "Wh", 1, field{24, acc32, 26}}}
	case 111, 112, 113:
		return []reading{{"power", "W", -1, field{22, f32, 0}}, {"energy_export", "Wh", 1, field{32, f32, 0}}}
	case derAC:
		return []reading{{"power", "W", -1, field{10, i16, 116}},
			{"energy_export", "Wh", 1, field{19, u64, 120}}, {"energy_import", "Wh", 1, field{23, u64, 120}}}
	case 201, 202, 203, 204:
		return []reading{{"power", "W", 0, field{18, i16, 22}},
			{"energy_export", "Wh", 1, field{38, acc32, 54}}, {"energy_import", "Wh", 1, field{46, acc32, 54}}}
	case 211, 212, 213, 214:
		return []reading{{"power", "W", 0, field{28, f32, 0}},
			{"energy_export", "Wh", 1, field{60, f32, 0}}, {"energy_import", "Wh", 1, field{68, f32, 0}}}
	case storage:
		return []reading{{"soc", "%", 1, field{8, u16, 22}}}
	case derStorage:
		return []reading{{"soc", "%", 1, field{4, u16, 8}}}
	case batteryBank:
		return []reading{{"soc", "%", 1, field{11, u16, 56}}, {"power", "W", 0, field{47, i16, 63}}}
	}
	return nil
}

// Ratings, each in W, and the controls that depend on them.
var (
	ratedPower  = field{3, u16, 4}   // 120: WRtg
	setPower    = field{2, u16, 22}  // 121: WMax
	derMost     = field{26, u16, 45} // 702: WMax
	derCharge   = field{34, u16, 45} // 702: WChaRteMax
	derDrain    = field{35, u16, 45} // 702: WDisChaRteMax
	storageMost = field{2, u16, 18}  // 124: WChaMax
)

// settings are the fields of a model that are built into a profile, scale factors among them.
func settings(id int) []field {
	scale := func(offset int) field { return field{offset, sunssf, 0} }
	switch id {
	case nameplate:
		return []field{ratedPower}
	case basicSettings:
		return []field{setPower}
	case controls:
		return []field{scale(23)}
	case storage:
		return []field{storageMost, scale(25)}
	case derCapacity:
		return []field{derMost, derCharge, derDrain}
	case derControls:
		return []field{scale(54), scale(55)}
	case strings160:
		return []field{moduleCount}
	}
	return nil
}
