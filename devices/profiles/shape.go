package profiles

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"strings"
)

// member is one key of an object, in the order of the file.
type member struct {
	key   string
	value any   // string, json.Number, bool, nil, []any or []member
	at    int64 // where the key ends in the file
}

// maxDepth is how deep a profile may nest; ours use four levels.
const maxDepth = 8

// readTree reads JSON with every key kept, doubled ones too, which encoding/json would drop in silence.
// The error is one of syntax, with its line.
func readTree(data []byte, f *faults) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	tree, err := readValue(d, "", f)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			err = fmt.Errorf("something follows the profile")
		}
	}
	if err != nil {
		return nil, fmt.Errorf("line %d: %w", 1+bytes.Count(data[:min(int(d.InputOffset()), len(data))], []byte("\n")), err)
	}
	return tree, nil
}

func readValue(d *json.Decoder, path string, f *faults) (any, error) {
	if strings.Count(path, ".")+strings.Count(path, "[") > maxDepth {
		return nil, fmt.Errorf("%s: nested too deep", path)
	}
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('['):
		list := []any{}
		for d.More() {
			inner := fmt.Sprintf("%s[%d]", path, len(list))
			v, err := readValue(d, inner, f)
			f.note(inner, d.InputOffset())
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err = d.Token()
		return list, err
	case json.Delim('{'):
		object := []member{}
		for d.More() {
			m, err := readMember(d, path, f)
			if err != nil {
				return nil, err
			}
			f.note(below(path, m.key), m.at)
			if slices.ContainsFunc(object, func(o member) bool { return o.key == m.key }) {
				f.add(below(path, m.key), "stands twice")
			}
			object = append(object, m)
		}
		_, err = d.Token()
		return object, err
	}
	return token, nil
}

func readMember(d *json.Decoder, path string, f *faults) (member, error) {
	key, err := d.Token()
	if err != nil {
		return member{}, err
	}
	name, _ := key.(string) // the decoder accepts nothing else as a key
	at := d.InputOffset()
	v, err := readValue(d, below(path, name), f)
	return member{name, v, at}, err
}

func below(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// checkShape holds the tree against the Go type: unknown keys and wrong kinds are faults.
func checkShape(tree any, f *faults) { checkKind(tree, reflect.TypeFor[Profile](), "", f) }

func checkKind(v any, t reflect.Type, path string, f *faults) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	at := path
	if at == "" {
		at = "profile"
	}
	switch t.Kind() {
	case reflect.Struct, reflect.Map:
		object, ok := v.([]member)
		if !ok {
			f.add(at, "is not an object")
			return
		}
		for _, m := range object {
			inner, known := innerType(t, m.key)
			if !known {
				f.add(below(path, m.key), "unknown key%s", nearest(m.key, jsonKeys(t)))
				continue
			}
			checkKind(m.value, inner, below(path, m.key), f)
		}
	case reflect.Slice:
		list, ok := v.([]any)
		if !ok {
			f.add(at, "is not a list")
			return
		}
		for i, item := range list {
			checkKind(item, t.Elem(), fmt.Sprintf("%s[%d]", path, i), f)
		}
	default:
		if problem := scalarFault(v, t.Kind()); problem != "" {
			f.add(at, "%s", problem)
		}
	}
}

func scalarFault(v any, kind reflect.Kind) string {
	switch kind {
	case reflect.String:
		if _, ok := v.(string); !ok {
			return "is not a text"
		}
	case reflect.Bool:
		if _, ok := v.(bool); !ok {
			return "is not true or false"
		}
	case reflect.Interface:
		switch v.(type) {
		case string, bool, json.Number:
		default:
			return "is not a text, a number, true or false"
		}
	case reflect.Int, reflect.Float64:
		n, ok := v.(json.Number)
		if !ok {
			return "is not a number"
		}
		x, err := n.Float64()
		if err != nil || (kind == reflect.Int && (x != math.Trunc(x) || math.Abs(x) > 1<<31 || strings.ContainsAny(n.String(), ".eE"))) {
			return fmt.Sprintf("%s is not a number that fits", n)
		}
	}
	return ""
}

func innerType(t reflect.Type, key string) (reflect.Type, bool) {
	if t.Kind() == reflect.Map {
		return t.Elem(), true
	}
	i := slices.Index(jsonKeys(t), key)
	if i < 0 {
		return nil, false
	}
	return t.Field(i).Type, true
}

func jsonKeys(t reflect.Type) []string {
	keys := make([]string, t.NumField())
	for i := range keys {
		keys[i], _, _ = strings.Cut(t.Field(i).Tag.Get("json"), ",")
	}
	return keys
}

// nearest suggests the known word that differs least, when it is close.
func nearest(word string, known []string) string {
	best, distance := "", 3
	for _, k := range known {
		if d := editDistance(word, k); d < distance && d < len(k) {
			best, distance = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(", did you mean %q?", best)
}

func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		left := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := left
			if a[i] != b[j] {
				cost++
			}
			left, row[j+1] = row[j+1], min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
