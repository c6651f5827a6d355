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
//	beat                    what keeps it talking
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
			if p.Query == nil {
				continue
			}
			if query := strings.TrimSpace(p.Query.Topic + " " + p.Query.Payload); !slices.Contains(out, query) {
				out = append(out, query)
			}
		}
		return out
	case "beat":
		for _, m := range n.profile.Heartbeat.Publish {
			return []string{strings.TrimSpace(m.Topic + " " + m.Payload)}
		}
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
		if !n.read[n.place(p)] && (p.Fixed == nil || p.Topic == "" && n.profile.Transport == Modbus) {
			n.t.Errorf("%s is never read", n.place(p))
		}
	}
	for _, a := range n.profile.Actions {
		if !n.told[a.Name] {
			n.t.Errorf("%s is never told", a.Name)
		}
	}
}

// place names a point of the profile, whatever its parameters are.
func (n *narrator) place(p Point) string {
	i := slices.IndexFunc(n.profile.Points, func(q Point) bool {
		return q.Name == p.Name && q.Topic == p.Topic && q.Path == p.Path && q.Addr == p.Addr && q.Part == p.Part && slices.Equal(q.When, p.When)
	})
	return fmt.Sprintf("%s, point %d", p.Name, i)
}

func (n *narrator) isRead(p Point) { n.read[n.place(p)] = true }

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
			if err := json.Unmarshal([]byte(payload), &at); err != nil && payload != "" {
				out = append(out, p.Name+" is not there")
				continue
			}
			var isThere bool
			if at, isThere = walk(at, p.Path); !isThere {
				continue
			}
			text = "null"
			if at != nil {
				text = strings.TrimSpace(fmt.Sprint(at))
			}
		}
		if p.Map != nil {
			out = append(out, n.means(p, text))
			continue
		}
		v, err := strconv.ParseFloat(text, 64)
		if p.SignFrom != "" && isNegative(payload, p.SignFrom) {
			v = -v
		}
		out = append(out, n.show(p, v, err != nil))
	}
	return out
}

// show writes a value in our units: W, Wh, a fraction.
func (n *narrator) show(p Point, v float64, isAbsent bool) string {
	n.isRead(p)
	switch {
	case isAbsent:
		return p.Name + " is not there"
	case p.Unit == "bool":
		return fmt.Sprintf("%s = %t", p.Name, v != 0)
	}
	factor, unit := n.unitOf(p)
	v *= factor
	if p.Sign < 0 {
		v = -v
	}
	text := strconv.FormatFloat(math.Round(v*1e6)/1e6+0, 'f', -1, 64) + unit
	if p.Min != nil && v < *p.Min || p.Max != nil && v > *p.Max {
		return fmt.Sprintf("%s: %s is not plausible", p.Name, text)
	}
	return label(p) + " = " + text
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
		if m.Sign > 0 && power < 0 || m.Sign < 0 && power >= 0 || m.Leased == "yes" && lease == 0 || m.Leased == "no" && lease > 0 {
			continue
		}
		payload := strings.ReplaceAll(m.Payload, "{value}", n.inUnit(power, m))
		out = append(out, strings.TrimSpace(m.Topic+" "+filled.Replace(payload)))
	}
	out = append(out, n.writes(action, power, filled)...)
	return out
}

func b2f(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
