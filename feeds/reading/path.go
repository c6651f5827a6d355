package reading

import (
	"encoding/json"
	"strconv"
	"strings"

	"hearth/feeds"
)

// Path says where something is in a document: names with dots between them, "[]" for each element of a list, and a
// number for one of them: "data.prices[]", "[].0".
type Path []string

// each is the part of a path that means all elements.
const each = "[]"

// ParsePath reads a path; the key is that of the configuration.
func ParsePath(key, text string) (Path, error) {
	var p Path
	for i, part := range strings.Split(text, ".") {
		name := strings.TrimRight(part, "[]")
		lists := part[len(name):]
		isFirst := i == 0 && lists != "" // the document itself is a list
		if name == "" && !isFirst || strings.ContainsAny(name, "[]") || strings.ReplaceAll(lists, each, "") != "" {
			return nil, feeds.Fail(feeds.Misconfigured, "%s %q: must be a path such as data.prices[] or price.total", key, text)
		}
		if name != "" {
			p = append(p, name)
		}
		for range len(lists) / len(each) {
			p = append(p, each)
		}
	}
	return p, nil
}

// String writes the path as it is read.
func (p Path) String() string { return strings.ReplaceAll(strings.Join(p, "."), "."+each, each) }

// IsMany says that the path may lead to several places.
func (p Path) IsMany() bool {
	for _, part := range p {
		if part == each {
			return true
		}
	}
	return false
}

// All is what stands where the path leads; nothing where it leads nowhere.
func (p Path) All(document json.RawMessage) []json.RawMessage {
	found := []json.RawMessage{document}
	for _, part := range p {
		var next []json.RawMessage
		for _, node := range found {
			next = append(next, below(node, part)...)
		}
		found = next
	}
	return found
}

// One is the first of All, or nil.
func (p Path) One(document json.RawMessage) json.RawMessage {
	if found := p.All(document); len(found) > 0 {
		return found[0]
	}
	return nil
}

func below(node json.RawMessage, part string) []json.RawMessage {
	if !strings.HasPrefix(strings.TrimLeft(string(node[:min(len(node), 16)]), " \t\r\n"), "{") {
		var list []json.RawMessage
		if json.Unmarshal(node, &list) != nil {
			return nil
		}
		if part == each {
			return list
		}
		if i, err := strconv.Atoi(part); err == nil && i >= 0 && i < len(list) {
			return list[i : i+1]
		}
		return nil
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(node, &object) != nil {
		return nil
	}
	if child, isThere := object[part]; isThere {
		return []json.RawMessage{child}
	}
	return nil
}

// isNothing says that nothing is told: no field, or null.
func isNothing(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

// text is a string, or a number as it is written.
func text(raw json.RawMessage) (string, bool) {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return strings.TrimSpace(s), true
	}
	var n json.Number
	if json.Unmarshal(raw, &n) == nil {
		return n.String(), true
	}
	return "", false
}
