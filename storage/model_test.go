package storage

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

// model is what a store should hold, kept the plain way.
type model struct {
	state   map[string]string
	rows    map[string]map[int64]float64 // channel, millisecond
	records map[string][]modelRecord     // in order of appending
}

type modelRecord struct {
	ms   int64
	text string
}

func (m *model) readings(channel string, within energy.Interval) string {
	var at []int64
	for ms := range m.rows[channel] {
		if within.Contains(time.UnixMilli(ms)) {
			at = append(at, ms)
		}
	}
	slices.Sort(at)
	var out []string
	for _, ms := range at {
		out = append(out, fmt.Sprintf("%s=%g", time.UnixMilli(ms).UTC().Format("02T15:04:05"), m.rows[channel][ms]))
	}
	return strings.Join(out, " ")
}

func (m *model) rollups(channel string, within energy.Interval) (out []Rollup) {
	slots := map[int64][]float64{}
	var at []int64
	for ms := range m.rows[channel] {
		at = append(at, ms)
	}
	slices.Sort(at)
	for _, ms := range at {
		start := time.UnixMilli(ms).Truncate(quarter)
		if within.Contains(start) {
			slots[start.UnixMilli()] = append(slots[start.UnixMilli()], m.rows[channel][ms])
		}
	}
	for start, values := range slots {
		r := Rollup{
			Slot: energy.Span(time.UnixMilli(start).UTC(), quarter), Count: len(values),
			Min: slices.Min(values), Max: slices.Max(values),
		}
		for _, v := range values {
			r.Sum += v
		}
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b Rollup) int { return a.Slot.Start.Compare(b.Slot.Start) })
	return out
}

func (m *model) journal(name string, within energy.Interval) string {
	records := slices.Clone(m.records[name])
	slices.SortStableFunc(records, func(a, b modelRecord) int { return cmp.Compare(a.ms, b.ms) })
	var out []string
	for _, r := range records {
		if within.Contains(time.UnixMilli(r.ms)) {
			out = append(out, r.text)
		}
	}
	return strings.Join(out, " ")
}

// TestStore_BehavesAsItsModel does anything in any order, over five days, with clean restarts and with the clock moving
// on, and compares everything that can be asked.
func TestStore_BehavesAsItsModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		h := openHome(t, nil)
		defer h.close()
		m := model{map[string]string{}, map[string]map[int64]float64{}, map[string][]modelRecord{}}
		names := rapid.SampledFrom([]string{"a", "b", "c"})
		instants := rapid.Custom(func(t *rapid.T) time.Time {
			steps := rapid.IntRange(-2*24*60, 2*24*60).Draw(t, "minutes")
			return noon().Add(time.Duration(steps) * time.Minute)
		})
		rt.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				key, value := names.Draw(t, "key"), rapid.StringN(1, 20, -1).Draw(t, "value")
				h.put(key, value)
				m.state[key] = value
			},
			"delete": func(t *rapid.T) {
				key := names.Draw(t, "key")
				if err := h.Delete(key); err != nil {
					t.Fatal(err)
				}
				delete(m.state, key)
			},
			"record": func(t *rapid.T) {
				at := instants.Draw(t, "at")
				values := rapid.MapOf(names, rapid.Float64Range(-1e4, 1e4)).Draw(t, "values")
				h.Record(at, values)
				for channel, v := range values {
					if m.rows[channel] == nil {
						m.rows[channel] = map[int64]float64{}
					}
					m.rows[channel][at.UnixMilli()] = v
				}
			},
			"append": func(t *rapid.T) {
				name, at := names.Draw(t, "name"), instants.Draw(t, "at")
				text := fmt.Sprint("r", len(m.records[name]))
				h.append(name, at, text)
				m.records[name] = append(m.records[name], modelRecord{at.UnixMilli(), text})
			},
			"flush":  func(*rapid.T) { h.flush() },
			"reopen": func(*rapid.T) { h.reopen() },
			"later": func(t *rapid.T) {
				h.clock.set(noon().Add(time.Duration(rapid.IntRange(-48, 72).Draw(t, "hours")) * time.Hour))
			},
			"": func(t *rapid.T) {
				name := names.Draw(t, "name")
				within := energy.Interval{Start: instants.Draw(t, "from"), End: instants.Draw(t, "to")}
				h.wantState(name, m.state[name])
				if got, want := h.readings(name, within), m.readings(name, within); got != want {
					t.Fatalf("readings %s in %v:\n got %s\nwant %s", name, within, got, want)
				}
				if got, want := h.rollups(name, within), m.rollups(name, within); !slices.Equal(got, want) {
					t.Fatalf("rollups %s in %v:\n got %v\nwant %v", name, within, got, want)
				}
				if got, want := h.journal(name, within), m.journal(name, within); got != want {
					t.Fatalf("journal %s in %v:\n got %s\nwant %s", name, within, got, want)
				}
			},
		})
		if st := h.Stats(); st.Errors+st.BadRecords+st.Dropped+st.Quarantined != 0 {
			rt.Fatalf("trouble where there was none: %+v", st)
		}
	})
}
