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
	if len(data) > maxSize {
		return nil, fmt.Errorf("%s: %d bytes, more than %d", name, len(data), maxSize)
	}
	faults := &faults{file: name}
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
	ids := make([]string, len(entries))
	for i, e := range entries {
		ids[i] = strings.TrimSuffix(e.Name(), ".json")
	}
	return ids
}

// faults collects what is wrong with one file.
type faults struct {
	file string
	list []error
}

func (f *faults) add(path, format string, args ...any) {
	f.list = append(f.list, fmt.Errorf("%s: %s: %s", f.file, path, fmt.Sprintf(format, args...)))
}

func (f *faults) err() error { return errors.Join(f.list...) }
