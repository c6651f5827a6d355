package mqtt

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// However many come, the newest of each topic is there and none overtakes another.
func TestInbox_KeepsTheNewestOfEachTopicInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newInbox()
		newest := map[string]string{}
		dropped := 0
		count := rapid.IntRange(0, 5*inboxSize).Draw(t, "count")
		topics := rapid.IntRange(1, inboxSize/2).Draw(t, "topics")
		for i := range count {
			topic := fmt.Sprint(rapid.IntRange(1, topics).Draw(t, "topic"))
			newest[topic] = fmt.Sprint(i)
			if b.put(message{topic: topic, payload: []byte(newest[topic])}) {
				dropped++
			}
		}
		got := b.takeAll()
		if len(got)+dropped != count || len(got) > inboxSize {
			t.Fatalf("%d of %d kept, %d dropped", len(got), count, dropped)
		}
		last, previous := map[string]string{}, -1
		for _, m := range got {
			var n int
			_, _ = fmt.Sscan(string(m.payload), &n)
			if n <= previous {
				t.Fatalf("%d came after %d", n, previous)
			}
			previous, last[m.topic] = n, string(m.payload)
		}
		for topic, want := range newest {
			if last[topic] != want {
				t.Fatalf("newest of topic %s is %q, want %q", topic, last[topic], want)
			}
		}
	})
}
