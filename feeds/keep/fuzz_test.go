package keep

import (
	"encoding/json"
	"testing"
	"time"

	"hearth/feeds"
)

// Whatever the store holds, a keeper starts, and what it has is sound.
func FuzzRestore(f *testing.F) {
	k := kept{Version: keptVersion, Asked: noon, Good: noon}
	k.put(everything())
	blob, err := json.Marshal(k)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(blob)
	f.Add([]byte(`{"version":1,"taken":{"points":[{"s":-1,"e":9223372036854775807,"v":1e300,"o":-7}]}}`))
	f.Add([]byte(`{"version":1,"asked":"9999-01-01T00:00:00Z","not_before":"9999-01-01T00:00:00Z"}`))
	f.Fuzz(func(t *testing.T, blob []byte) {
		source := &exchange{about: feeds.About{Kinds: feeds.Kinds, Zone: time.UTC, Currency: "EUR"}}
		store := &memory{values: map[string][]byte{"feeds/exchange": blob}}
		k := New("exchange", "home", Parts{Source: source, Store: store, Clock: hand{}})
		_ = k.Restore()
		if err := k.Values().Check(source.about); err != nil {
			t.Error(err)
		}
		if next := k.State().Next; next.After(noon.Add(feeds.MaxPatience + time.Hour)) {
			t.Errorf("not asked before %v", next)
		}
	})
}
