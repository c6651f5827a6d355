package profiles

import (
	"encoding/json"
	"fmt"
)

// Make judges a profile that was made of a device's own description by the same rules as one that was
// written, and returns it with its file, to be put into a folder of profiles.
func Make(p Profile) (*Profile, []byte, error) {
	text, err := json.Marshal(p)
	if err != nil {
		return nil, nil, fmt.Errorf("profile %s: %w", p.ID, err)
	}
	made, err := Load(p.ID+".json", text)
	if err != nil {
		return nil, nil, err
	}
	return made, text, nil
}
