package openadr

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// schema is the part of a schema of openadr3.yaml that names properties.
type schema struct {
	Ref        string            `yaml:"$ref"`
	AllOf      []schema          `yaml:"allOf"`
	Properties map[string]schema `yaml:"properties"`
	Required   []string          `yaml:"required"`
}

type contract struct {
	Components struct {
		Schemas map[string]schema `yaml:"schemas"`
	} `yaml:"components"`
}

// names gathers the properties of a schema and of all that it is made of.
func (c contract) names(s schema, known, required map[string]bool) {
	if s.Ref != "" {
		s = c.Components.Schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")]
	}
	for name := range s.Properties {
		known[name] = true
	}
	for _, name := range s.Required {
		required[name] = true
	}
	for _, part := range s.AllOf {
		c.names(part, known, required)
	}
}

// TestWireTypes_UseTheNamesOfTheSpecification needs the specification: OPENADR_SPEC is a folder that holds
// 3.1.1/openadr3.yaml, from github.com/grid-coordination/openadr3-specification.
func TestWireTypes_UseTheNamesOfTheSpecification(t *testing.T) {
	folder := os.Getenv("OPENADR_SPEC")
	if folder == "" {
		t.Skip("OPENADR_SPEC is not set")
	}
	text, err := os.ReadFile(filepath.Join(folder, "3.1.1", "openadr3.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var c contract
	if err := yaml.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]any{
		"program": Program{}, "event": Event{}, "interval": Interval{}, "intervalPeriod": IntervalPeriod{},
		"valuesMap": ValuesMap{}, "eventPayloadDescriptor": PayloadDescriptor{}, "objectMetadata": Metadata{}, "problem": Problem{},
	} {
		known, required := map[string]bool{}, map[string]bool{}
		c.names(c.Components.Schemas[name], known, required)
		if len(known) == 0 {
			t.Errorf("the specification has no %s", name)
		}
		ours := map[string]bool{}
		for _, field := range reflect.VisibleFields(reflect.TypeOf(value)) {
			tag, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if field.Anonymous || tag == "-" {
				continue
			}
			if ours[tag] = true; !known[tag] {
				t.Errorf("%s has no property %q", name, tag)
			}
		}
		for tag := range required {
			if !ours[tag] {
				t.Errorf("%s lacks the required property %q", name, tag)
			}
		}
	}
}
