package profiles

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// LoadFolder reads every *.json of a folder (os.DirFS) that is not a hidden file: families that were not built
// in. One that has the id of an embedded profile is a fault: nobody could say which is meant. The error joins
// every fault of every file, as "name:line: path: fault"; what is right is returned all the same, in order.
func LoadFolder(folder fs.FS) ([]*Profile, error) {
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return nil, fmt.Errorf("profiles: %w", err)
	}
	var out []*Profile
	var errs []error
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || path.Ext(name) != ".json" || strings.HasPrefix(name, ".") || name == schemaFile {
			continue
		}
		p, err := loadFile(folder, name)
		switch {
		case err != nil:
			errs = append(errs, err)
		case slices.Contains(IDs(), p.ID):
			errs = append(errs, fmt.Errorf("%s:1: id: %q is the id of a profile that is built in; give the file and the id another name", name, p.ID))
		default:
			out = append(out, p)
		}
	}
	return out, errors.Join(errs...)
}

func loadFile(folder fs.FS, name string) (*Profile, error) {
	info, err := fs.Stat(folder, name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxSize {
		return nil, fmt.Errorf("%s: %d bytes, want a file of at most %d", name, info.Size(), maxSize)
	}
	data, err := fs.ReadFile(folder, name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return load(data, &faults{file: name, text: data})
}
