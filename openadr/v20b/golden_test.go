package v20b

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the want files of the golden folders")

// step is what one answer of the VTN led to.
type step struct {
	Events    []json.RawMessage `json:"events"`
	Malformed []string          `json:"malformed,omitempty"`
	Replies   []string          `json:"replies,omitempty"`
}

// Each folder holds what a VTN answered to polls, in turn, and what became of it.
func TestClient_GoldenFolders(t *testing.T) {
	dirs, err := filepath.Glob("testdata/*/vtn-1.xml")
	if err != nil || len(dirs) < 25 {
		t.Fatalf("found %d golden folders: %v", len(dirs), err)
	}
	for _, path := range dirs {
		dir := filepath.Dir(path)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			b := newBench(t, func(c *Config) { c.Resources = []string{"heat pump"} })
			b.poll()
			var steps []step
			for i := 1; ; i++ {
				answer, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("vtn-%d.xml", i)))
				if err != nil {
					break
				}
				b.vtn.tell(string(answer))
				b.vtn.names()
				steps = append(steps, b.step())
			}
			text, err := json.MarshalIndent(steps, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			text = append(text, '\n')
			want := filepath.Join(dir, "want.json")
			if *update {
				if err := os.WriteFile(want, text, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			wanted, err := os.ReadFile(want)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(text, wanted) {
				t.Errorf("got:\n%s\nwant:\n%s", text, wanted)
			}
		})
	}
}

func (b *bench) step() step {
	b.t.Helper()
	list := b.poll()
	s := step{Events: []json.RawMessage{}}
	for _, e := range list.Items {
		s.Events = append(s.Events, e.Raw)
	}
	for _, m := range list.Malformed {
		s.Malformed = append(s.Malformed, m.ID+": "+m.Err.Error())
	}
	var created struct {
		Responses []struct {
			Code         string `xml:"responseCode"`
			ID           string `xml:"qualifiedEventID>eventID"`
			Modification string `xml:"qualifiedEventID>modificationNumber"`
			Opt          string `xml:"optType"`
		} `xml:"oadrSignedObject>oadrCreatedEvent>eiCreatedEvent>eventResponses>eventResponse"`
	}
	if body := b.vtn.last("oadrCreatedEvent"); body != "" {
		if err := xml.Unmarshal([]byte(body), &created); err != nil {
			b.t.Fatal(err)
		}
	}
	for _, r := range created.Responses {
		s.Replies = append(s.Replies, fmt.Sprintf("%s %s: %s %s", r.ID, r.Modification, r.Code, r.Opt))
	}
	return s
}
