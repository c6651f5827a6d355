package zigbee

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"hearth/devices/profiles"
)

// devices are entries as Zigbee2MQTT writes them, cut to what is read.
const devices = `[
 {"ieee_address":"0x00124b0018e1e2f3","type":"Coordinator","friendly_name":"Coordinator","definition":null},
 {"ieee_address":"0x1","type":"Router","friendly_name":"kitchen/boiler","disabled":false,"definition":{"model":"TS011F","vendor":"TuYa","exposes":[
  {"type":"switch","features":[{"type":"binary","name":"state","property":"state","access":7,"value_on":"ON","value_off":"OFF","value_toggle":"TOGGLE"}]},
  {"type":"numeric","name":"power","property":"power","unit":"W","access":1},
  {"type":"numeric","name":"energy","property":"energy","unit":"kWh","access":1},
  {"type":"numeric","name":"linkquality","property":"linkquality","unit":"lqi","access":1}]}},
 {"ieee_address":"0x2","type":"Router","friendly_name":"strip","definition":{"model":"TS011F_4","vendor":"TuYa","exposes":[
  {"type":"switch","endpoint":"l1","features":[{"type":"binary","name":"state","property":"state_l1","endpoint":"l1","access":3,"value_on":true,"value_off":false}]},
  {"type":"switch","endpoint":"l2","features":[{"type":"binary","name":"state","property":"state_l2","endpoint":"l2","access":3,"value_on":true,"value_off":false}]},
  {"type":"numeric","name":"power","property":"power_l2","endpoint":"l2","unit":"W","access":1}]}},
 {"ieee_address":"0x3","type":"Router","friendly_name":"clamp","definition":{"model":"PJ-1203A","vendor":"TuYa","exposes":[{"type":"numeric","name":"power","property":"power","unit":"kW","access":5}]}},
 {"ieee_address":"0x4","type":"EndDevice","friendly_name":"lamp","definition":{"model":"LED","vendor":"IKEA","exposes":[{"type":"light","features":[{"name":"state","property":"state","access":7}]}]}},
 {"ieee_address":"0x5","type":"EndDevice","friendly_name":"My Plug","definition":{"model":"x","vendor":"y","exposes":[]}},
 {"ieee_address":"0x6","type":"EndDevice","friendly_name":"new","definition":null},
 {"ieee_address":"0x7","type":"EndDevice","friendly_name":"off","disabled":true,"definition":null},
 {"ieee_address":"0x8","type":"Router","friendly_name":"blind plug","definition":{"model":"x","vendor":"y","exposes":[{"type":"switch","features":[{"name":"state","property":"state","access":2}]}]}},
 {"ieee_address":"0x9","type":"Router","friendly_name":"odd","definition":{"model":"x","vendor":"y","exposes":[{"type":"numeric","name":"power","property":"power","unit":"VA","access":1}]}},
 {"ieee_address":"0xa","type":"Router","friendly_name":"Kitchen-Boiler","definition":{"model":"x","vendor":"y","exposes":[{"type":"numeric","name":"power","property":"power","unit":"W","access":1}]}},
 7
]`

func TestRead_MakesAProfileOfEachPlugAndMeterAndSaysWhyNotOfOthers(t *testing.T) {
	made, skipped, err := Read("zigbee2mqtt", []byte(devices))
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, p := range made {
		ids = append(ids, p.ID)
	}
	if want := []string{"z2m-kitchen-boiler", "z2m-strip-l1", "z2m-strip-l2", "z2m-clamp"}; !slices.Equal(ids, want) {
		t.Errorf("made %v, want %v", ids, want)
	}
	want := []Skipped{
		{"lamp", "exposes light"}, {"My Plug", "rename it"}, {"new", "not known"}, {"off", "disabled"}, {"blind plug", "rename it"},
		{"odd", `"VA", want W or kW`}, {"Kitchen-Boiler", "z2m-kitchen-boiler stands twice"}, {"device 11", "cannot unmarshal"},
	}
	if len(skipped) != len(want) {
		t.Fatalf("skipped %v", skipped)
	}
	for i, w := range want {
		if skipped[i].Name != w.Name || !strings.Contains(skipped[i].Reason, w.Reason) {
			t.Errorf("skipped %v, want %v", skipped[i], w)
		}
	}
}

func TestRead_TakesWordsPropertiesAndQueriesAsExposed(t *testing.T) {
	made, _, err := Read("z", []byte(devices))
	if err != nil {
		t.Fatal(err)
	}
	on := func(p *profiles.Profile) string {
		a, _ := p.Action("on")
		return a.Publish[0].Topic + " " + a.Publish[0].Payload
	}
	if got := on(made[0]); got != `z/kitchen/boiler/set {"state":"ON"}` {
		t.Errorf("boiler: %s", got)
	}
	if got := on(made[2]); got != `z/strip/set {"state_l2":true}` {
		t.Errorf("strip: %s", got)
	}
	i := slices.IndexFunc(made[0].Points, func(q profiles.Point) bool { return q.Name == "switch" })
	if q := made[0].Points[i].Query; q == nil || q.Topic != "z/kitchen/boiler/get" || q.Payload != `{"state":""}` {
		t.Errorf("boiler is asked by %v", q)
	}
	if made[1].Has("power") || !made[2].Has("power") {
		t.Error("the power of one outlet was given to another")
	}
	if made[2].Points[4].Query != nil {
		t.Error("a state that cannot be got is asked for")
	}
	for _, p := range made {
		if p.Has("switch") != (p.Unguarded != "") || p.Lease != nil {
			t.Errorf("%s: a switch has no lease, and says so", p.ID)
		}
	}
}

func TestRead_RefusesWhatIsNoList(t *testing.T) {
	for _, payload := range []string{"", "{}", "[{]", "null x", strings.Repeat(" ", maxSize+1)} {
		if made, _, err := Read("z", []byte(payload)); err == nil {
			t.Errorf("%.20q gave %v", payload, made)
		}
	}
	if made, skipped, err := Read("z", []byte("[]")); err != nil || made != nil || skipped != nil {
		t.Errorf("nothing gave %v %v %v", made, skipped, err)
	}
}

// Whatever is exposed, what is made can be written down and read again.
func FuzzRead(f *testing.F) {
	f.Add([]byte(devices))
	f.Add([]byte(`[{"friendly_name":"a","definition":{"exposes":[{"type":"switch","features":[{"name":"state","property":"{x}","access":3,"value_on":[],"value_off":{}}]}]}}]`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		made, skipped, _ := Read("z", payload)
		for _, p := range made {
			text, err := json.Marshal(p)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := profiles.Load(p.ID+".json", text); err != nil {
				t.Error(err)
			}
		}
		for _, s := range skipped {
			if s.Reason == "" {
				t.Errorf("%q was left out without a reason", s.Name)
			}
		}
	})
}
