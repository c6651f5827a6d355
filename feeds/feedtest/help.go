package feedtest

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// Answer is one of the recordings in testdata, by its folder and name: "four-hours/answer.json".
func Answer(t testing.TB, path string) string {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", path))
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// Zone is a time zone by its name.
func Zone(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// Memory is a keeper's store.
type Memory struct{ entries sync.Map }

// Get is what was put.
func (m *Memory) Get(key string) ([]byte, bool, error) {
	v, isFound := m.entries.Load(key)
	if !isFound {
		return nil, false, nil
	}
	return v.([]byte), true, nil
}

// Put keeps a value.
func (m *Memory) Put(key string, value []byte) error {
	m.entries.Store(key, value)
	return nil
}
