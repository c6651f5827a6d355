package sunspec

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hearth/devices"
	"hearth/devices/profiles"
	"hearth/energy"
)

var update = flag.Bool("update", false, "write what the tests got into testdata/*/want.json")

type goldenInput struct {
	Dump   string            `json:"dump"`
	Params map[string]string `json:"params"`
	Tell   []goldenTell      `json:"tell"`
}

type goldenTell struct {
	Power   *energy.Watts `json:"power"`
	Curtail *energy.Watts `json:"curtail"`
	Release bool          `json:"release"`
	Lift    bool          `json:"lift"`
}

type goldenWant struct {
	Identity Identity        `json:"identity"`
	Models   []string        `json:"models"`
	Error    string          `json:"error,omitempty"`
	Remarks  []string        `json:"remarks,omitempty"`
	Points   []string        `json:"points,omitempty"`
	Lease    *profiles.Lease `json:"lease,omitempty"`
	Read     string          `json:"read,omitempty"`
	Told     []goldenTold    `json:"told,omitempty"`
}

type goldenTold struct {
	Error  string   `json:"error,omitempty"`
	Writes []string `json:"writes"`
	Shows  string   `json:"shows"`
}

// Each dump behind a real socket: what the walk finds, what profile comes of it, what the ordinary driver
// reads and writes by it.
func TestGolden_WalkedReadAndTold(t *testing.T) {
	cases, err := filepath.Glob("testdata/*/input.json")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, input := range cases {
		folder := filepath.Dir(input)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			var in goldenInput
			loadJSON(t, input, &in)
			got, err := json.MarshalIndent(runGolden(t, in), "", " ")
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, '\n')
			want := filepath.Join(folder, "want.json")
			if *update {
				if err := os.WriteFile(want, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if expected, err := os.ReadFile(want); err != nil || !bytes.Equal(got, expected) {
				t.Fatalf("got %s\nwant %s %v", got, expected, err)
			}
		})
	}
}

func runGolden(t *testing.T, in goldenInput) (out goldenWant) {
	s, address := serve(t, loadDump(t, in.Dump))
	m, err := Walk(t.Context(), dial(t, address))
	if err != nil {
		return goldenWant{Error: err.Error()}
	}
	out.Identity = m.Identity
	for _, model := range m.Models {
		out.Models = append(out.Models, fmt.Sprintf("%s at %d, %d long", model.Name(), model.Addr, model.Length))
	}
	o, err := ParseOptions(in.Params)
	if err != nil {
		t.Fatal(err)
	}
	p, remarks, err := m.Profile(o)
	out.Remarks = append(append(out.Remarks, m.Remarks...), remarks...)
	if err != nil {
		out.Error = err.Error()
		return out
	}
	mustLoad(t, p)
	for _, q := range p.Points {
		out.Points = append(out.Points, said1(q))
	}
	out.Lease = p.Lease
	device := drive(t, p, address)
	out.Read = observed(device.Observe())
	for _, c := range in.Tell {
		before := len(s.log())
		err := tell(t, device, c)
		told := goldenTold{Shows: observed(device.Observe())}
		for _, w := range s.log()[before:] {
			told.Writes = append(told.Writes, fmt.Sprintf("%d: %v", w.addr, w.words))
		}
		if err != nil {
			told.Error = err.Error()
		}
		out.Told = append(out.Told, told)
	}
	return out
}

func tell(t *testing.T, d *devices.Device, c goldenTell) error {
	const lease = 5 * time.Minute
	switch {
	case c.Power != nil && d.Setpoint != nil:
		return d.Setpoint.SetPower(t.Context(), *c.Power, lease)
	case c.Release && d.Setpoint != nil:
		return d.Setpoint.Release(t.Context())
	case c.Curtail != nil && d.Curtailer != nil:
		return d.Curtailer.Curtail(t.Context(), *c.Curtail, lease)
	case c.Lift && d.Curtailer != nil:
		return d.Curtailer.Lift(t.Context())
	}
	t.Fatalf("the device takes no such command: %+v", c)
	return nil
}

// observed is what is valid of an observation.
func observed(o devices.Observation) string {
	var said []string
	add := func(name string, isValid bool, v float64) {
		if isValid {
			said = append(said, fmt.Sprintf("%s %v", name, v))
		}
	}
	add("power", o.Power.Valid, float64(o.Power.Value))
	add("imported", o.Imported.Valid, float64(o.Imported.Value))
	add("exported", o.Exported.Valid, float64(o.Exported.Value))
	add("soc", o.SoC.Valid, float64(o.SoC.Value))
	add("setpoint", o.Setpoint.Valid, float64(o.Setpoint.Value))
	add("curtailment", o.Curtailment.Valid, float64(o.Curtailment.Value))
	return strings.Join(said, ", ")
}

// said1 is a point in one line.
func said1(q profiles.Point) string {
	text := fmt.Sprintf("%s %s", q.Name, q.Unit)
	if q.Fixed != nil {
		return fmt.Sprintf("%s fixed %v when %v", text, *q.Fixed, q.When)
	}
	text += fmt.Sprintf(" %s at %d", q.Type, q.Addr)
	if q.Sign < 0 {
		text += ", turned"
	}
	if q.ScaleAddr != nil {
		text += fmt.Sprintf(", scaled by %d", *q.ScaleAddr)
	}
	if q.Plus != nil || q.Minus != nil {
		text += fmt.Sprintf(", plus %v minus %v", q.Plus, q.Minus)
	}
	if q.When != nil {
		text += fmt.Sprintf(" when %v", q.When)
	}
	return text
}

// mustLoad holds a made profile against all that is demanded of a written one.
func mustLoad(t interface{ Fatalf(string, ...any) }, p *profiles.Profile) {
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatalf("%v", err)
	}
	var tree map[string]any
	_ = json.Unmarshal(text, &tree)
	text, _ = json.Marshal(withoutNull(tree))
	if _, err := profiles.Load(p.ID+".json", text); err != nil {
		t.Fatalf("a profile that would not load: %v\n%s", err, text)
	}
}

// withoutNull leaves out what a person would not have written.
func withoutNull(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			if inner == nil {
				delete(v, key)
				continue
			}
			v[key] = withoutNull(inner)
		}
	case []any:
		for i := range v {
			v[i] = withoutNull(v[i])
		}
	}
	return v
}
