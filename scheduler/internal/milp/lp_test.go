package milp

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// read is a reader of the LP format, as far as Write uses it: the other half of a round trip.
func read(text string) (*Model, error) {
	sections := map[string][]string{}
	name := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case len(line) > 250: // some solvers read no more than 255 characters
			return nil, fmt.Errorf("a line of %d characters", len(line))
		case !strings.HasPrefix(line, " "):
			name = line
			sections[name] = nil
		case strings.HasPrefix(line, "  "): // goes on
			s := sections[name]
			s[len(s)-1] += line
		default:
			sections[name] = append(sections[name], line)
		}
	}
	if _, ended := sections["End"]; !ended || name != "End" {
		return nil, fmt.Errorf("no end")
	}
	m := &Model{}
	index := map[string]int{}
	for _, line := range sections["Bounds"] {
		v, err := readBound(strings.Fields(line))
		if _, twice := index[v.Name]; err != nil || twice {
			return nil, fmt.Errorf("bound %q: %v", line, err)
		}
		index[v.Name] = len(m.Variables)
		m.Variables = append(m.Variables, v)
	}
	for _, line := range sections["Generals"] {
		m.Variables[index[strings.TrimSpace(line)]].IsInteger = true
	}
	_, costs, err := readTerms(sections["Minimize"][0], index)
	for _, term := range costs {
		m.Variables[term.Variable].Cost = term.Factor
	}
	for _, line := range sections["Subject To"] {
		words := strings.Fields(line)
		r := Row{Relation: Relation(words[len(words)-2])}
		r.Right, err = strconv.ParseFloat(words[len(words)-1], 64)
		if err != nil {
			return nil, err
		}
		if r.Name, r.Terms, err = readTerms(strings.Join(words[:len(words)-2], " "), index); err != nil {
			return nil, err
		}
		m.Rows = append(m.Rows, r)
	}
	return m, err
}

// readBound reads "low <= name <= high" and "name >= low".
func readBound(words []string) (v Variable, err error) {
	if len(words) == 3 && words[1] == ">=" {
		v.Name, v.High = words[0], math.Inf(1)
		v.Low, err = strconv.ParseFloat(words[2], 64)
		return v, err
	}
	if len(words) != 5 || words[1] != "<=" || words[3] != "<=" {
		return v, fmt.Errorf("is none")
	}
	v.Name = words[2]
	if v.Low, err = strconv.ParseFloat(words[0], 64); err != nil {
		return v, err
	}
	v.High, err = strconv.ParseFloat(words[4], 64)
	return v, err
}

// readTerms reads "name: + 2 x - 1 y"; terms of factor 0, which only stand for nothing, are left out.
func readTerms(line string, index map[string]int) (name string, terms sum, err error) {
	name, rest, ok := strings.Cut(strings.TrimSpace(line), ":")
	words := strings.Fields(rest)
	if !ok || len(words) == 0 || len(words)%3 != 0 {
		return "", nil, fmt.Errorf("row %q has %d words", name, len(words))
	}
	for ; len(words) > 0; words = words[3:] {
		factor, err := strconv.ParseFloat(words[0]+words[1], 64)
		at, known := index[words[2]]
		if err != nil || !known {
			return "", nil, fmt.Errorf("row %s: term %v: %v", name, words[:3], err)
		}
		if factor != 0 {
			terms = append(terms, Term{factor, at})
		}
	}
	return name, terms, nil
}
