// Package profiles holds what Hearth knows of real devices as data: one strict JSON file each.
//
// # Basics
//
// A [Profile] names the points a device offers (what can be read, where, in which unit and sign) and the
// actions it takes (what to send). Profiles of this folder are embedded in the binary; [Load] reads one
// more, [Profile.Fill] puts the parameters in. Reading is pure: unknown keys, points, units and parameters are faults, all reported at once.
//
// # Caveats
//
// There is no template language: only {name} of a declared parameter, {value} and {lease_s} are replaced.
package profiles

// Transport is the wire a profile speaks.
type Transport string

// The transports.
const (
	MQTT   Transport = "mqtt"
	Modbus Transport = "modbus"
)

// Profile is one device family.
type Profile struct {
	Schema    int       `json:"schema"` // 1
	ID        string    `json:"id"`
	Title     string    `json:"title"`
	Transport Transport `json:"transport"`
	Source    []string  `json:"source"`  // where the facts come from
	Tested    []string  `json:"tested"`  // model, firmware, date; empty: only against simulators
	Params    []Param   `json:"params"`  // what the configuration must or may name
	Points    []Point   `json:"points"`  // what can be read
	Actions   []Action  `json:"actions"` // what can be told
	Confirm   *Confirm  `json:"confirm"` // how a command shows; without it the device is not controlled
	Lease     *Lease    `json:"lease"`   // how a command ends by itself; without it the device is unguarded
	Limits    Limits    `json:"limits"`
}

// Param is a value that the configuration gives, replaced as {name}.
type Param struct {
	Name     string `json:"name"`
	Required bool   `json:"required"`
	Default  string `json:"default"`
	About    string `json:"about"`
}

// Point is one readable value. Names are a fixed vocabulary: power, energy_import, energy_export, soc,
// switch, setpoint, plugged, session_energy, online, and mode: a register that says how to read others.
// A name may stand several times: a register when each has its own When, a topic when one value is said at
// several (the newest counts).
type Point struct {
	Name    string   `json:"name"`
	Unit    string   `json:"unit"`      // W kW Wh kWh A mA V % bool enum: required; converted to W, Wh, fraction
	Sign    int      `json:"sign"`      // -1 turns the maker's sign round; 0 and +1 leave it
	MaxAgeS int      `json:"max_age_s"` // older is not valid; 0: the driver's default
	Min     *float64 `json:"min"`       // outside [min, max] after conversion: dropped and counted
	Max     *float64 `json:"max"`

	// MQTT: where the value is said.
	Topic      string          `json:"topic"`
	Path       string          `json:"path"` // dotted keys into JSON; empty: the whole payload
	Map        map[string]bool `json:"map"`  // payload text to bool
	Query      *Message        `json:"query"`
	RetainedOK bool            `json:"retained_ok"` // a retained message may be trusted (availability)

	// Modbus: where the registers are.
	FC     int      `json:"fc"`    // 3 holding, 4 input
	Addr   int      `json:"addr"`  // 0-based PDU address
	Type   string   `json:"type"`  // u16 i16 u32 i32 u64 i64 f32 f64
	Words  string   `json:"words"` // big (default) or little: order of 16-bit words
	Scale  float64  `json:"scale"` // value = raw x scale; 0 means 1
	NaN    []string `json:"nan"`   // raw values, hexadecimal, that mean "not there"
	Block  string   `json:"block"` // points of one block are read in one request
	PollS  float64  `json:"poll_s"`
	Values []int    `json:"values"` // for bool: raw values that mean true
	Bit    *int     `json:"bit"`    // for bool: this bit means true
	When   []int    `json:"when"`   // says something only while the point mode reads one of these raw values
	Fixed  *float64 `json:"fixed"`  // the value itself, in Unit, instead of a register; needs When
}

// Message is one MQTT publication.
type Message struct {
	Topic   string `json:"topic"`
	Payload string `json:"payload"`
}

// Action is what to send for on, off, set_power, release or setup (once at each connect).
type Action struct {
	Name    string    `json:"name"`
	Publish []Message `json:"publish"` // MQTT, in order
	Write   []Write   `json:"write"`   // Modbus, in order
}

// Write is one Modbus register write; contiguous values are one request.
type Write struct {
	FC    int     `json:"fc"` // 6 or 16
	Addr  int     `json:"addr"`
	Type  string  `json:"type"`
	Words string  `json:"words"`
	Value string  `json:"value"` // a number, or {value} (W, or what Unit says), {lease_s}, {lease_min}
	Unit  string  `json:"unit"`  // W (default), A, mA: what {value} is converted to
	Scale float64 `json:"scale"` // raw = value / scale; 0 means 1
	Sign  int     `json:"sign"`  // +1: written only when {value} >= 0; -1: only when it is negative, as its magnitude
}

// Confirm says by which point a command shows.
type Confirm struct {
	Point     string  `json:"point"`
	Tolerance float64 `json:"tolerance"` // W, for set_power
	WithinS   float64 `json:"within_s"`
}

// Lease says how a command ends when we fall silent.
type Lease struct {
	Kind string  `json:"kind"`  // timer or silent
	MinS float64 `json:"min_s"` // shortest the device takes
	MaxS float64 `json:"max_s"`
	Add  int     `json:"add"` // the device counts from here: {lease_s} is the lease plus Add; no lease stays 0
}

// Limits bound what may be asked.
type Limits struct {
	MinW           float64 `json:"min_w"` // most it may give back, as a negative number
	MaxW           float64 `json:"max_w"`
	FloorW         float64 `json:"floor_w"`
	StepW          float64 `json:"step_w"`
	MinOnS         float64 `json:"min_on_s"`
	MinOffS        float64 `json:"min_off_s"`
	MaxSwitchesDay int     `json:"max_switches_day"`
}
