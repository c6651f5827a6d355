package openadr_test

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hearth/openadr"
	"hearth/openadr/vtn"
)

// offers is a VTN with many programs, each of about size bytes.
func offers(n, size int) http.HandlerFunc {
	programs := make([]string, n)
	for i := range programs {
		programs[i] = fmt.Sprintf(`{"id":"program-%04d","programName":"tariff %d","programDescriptions":[{"URL":"https://u.example/%s"}]}`,
			i, i, strings.Repeat("x", size))
	}
	return func(w http.ResponseWriter, r *http.Request) {
		skip, _ := strconv.Atoi(r.URL.Query().Get("skip"))
		limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
		page := programs[min(skip, n):min(skip+limit, n)]
		_, _ = io.WriteString(w, "["+strings.Join(page, ",")+"]")
	}
}

// thousands is how many the public price server of California lists.
const thousands = 1645

func isCalled(name string) func(openadr.Program) bool {
	return func(p openadr.Program) bool { return p.ProgramName == name }
}

func TestWalk_HoldsWhatIsWantedOnly(t *testing.T) {
	url := serve(t, offers(thousands, 2000))
	client := connect(t, url)
	all, err := client.Programs(t.Context(), openadr.Query{})
	if err != nil || len(all.Items) != thousands || all.LeftOut != 0 {
		t.Fatalf("%d programs, %d left out, %v", len(all.Items), all.LeftOut, err)
	}
	all = openadr.List[openadr.Program]{}
	before := held()
	one, err := client.Programs(t.Context(), openadr.Query{IsWanted: isCalled("tariff 1234")})
	after := held()
	if err != nil || len(one.Items) != 1 || one.Items[0].ID != "program-1234" || one.LeftOut != thousands-1 {
		t.Fatalf("%d programs, %d left out, %v", len(one.Items), one.LeftOut, err)
	}
	if after > before+200_000 {
		t.Errorf("%d bytes more are held after the walk", after-before)
	}
	runtime.KeepAlive(one)
}

// held is the live memory, in bytes.
func held() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // the first may leave what has a finalizer
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestWalk_HoldsOnePageAtATime(t *testing.T) {
	pages, most := offers(thousands, 8000), uint64(0) // 400 kB a page, 13 MB in all
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if skip, _ := strconv.Atoi(r.URL.Query().Get("skip")); skip%800 == 0 {
			most = max(most, held())
		}
		pages(w, r)
	})
	client := connect(t, url)
	before := held()
	if _, err := client.Programs(t.Context(), openadr.Query{IsWanted: isCalled("tariff 3")}); err != nil {
		t.Fatal(err)
	}
	if most > before+6<<20 {
		t.Errorf("%d MB were held during the walk, beside the VTN", (most-before)>>20)
	}
}

func TestWalk_WantsTheNewestVersionOfAProgram(t *testing.T) {
	const at = `"modificationDateTime":"2026-01-0%dT00:00:00Z"`
	version := func(id, name string, day int) string {
		return fmt.Sprintf(`{"id":%q,"programName":%q,`+at+`}`, id, name, day)
	}
	for name, c := range map[string]struct {
		first, second string // pages
		want          []string
		left          int
	}{
		"renamed to what is wanted":  {version("a", "old", 1), version("a", "tou", 2) + "," + version("b", "x", 1), []string{"a"}, 1},
		"renamed from it":            {version("a", "tou", 1) + "," + version("c", "tou", 1), version("a", "old", 2) + "," + version("b", "x", 1), []string{"c"}, 2},
		"an older one comes later":   {version("a", "tou", 2), version("a", "old", 1) + "," + version("b", "x", 1), []string{"a"}, 1},
		"there and back":             {version("a", "tou", 1), version("a", "old", 2) + "," + version("a", "tou", 3) + "," + version("b", "x", 1), []string{"a"}, 1},
		"what cannot be read counts": {version("a", "tou", 1) + `,{"id":"z"}`, version("b", "x", 1) + `,{"id":7}`, []string{"a", "z"}, 1},
	} {
		url := serve(t, func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Query().Get("skip") {
			case "0":
				_, _ = io.WriteString(w, "["+c.first+"]")
			default:
				_, _ = io.WriteString(w, "["+c.second+"]")
			}
		})
		list, err := connect(t, url).Programs(t.Context(), openadr.Query{IsWanted: func(p openadr.Program) bool { return p.ProgramName == "tou" || p.ID == "z" }})
		var got []string
		for _, p := range list.Items {
			got = append(got, p.ID)
		}
		if err != nil || !slices.Equal(got, c.want) || list.LeftOut != c.left {
			t.Errorf("%s: %v and %d left out, %v", name, got, list.LeftOut, err)
		}
	}
}

// A walk with a filter gives what a walk without it gives, filtered.
func TestWalk_FilterChangesNothingElse(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		v := vtn.New(vtn.Config{PageLimit: rapid.IntRange(1, 50).Draw(r, "page")})
		for range rapid.IntRange(0, 60).Draw(r, "programs") {
			v.PutProgram(openadr.Program{ProgramName: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(r, "name")})
		}
		client := connect(t, serve(t, v.ServeHTTP))
		all, err := client.Programs(t.Context(), openadr.Query{})
		some, err2 := client.Programs(t.Context(), openadr.Query{IsWanted: isCalled("b")})
		if err != nil || err2 != nil {
			r.Fatal(err, err2)
		}
		want := slices.DeleteFunc(slices.Clone(all.Items), func(p openadr.Program) bool { return p.ProgramName != "b" })
		if !slices.EqualFunc(some.Items, want, func(x, y openadr.Program) bool { return x.ID == y.ID }) || some.LeftOut != len(all.Items)-len(want) {
			r.Fatalf("%d of %d, %d left out", len(some.Items), len(want), some.LeftOut)
		}
	})
}

func TestWalk_KeepsNoMoreThanAHomeCanHold(t *testing.T) {
	asked := 0
	long := strings.Repeat("x", 60_000)
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		asked++
		_, _ = fmt.Fprintf(w, `[{"id":"p%d","programName":%q}]`, asked, long)
	})
	client := connect(t, url, func(c *openadr.Config) { c.MaxBody = 1 << 16 })
	_, err := client.Programs(t.Context(), openadr.Query{})
	if wantKind(t, err, openadr.TooLarge); asked != 9 {
		t.Errorf("%d pages were read, want the nine that are more than eight of the largest", asked)
	}
}

func BenchmarkWalk_OneOfThousands(b *testing.B) {
	s := offers(thousands, 2000)
	for name, q := range map[string]openadr.Query{"all": {}, "one": {IsWanted: isCalled("tariff 1234")}} {
		b.Run(name, func(b *testing.B) {
			client := connect(b, serve(b, s))
			before := held()
			var list openadr.List[openadr.Program]
			for b.Loop() {
				var err error
				if list, err = client.Programs(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(held()-before), "held-B")
			runtime.KeepAlive(list)
		})
	}
}
