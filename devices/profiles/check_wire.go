package profiles

import (
	"slices"
	"strconv"
	"strings"
)

// registerSizes are the types of Modbus values with their length in 16-bit words.
var registerSizes = map[string]int{"u16": 1, "i16": 1, "u32": 2, "i32": 2, "f32": 2, "u64": 4, "i64": 4, "f64": 4}

const registerTypes = "u16 i16 u32 i32 u64 i64 f32 f64"

func (p *Profile) checkTopicPoint(q Point, at string, f *faults) {
	if q.FC != 0 || q.Addr != 0 || q.Type != "" || q.Words != "" || q.Scale != 0 || q.NaN != nil || q.Block != "" ||
		q.PollS != 0 || q.Values != nil || q.Bit != nil || q.isComposed() || q.UnitID != "" {
		f.add(at, "has keys that only a modbus point has")
	}
	p.checkWhen(q, at, f)
	if q.Fixed != nil {
		if q.When == nil || q.Topic != "" || q.Path != "" || q.Map != nil || q.Query != nil {
			f.add(at+".fixed", "stands instead of a topic, and needs when")
		}
		return
	}
	p.checkTopic(q.Topic, at+".topic", true, f)
	p.checkMap(q, at+".map", f)
	if (q.Unit == "A" || q.Unit == "mA") && q.Name == "setpoint" && !p.hasVoltage() {
		f.add(at+".unit", "%q: power is made of it by the params phases and voltage", q.Unit)
	}
	p.checkPath(q.Path, at+".path", f)
	p.checkPath(q.Answers, at+".answers", f)
	p.checkPath(q.SignFrom, at+".sign_from", f)
	p.checkHolds(q, at, f)
	p.checkText(q.Part, at+".part", nil, f)
	if q.Query != nil {
		p.checkMessage(*q.Query, at+".query", requests, f) // asked without a command
	}
}

func (p *Profile) checkRegisterPoint(q Point, at string, f *faults) {
	if q.Topic != "" || q.Path != "" || (q.Map != nil && q.Name != "thermal_mode" && q.Name != "phases") || q.Query != nil || q.RetainedOK || q.Part != "" || q.Answers != "" || q.SignFrom != "" || q.Resets || q.Holds != "" {
		f.add(at, "has keys that only an mqtt point has")
	}
	if q.PollS < 0 {
		f.add(at+".poll_s", "%v is negative", q.PollS)
	}
	p.checkWhen(q, at, f)
	if q.Fixed != nil {
		if q.When == nil || q.FC != 0 || q.Type != "" || q.isComposed() {
			f.add(at+".fixed", "stands instead of a register, and needs when")
		}
		return
	}
	p.checkUnitID(q.UnitID, at+".unit_id", f)
	p.checkComposed(q, at, f)
	p.checkRawMap(q, at+".map", f)
	if q.FC != 3 && q.FC != 4 {
		f.add(at+".fc", "%d, want 3 or 4", q.FC)
	}
	checkRegister(q.Addr, q.Type, q.Words, at, f)
	for i, raw := range q.NaN {
		digits, ok := strings.CutPrefix(raw, "0x")
		if _, err := strconv.ParseUint(digits, 16, 64); err != nil || !ok || len(digits) != 4*registerSizes[q.Type] {
			f.add(at+".nan", "[%d] %q, want 0x and %d digits", i, raw, 4*registerSizes[q.Type])
		}
	}
	if (q.Bit != nil || q.Values != nil) != (q.Unit == "bool") || (q.Bit != nil && q.Values != nil) {
		f.add(at, "a bool, and only a bool, has either bit or values")
	}
	if q.Bit != nil && (*q.Bit < 0 || *q.Bit >= 16*registerSizes[q.Type]) {
		f.add(at+".bit", "%d is outside of a %s", *q.Bit, q.Type)
	}
}

func (p *Profile) checkWrite(w Write, at string, own []string, f *faults) {
	if w.FC != 6 && w.FC != 16 {
		f.add(at+".fc", "%d, want 6 or 16", w.FC)
	}
	checkRegister(w.Addr, w.Type, w.Words, at, f)
	if w.FC == 6 && registerSizes[w.Type] > 1 {
		f.add(at+".fc", "6 writes one register, a %s has %d", w.Type, registerSizes[w.Type])
	}
	if w.Value == "" || (len(placeholders(w.Value)) == 0 && !isNumber(w.Value)) {
		f.add(at+".value", "%q, want a number or a {name}", w.Value)
	}
	p.checkText(w.Value, at+".value", own, f)
	p.checkUnitID(w.UnitID, at+".unit_id", f)
	if !slices.Contains([]string{"", "W", "A", "mA"}, w.Unit) {
		f.add(at+".unit", "%q, want W, A or mA", w.Unit)
	}
	if w.Sign < -1 || w.Sign > 1 {
		f.add(at+".sign", "%d, want -1 or 1", w.Sign)
	}
}

func checkRegister(addr int, kind, words, at string, f *faults) {
	size, ok := registerSizes[kind]
	if !ok {
		f.add(at+".type", "%q, want one of %s", kind, registerTypes)
	}
	if addr < 0 || addr+max(size, 1) > 1<<16 {
		f.add(at+".addr", "%d is not a register", addr)
	}
	if words != "" && words != "big" && words != "little" {
		f.add(at+".words", "%q, want big or little", words)
	}
}
