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
		q.PollS != 0 || q.Values != nil || q.Bit != nil || q.When != nil || q.Fixed != nil {
		f.add(at, "has keys that only a modbus point has")
	}
	p.checkTopic(q.Topic, at+".topic", f)
	if q.Unit == "bool" && len(q.Map) == 0 {
		f.add(at+".map", "missing: say which payloads mean true and false")
	}
	if q.Unit != "bool" && q.Map != nil {
		f.add(at+".map", "only a bool has one")
	}
	if q.Unit == "A" || q.Unit == "mA" {
		f.add(at+".unit", "%q: an mqtt point has no voltage to make power of it", q.Unit)
	}
	if q.Path != "" && slices.Contains(strings.Split(q.Path, "."), "") {
		f.add(at+".path", "%q has an empty key", q.Path)
	}
	if q.Query != nil {
		p.checkMessage(*q.Query, at+".query", []string{}, f) // asked without a command
	}
}

func (p *Profile) checkMessage(m Message, at string, own []string, f *faults) {
	p.checkTopic(m.Topic, at+".topic", f)
	p.checkText(m.Payload, at+".payload", own, f)
}

func (p *Profile) checkTopic(topic, at string, f *faults) {
	switch {
	case topic == "":
		f.add(at, "missing")
	case strings.ContainsAny(topic, "+#$\x00 "):
		f.add(at, "%q: a topic is exact, without + # $ and spaces", topic)
	case strings.HasPrefix(topic, "/") || strings.HasSuffix(topic, "/") || strings.Contains(topic, "//"):
		f.add(at, "%q has an empty level", topic)
	}
	p.checkText(topic, at, nil, f)
}

func (p *Profile) checkRegisterPoint(q Point, at string, f *faults) {
	if q.Topic != "" || q.Path != "" || q.Map != nil || q.Query != nil || q.RetainedOK {
		f.add(at, "has keys that only an mqtt point has")
	}
	if q.PollS < 0 {
		f.add(at+".poll_s", "%v is negative", q.PollS)
	}
	if q.When != nil && !p.Has("mode") {
		f.add(at+".when", "there is no point mode to go by")
	}
	if q.Fixed != nil {
		if q.When == nil || q.FC != 0 || q.Type != "" {
			f.add(at+".fixed", "stands instead of a register, and needs when")
		}
		return
	}
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
