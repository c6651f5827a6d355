package outbox

import (
	"encoding/json"
	"fmt"

	"hearth/openadr/report"
)

// kept is what the store holds.
type kept struct {
	Version int                    `json:"version"`
	Queue   []letter               `json:"queue"`
	Done    map[string]report.Sent `json:"done"`
}

const keptVersion = 1

func (o *Outbox) key() string { return "outbox/" + o.cfg.Name }

// Restore brings back what waits. Call it once, before anything else. With an error the outbox is usable, and empty.
func (o *Outbox) Restore() error {
	text, isFound, err := o.parts.Store.Get(o.key())
	if err != nil {
		return fmt.Errorf("restore reports for %s: %w", o.cfg.Name, err)
	}
	if !isFound {
		return nil
	}
	var k kept
	if err := json.Unmarshal(text, &k); err != nil {
		return fmt.Errorf("restore reports for %s: %w", o.cfg.Name, err)
	}
	if k.Version != keptVersion {
		return fmt.Errorf("restore reports for %s: version %d, want %d", o.cfg.Name, k.Version, keptVersion)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, l := range k.Queue {
		l.isTried = true // the store may be older than what was done last
		o.queue = append(o.queue, l)
	}
	for key, sent := range k.Done {
		o.done[key] = sent
	}
	return nil
}

// save writes everything down; the lock is held. What cannot be kept stays in memory, and is tried again with the next.
func (o *Outbox) save() {
	text, err := json.Marshal(kept{keptVersion, o.queue, o.done})
	if err == nil {
		err = o.parts.Store.Put(o.key(), text)
	}
	o.storeErr, o.isDirty = err, err != nil
}
