package profiles

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// maxSize bounds a profile: the largest of ours is a tenth of it.
const maxSize = 64 << 10

//go:embed *.json
var embedded embed.FS

// Load reads one profile. The name is that of its file; its base has to be the profile's id. The error
// joins every fault, each as "name: path: fault".
func Load(name string, data []byte) (*Profile, error) {
	return load(data, &faults{file: name})
}

func load(data []byte, faults *faults) (*Profile, error) {
	name := faults.file
	if len(data) > maxSize {
		return nil, fmt.Errorf("%s: %d bytes, more than %d", name, len(data), maxSize)
	}
	tree, err := readTree(data, faults)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	checkShape(tree, faults)
	if err := faults.err(); err != nil {
		return nil, err // what has the wrong shape cannot be judged further
	}
	var p Profile
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&p); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if id := strings.TrimSuffix(path.Base(name), ".json"); p.ID != id {
		faults.add("id", "%q is not the name of the file, %q", p.ID, id)
	}
	p.check(faults)
	if err := faults.err(); err != nil {
		return nil, err
	}
	return &p, nil
}

// ErrUnknown says that no profile has this id.
var ErrUnknown = errors.New("no such profile")

// Get reads the embedded profile with this id. The caller owns it.
func Get(id string) (*Profile, error) {
	if !slices.Contains(IDs(), id) {
		return nil, fmt.Errorf("profile %q: %w; there are %s", id, ErrUnknown, strings.Join(IDs(), ", "))
	}
	name := id + ".json"
	data, err := embedded.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("profile %q: %w", id, err)
	}
	return Load(name, data)
}

// IDs lists the embedded profiles in order.
func IDs() []string {
	entries, err := embedded.ReadDir(".")
	if err != nil {
		return nil // the root of an embedded tree can always be read
	}
	ids := make([]string, 0, len(entries))
	for _, e := range entries {
		if e.Name() != schemaFile {
			ids = append(ids, strings.TrimSuffix(e.Name(), ".json"))
		}
	}
	slices.Sort(ids) // by id, which is not the order of the files: a-b.json comes before a.json
	return ids
}

// schemaFile stands beside the profiles and is none.
const schemaFile = "schema.json"

// Schema is the JSON schema of a profile, for editors and for who writes one.
func Schema() []byte {
	data, err := embedded.ReadFile(schemaFile)
	if err != nil {
		return nil // it is embedded with the profiles
	}
	return data
}

// faults collects what is wrong with one file.
type faults struct {
	file string
	text []byte           // when set, faults name the line too
	at   map[string]int64 // where a path ends in the text
	list []error
}

func (f *faults) add(path, format string, args ...any) {
	place := f.file
	if f.text != nil {
		place += fmt.Sprintf(":%d", f.line(path))
	}
	f.list = append(f.list, fmt.Errorf("%s: %s: %s", place, path, fmt.Sprintf(format, args...)))
}

// note keeps the first place of a path.
func (f *faults) note(path string, at int64) {
	if f.text == nil {
		return
	}
	if f.at == nil {
		f.at = map[string]int64{}
	}
	if _, isKnown := f.at[path]; !isKnown {
		f.at[path] = at
	}
}

// line is where the path stands, or the nearest above it that stands anywhere: what is missing has no line.
func (f *faults) line(path string) int {
	for {
		if at, ok := f.at[path]; ok {
			return 1 + bytes.Count(f.text[:min(int(at), len(f.text))], []byte("\n"))
		}
		i := strings.LastIndexAny(path, ".[")
		if i < 0 {
			return 1
		}
		path = path[:i]
	}
}

func (f *faults) err() error { return errors.Join(f.list...) }
