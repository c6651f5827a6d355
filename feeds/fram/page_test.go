package fram

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hearth/feeds"
)

// scripted answers the n-th page of anything, and counts how often each was asked for.
type scripted struct {
	answer func(number int) string
	asked  map[string]int
}

func (c *scripted) RoundTrip(r *http.Request) (*http.Response, error) {
	page := r.URL.Query().Get("page")
	c.asked[page]++
	var number int
	_, err := fmt.Sscan(page, &number)
	if err != nil {
		return nil, err
	}
	return transport(func() string { return c.answer(number) }).RoundTrip(r)
}

// scriptedList reads a list of what a script answers.
func scriptedList(t interface{ Fatal(...any) }, c *scripted) *Source {
	s, err := New(home(), feeds.Net{})
	if err != nil {
		t.Fatal(err)
	}
	s.client.HTTP, s.client.Tokens = &http.Client{Transport: c}, nil
	return s
}

func recordsOf(first, count int) string {
	var out []string
	for i := range count {
		out = append(out, fmt.Sprintf(`{"organization_id":"%d"}`, first+i))
	}
	return strings.Join(out, ",")
}

// Whatever a pagination says, and whatever the pages hold: each page is asked for once, in order, and there is an end;
// and what comes out came in, once each, in its order.
func TestList_AlwaysEndsAndAsksNoPageTwice(t *testing.T) {
	ctx := t.Context()
	rapid.Check(t, func(t *rapid.T) {
		told := rapid.SampledFrom([]string{
			`{}`, `null`, `[]`, `7`, `"x"`, `{"pages":0}`, `{"pages":-3}`, `{"pages":"4"}`, `{"total_pages":2}`, `{"totalPages":1e9}`,
			`{"pages":99999}`, `{"limit":2}`, `{"per_page":"2"}`, `{"limit":2,"pages":3}`, `{"page":1,"next":true}`, `{"pages":3.5}`,
		})
		sizes := rapid.SliceOfN(rapid.SampledFrom([]int{0, 1, 2, 2, 2, perPage, perPage}), 1, 6).Draw(t, "sizes")
		isStuck := rapid.Bool().Draw(t, "stuck") // the server shows its first page for ever
		pagination := told.Draw(t, "pagination")
		sent := map[int]string{}
		c := &scripted{asked: map[string]int{}}
		c.answer = func(number int) string {
			first := number * 1000
			if isStuck {
				number, first = 1, 0
			}
			sent[number] = recordsOf(first, sizes[min(number, len(sizes))-1])
			return `{"data":[` + sent[number] + `],"pagination":` + pagination + `}`
		}
		all, err := scriptedList(t, c).list(ctx, "organizations", nil)
		if len(c.asked) > mostPages || err != nil && feeds.KindOf(err) != feeds.Temporary {
			t.Fatalf("%d pages, %v", len(c.asked), err)
		}
		for number := range len(c.asked) {
			if n := c.asked[fmt.Sprint(number+1)]; n != 1 {
				t.Fatalf("page %d was asked for %d times", number+1, n)
			}
		}
		if err != nil {
			return
		}
		var want []string
		for number := 1; number <= len(c.asked); number++ {
			if sent[number] != "" {
				want = append(want, sent[number])
			}
		}
		var got []string
		for _, raw := range all {
			got = append(got, string(raw))
		}
		if strings.Join(got, ",") != strings.Join(want, ",") {
			t.Fatalf("%d records of %d pages", len(got), len(c.asked))
		}
	})
}

// Where the number of pages is told and true, all of them are read whatever their sizes are; records that moved from one
// page to the next while they were read count once.
func TestList_ReadsAllPagesThatAreTold(t *testing.T) {
	ctx := t.Context()
	rapid.Check(t, func(t *rapid.T) {
		pages, size := rapid.IntRange(1, 9).Draw(t, "pages"), rapid.IntRange(2, 5).Draw(t, "size")
		moved := rapid.IntRange(0, 1).Draw(t, "moved")
		c := &scripted{asked: map[string]int{}, answer: func(number int) string {
			first := (number - 1) * size
			if number > 1 {
				first -= moved
			}
			return fmt.Sprintf(`{"data":[%s],"pagination":{"pages":%d,"limit":%d}}`, recordsOf(first, size), pages, size)
		}}
		all, err := scriptedList(t, c).list(ctx, "organizations", nil)
		want := pages*size - moved
		if pages == 1 {
			want = size
		}
		if err != nil || len(all) != want || len(c.asked) != pages {
			t.Fatalf("%d records in %d pages, want %d in %d, %v", len(all), len(c.asked), want, pages, err)
		}
		seen := map[string]bool{}
		for _, raw := range all {
			if seen[string(raw)] {
				t.Fatalf("%s comes twice", raw)
			}
			seen[string(raw)] = true
		}
	})
}

// A limit beyond ours, or below it, is not what makes a full page a short one.
func TestList_TakesNoFullPageForTheLast(t *testing.T) {
	for told, size := range map[string]int{`{}`: perPage, `{"limit":1000}`: perPage, `{"limit":300}`: perPage, `{"per_page":20}`: 20, `{"limit":"7"}`: 7} {
		c := &scripted{asked: map[string]int{}, answer: func(number int) string {
			count := size
			if number == 3 {
				count--
			}
			return `{"data":[` + recordsOf(number*1000, count) + `],"pagination":` + told + `}`
		}}
		if all, err := scriptedList(t, c).list(t.Context(), "organizations", nil); err != nil || len(all) != 3*size-1 || len(c.asked) != 3 {
			t.Errorf("%s: %d records in %d pages, %v", told, len(all), len(c.asked), err)
		}
	}
}

func TestList_SaysWhatIsWrong(t *testing.T) {
	for want, answer := range map[string]func(int) string{
		"organizations: page 2 has nothing but what was on those before it": func(int) string { return `{"data":[1,2],"pagination":{"pages":9}}` },
		"organizations: more than 100 pages":                                func(n int) string { return `{"data":[` + recordsOf(n*perPage, perPage) + `]}` },
		"organizations: page 2: there is no data": func(n int) string {
			if n > 1 {
				return `{"data":null}`
			}
			return `{"data":[1],"pagination":{"pages":2}}`
		},
		"organizations: page 1: json": func(int) string { return `{"data":{}}` },
	} {
		c := &scripted{asked: map[string]int{}, answer: answer}
		if _, err := scriptedList(t, c).list(t.Context(), "organizations", nil); feeds.KindOf(err) != feeds.Temporary || !strings.HasPrefix(fmt.Sprint(err), want) || len(c.asked) > mostPages {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestReadAll_NamesTheRecordThatIsNone(t *testing.T) {
	for _, bad := range []string{`[]`, `7`, `null`, `{"a":1,"A":2}`} {
		_, err := readAll("units", []json.RawMessage{raw(`{}`), raw(bad)})
		if feeds.KindOf(err) != feeds.Temporary || !strings.HasPrefix(fmt.Sprint(err), "units: record 1: ") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
