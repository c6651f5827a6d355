package ven

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"hearth/openadr"
)

// kept is what the store holds: the objects as the VTN sent them, so that a later version of Hearth can
// read more of them than this one.
type kept struct {
	Version     int               `json:"version"`
	LastSuccess time.Time         `json:"last_success"`
	Programs    []json.RawMessage `json:"programs"`
	Events      []keptEvent       `json:"events"`
	Anchors     Anchors           `json:"anchors"`
}

type keptEvent struct {
	Fetched time.Time       `json:"fetched"`
	Event   json.RawMessage `json:"event"`
}

const keptVersion = 1

func (v *VEN) key() string { return "openadr/" + v.cfg.Name }

// Restore brings back the last good signals, of the programs that are still wanted. Call it once, before
// anything else. With an error the VEN is usable all the same, and knows what could be read.
func (v *VEN) Restore() error {
	blob, isFound, err := v.parts.Store.Get(v.key())
	if err != nil {
		return fmt.Errorf("restore %s: %w", v.cfg.Name, err)
	}
	if !isFound {
		return nil
	}
	var k kept
	if err := json.Unmarshal(blob, &k); err != nil {
		return fmt.Errorf("restore %s: %w", v.cfg.Name, err)
	}
	if k.Version != keptVersion {
		return fmt.Errorf("restore %s: version %d, want %d", v.cfg.Name, k.Version, keptVersion)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	var faults []error
	for _, raw := range k.Programs {
		var p openadr.Program
		if err := json.Unmarshal(raw, &p); err != nil {
			faults = append(faults, fmt.Errorf("restore %s: program: %w", v.cfg.Name, err))
			continue
		}
		if v.wants(p) {
			v.programs = append(v.programs, p)
		}
	}
	for _, o := range k.Events {
		e := Received{Fetched: o.Fetched}
		if err := json.Unmarshal(o.Event, &e.Event); err != nil {
			faults = append(faults, fmt.Errorf("restore %s: event: %w", v.cfg.Name, err))
			continue
		}
		if len(v.cfg.Programs) == 0 || areKnown([]openadr.Event{e.Event}, v.programs) {
			v.events[e.ID] = e
		}
	}
	if k.Anchors != nil {
		v.anchors = k.Anchors
	}
	v.lastSuccess = k.LastSuccess
	v.revision++
	return errors.Join(faults...)
}

// wants says that the configuration asks for the program.
func (v *VEN) wants(p openadr.Program) bool {
	return len(v.cfg.Programs) == 0 ||
		slices.ContainsFunc(v.cfg.Programs, func(wanted string) bool { return isCalled(p, wanted) })
}

// save writes the state. It belongs to a poll, and does not hold the lock while it writes: an SD card may take
// seconds, and the signals must be had meanwhile.
func (v *VEN) save() {
	k := kept{Version: keptVersion, LastSuccess: v.lastSuccess, Anchors: v.anchors}
	for _, p := range v.programs {
		k.Programs = append(k.Programs, p.Raw)
	}
	for _, e := range v.received() {
		k.Events = append(k.Events, keptEvent{e.Fetched, e.Raw})
	}
	blob, err := json.Marshal(k)
	if err == nil {
		err = v.parts.Store.Put(v.key(), blob)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.storeErr, v.isUnsaved = err, err != nil
}
