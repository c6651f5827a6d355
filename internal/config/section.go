package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// section is one mapping of the file while it is read: it remembers which keys were asked for, so that
// what is left over can be called unknown.
type section struct {
	faults *Faults
	path   string
	line   int
	values map[string]ast.Node
	keys   []string // as written, in order
	lines  map[string]int
	asked  []string
}

func newSection(faults *Faults, path string, node ast.Node) *section {
	s := &section{faults: faults, path: path, values: map[string]ast.Node{}, lines: map[string]int{}}
	var entries []*ast.MappingValueNode
	switch n := node.(type) {
	case *ast.MappingNode:
		entries = n.Values
	case *ast.MappingValueNode:
		entries = []*ast.MappingValueNode{n}
	case nil, *ast.NullNode:
	default:
		s.line = lineOf(node)
		s.fault("", s.line, shown(node), "want keys and values here")
		return s
	}
	if node != nil {
		s.line = lineOf(node)
	}
	for _, e := range entries {
		key := e.Key.GetToken().Value
		if _, isMerge := e.Key.(*ast.MergeKeyNode); isMerge {
			s.fault("", lineOf(e), "<<", "merge keys are not read: write the keys out")
			continue
		}
		s.values[key], s.lines[key] = e.Value, e.Key.GetToken().Position.Line
		s.keys = append(s.keys, key)
	}
	return s
}

// fault notes a mistake at a key of this section; an empty key means the section itself.
func (s *section) fault(key string, line int, value, text string) {
	path := strings.TrimPrefix(s.path+"."+key, ".")
	*s.faults = append(*s.faults, Fault{line, strings.TrimSuffix(path, "."), value, text})
}

// reject notes a mistake at a key that was read.
func (s *section) reject(key, text string) {
	if line, ok := s.lines[key]; ok {
		s.fault(key, line, shown(s.values[key]), text)
		return
	}
	s.fault(key, s.line, "", text)
}

func (s *section) has(key string) bool {
	n, ok := s.values[key]
	_, isNull := n.(*ast.NullNode)
	return ok && !isNull
}

// child is the mapping at key; asking for one that is missing gives an empty one.
func (s *section) child(key string) *section {
	s.asked = append(s.asked, key)
	c := newSection(s.faults, strings.TrimPrefix(s.path+"."+key, "."), s.values[key])
	if c.line == 0 {
		c.line = max(s.lines[key], s.line)
	}
	return c
}

// items are the entries of the sequence at key, none when it is missing.
func (s *section) items(key string) []ast.Node {
	s.asked = append(s.asked, key)
	if !s.has(key) {
		return nil
	}
	seq, ok := s.values[key].(*ast.SequenceNode)
	if !ok {
		s.reject(key, "want a list here")
		return nil
	}
	return seq.Values
}

// each reads the mappings of the sequence at key.
func (s *section) each(key string, read func(*section)) {
	for i, n := range s.items(key) {
		c := newSection(s.faults, fmt.Sprintf("%s[%d]", strings.TrimPrefix(s.path+"."+key, "."), i), n)
		read(c)
		c.done()
	}
}

// done calls every key unknown that nobody asked for.
func (s *section) done() {
	for _, key := range s.keys {
		if slices.Contains(s.asked, key) {
			continue
		}
		text := "unknown key; known here are " + strings.Join(s.asked, ", ")
		if like := nearest(key, s.asked); like != "" {
			text = fmt.Sprintf("unknown key; did you mean %q?", like)
		}
		s.fault(key, s.lines[key], "", text)
	}
}

// must reads the value at key; it is a fault when it is missing.
func must[T any](s *section, key string, parse func(string) (T, error), into *T) bool {
	if !s.has(key) {
		s.asked = append(s.asked, key)
		s.fault(key, max(s.lines[key], s.line), "", "is missing")
		return false
	}
	return may(s, key, parse, into)
}

// may reads the value at key when it is there; into keeps what it held otherwise. It reports whether a
// value was read.
func may[T any](s *section, key string, parse func(string) (T, error), into *T) bool {
	s.asked = append(s.asked, key)
	if !s.has(key) {
		return false
	}
	return s.scalar(key, s.values[key], func(text string) error {
		v, err := parse(text)
		if err == nil {
			*into = v
		}
		return err
	})
}

// list reads a sequence of scalars at key.
func list[T any](s *section, key string, parse func(string) (T, error), into *[]T) {
	for i, n := range s.items(key) {
		at := fmt.Sprintf("%s[%d]", key, i)
		s.scalar(at, n, func(text string) error {
			v, err := parse(text)
			if err == nil {
				*into = append(*into, v)
			}
			return err
		})
	}
}

func (s *section) scalar(at string, n ast.Node, parse func(string) error) bool {
	text, err := scalarText(n)
	if err == nil {
		err = parse(text)
	}
	if err != nil {
		value := shown(n)
		if errors.Is(err, errSecret) {
			value = "(not shown)"
		}
		s.fault(at, lineOf(n), value, err.Error())
	}
	return err == nil
}

// scalarText is the value as written: types are ours to read, not YAML's.
func scalarText(n ast.Node) (string, error) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, nil
	case *ast.LiteralNode:
		return n.Value.Value, nil
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, nil
	case *ast.NullNode:
		return "", errors.New("has no value")
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		return "", errors.New("anchors, aliases and tags are not read: write the value out")
	}
	return "", errors.New("want a single value here")
}

func lineOf(n ast.Node) int {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 0
}

// shown is the value for a message, on one line and short.
func shown(n ast.Node) string {
	text, err := scalarText(n)
	if err != nil {
		text = strings.Join(strings.Fields(n.String()), " ")
	}
	if r := []rune(text); len(r) > 60 {
		return string(r[:57]) + "..."
	}
	return text
}

// text is the value at a key as it was written; empty where there is none.
func (s *section) text(key string) string {
	if !s.has(key) {
		return ""
	}
	text, err := scalarText(s.values[key])
	if err != nil {
		return ""
	}
	return text
}
