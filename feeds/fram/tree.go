package fram

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"hearth/energy"
	"hearth/feeds"
)

// kind is what a value of a document is.
type kind string

const (
	object  kind = "map"
	array   kind = "list"
	number  kind = "number"
	text    kind = "text"
	boolean kind = "boolean"
	null    kind = "null"
)

// node is a value of a document, with its keys in their order and its numbers as they were written.
type node struct {
	kind  kind
	text  string // of a number or a text
	keys  []string
	items []node       // of a map, beside its keys; of a list
	price energy.Price // of a number, once prices were read
}

// What a document may hold: two kinds of day, twelve months and 24 hours of a dozen components are 7000 values.
const (
	mostDepth = 8
	mostNodes = 20_000
)

// parse reads a document. A number in quotes is a number; a key that stands there twice is refused.
func parse(raw []byte) (node, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	p := parser{d: d}
	n, err := p.value(0)
	if err != nil {
		return node{}, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return node{}, errors.New("more than one document")
	}
	return n, nil
}

type parser struct {
	d     *json.Decoder
	count int
}

func (p *parser) value(depth int) (node, error) {
	if p.count++; depth > mostDepth || p.count > mostNodes {
		return node{}, fmt.Errorf("deeper than %d or more than %d values", mostDepth, mostNodes)
	}
	token, err := p.d.Token()
	if err != nil {
		return node{}, err
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '[' {
			return p.list(depth)
		}
		return p.fields(depth)
	case json.Number:
		return node{kind: number, text: t.String()}, nil
	case string:
		if trimmed := strings.TrimSpace(t); isNumber(trimmed) {
			return node{kind: number, text: trimmed}, nil
		}
		return node{kind: text, text: t}, nil
	case bool:
		return node{kind: boolean}, nil
	}
	return node{kind: null}, nil
}

func (p *parser) list(depth int) (node, error) {
	n := node{kind: array}
	for p.d.More() {
		item, err := p.value(depth + 1)
		if err != nil {
			return node{}, err
		}
		n.items = append(n.items, item)
	}
	_, err := p.d.Token()
	return n, err
}

func (p *parser) fields(depth int) (node, error) {
	n, seen := node{kind: object}, map[string]bool{}
	for p.d.More() {
		token, err := p.d.Token()
		if err != nil {
			return node{}, err
		}
		key, _ := token.(string)
		if seen[fold(key)] {
			return node{}, fmt.Errorf("the key %q stands there twice", feeds.OneLine(key))
		}
		seen[fold(key)] = true
		item, err := p.value(depth + 1)
		if err != nil {
			return node{}, err
		}
		n.keys, n.items = append(n.keys, key), append(n.items, item)
	}
	_, err := p.d.Token()
	return n, err
}

// isNumber says that a text is a number as JSON writes them.
func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "+-.eE0123456789") == "" && json.Valid([]byte(s))
}

// fold makes one of "Off-Peak", "off_peak" and "OFF PEAK".
func fold(key string) string {
	return strings.NewReplacer(" ", "", "-", "", "_", "").Replace(strings.ToLower(key))
}

// child is what stands under a key, given folded.
func (n *node) child(key string) (node, bool) {
	i := slices.IndexFunc(n.keys, func(k string) bool { return fold(k) == key })
	if i < 0 {
		return node{}, false
	}
	return n.items[i], true
}

// all says that every item is so.
func (n *node) all(is func(node) bool) bool {
	return len(n.items) > 0 && !slices.ContainsFunc(n.items, func(i node) bool { return !is(i) })
}

func isLeaf(n node) bool { return n.kind == number }

// mostPaths is how many paths an error lists.
const mostPaths = 24

// outline is the paths of all values and what they are, without the values: "summer.peak number, hours[24] number".
func (n *node) outline() string {
	var lines []string
	n.walk("", func(path string, leaf node) {
		line := strings.TrimPrefix(path+" "+string(leaf.kind), " ")
		if !slices.Contains(lines, line) && len(lines) <= mostPaths {
			lines = append(lines, line)
		}
	})
	if len(lines) > mostPaths {
		lines[mostPaths] = "and more"
	}
	return strings.Join(lines, ", ")
}

// walk visits all values that hold no others. The items of a list share one path.
func (n *node) walk(path string, visit func(path string, leaf node)) {
	if len(n.items) == 0 {
		visit(path, *n)
		return
	}
	for i := range n.items {
		below := fmt.Sprintf("%s[%d]", path, len(n.items))
		if n.kind == object {
			below = strings.TrimPrefix(path+"."+feeds.OneLine(n.keys[i]), ".")
		}
		n.items[i].walk(below, visit)
	}
}
