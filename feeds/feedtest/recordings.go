package feedtest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"hearth/feeds"
)

var update = flag.Bool("update", false, "write what comes out into the golden files")

// Recordings holds what a source understands of each answer in testdata against the file beside it. Each folder there
// has an answer in the shape of the publisher's, with made-up values (answer.xml, or of any name as JSON), and
// understood.txt. An answer is known by its name as well, where a source has more than one kind; an error is told by
// [Failure].
func Recordings(t *testing.T, understood func(name string, body []byte) string) {
	t.Helper()
	for _, answer := range answers(t) {
		folder := filepath.Dir(answer)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			body, err := os.ReadFile(answer)
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join(folder, "understood.txt")
			got := understood(filepath.Base(answer), body)
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
}

// answers are the paths of the recordings.
func answers(t testing.TB) []string {
	t.Helper()
	all, err1 := filepath.Glob("testdata/*/*.json")
	others, err2 := filepath.Glob("testdata/*/answer.*")
	all = append(all, others...)
	if slices.Sort(all); err1 != nil || err2 != nil || len(all) == 0 {
		t.Fatal("no recordings", err1, err2)
	}
	return slices.Compact(all)
}

// Failure is an error as recordings tell it: its kind and its text.
func Failure(err error) string { return fmt.Sprintf("%s: %v\n", feeds.KindOf(err), err) }
