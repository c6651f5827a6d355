package profiles

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// schemaOf says what checkShape accepts, in the words of JSON schema. Closed vocabularies are named.
func schemaOf(t reflect.Type, path string) map[string]any {
	switch t.Kind() {
	case reflect.Pointer:
		return schemaOf(t.Elem(), path)
	case reflect.Slice:
		return map[string]any{"type": "array", "items": schemaOf(t.Elem(), path+"[]")}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": schemaOf(t.Elem(), path+".*")}
	case reflect.Struct:
		properties := map[string]any{}
		for i, key := range jsonKeys(t) {
			properties[key] = schemaOf(t.Field(i).Type, below(path, key))
		}
		return map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	case reflect.Interface:
		return map[string]any{"type": []string{"string", "number", "boolean"}}
	case reflect.String:
		if words := vocabulary(path); words != nil {
			return map[string]any{"enum": words}
		}
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int:
		return map[string]any{"type": "integer"}
	}
	return map[string]any{"type": "number"}
}

func vocabulary(path string) []string {
	switch path {
	case "transport":
		return []string{string(MQTT), string(Modbus)}
	case "points[].name":
		return slices.Sorted(maps.Keys(pointUnits))
	case "actions[].name":
		return actionNames
	case "lease.kind":
		return []string{"timer", "silent", "heartbeat"}
	}
	return nil
}

// The schema says what the types say: neither may be changed alone.
func TestSchema_IsThatOfTheTypes(t *testing.T) {
	s := schemaOf(reflect.TypeFor[Profile](), "")
	s["$schema"], s["title"] = "https://json-schema.org/draft/2020-12/schema", "A device profile of Hearth"
	s["required"] = []string{"schema", "id", "title", "transport", "source", "points"}
	var want bytes.Buffer
	e := json.NewEncoder(&want)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(schemaFile, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return // what is embedded is the one before
	}
	if !bytes.Equal(Schema(), want.Bytes()) {
		t.Error("schema.json is not that of the types: go test ./devices/profiles -run Schema -update")
	}
}

// validate is a second reading of the schema, of the few words that ours has.
func validate(schema map[string]any, v any, path string) error {
	if words, ok := schema["enum"].([]any); ok {
		if !slices.Contains(words, v) {
			return fmt.Errorf("%s: %v is none of %v", path, v, words)
		}
		return nil
	}
	switch v := v.(type) {
	case map[string]any:
		properties, _ := schema["properties"].(map[string]any)
		for key, inner := range v {
			of, ok := properties[key].(map[string]any)
			if !ok {
				of, ok = schema["additionalProperties"].(map[string]any)
			}
			if !ok {
				return fmt.Errorf("%s: unknown key %s", path, key)
			}
			if err := validate(of, inner, below(path, key)); err != nil {
				return err
			}
		}
		return isOfType(schema, path, "object")
	case []any:
		items, _ := schema["items"].(map[string]any)
		for i, inner := range v {
			if err := validate(items, inner, fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
		return isOfType(schema, path, "array")
	case string:
		return isOfType(schema, path, "string")
	case bool:
		return isOfType(schema, path, "boolean")
	case float64:
		if v == float64(int(v)) && isOfType(schema, path, "integer") == nil {
			return nil
		}
		return isOfType(schema, path, "number")
	}
	return fmt.Errorf("%s: null", path)
}

func isOfType(schema map[string]any, path, kind string) error {
	switch is := schema["type"].(type) {
	case string:
		if is == kind {
			return nil
		}
	case []any:
		if slices.Contains(is, any(kind)) {
			return nil
		}
	}
	return fmt.Errorf("%s: is of type %s, want %v", path, kind, schema["type"])
}

func TestSchema_TakesEveryEmbeddedProfile(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	for _, id := range IDs() {
		data, _ := embedded.ReadFile(id + ".json")
		var v map[string]any
		if err := json.Unmarshal(data, &v); err != nil {
			t.Fatal(err)
		}
		if err := validate(schema, v, ""); err != nil {
			t.Errorf("%s: %v", id, err)
		}
		v["titel"] = "x"
		if err := validate(schema, v, ""); err == nil || !strings.Contains(err.Error(), "titel") {
			t.Errorf("%s: an unknown key passes: %v", id, err)
		}
	}
}
