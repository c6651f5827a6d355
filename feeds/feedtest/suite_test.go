package feedtest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/energy"
)

var midnight = time.Date(2026, 5, 12, 0, 0, 0, 0, time.UTC)

const slot2 = `{"start":"2026-05-12T08:00:00Z","end":"2026-05-12T16:00:00Z","price":0.05}`

// referenceCase is the case of the reference source with a flaw.
func referenceCase(f flaw) Case {
	return Case{
		New: newReference(f), Now: midnight.Add(10 * time.Hour), Span: energy.Day(midnight, time.UTC),
		Good: []Exchange{
			{Method: "POST", Path: "/token", Token: true, Body: `{"access_token":"abc-def-ghi","expires_in":3600,"token_type":"bearer"}`},
			{Path: "/prices", Query: map[string]string{"key": secret}, Body: `{"currency":"EUR","prices":[
				{"start":"2026-05-12T00:00:00Z","end":"2026-05-12T08:00:00Z","price":0.21},` + slot2 + `,
				{"start":"2026-05-12T16:00:00Z","end":"2026-05-13T00:00:00Z","price":-0.01}]}`},
		},
		Edits: map[Trial][]Edit{
			Duplicate: {{slot2, slot2 + "," + slot2}},
			Overlap:   {{slot2, slot2 + "," + strings.Replace(slot2, "0.05", "0.06", 1)}},
			Missing:   {{slot2 + ",", ""}},
			Huge:      {{"0.05", "1e308"}},
			Currency:  {{"EUR", "JPY"}},
		},
		Secrets: []string{secret, "abc-def-ghi"},
	}
}

func TestRun_PassesASoundSource(t *testing.T) { Run(t, referenceCase(sound0)) }

// flaws are found by the trials named, at least.
var flaws = map[flaw][]Trial{
	noOrigin:        {Happy},
	noStatus:        {Happy},
	otherKind:       {Happy},
	moody:           {Happy},
	blind:           {Empty},
	ownContext:      {GivenUp},
	retries:         {ServerError, HTML, Cut, Empty},
	plainError:      {ServerError, Limited, Refused, Currency},
	allTemporary:    {Refused, Currency},
	allMisconfig:    {ServerError, Limited, HTML, Cut, Empty, Restart},
	forgetsAfter:    {Limited},
	noTypeCheck:     {HTML},
	patient:         {Slow},
	prefixDecoder:   {Cut},
	refusesTwice:    {Duplicate},
	firstWins:       {Overlap},
	keepsBoth:       {Duplicate, Overlap},
	fillsGaps:       {Missing},
	floats:          {Huge},
	assumesCurrency: {Currency},
	namesNoCurrency: {Currency},
	oneToken:        {Expiry},
	hammers:         {Refused, Echoed},
	ownToday:        {ClockAhead, ClockBehind},
	relabels:        {AnotherDay},
	talks:           {ServerError, Refused, Echoed},
	repeats:         {Echoed},
	murmurs:         {Happy},
	deaf:            {Echoed},
	chatters:        {Happy},
	quotes:          {Endless},
}

// A suite that cannot fail is a defect.
func TestJudge_FindsEachFlaw(t *testing.T) {
	for f, by := range flaws {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			for _, trial := range by {
				if referenceCase(f).Judge(t.Context(), trial) == nil {
					t.Errorf("not found by the trial %q", trial)
				}
			}
		})
	}
}

// Every trial finds something: none is there for show.
func TestTrials_AreJudgedOnceEach(t *testing.T) {
	found := map[Trial]bool{}
	for _, by := range flaws {
		for _, trial := range by {
			found[trial] = true
		}
	}
	if len(judges) != len(Trials) {
		t.Errorf("%d judges for %d trials", len(judges), len(Trials))
	}
	for i, trial := range Trials {
		if !found[trial] {
			t.Errorf("no flaw is found by %q", trial)
		}
		if judges[trial] == nil || slices.Contains(Trials[:i], trial) {
			t.Errorf("%q is not judged, or twice", trial)
		}
	}
}

// A case that leaves something out says why, and one whose edits do nothing is found out.
func TestJudge_WantsEditsOrAReason(t *testing.T) {
	c := referenceCase(sound0)
	c.Edits = map[Trial][]Edit{Missing: {{"what is not there", ""}}, Duplicate: {{"", "x"}}}
	for _, trial := range edited {
		if c.Judge(t.Context(), trial) == nil {
			t.Errorf("%q has been judged without an edit", trial)
		}
	}
}

// A source that finds nothing where the recording is has not understood its publisher.
func TestJudge_WantsTheRightQuestion(t *testing.T) {
	c := referenceCase(sound0)
	c.Good[1].Query = map[string]string{"key": "another"}
	if c.Judge(t.Context(), Happy) == nil {
		t.Error("an answer came to a question that was not recorded")
	}
	c = referenceCase(sound0)
	c.Span = energy.Span(midnight.AddDate(0, 1, 0), time.Hour)
	if c.Judge(t.Context(), Happy) == nil {
		t.Error("a span of which nothing came is good")
	}
	c = referenceCase(sound0)
	c.Good[0].Status = 503
	if c.Judge(t.Context(), Happy) == nil {
		t.Error("without a token there are values")
	}
}
