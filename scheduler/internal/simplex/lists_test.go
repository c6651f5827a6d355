package simplex

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Lists in one arena are what they would be each in its own memory.
func TestLists_AreIndependent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(t, "lists")
		var l lists[int]
		for range 2 { // the second time in used memory
			l.reset(n)
			want := make([][]int, n)
			for k := range n {
				l.reserve(int32(k), int32(rapid.IntRange(0, 3).Draw(t, "space")))
			}
			for x := range rapid.IntRange(0, 40).Draw(t, "operations") {
				k := rapid.IntRange(0, n-1).Draw(t, "list")
				if len(want[k]) > 0 && rapid.IntRange(0, 2).Draw(t, "operation") == 0 {
					at := rapid.IntRange(0, len(want[k])-1).Draw(t, "at")
					l.removeAt(int32(k), at)
					last := len(want[k]) - 1
					want[k][at] = want[k][last]
					want[k] = want[k][:last]
				} else {
					l.add(int32(k), x)
					want[k] = append(want[k], x)
				}
				for k, list := range want {
					if !slices.Equal(l.at(int32(k)), list) {
						t.Fatalf("list %d is %v, want %v", k, l.at(int32(k)), list)
					}
				}
			}
		}
	})
}

// Every item is in the bucket of its count, and in no other.
func TestBuckets_HoldItemsByCount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const counts = 4
		items := rapid.IntRange(1, 6).Draw(t, "items")
		var b buckets
		b.reset(items, counts)
		want := map[int32]int32{}
		for range rapid.IntRange(0, 30).Draw(t, "operations") {
			item := int32(rapid.IntRange(0, items-1).Draw(t, "item"))
			if rapid.IntRange(0, 3).Draw(t, "operation") == 0 {
				b.take(item)
				delete(want, item)
			} else {
				count := int32(rapid.IntRange(0, counts).Draw(t, "count"))
				b.put(item, count)
				want[item] = count
			}
			found := 0
			for count := range int32(counts + 1) {
				before := int32(-1)
				for item := b.first[count]; item >= 0; item = b.next[item] {
					if c, ok := want[item]; !ok || c != count || b.prev[item] != before {
						t.Fatalf("item %d is in bucket %d after %d, want it in %d (%v)", item, count, b.prev[item], c, ok)
					}
					before = item
					found++
				}
			}
			if found != len(want) {
				t.Fatalf("%d items, want %d", found, len(want))
			}
		}
	})
}
