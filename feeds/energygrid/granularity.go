package energygrid

import (
	"context"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"time"

	"hearth/feeds"
	"hearth/feeds/wire"
)

// granularity is one that the service offers.
type granularity struct {
	Name string        // as the service wants to hear it
	Step time.Duration // zero: cannot be told, or is none, as that of a month
}

// granularities asks what is offered: the vendor wants it read each time, and nowhere written down.
func (s *Source) granularities(ctx context.Context) ([]granularity, error) {
	answer, err := s.client.Do(ctx, wire.Request{URL: s.place("granularities")})
	if err != nil {
		return nil, err
	}
	return readGranularities(answer.Body)
}

// Where an entry has its name, and where else it may say how long it is; in lower case, the first that is there counts.
var (
	namesOf = []string{"value", "code", "name", "type", "id"}
	stepsOf = []string{"duration", "label", "displayname", "description"}
	listsOf = []string{"items", "data", "values", "granularitytypes", "granularities", "types"}
)

// readGranularities understands a list of texts or of documents, bare or as the one list of a document: the vendor has
// not published which.
func readGranularities(body []byte) ([]granularity, error) {
	var entries []json.RawMessage
	if err := json.Unmarshal(body, &entries); err != nil {
		doc, isDocument := members(body)
		for _, name := range listsOf {
			if isDocument && json.Unmarshal(doc[name], &entries) == nil {
				err = nil
				break
			}
		}
		if err != nil {
			return nil, feeds.Fail(feeds.Temporary, "granularities: the answer is no list: %w", err)
		}
	}
	var all []granularity
	for i, raw := range entries {
		g, isOne := readGranularity(raw)
		if !isOne {
			return nil, feeds.Fail(feeds.Temporary, "granularity %d: has no name", i)
		}
		all = append(all, g)
	}
	if len(all) == 0 {
		return nil, feeds.Fail(feeds.Temporary, "granularities: none is offered")
	}
	return all, nil
}

func readGranularity(raw json.RawMessage) (granularity, bool) {
	var g granularity
	if json.Unmarshal(raw, &g.Name) == nil && g.Name != "" {
		g.Step, _ = stepOf(g.Name)
		return g, true
	}
	doc, _ := members(raw)
	for _, member := range append(namesOf[:len(namesOf):len(namesOf)], stepsOf...) {
		var text string
		if json.Unmarshal(doc[member], &text) != nil || text == "" {
			continue
		}
		if g.Name == "" {
			g.Name = text
		}
		if g.Step == 0 {
			g.Step, _ = stepOf(text)
		}
	}
	return g, g.Name != ""
}

// members are those of a document, by their names in lower case.
func members(raw []byte) (map[string]json.RawMessage, bool) {
	var doc map[string]json.RawMessage
	if json.Unmarshal(raw, &doc) != nil {
		return nil, false
	}
	lower := map[string]json.RawMessage{}
	for name, value := range doc {
		lower[strings.ToLower(name)] = value
	}
	return lower, true
}

var (
	isoStep  = regexp.MustCompile(`^PT([0-9]{1,5})([SMH])$`)
	unitLast = regexp.MustCompile(`^([0-9]{1,5}|half|quarter|five|ten|fifteen|thirty|sixty)?(s|secs?|seconds?|min|mins|minutes?|minutely|h|hrs?|hours?|hourly)$`)
	unitHead = regexp.MustCompile(`^(min|minutes?|hours?)([0-9]{1,5})$`)
)

var counts = map[string]time.Duration{"": 1, "five": 5, "ten": 10, "fifteen": 15, "thirty": 30, "sixty": 60}

// stepOf is the length that a name tells: "PT15M", "15min", "QUARTER_HOUR", "Hourly". False where it could be something
// else, as in "1m", "quarter" and "raw".
func stepOf(name string) (time.Duration, bool) {
	if m := isoStep.FindStringSubmatch(strings.ToUpper(name)); m != nil {
		return times(m[1], strings.ToLower(m[2])+"in"), true
	}
	plain := strings.NewReplacer(" ", "", "_", "", "-", "").Replace(strings.ToLower(name))
	if m := unitHead.FindStringSubmatch(plain); m != nil {
		return times(m[2], m[1]), true
	}
	m := unitLast.FindStringSubmatch(plain)
	switch {
	case m == nil, m[1] == "" && len(m[2]) < 3: // a letter alone may be anything
		return 0, false
	case m[1] == "half", m[1] == "quarter":
		if m[2][0] != 'h' {
			return 0, false
		}
		return map[string]time.Duration{"half": 30 * time.Minute, "quarter": 15 * time.Minute}[m[1]], true
	}
	return times(m[1], m[2]), true
}

// times is a count of a unit that is known by its first letter.
func times(count, unit string) time.Duration {
	n, isWord := counts[count]
	if !isWord {
		digits, _ := strconv.Atoi(count) // at most five digits
		n = time.Duration(digits)
	}
	return n * map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour}[unit[0]]
}

// choose is the one that is wanted, or the finest of those that are at most an hour.
func choose(offered []granularity, wanted string) (string, error) {
	finest := granularity{}
	var names []string
	for _, g := range offered {
		names = append(names, strconv.Quote(feeds.OneLine(g.Name)))
		if g.Name == wanted {
			return wanted, nil
		}
		if g.Step > 0 && g.Step <= time.Hour && (finest.Step == 0 || g.Step < finest.Step) {
			finest = g
		}
	}
	switch {
	case wanted != "":
		return "", feeds.Fail(feeds.Misconfigured, "granularity %q: must be one of those offered, %s", wanted, strings.Join(names, ", "))
	case finest.Step == 0:
		return "", feeds.Fail(feeds.Misconfigured, "granularity: is needed, as none of those offered can be told to be at most an hour: %s", strings.Join(names, ", "))
	}
	return finest.Name, nil
}
