package openadr

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestList_OneMalformedElementSpoilsItselfOnly(t *testing.T) {
	var rows []string
	for i := range 50 {
		rows = append(rows, fmt.Sprintf(`{"id":"e%d","programID":"p"}`, i))
	}
	rows[7] = `{"id":"e7","programID":"p","intervalPeriod":{"duration":"an hour"}}`
	c := newCollector[Event](nil)
	count, fresh, err := c.add([]byte("[" + strings.Join(rows, ",") + "]"))
	if err != nil || count != 50 || fresh != 50 {
		t.Fatalf("count %d, fresh %d, %v", count, fresh, err)
	}
	if len(c.list.Items) != 49 || len(c.list.Malformed) != 1 || c.list.Malformed[0].ID != "e7" {
		t.Errorf("%d items, malformed %v", len(c.list.Items), c.list.Malformed)
	}
}

func TestList_SameIDOnTwoPagesIsOneObjectTheNewest(t *testing.T) {
	c := newCollector[Event](nil)
	for _, page := range []string{
		`[{"id":"a","programID":"p","eventName":"old","modificationDateTime":"2026-01-01T00:00:00Z"},
		  {"id":"b","programID":"p","eventName":"new","modificationDateTime":"2026-01-03T00:00:00Z"},{"bad":1}]`,
		`[{"id":"b","programID":"p","eventName":"old","modificationDateTime":"2026-01-02T00:00:00Z"},
		  {"id":"a","programID":"p","eventName":"new","modificationDateTime":"2026-01-02T00:00:00Z"},{"bad":1}]`,
	} {
		if _, _, err := c.add([]byte(page)); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.list.Items) != 2 || c.list.Items[0].EventName != "new" || c.list.Items[1].EventName != "new" {
		t.Errorf("got %+v", c.list.Items)
	}
	if len(c.list.Malformed) != 1 {
		t.Errorf("the same malformed element counts %d times", len(c.list.Malformed))
	}
}

func TestList_LoneObjectIsAListOfOneAndNothingElseIs(t *testing.T) {
	c := newCollector[Program](nil)
	if _, _, err := c.add([]byte(` {"id":"p","programName":"tou"}`)); err != nil || len(c.list.Items) != 1 {
		t.Errorf("got %+v, %v", c.list, err)
	}
	for _, body := range []string{`{}`, `{"title":"oops"}`, `null`, `"x"`, `3`} {
		if _, _, err := newCollector[Program](nil).add([]byte(body)); err == nil {
			t.Errorf("%s passed for a list", body)
		}
	}
}

func FuzzListOfEvents(f *testing.F) {
	f.Add([]byte(`[{"id":"e","programID":"p","priority":1,"duration":"PT1H","intervals":[{"id":0,"payloads":[{"type":"PRICE","values":[1]}]}]}]`))
	f.Add([]byte(`{"id":"e","programID":"p","intervalPeriod":{"start":"0001-01-01"}}`))
	f.Add([]byte(`[null,1,"x",[],{}]`))
	f.Add([]byte(strings.Repeat("[", 20000)))
	f.Fuzz(func(t *testing.T, body []byte) {
		c := newCollector[Event](nil)
		count, fresh, err := c.add(body)
		if err != nil {
			return
		}
		if len(c.list.Items)+len(c.list.Malformed) > count || fresh > count {
			t.Fatalf("%d elements gave %d items and %d malformed", count, len(c.list.Items), len(c.list.Malformed))
		}
		for _, e := range c.list.Items {
			var again Event
			if err := json.Unmarshal(e.Raw, &again); err != nil || again.ID != e.ID {
				t.Fatalf("raw text %s is no event: %v", e.Raw, err)
			}
		}
	})
}

// A nest without end costs its event, or, where JSON itself gives up, the answer; never the process.
func TestList_SurvivesDeepNests(t *testing.T) {
	nest := func(depth int) string {
		return `{"id":"deep","programID":"p","intervals":[{"id":0,"payloads":[{"type":"PRICE","values":[` +
			strings.Repeat("[", depth) + strings.Repeat("]", depth) + `]}]}]}`
	}
	good := `{"id":"good","programID":"p","intervals":[{"id":0,"payloads":[{"type":"PRICE","values":[0.1]}]}]}`
	c := newCollector[Event](nil)
	if _, fresh, err := c.add([]byte("[" + nest(5_000) + "," + good + "]")); err != nil || fresh != 2 || !slices.ContainsFunc(c.list.Items, func(e Event) bool { return e.ID == "good" }) {
		t.Errorf("%d new, %v: %+v", fresh, err, c.list)
	}
	c = newCollector[Event](nil)
	if _, _, err := c.add([]byte("[" + nest(50_000) + "," + good + "]")); err == nil {
		t.Error("a nest of 50,000 was read")
	}
}
