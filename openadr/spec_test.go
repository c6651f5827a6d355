package openadr_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
)

// schema is as much of an OpenAPI schema as openadr3.yaml uses.
type schema struct {
	Ref        string            `yaml:"$ref"`
	Type       string            `yaml:"type"`
	Format     string            `yaml:"format"`
	Pattern    string            `yaml:"pattern"`
	Enum       []string          `yaml:"enum"`
	AllOf      []schema          `yaml:"allOf"`
	OneOf      []schema          `yaml:"oneOf"`
	AnyOf      []schema          `yaml:"anyOf"`
	Properties map[string]schema `yaml:"properties"`
	Required   []string          `yaml:"required"`
	Items      *schema           `yaml:"items"`
	Nullable   bool              `yaml:"nullable"`
	MinLength  *int              `yaml:"minLength"`
	MaxLength  *int              `yaml:"maxLength"`
	Minimum    *float64          `yaml:"minimum"`
	Maximum    *float64          `yaml:"maximum"`
}

type content struct {
	Ref     string `yaml:"$ref"`
	Content map[string]struct {
		Schema schema `yaml:"schema"`
	} `yaml:"content"`
}

type operation struct {
	Parameters []struct {
		Name string `yaml:"name"`
		In   string `yaml:"in"`
	} `yaml:"parameters"`
	RequestBody *content           `yaml:"requestBody"`
	Responses   map[string]content `yaml:"responses"`
}

type pathItem struct {
	Get    *operation `yaml:"get"`
	Post   *operation `yaml:"post"`
	Put    *operation `yaml:"put"`
	Delete *operation `yaml:"delete"`
}

type spec struct {
	Paths      map[string]pathItem `yaml:"paths"`
	Components struct {
		Schemas   map[string]schema  `yaml:"schemas"`
		Responses map[string]content `yaml:"responses"`
	} `yaml:"components"`
}

// readSpec needs the specification: OPENADR_SPEC is a folder that holds 3.1.1/openadr3.yaml and
// 3.0.1/openadr3.yaml, from github.com/grid-coordination/openadr3-specification.
func readSpec(t *testing.T, version string) *spec {
	t.Helper()
	folder := os.Getenv("OPENADR_SPEC")
	if folder == "" {
		t.Skip("OPENADR_SPEC is not set")
	}
	text, err := os.ReadFile(filepath.Join(folder, version, "openadr3.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	s := new(spec)
	if err := yaml.Unmarshal(text, s); err != nil {
		t.Fatal(err)
	}
	if len(s.Components.Schemas) < 10 || len(s.Paths) < 10 {
		t.Fatalf("%s: read %d schemas and %d paths", version, len(s.Components.Schemas), len(s.Paths))
	}
	return s
}

// find is the operation for a request, and the values of its path's parameters.
func (s *spec) find(method, path string) (*operation, map[string]string) {
	got := strings.Split(path, "/")
	for template, item := range s.Paths {
		want := strings.Split(template, "/")
		if len(want) != len(got) {
			continue
		}
		fits, values := true, map[string]string{}
		for i, part := range want {
			if name, isParameter := strings.CutPrefix(part, "{"); isParameter {
				values[strings.TrimSuffix(name, "}")] = got[i]
			} else if part != got[i] {
				fits = false
			}
		}
		if op := map[string]*operation{"GET": item.Get, "POST": item.Post, "PUT": item.Put, "DELETE": item.Delete}[method]; fits && op != nil {
			return op, values
		}
	}
	return nil, nil
}

func (s *spec) resolve(x schema) schema {
	for x.Ref != "" {
		x = s.Components.Schemas[strings.TrimPrefix(x.Ref, "#/components/schemas/")]
	}
	return x
}

// body is the JSON schema of a content.
func (s *spec) body(c content) schema {
	if c.Ref != "" {
		c = s.Components.Responses[strings.TrimPrefix(c.Ref, "#/components/responses/")]
	}
	return s.resolve(c.Content["application/json"].Schema)
}

// check says what of a value the schema forbids. Properties it does not name are allowed.
func (s *spec) check(v any, x schema) error {
	x = s.resolve(x)
	if v == nil {
		if x.Nullable {
			return nil
		}
		return errors.New("is null")
	}
	for _, part := range x.AllOf {
		if err := s.check(v, part); err != nil {
			return err
		}
	}
	if choices := append(append([]schema{}, x.OneOf...), x.AnyOf...); len(choices) > 0 {
		var faults []error
		for _, choice := range choices {
			if err := s.check(v, choice); err != nil {
				faults = append(faults, err)
			}
		}
		if len(faults) == len(choices) || len(x.OneOf) > 0 && len(faults) != len(choices)-1 {
			return fmt.Errorf("fits %d of %d: %w", len(choices)-len(faults), len(choices), errors.Join(faults...))
		}
	}
	switch v := v.(type) {
	case map[string]any:
		return s.checkObject(v, x)
	case []any:
		return s.checkList(v, x)
	case string:
		return checkText(v, x)
	case json.Number:
		return checkNumber(v, x)
	case bool:
		return isOf("boolean", x)
	}
	return fmt.Errorf("is a %T", v)
}

func isOf(kind string, x schema) error {
	if x.Type != "" && x.Type != kind {
		return fmt.Errorf("is a %s, want %s", kind, x.Type)
	}
	return nil
}

func (s *spec) checkObject(v map[string]any, x schema) error {
	for _, name := range x.Required {
		if _, ok := v[name]; !ok {
			return fmt.Errorf("lacks %s", name)
		}
	}
	for name, value := range v {
		if property, isKnown := x.Properties[name]; isKnown {
			if err := s.check(value, property); err != nil {
				return fmt.Errorf("%s %w", name, err)
			}
		}
	}
	return isOf("object", x)
}

func (s *spec) checkList(v []any, x schema) error {
	for i, element := range v {
		if x.Items == nil {
			break
		}
		if err := s.check(element, *x.Items); err != nil {
			return fmt.Errorf("%d %w", i, err)
		}
	}
	return isOf("array", x)
}

func checkNumber(v json.Number, x schema) error {
	f, err := v.Float64()
	switch {
	case err != nil:
		return err
	case x.Minimum != nil && f < *x.Minimum, x.Maximum != nil && f > *x.Maximum:
		return fmt.Errorf("%s is out of bounds", v)
	case x.Type == "integer" && strings.Trim(string(v), "-0123456789") == "", x.Type == "number", x.Type == "":
		return nil
	}
	return fmt.Errorf("is the number %s, want %s", v, x.Type)
}

func checkText(v string, x schema) error {
	n := utf8.RuneCountInString(v)
	switch {
	case x.MinLength != nil && n < *x.MinLength, x.MaxLength != nil && n > *x.MaxLength:
		return fmt.Errorf("has %d characters", n)
	case len(x.Enum) > 0 && !strings.Contains(" "+strings.Join(x.Enum, " ")+" ", " "+v+" "):
		return fmt.Errorf("%q is none of %v", v, x.Enum)
	case x.Format == "date-time":
		if _, err := time.Parse(time.RFC3339, v); err != nil {
			return err
		}
	case x.Format == "uri":
		if u, err := url.Parse(v); err != nil || u.Scheme == "" {
			return fmt.Errorf("%q is no uri", v)
		}
	case x.Pattern != "":
		// Go has no look-ahead. The one there is asks for a part after P, or after a T.
		pattern := strings.Replace(x.Pattern, `(?=\d|T\d)`, "", 1)
		if isEmpty := pattern != x.Pattern && strings.TrimRight(v, "PT-") == ""; isEmpty || !regexp.MustCompile(pattern).MatchString(v) {
			return fmt.Errorf("%q does not fit %s", v, x.Pattern)
		}
	}
	return isOf("string", x)
}

// invent is a value that the schema allows, with a property here and there that it does not name.
func (s *spec) invent(r *rand.Rand, x schema) any {
	x = s.resolve(x)
	if x.Nullable && r.IntN(5) == 0 {
		return nil
	}
	if choices := append(append([]schema{}, x.OneOf...), x.AnyOf...); len(choices) > 0 {
		return s.invent(r, choices[r.IntN(len(choices))])
	}
	switch {
	case len(x.AllOf) > 0 || x.Properties != nil:
		return s.inventObject(r, x)
	case x.Type == "object":
		return map[string]any{}
	case x.Type == "array":
		list := make([]any, r.IntN(4))
		for i := range list {
			list[i] = s.invent(r, *x.Items)
		}
		return list
	case x.Type == "boolean":
		return r.IntN(2) == 0
	case x.Type == "integer" && x.Maximum != nil:
		return r.IntN(int(*x.Maximum))
	case x.Type == "integer" && x.Minimum != nil:
		return r.IntN(1 << 30)
	case x.Type == "integer":
		return int32(r.Uint32())
	case x.Type == "number":
		return r.NormFloat64()
	}
	return inventText(r, x)
}

func (s *spec) inventObject(r *rand.Rand, x schema) map[string]any {
	o := map[string]any{}
	for _, part := range x.AllOf {
		for name, value := range s.inventObject(r, s.resolve(part)) {
			o[name] = value
		}
	}
	for name, property := range x.Properties {
		if strings.Contains(" "+strings.Join(x.Required, " ")+" ", " "+name+" ") || r.IntN(3) > 0 {
			o[name] = s.invent(r, property)
		}
	}
	if r.IntN(4) == 0 {
		o["x-vendor"] = map[string]any{"thing": r.IntN(9)}
	}
	return o
}

func inventText(r *rand.Rand, x schema) string {
	switch {
	case len(x.Enum) > 0:
		return x.Enum[r.IntN(len(x.Enum))]
	case x.Format == "date-time":
		texts := []string{"2023-06-15T09:30:00Z", "0001-01-01T00:00:00Z", "2026-03-29T03:00:00.5+02:00", "9999-12-31T23:59:59Z"}
		return texts[r.IntN(len(texts))]
	case x.Format == "uri":
		return "https://vtn.example/a?b=c"
	case strings.Contains(x.Pattern, "P(?="):
		texts := []string{"PT0S", "P9999Y", "PT1H", "P1W", "P1Y2M3DT4H5M6.7S", "P0Y0M0DT1H0M0S"}
		return texts[r.IntN(len(texts))]
	case x.Pattern != "":
		return fmt.Sprintf("id-%d_X", r.IntN(1000))
	}
	texts := []string{"x", "VEN 999", "günstig:A", strings.Repeat("é", 100), `"<&> `}
	return texts[r.IntN(len(texts))]
}
