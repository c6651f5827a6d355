package mqtt

import (
	"sync"
	"time"
)

// message is one that arrived.
type message struct {
	topic    string
	payload  []byte
	retained bool
	at       time.Time // by the link's clock
}

// inboxSize bounds what waits for one device: several times the number of its topics.
const inboxSize = 64

// inbox hands messages from the link to a device's worker. When it is full the oldest message that has a
// newer one of its topic goes: the newest of each topic is never lost.
type inbox struct {
	mu    sync.Mutex
	queue []message
	some  chan struct{} // holds a token while the queue may have messages
}

func newInbox() *inbox { return &inbox{some: make(chan struct{}, 1)} }

// put never waits. It says whether an older message had to go.
func (b *inbox) put(m message) (hasDropped bool) {
	b.mu.Lock()
	if len(b.queue) >= inboxSize {
		b.drop()
		hasDropped = true
	}
	b.queue = append(b.queue, m)
	b.mu.Unlock()
	select {
	case b.some <- struct{}{}:
	default:
	}
	return hasDropped
}

// takeAll empties the queue, oldest first.
func (b *inbox) takeAll() []message {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := b.queue
	b.queue = nil
	return all
}

// drop removes the oldest message that a later one of its topic makes out of date.
func (b *inbox) drop() {
	last := make(map[string]int, len(b.queue))
	for i, m := range b.queue {
		last[m.topic] = i
	}
	for i, m := range b.queue {
		if last[m.topic] > i {
			b.queue = append(b.queue[:i], b.queue[i+1:]...)
			return
		}
	}
	b.queue = b.queue[1:] // a device with more topics than places: New refuses it
}
