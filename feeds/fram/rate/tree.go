package rate

import (
	"bytes"
	"cmp"
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

// Tree is a value of a document, with its keys in their order and its numbers as they were written. Its zero value has
// no fields.
type Tree struct {
	kind  kind
	text  string // of a number or a text
	keys  []string
	items []Tree       // of a map, beside its keys; of a list
	price energy.Price // of a number, once prices were read
}

// What a document may hold: two kinds of day, twelve months and 24 hours of a dozen components are 7000 values.
const (
	mostDepth = 8
	mostNodes = 20_000
)

// Read reads a record. A number in quotes is a number; a key that stands there twice, in whatever spelling, is refused.
func Read(raw []byte) (Tree, error) {
	n, err := parse(raw)
	if err == nil && n.kind != object {
		err = fmt.Errorf("a %s, where a map should be", n.kind)
	}
	return n, err
}

func parse(raw []byte) (Tree, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	p := parser{d: d}
	n, err := p.value(0)
	if err != nil {
		return Tree{}, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Tree{}, errors.New("more than one document")
	}
	return n, nil
}

type parser struct {
	d     *json.Decoder
	count int
}

func (p *parser) value(depth int) (Tree, error) {
	if p.count++; depth > mostDepth || p.count > mostNodes {
		return Tree{}, fmt.Errorf("deeper than %d or more than %d values", mostDepth, mostNodes)
	}
	token, err := p.d.Token()
	if err != nil {
		return Tree{}, err
	}
	switch t := token.(type) {
	case json.Delim:
		return p.inside(t == '{', depth)
	case json.Number:
		return Tree{kind: number, text: t.String()}, nil
	case string:
		if trimmed := strings.TrimSpace(t); isNumber(trimmed) {
			return Tree{kind: number, text: trimmed}, nil
		}
		return Tree{kind: text, text: t}, nil
	case bool:
		return Tree{kind: boolean}, nil
	}
	return Tree{kind: null}, nil
}

// inside reads what a map or a list holds, and its end.
func (p *parser) inside(isMap bool, depth int) (Tree, error) {
	n, seen := Tree{kind: array}, map[string]bool{}
	if isMap {
		n.kind = object
	}
	for p.d.More() {
		if isMap {
			token, err := p.d.Token()
			if err != nil {
				return Tree{}, err
			}
			key, _ := token.(string)
			if seen[fold(key)] {
				return Tree{}, fmt.Errorf("the key %q stands there twice", feeds.OneLine(key))
			}
			seen[fold(key)], n.keys = true, append(n.keys, key)
		}
		item, err := p.value(depth + 1)
		if err != nil {
			return Tree{}, err
		}
		n.items = append(n.items, item)
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

// Child is what stands under a key, however that is spelled.
func (n Tree) Child(key string) (Tree, bool) {
	key = fold(key)
	i := slices.IndexFunc(n.keys, func(k string) bool { return fold(k) == key })
	if i < 0 {
		return Tree{}, false
	}
	return n.items[i], true
}

// Text is the first of some fields that holds a text or a number, in one line; empty: none does.
func (n Tree) Text(names ...string) string {
	for _, name := range names {
		if item, _ := n.Child(name); item.text != "" {
			return feeds.OneLine(item.text)
		}
	}
	return ""
}

// all says that every item is so.
func (n Tree) all(is func(Tree) bool) bool {
	return len(n.items) > 0 && !slices.ContainsFunc(n.items, func(i Tree) bool { return !is(i) })
}

func isLeaf(n Tree) bool { return n.kind == number }

// mostPaths is how many paths an error lists.
const mostPaths = 24

// outline is the paths of all values and what they are, without the values: "summer.peak number, hours[24] number".
func (n Tree) outline() string {
	var lines []string
	n.walk("", func(path string, leaf Tree) {
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

// Each visits all values that hold no others, with their paths ("summer.peak"). The items of a list share one. What is
// neither a number nor a text is told in a word, such as null.
func (n Tree) Each(visit func(path, value string)) {
	n.walk("", func(path string, leaf Tree) { visit(path, cmp.Or(feeds.OneLine(leaf.text), string(leaf.kind))) })
}

func (n Tree) walk(path string, visit func(path string, leaf Tree)) {
	if len(n.items) == 0 {
		visit(path, n)
	}
	for i, item := range n.items {
		below := fmt.Sprintf("%s[%d]", path, len(n.items))
		if n.kind == object {
			below = strings.TrimPrefix(path+"."+feeds.OneLine(n.keys[i]), ".")
		}
		item.walk(below, visit)
	}
}
