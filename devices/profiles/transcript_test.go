package profiles

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what the tests got into testdata/*/transcript.txt")

// A transcript is a talk with a device as its maker describes it: what it says and what it is told stand at
// the left, what the profile makes of that is indented. The profile is interpreted here by the words of
// [Point], [Write] and [Lease] alone, not by a driver, so that data and drivers are held to one reading.
//
//	params topic=boiler     the parameters of what follows
//	says <topic> <payload>  a message arrives: the values in it
//	holds <addr> <words>    registers, decimal
//	read                    all that the registers say, in our units and sign
//	ask                     the queries
//	tell <action> [<power>W] [<lease>s]
func TestEmbedded_SpeaksAsItsTranscriptSays(t *testing.T) {
	for _, id := range IDs() {
		t.Run(id, func(t *testing.T) {
			file := filepath.Join("testdata", id, "transcript.txt")
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err) // each profile needs one
			}
			n := &narrator{t: t, id: id, registers: map[int]uint16{}, read: map[string]bool{}, told: map[string]bool{}}
			var got strings.Builder
			for line := range strings.Lines(string(text)) {
				if strings.HasPrefix(line, "  ") {
					continue
				}
				got.WriteString(line)
				for _, said := range n.hear(strings.TrimSpace(line)) {
					got.WriteString("  " + said + "\n")
				}
			}
			if *update {
				if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if got.String() != string(text) {
				t.Errorf("got\n%s\nwant\n%s", got.String(), text)
			}
			n.isComplete()
		})
	}
}

// narrator plays a driver on paper.
type narrator struct {
	t         *testing.T
	id        string
	profile   *Profile // filled
	values    map[string]string
	registers map[int]uint16
	read      map[string]bool // points that said something, "name at place"
	told      map[string]bool // actions
}

func (n *narrator) hear(line string) []string {
	verb, rest, _ := strings.Cut(line, " ")
	switch verb {
	case "", "#":
	case "params":
		n.fill(rest)
	case "says":
		topic, payload, _ := strings.Cut(rest, " ")
		return n.says(topic, payload)
	case "holds":
		n.holds(strings.Fields(rest))
	case "read":
		return n.readAll()
	case "ask":
		var out []string
		for _, p := range n.profile.Points {
			if p.Query != nil {
				out = append(out, strings.TrimSpace(p.Query.Topic+" "+p.Query.Payload))
			}
		}
		return out
	case "tell":
		return n.tell(strings.Fields(rest))
	default:
		n.t.Fatalf("%q is no line of a transcript", line)
	}
	return nil
}

// isComplete sees that the transcript left nothing of the profile out.
func (n *narrator) isComplete() {
	for _, p := range n.profile.Points {
		if !n.read[place(p)] {
			n.t.Errorf("%s is never read", place(p))
		}
	}
	for _, a := range n.profile.Actions {
		if !n.told[a.Name] {
			n.t.Errorf("%s is never told", a.Name)
		}
	}
}

func place(p Point) string {
	return fmt.Sprintf("%s at %s%s register %d when %v", p.Name, p.Topic, p.Path, p.Addr, p.When)
}

func (n *narrator) fill(params string) {
	given := map[string]string{}
	for pair := range strings.FieldsSeq(params) {
		name, value, _ := strings.Cut(pair, "=")
		given[name] = value
	}
	p, err := Get(n.id)
	if err != nil {
		n.t.Fatal(err)
	}
	if n.values, err = p.Values(given); err != nil {
		n.t.Fatal(err)
	}
	if n.profile, err = p.Fill(given); err != nil {
		n.t.Fatal(err)
	}
}

func (n *narrator) says(topic, payload string) (out []string) {
	for _, p := range n.profile.Points {
		if p.Topic != topic {
			continue
		}
		text := payload
		if p.Path != "" {
			var at any
			if err := json.Unmarshal([]byte(payload), &at); err != nil {
				n.t.Fatal(err)
			}
			for key := range strings.SplitSeq(p.Path, ".") {
				object, _ := at.(map[string]any)
				at = object[key]
			}
			if at == nil {
				continue
			}
			text = fmt.Sprint(at)
		}
		if p.Unit == "bool" {
			v, isKnown := p.Map[text]
			out = append(out, n.show(p, b2f(v), !isKnown))
			continue
		}
		v, err := strconv.ParseFloat(text, 64)
		out = append(out, n.show(p, v, err != nil))
	}
	return out
}

func (n *narrator) holds(words []string) {
	for i, w := range words[1:] {
		v, err := strconv.ParseUint(w, 10, 16)
		if err != nil {
			n.t.Fatal(err)
		}
		first, _ := strconv.Atoi(words[0])
		n.registers[first+i] = uint16(v)
	}
}

func (n *narrator) readAll() (out []string) {
	mode := math.NaN()
	if i := slices.IndexFunc(n.profile.Points, func(p Point) bool { return p.Name == "mode" }); i >= 0 {
		_, mode = n.raw(n.profile.Points[i])
	}
	for _, p := range n.profile.Points {
		if p.When != nil && !slices.Contains(p.When, int(mode)) {
			continue
		}
		if p.Fixed != nil {
			out = append(out, n.show(p, *p.Fixed, false))
			continue
		}
		bits, v := n.raw(p)
		isAbsent := slices.ContainsFunc(p.NaN, func(text string) bool {
			nan, err := strconv.ParseUint(text, 0, 64)
			return err == nil && nan == bits
		})
		switch {
		case p.Bit != nil:
			v = float64(bits >> *p.Bit & 1)
		case p.Values != nil:
			v = b2f(slices.Contains(p.Values, int(bits)))
		case p.Scale != 0:
			v *= p.Scale
		}
		out = append(out, n.show(p, v, isAbsent || math.IsNaN(v)))
	}
	return out
}

// raw is a register's bits, high word first as all embedded profiles have it, and the number they stand for.
func (n *narrator) raw(p Point) (bits uint64, v float64) {
	for i := range registerSizes[p.Type] {
		bits = bits<<16 | uint64(n.registers[p.Addr+i])
	}
	switch p.Type {
	case "i16":
		return bits, float64(int16(bits))
	case "i32":
		return bits, float64(int32(bits))
	case "f32":
		return bits, float64(math.Float32frombits(uint32(bits)))
	}
	return bits, float64(bits)
}

// show writes a value in our units: W, Wh, a fraction.
func (n *narrator) show(p Point, v float64, isAbsent bool) string {
	n.read[place(p)] = true
	switch {
	case isAbsent:
		return p.Name + " is not there"
	case p.Unit == "bool":
		return fmt.Sprintf("%s = %t", p.Name, v != 0)
	}
	v *= map[string]float64{"kW": 1000, "kWh": 1000, "%": 0.01, "A": n.perAmpere(), "mA": n.perAmpere() / 1000}[p.Unit] + b2f(p.Unit == "W" || p.Unit == "Wh" || p.Unit == "enum")
	if p.Sign < 0 {
		v = -v
	}
	unit := map[string]string{"kW": " W", "W": " W", "A": " W", "mA": " W", "kWh": " Wh", "Wh": " Wh"}[p.Unit]
	text := strconv.FormatFloat(math.Round(v*1e6)/1e6+0, 'f', -1, 64) + unit
	if p.Min != nil && v < *p.Min || p.Max != nil && v > *p.Max {
		return fmt.Sprintf("%s: %s is not plausible", p.Name, text)
	}
	return p.Name + " = " + text
}

func (n *narrator) perAmpere() float64 { return n.number("phases") * n.number("voltage") }

func (n *narrator) number(param string) float64 {
	v, _ := strconv.ParseFloat(n.values[param], 64)
	return v
}

// tell writes what an action sends.
func (n *narrator) tell(words []string) (out []string) {
	action, ok := n.profile.Action(words[0])
	if !ok {
		n.t.Fatalf("no action %q", words[0])
	}
	n.told[action.Name] = true
	var power, lease float64
	for _, w := range words[1:] {
		if text, isPower := strings.CutSuffix(w, "W"); isPower {
			power, _ = strconv.ParseFloat(text, 64)
		} else if text, isLease := strings.CutSuffix(w, "s"); isLease {
			lease, _ = strconv.ParseFloat(text, 64)
		}
	}
	seconds, minutes := lease, math.Ceil(lease/60)
	if n.profile.Lease != nil && lease > 0 {
		seconds, minutes = seconds+float64(n.profile.Lease.Add), minutes+float64(n.profile.Lease.Add)
	}
	filled := strings.NewReplacer("{lease_s}", fmt.Sprint(seconds), "{lease_min}", fmt.Sprint(minutes), "{value}", fmt.Sprint(math.Abs(power)))
	for _, m := range action.Publish {
		out = append(out, strings.TrimSpace(m.Topic+" "+filled.Replace(m.Payload)))
	}
	for _, w := range action.Write {
		if w.Sign > 0 && power < 0 || w.Sign < 0 && power >= 0 {
			continue
		}
		v, err := strconv.ParseFloat(filled.Replace(w.Value), 64)
		if err != nil {
			n.t.Fatal(err)
		}
		if w.Unit == "mA" {
			v = v / n.perAmpere() * 1000
		}
		if w.Scale != 0 {
			v /= w.Scale
		}
		raw := uint64(math.Round(v))
		line := fmt.Sprintf("function %d register %d <-", w.FC, w.Addr)
		for i := registerSizes[w.Type] - 1; i >= 0; i-- {
			line += fmt.Sprintf(" %d", raw>>(16*i)&0xFFFF)
		}
		out = append(out, line)
	}
	return out
}

func b2f(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
