package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"hearth/devices/discover"
	"hearth/devices/discovery/homeassistant"
	"hearth/devices/discovery/zigbee"
	"hearth/devices/profiles"
)

// adopt makes profiles of what devices say of themselves, for those that no profile knows; with --make it writes them.
func (c discoverCommand) adopt(things []discover.Thing, heard []discover.Heard) ([]discover.Thing, error) {
	var made []*profiles.Profile
	var errs []error
	var messages []homeassistant.Message
	for _, h := range heard {
		messages = append(messages, homeassistant.Message{Topic: h.Topic, Payload: h.Payload})
		base, isBridge := strings.CutSuffix(h.Topic, "/bridge/devices")
		if !isBridge || len(h.Payload) == 0 {
			continue
		}
		some, _, err := zigbee.Read(base, h.Payload) // who was left out is named by its announcement
		made, errs = append(made, some...), append(errs, err)
	}
	some, _ := homeassistant.Read("homeassistant", "hearth", messages)
	made = append(made, some...)
	need := ""
	if c.Make == "" {
		need = "a profile: --make FOLDER writes one, of what it says of itself"
	}
	things = discover.Adopt(things, made, need)
	for _, p := range made {
		isTaken := func(t discover.Thing) bool { return slices.Contains(t.Fits, p) }
		if c.Make != "" && slices.ContainsFunc(things, isTaken) {
			errs = append(errs, c.writeProfile(p))
		}
	}
	return things, errors.Join(errs...)
}

// writeProfile writes a profile as a file; one that is there already is somebody's, and stays.
func (c discoverCommand) writeProfile(p *profiles.Profile) error {
	_, text, err := profiles.Make(*p)
	if err != nil {
		return err
	}
	name := filepath.Join(c.Make, p.ID+".json")
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // it holds no secret
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("write profile: %w", err)
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}
