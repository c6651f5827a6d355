package strict

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Object is a JSON object being read. Each getter notes what is wrong in Faults and then returns the zero
// value, so that a reader can go on. Close notes what nobody asked for.
type Object struct {
	Path   string // empty: the outermost
	Faults *Faults

	text  map[string][]byte
	order []string
	asked map[string]bool
}

// Parse reads the outermost object. A text that is not JSON, or not an object, is an error of its own.
func Parse(text []byte, faults *Faults) (*Object, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("is not UTF-8")
	}
	if !json.Valid(text) {
		return nil, syntax(text)
	}
	i := space(text, 0)
	if text[i] != '{' {
		return nil, errors.New("is not an object")
	}
	return newObject("", text[i:], faults), nil
}

// syntax tells line and column of the first error of a text that is not JSON.
func syntax(text []byte) error {
	var ignored any
	var at *json.SyntaxError
	if err := json.Unmarshal(text, &ignored); !errors.As(err, &at) {
		return errors.New("is not JSON")
	}
	line, column := 1, 1
	for _, c := range text[:max(0, min(int(at.Offset)-1, len(text)))] {
		if column++; c == '\n' {
			line, column = line+1, 1
		}
	}
	return fmt.Errorf("is not JSON: line %d, column %d: %w", line, column, at)
}

func newObject(path string, text []byte, faults *Faults) *Object {
	o := &Object{path, faults, map[string][]byte{}, nil, map[string]bool{}}
	for quotedKey, value := range members(text) {
		var key string
		if json.Unmarshal(quotedKey, &key) != nil {
			key = string(quotedKey)
		}
		if _, isTwice := o.text[key]; isTwice {
			o.fault(key, "is there twice")
			continue
		}
		o.text[key] = value
		o.order = append(o.order, key)
	}
	return o
}

// At is the path of a member.
func (o *Object) At(key string) string {
	if o.Path == "" {
		return key
	}
	return o.Path + "." + key
}

// Has says that the member is there, and counts as asking for it.
func (o *Object) Has(key string) bool {
	o.asked[key] = true
	_, ok := o.text[key]
	return ok
}

// Close notes the members nobody asked for.
func (o *Object) Close() {
	for _, key := range o.order {
		if !o.asked[key] {
			o.fault(key, "unknown key")
		}
	}
}

func (o *Object) fault(key, reason string, args ...any) { o.Faults.Add(o.At(key), reason, args...) }

// value is the text of a required member.
func (o *Object) value(key string) ([]byte, bool) {
	if !o.Has(key) {
		o.fault(key, "is missing")
		return nil, false
	}
	return o.text[key], true
}

// Number is a finite number.
func (o *Object) Number(key string) float64 {
	b, ok := o.value(key)
	if !ok {
		return 0
	}
	v, err := number(b)
	if err != nil {
		o.fault(key, "%v", err)
	}
	return v
}

// Int is a number without a fraction, of a magnitude that an array index could have.
func (o *Object) Int(key string) int {
	b, ok := o.value(key)
	if !ok {
		return 0
	}
	v, err := number(b)
	switch {
	case err != nil:
		o.fault(key, "%v", err)
	case v != math.Trunc(v) || math.Abs(v) > math.MaxInt32:
		o.fault(key, "%s is not a whole number in range", clip(b))
	default:
		return int(v)
	}
	return 0
}

// Text is a string.
func (o *Object) Text(key string) string {
	b, ok := o.value(key)
	if !ok {
		return ""
	}
	v, err := text(b)
	if err != nil {
		o.fault(key, "%v", err)
	}
	return v
}

// Bool is true or false.
func (o *Object) Bool(key string) bool {
	b, ok := o.value(key)
	if ok && string(b) != "true" && string(b) != "false" {
		o.fault(key, "%s is neither true nor false", clip(b))
	}
	return string(b) == "true"
}

// Objects are the elements of an array of at most limit objects; nil stands for one that is none.
func (o *Object) Objects(key string, limit int) []*Object {
	b, n, ok := o.array(key)
	if !ok {
		return nil
	}
	if n > limit {
		o.fault(key, "has %d entries, at most %d are possible", n, limit)
		return nil
	}
	out := make([]*Object, 0, n)
	for i, item := range items(b) {
		path := fmt.Sprintf("%s[%d]", o.At(key), i)
		if item[0] != '{' {
			o.Faults.Add(path, "%s is not an object", clip(item))
			out = append(out, nil)
			continue
		}
		out = append(out, newObject(path, item, o.Faults))
	}
	return out
}

// IsArray says that the member is there and an array; it does not count as asking for it.
func (o *Object) IsArray(key string) bool {
	b, ok := o.text[key]
	return ok && b[0] == '['
}

// Decimal is a member that read turns into a value: numbers that must not pass through a float.
func Decimal[T any](o *Object, key string, read func(string) (T, error)) T {
	b, ok := o.value(key)
	if !ok {
		var none T
		return none
	}
	v, err := decimal(b, read)
	if err != nil {
		o.fault(key, "%v", err)
	}
	return v
}

// Texts are the elements of an array of at most limit strings.
func (o *Object) Texts(key string, limit int) []string { return List(o, key, -limit, text) }

// Numbers are the elements of an array of n numbers; at most -n when n is negative.
func Numbers[T ~float64](o *Object, key string, n int) []T {
	return List(o, key, n, func(b []byte) (T, error) {
		v, err := number(b)
		return T(v), err
	})
}

// Decimals are the elements of an array of n numbers that must not pass through a float.
func Decimals[T any](o *Object, key string, n int, read func(string) (T, error)) []T {
	return List(o, key, n, func(b []byte) (T, error) { return decimal(b, read) })
}

// List reads an array of n elements (at most -n when n is negative), counted before memory is taken.
func List[T any](o *Object, key string, n int, read func([]byte) (T, error)) []T {
	b, have, ok := o.array(key)
	if !ok {
		return nil
	}
	if n >= 0 && have != n {
		o.fault(key, "has %d values, want %d", have, n)
		return nil
	}
	if n < 0 && have > -n {
		o.fault(key, "has %d values, at most %d are possible", have, -n)
		return nil
	}
	out := make([]T, have)
	for i, item := range items(b) {
		v, err := read(item)
		if err != nil {
			o.fault(fmt.Sprintf("%s[%d]", key, i), "%v", err)
		}
		out[i] = v
	}
	return out
}

// Pair is an array of two numbers.
func Pair(b []byte) (pair [2]float64, err error) {
	wrong := fmt.Errorf("%s is not a pair of numbers", clip(b))
	if b[0] != '[' {
		return pair, wrong
	}
	n := 0
	for i, item := range items(b) {
		if n++; i > 1 {
			break
		}
		if pair[i], err = number(item); err != nil {
			return pair, wrong
		}
	}
	if n != 2 {
		return pair, wrong
	}
	return pair, nil
}

// array is the text and the length of a required array.
func (o *Object) array(key string) (b []byte, n int, ok bool) {
	if b, ok = o.value(key); !ok {
		return nil, 0, false
	}
	if b[0] != '[' {
		o.fault(key, "%s is not an array", clip(b))
		return nil, 0, false
	}
	for range items(b) {
		n++
	}
	return b, n, true
}

func number(b []byte) (float64, error) {
	if !isNumber(b) {
		return 0, fmt.Errorf("%s is not a number", clip(b))
	}
	v, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		return 0, fmt.Errorf("%s is out of range", clip(b))
	}
	return v, nil
}

func text(b []byte) (v string, err error) {
	if b[0] != '"' || json.Unmarshal(b, &v) != nil {
		return "", fmt.Errorf("%s is not a string", clip(b))
	}
	return v, nil
}

func decimal[T any](b []byte, read func(string) (T, error)) (T, error) {
	v, err := read(string(b))
	switch {
	case !isNumber(b):
		err = fmt.Errorf("%s is not a number", clip(b))
	case err != nil:
		err = fmt.Errorf("%s is out of range", clip(b))
	}
	return v, err
}

func isNumber(b []byte) bool { return b[0] == '-' || '0' <= b[0] && b[0] <= '9' }

// clip is the text as a message shows it: on one line, and not all of it.
func clip(b []byte) string {
	const room = 40
	line := strings.Join(strings.Fields(string(b[:min(len(b), room+1)])), " ")
	if len(b) > room {
		line = strings.ToValidUTF8(line, "") + "..."
	}
	return line
}
