package sunspec

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
)

// Map is what a walk found. It is data: it may be kept as JSON. The zero Map is of no device.
type Map struct {
	Base     uint16   `json:"base"` // where the marker stands
	Identity Identity `json:"identity"`
	Models   []Model  `json:"models"`            // in the device's order; the first is model 1
	Remarks  []string `json:"remarks,omitempty"` // what was odd on the way, for people
}

// Identity is what model 1 says; a text the device does not fill is empty.
type Identity struct {
	Maker   string `json:"maker"`
	Model   string `json:"model"`
	Options string `json:"options,omitempty"`
	Version string `json:"version,omitempty"` // of the firmware
	Serial  string `json:"serial"`
}

// Key tells devices apart, and stays the same when firmware changes.
func (i Identity) Key() string { return i.Maker + "/" + i.Model + "/" + i.Serial }

// Model is one model of the chain.
type Model struct {
	ID       int `json:"id"`
	Instance int `json:"instance"` // from 1, among the models of this ID
	Addr     int `json:"addr"`     // of the register that holds the ID
	Length   int `json:"length"`   // as the device says, without ID and length
	// Words are the registers from ID on as the walk read them, at most 125, of models that are needed to make
	// a profile; nil for others.
	Words []uint16 `json:"words,omitempty"`
}

// Name is the model as people write it, "203#2".
func (m Model) Name() string { return fmt.Sprintf("%d#%d", m.ID, m.Instance) }

func (m Map) count(id int) (n int) {
	for _, model := range m.Models {
		if model.ID == id {
			n++
		}
	}
	return n
}

// first is the first model with one of the ids.
func (m Map) first(ids ...int) (Model, bool) {
	i := slices.IndexFunc(m.Models, func(model Model) bool { return slices.Contains(ids, model.ID) })
	if i < 0 {
		return Model{}, false
	}
	return m.Models[i], true
}

// ErrOtherDevice says that somebody else answers where a known device was.
var ErrOtherDevice = errors.New("another device answers")

// Again walks a device that was walked before and tells what is different: models that moved, came or went,
// firmware, ratings; nothing when all is as it was. The map is the new one. [ErrOtherDevice] means that maker,
// model or serial number are not those of before: nothing may be told to it on the old device's account.
func Again(ctx context.Context, r Reader, before Map) (now Map, changes []string, err error) {
	if now, err = Walk(ctx, r); err != nil {
		return now, nil, err
	}
	if a, b := before.Identity.Key(), now.Identity.Key(); a != b {
		return now, nil, fmt.Errorf("walk sunspec: %w: %q, it was %q", ErrOtherDevice, b, a)
	}
	now.rememberAsleep(before)
	return now, now.changes(before), nil
}

// rememberAsleep keeps what was known of models that say nothing now: some inverters blank their ratings at
// night, and it is the same device.
func (m *Map) rememberAsleep(before Map) {
	for i := range m.Models {
		now := &m.Models[i]
		j := slices.IndexFunc(before.Models, func(o Model) bool { return o.Name() == now.Name() })
		if j < 0 || before.Models[j].Length != now.Length {
			continue
		}
		old := before.Models[j]
		isAsleep := func(f field) bool {
			_, isThere := now.number(f)
			_, wasThere := old.number(f)
			return wasThere && !isThere
		}
		if slices.ContainsFunc(settings(now.ID), isAsleep) {
			now.Words = slices.Clone(old.Words)
		}
	}
}

func (m Map) changes(before Map) (list []string) {
	add := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	if a, b := before.Identity.Version, m.Identity.Version; a != b {
		add("firmware %q, it was %q", b, a)
	}
	for _, now := range m.Models {
		i := slices.IndexFunc(before.Models, func(o Model) bool { return o.ID == now.ID && o.Instance == now.Instance })
		if i < 0 {
			add("model %s at %d is new", now.Name(), now.Addr)
			continue
		}
		old := before.Models[i]
		if old.Addr != now.Addr {
			add("model %s is at %d, it was at %d", now.Name(), now.Addr, old.Addr)
		}
		if old.Length != now.Length {
			add("model %s is %d long, it was %d", now.Name(), now.Length, old.Length)
		}
		for _, f := range settings(now.ID) {
			a, wasThere := old.number(f)
			b, isThere := now.number(f)
			if a != b || wasThere != isThere {
				add("register %d of model %s says %s, it said %s", f.offset, now.Name(), said(b, isThere), said(a, wasThere))
			}
		}
	}
	for _, old := range before.Models {
		if old.Instance > m.count(old.ID) {
			add("model %s is gone", old.Name())
		}
	}
	return list
}

func said(v float64, isThere bool) string {
	if !isThere {
		return "nothing"
	}
	return fmt.Sprint(v)
}

// identity reads the texts of model 1.
func (m Model) identity() Identity {
	return Identity{m.text(2, 16), m.text(18, 16), m.text(34, 8), m.text(42, 8), m.text(50, 16)}
}

// text is what count registers from the offset say: two characters each, filled up with zeros or spaces.
func (m Model) text(offset, count int) string {
	var b strings.Builder
	for i := offset; i < min(offset+count, len(m.Words)); i++ {
		b.WriteByte(byte(m.Words[i] >> 8))
		b.WriteByte(byte(m.Words[i]))
	}
	text, _, _ := strings.Cut(b.String(), "\x00")
	text = strings.Map(func(c rune) rune {
		if c == unicode.ReplacementChar || !unicode.IsPrint(c) {
			return -1
		}
		return c
	}, text)
	return strings.TrimSpace(text)
}

// reaches says that the device's model is long enough for the field and its scale factor.
func (m Model) reaches(f field) bool {
	return f.offset+f.size() <= 2+m.Length && f.scale < 2+m.Length
}

// holds says that the walk has read the field.
func (m Model) holds(f field) bool {
	return m.reaches(f) && f.offset+f.size() <= len(m.Words) && f.scale < len(m.Words)
}

// number is what the field said during the walk; false when it is not implemented, not read, or has a scale
// factor that is not one.
func (m Model) number(f field) (float64, bool) {
	if !m.holds(f) {
		return 0, false
	}
	var bits uint64
	for _, w := range m.Words[f.offset : f.offset+f.size()] {
		bits = bits<<16 | uint64(w)
	}
	if slices.Contains(f.absent(), bits) {
		return 0, false
	}
	v := float64(bits)
	switch f.kind {
	case i16, sunssf:
		v = float64(int16(bits))
	case i32:
		v = float64(int32(bits))
	case f32:
		v = float64(math.Float32frombits(uint32(bits)))
	}
	if f.kind == sunssf && math.Abs(v) > 10 || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, false
	}
	if f.scale == 0 {
		return v, true
	}
	power, isThere := m.number(field{offset: f.scale, kind: sunssf})
	return v * math.Pow(10, power), isThere
}
