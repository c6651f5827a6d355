// Package profiles holds what Hearth knows of real devices as data: one strict JSON file each.
//
// # Basics
//
// A [Profile] names the points a device offers (what can be read, where, in which unit and sign) and the
// actions it takes (what to send). Profiles of this folder are embedded in the binary; [Load] reads one
// more, [LoadFolder] a folder of them, [Profile.Fill] puts the parameters in. [Profile.Matches] says whether a
// message comes from such a device. Reading is pure: unknown keys, points, units and parameters are faults,
// all reported at once. schema.json says the same to an editor.
//
// # Caveats
//
// There is no template language: only {name} of a declared parameter, and what the driver knows at a
// command ({value}, {lease_s}, {lease_min}) or at a request ({request_id}, {reply}), are replaced.
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
	Schema    int       `json:"schema,omitzero"` // 1
	ID        string    `json:"id,omitzero"`
	Title     string    `json:"title,omitzero"`
	Transport Transport `json:"transport,omitzero"`
	Source    []string  `json:"source,omitzero"`    // where the facts come from
	Tested    []string  `json:"tested,omitzero"`    // model, firmware, date; empty: only against simulators
	Params    []Param   `json:"params,omitzero"`    // what the configuration must or may name
	Points    []Point   `json:"points,omitzero"`    // what can be read
	Actions   []Action  `json:"actions,omitzero"`   // what can be told
	Confirm   *Confirm  `json:"confirm,omitzero"`   // how a command shows; without it the device is not controlled
	Lease     *Lease    `json:"lease,omitzero"`     // how a command ends by itself; without it the device is unguarded
	Unguarded string    `json:"unguarded,omitzero"` // what it stays doing when we fall silent; only without a lease
	Limits    Limits    `json:"limits,omitzero"`

	SetupCheck []Setting  `json:"setup_check,omitzero"` // MQTT: what must hold before it takes commands
	Heartbeat  *Heartbeat `json:"heartbeat,omitzero"`   // MQTT: what keeps it talking
	Match      []Match    `json:"match,omitzero"`       // MQTT: how it is recognised

	MaxRead int `json:"max_read,omitzero"` // Modbus: the most registers the device gives in one answer; 0: 125
}

// Param is a value that the configuration gives, replaced as {name}.
type Param struct {
	Name     string   `json:"name,omitzero"`
	Required bool     `json:"required,omitzero"`
	Default  string   `json:"default,omitzero"`
	OneOf    []string `json:"one_of,omitzero"` // nothing else is allowed; empty: anything is
	About    string   `json:"about,omitzero"`
}

// Point is one readable value. Names are a fixed vocabulary: power, energy_import, energy_export, soc,
// switch, setpoint, plugged, session_energy, online, current_l1 to current_l3, phases (1 or 3), temperature,
// thermal_mode (blocked, normal, recommended, forced), curtail (the most it may give), lease_left (of the
// timer), and mode: a value that says how to read others.
// A name may stand several times: a register when each has its own When, a topic when one value is said at
// several (the newest counts) or in several parts (their sum counts).
type Point struct {
	Name    string   `json:"name,omitzero"`
	Unit    string   `json:"unit,omitzero"`      // W kW Wh kWh Wmin A mA % bool enum s °C: required; converted to W, Wh, A, fraction
	Sign    int      `json:"sign,omitzero"`      // -1 turns the maker's sign round; 0 and +1 leave it
	MaxAgeS int      `json:"max_age_s,omitzero"` // older is not valid; 0: the driver's default
	Min     *float64 `json:"min,omitzero"`       // outside [min, max] after conversion: dropped and counted
	Max     *float64 `json:"max,omitzero"`

	// MQTT: where the value is said.
	Topic      string         `json:"topic,omitzero"`
	Path       string         `json:"path,omitzero"`      // dotted keys and indexes into JSON; empty or ".": the whole payload
	Map        map[string]any `json:"map,omitzero"`       // payload text to true or false, a number, or a thermal mode
	Part       string         `json:"part,omitzero"`      // the value is the sum of the newest of each part (of a bool: all are true)
	SignFrom   string         `json:"sign_from,omitzero"` // a path: the value is a magnitude and has the sign of the number there
	Resets     bool           `json:"resets,omitzero"`    // the counter starts anew with the device: what was counted before is kept
	Holds      string         `json:"holds,omitzero"`     // said on change only: as new as this other point, for as long as that one is heard
	Answers    string         `json:"answers,omitzero"`   // a path: only a message that has the {request_id} of our request there counts
	Query      *Message       `json:"query,omitzero"`
	RetainedOK bool           `json:"retained_ok,omitzero"` // a retained message may be trusted (availability)

	// Modbus: where the registers are.
	FC     int      `json:"fc,omitzero"`    // 3 holding, 4 input
	Addr   int      `json:"addr,omitzero"`  // 0-based PDU address
	Type   string   `json:"type,omitzero"`  // u16 i16 u32 i32 u64 i64 f32 f64
	Words  string   `json:"words,omitzero"` // big (default) or little: order of 16-bit words
	Scale  float64  `json:"scale,omitzero"` // value = raw x scale; 0 means 1
	NaN    []string `json:"nan,omitzero"`   // raw values, hexadecimal, that mean "not there"
	Block  string   `json:"block,omitzero"` // points of one block are read in one request
	PollS  float64  `json:"poll_s,omitzero"`
	Values []int    `json:"values,omitzero"` // for bool: raw values that mean true
	Bit    *int     `json:"bit,omitzero"`    // for bool: this bit means true
	When   []int    `json:"when,omitzero"`   // says something only while the point mode reads one of these raw values
	Fixed  *float64 `json:"fixed,omitzero"`  // the value itself, in Unit, instead of a register or topic; needs When

	// Modbus, where one register does not say it all. What is named here is read in the same request.
	UnitID    string `json:"unit_id,omitzero"`    // another Modbus unit than the device's: a number or a {param}
	Mask      int    `json:"mask,omitzero"`       // only these bits of the register count
	Plus      []int  `json:"plus,omitzero"`       // further registers of the same type, added; one that is not there adds nothing
	Minus     []int  `json:"minus,omitzero"`      // further registers of the same type, taken away; one that is not there makes the value so
	ScaleAddr *int   `json:"scale_addr,omitzero"` // an i16 there is the power of ten of the value; 0x8000 means not there
	Negative  *Flag  `json:"negative,omitzero"`   // the value is a magnitude: this flag says that it is negative
}

// Flag is some bits of a register; it is set when one of them is.
type Flag struct {
	Addr int `json:"addr,omitzero"`
	Bits int `json:"bits,omitzero"`
}

// Message is one MQTT publication.
type Message struct {
	Topic   string `json:"topic,omitzero"`
	Payload string `json:"payload,omitzero"`
	Unit    string `json:"unit,omitzero"`   // W (default), kW, A, mA, %: what {value} is converted to
	Leased  string `json:"leased,omitzero"` // yes: sent only with a lease; no: only without
	Sign    int    `json:"sign,omitzero"`   // +1: sent only when {value} >= 0; -1: only when it is negative, as its magnitude
}

// Setting is something of the device's own that must be so, or a command would not end as it should: the
// state after a power cut, that it reports at all.
type Setting struct {
	Topic   string   `json:"topic,omitzero"`
	Path    string   `json:"path,omitzero"`
	Answers string   `json:"answers,omitzero"` // as of a Point
	Equals  []string `json:"equals,omitzero"`  // any of these
	Query   *Message `json:"query,omitzero"`
	About   string   `json:"about,omitzero"` // what to do when it is not so
}

// Heartbeat is published as long as the driver listens: some devices say nothing without.
type Heartbeat struct {
	EveryS  float64   `json:"every_s,omitzero"`
	Publish []Message `json:"publish,omitzero"`
}

// Match recognises the device by one of its messages.
type Match struct {
	Filter string         `json:"filter,omitzero"` // a topic, in which + stands for one level
	Path   string         `json:"path,omitzero"`
	Equals []string       `json:"equals,omitzero"` // any of these; empty: something has to stand there
	Params map[string]int `json:"params,omitzero"` // parameters taken from the topic: which level, from 0
}

// Action is what to send for on, off, set_power, release, curtail, lift, mode_blocked, mode_normal,
// mode_recommended, mode_forced, phases_1, phases_3, or setup (once at each connect).
type Action struct {
	Name    string    `json:"name,omitzero"`
	Publish []Message `json:"publish,omitzero"` // MQTT, in order
	Write   []Write   `json:"write,omitzero"`   // Modbus, in order
}

// Write is one Modbus register write; contiguous values are one request.
type Write struct {
	FC    int     `json:"fc,omitzero"` // 6 or 16
	Addr  int     `json:"addr,omitzero"`
	Type  string  `json:"type,omitzero"`
	Words string  `json:"words,omitzero"`
	Value string  `json:"value,omitzero"` // a number, or {value} (W, or what Unit says), {lease_s}, {lease_min}
	Unit  string  `json:"unit,omitzero"`  // W (default), A, mA: what {value} is converted to
	Scale float64 `json:"scale,omitzero"` // raw = value / scale; 0 means 1
	Sign  int     `json:"sign,omitzero"`  // +1: written only when {value} >= 0; -1: only when it is negative, as its magnitude

	UnitID string `json:"unit_id,omitzero"` // another Modbus unit than the device's: a number or a {param}
}

// Confirm says by which point a command shows.
type Confirm struct {
	Point     string  `json:"point,omitzero"`
	Tolerance float64 `json:"tolerance,omitzero"` // W, for set_power
	WithinS   float64 `json:"within_s,omitzero"`
}

// Lease says how a command ends when we fall silent.
type Lease struct {
	Kind string  `json:"kind,omitzero"`  // timer, silent or heartbeat
	MinS float64 `json:"min_s,omitzero"` // shortest the device takes
	MaxS float64 `json:"max_s,omitzero"`
	Add  int     `json:"add,omitzero"` // the device counts from here: {lease_s} is the lease plus Add; no lease stays 0
	// EveryS is how often the driver repeats a command while its lease lasts, for the kind heartbeat.
	EveryS float64 `json:"every_s,omitzero"`
	// Verify names the point by which the device shows the time it has left, lease_left. A command after which
	// less than half of the lease is left has failed: nobody would end it.
	Verify string `json:"verify,omitzero"`
	// FedByReads says that any request feeds the watchdog: the driver itself ends a command whose lease ran
	// out, by the action release, as it goes on reading.
	FedByReads bool `json:"fed_by_reads,omitzero"`
}

// Limits bound what may be asked.
type Limits struct {
	MinW           float64 `json:"min_w,omitzero"` // most it may give back, as a negative number
	MaxW           float64 `json:"max_w,omitzero"`
	FloorW         float64 `json:"floor_w,omitzero"`
	StepW          float64 `json:"step_w,omitzero"`
	MinOnS         float64 `json:"min_on_s,omitzero"`
	MinOffS        float64 `json:"min_off_s,omitzero"`
	MaxSwitchesDay int     `json:"max_switches_day,omitzero"`
}
