package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"hearth/scheduler"
	"hearth/scheduler/corpus"
)

// source is a problem before it is there: a bench holds one problem at a time.
type source struct {
	name string
	load func() (*scheduler.Problem, error)
}

// problemSchema tells problem files from others.
const problemSchema = "hearth-problem/1"

// files are the problem files of a folder, T2 before T10. Other JSON files are passed over; one that
// cannot be read, or is not JSON, stays, with its error for an answer.
func files(dir string, passedOver io.Writer) ([]source, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var out []source
	for _, e := range entries {
		name, isJSON := strings.CutSuffix(e.Name(), ".json")
		if !isJSON || e.IsDir() {
			continue
		}
		file := filepath.Join(dir, e.Name())
		if !mayBeProblem(file) {
			fmt.Fprintf(passedOver, "%s: passed over: not a %s\n", file, problemSchema)
			continue
		}
		out = append(out, source{name, func() (*scheduler.Problem, error) { return readProblemFile(file) }})
	}
	slices.SortStableFunc(out, func(a, b source) int { return natural(a.name, b.name) })
	return out, nil
}

// mayBeProblem is false for a JSON file that says it is something else, or does not say what.
func mayBeProblem(file string) bool {
	text, err := readLimited(file)
	if err != nil || !json.Valid(text) {
		return true
	}
	var head struct {
		Schema string `json:"schema"`
	}
	return json.Unmarshal(text, &head) == nil && head.Schema == problemSchema
}

func readProblemFile(file string) (*scheduler.Problem, error) {
	text, err := readLimited(file)
	if err != nil {
		return nil, err
	}
	return scheduler.ReadProblem(bytes.NewReader(text))
}

// readLimited reads a byte more than a problem may have, so that what is too long is found out.
func readLimited(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, scheduler.MaxBytes+1))
}

// generated are count problems of each family that fits one of the patterns, from a seed on.
func generated(patterns []string, seed uint64, count int) ([]source, error) {
	var out []source
	known := corpus.Families()
	for _, pattern := range patterns {
		fits := slices.DeleteFunc(slices.Clone(known), func(family string) bool {
			ok, err := path.Match(pattern, family)
			return err != nil || !ok
		})
		if len(fits) == 0 {
			return nil, fmt.Errorf("%q is none of %s", pattern, strings.Join(known, ", "))
		}
		for _, family := range fits {
			for i := range uint64(count) {
				out = append(out, source{corpus.Name(family, seed+i), func() (*scheduler.Problem, error) {
					return corpus.Generate(family, seed+i)
				}})
			}
		}
	}
	return out, nil
}

// matching are the sources whose name fits a pattern; all of them when it is empty.
func matching(sources []source, pattern string) []source {
	return slices.DeleteFunc(sources, func(s source) bool {
		ok, err := path.Match(cmp.Or(pattern, "*"), s.name)
		return err != nil || !ok
	})
}

// writeProblems writes each problem into a file of its name.
func writeProblems(sources []source, dir string, log io.Writer) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return failure{exitData, fmt.Errorf("hearth: %w", err)}
	}
	for _, s := range sources {
		p, err := s.load()
		if err != nil {
			return err
		}
		file := filepath.Join(dir, s.name+".json")
		f, err := os.Create(file)
		if err != nil {
			return failure{exitData, fmt.Errorf("hearth: %w", err)}
		}
		if err := errors.Join(scheduler.WriteProblem(f, p), f.Close()); err != nil {
			return fmt.Errorf("write %s: %w", file, err)
		}
		fmt.Fprintln(log, file)
	}
	return nil
}

// natural compares names as people do: digits by the number they make.
func natural(a, b string) int {
	for a != "" && b != "" {
		x, y := leadingDigits(a), leadingDigits(b)
		if x != "" && y != "" {
			if c := compareNumbers(x, y); c != 0 {
				return c
			}
			a, b = a[len(x):], b[len(y):]
			continue
		}
		if c := cmp.Compare(a[0], b[0]); c != 0 {
			return c
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

func leadingDigits(s string) string { return s[:len(s)-len(strings.TrimLeft(s, "0123456789"))] }

// compareNumbers compares decimals of any length; of equal ones, the one with fewer zeros before it is less.
func compareNumbers(x, y string) int {
	a, b := strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b), cmp.Compare(len(x), len(y)))
}
