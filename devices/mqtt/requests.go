package mqtt

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"hearth/devices/profiles"
)

// maxOpen bounds the requests whose answer is still taken: a device that never answers must not fill memory.
const maxOpen = 64

// requests numbers what is asked, so that an answer to somebody else, or to an earlier run, is not taken
// for ours, and none is taken twice.
type requests struct {
	last int64
	open []string
}

// newRequests starts where no earlier run can have been, within what a 32-bit device keeps exactly.
func newRequests(now time.Time) requests { return requests{last: now.Unix() % 1_000_000 * 1000} }

func (r *requests) next() string {
	r.last++
	id := strconv.FormatInt(r.last, 10)
	if r.open = append(r.open, id); len(r.open) > maxOpen {
		r.open = r.open[1:]
	}
	return id
}

// isOpen says that an answer to id is awaited.
func (r *requests) isOpen(id string) bool { return slices.Contains(r.open, id) }

func (r *requests) answered(id string) {
	r.open = slices.DeleteFunc(r.open, func(o string) bool { return o == id })
}

// numbered fills in {request_id} and {reply}, a number of its own for each message.
func (d *device) numbered(messages []profiles.Message) []profiles.Message {
	out := make([]profiles.Message, len(messages))
	for i, m := range messages {
		if strings.Contains(m.Payload, "{request_id}") {
			d.mu.Lock()
			m.Payload = strings.ReplaceAll(m.Payload, "{request_id}", d.requests.next())
			d.mu.Unlock()
		}
		m.Payload = strings.ReplaceAll(m.Payload, "{reply}", d.reply)
		out[i] = m
	}
	return out
}

// isAnswer says whether a message with an id answers a request of ours; one without a path needs none.
func (d *device) isAnswer(path string, payload []byte) (id string, ok bool) {
	if path == "" {
		return "", true
	}
	id, _, _ = profiles.Lookup(payload, path)
	d.mu.Lock()
	defer d.mu.Unlock()
	return id, id != "" && d.requests.isOpen(id)
}
