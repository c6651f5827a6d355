package digiwatt

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/wire"
)

// asked is what an answer is held against.
type asked struct {
	account string
	period  Period // empty: the question has none
	now     time.Time
	clock   clock
}

// lag is how far a clock that lies about its zone is off in Italy.
const lag = 2 * time.Hour

// near is how far from now the vendor may look: not so far that a day and its month in the wrong order are as near.
const near = 8 * 24 * time.Hour

// asking is what a question of now is held against.
func (s *Source) asking(operation string, p Period) asked {
	now, stamps := s.client.Time(), s.stamps
	within := energy.Interval{Start: now.Add(-near), End: now.Add(lag)}
	switch {
	case p != "":
		span := p.span(now, s.zone)
		within = energy.Interval{Start: span.Start.Add(-lag), End: span.End.Add(lag)}
	case operation == greenness:
		within.End = now.Add(near)
	case operation == saving:
		within.Start = now.AddDate(0, 0, -90) // four weeks, which may be old
		stamps = time.UTC                     // days, written as times: they are not to move
	}
	return asked{s.cfg.Account, p, now, clock{stamps, within}}
}

// get asks for an operation and reads its answer.
func get[T any](ctx context.Context, s *Source, operation string, p Period, read func(json.RawMessage, asked) (T, error)) (T, error) {
	var none T
	u, err := s.address(operation, p)
	if err != nil {
		return none, err
	}
	data, err := s.send(ctx, wire.Request{URL: u})
	if err != nil {
		return none, fmt.Errorf("%s: %w", operation, err)
	}
	v, err := read(data, s.asking(operation, p))
	if err != nil {
		return none, fmt.Errorf("%s: %w", operation, err)
	}
	return v, nil
}

// send asks, and returns what is in the envelope. A token that is refused inside of the envelope is dropped as one
// that is refused outside.
func (s *Source) send(ctx context.Context, r wire.Request) (json.RawMessage, error) {
	r.Good = []int{http.StatusOK, http.StatusCreated}
	for isSecond := false; ; isSecond = true {
		a, err := s.client.Do(ctx, r)
		if err != nil {
			return nil, err
		}
		data, status, err := unwrap(a)
		if status != http.StatusUnauthorized || isSecond {
			return data, s.client.Hide(r, err)
		}
		token, err := s.client.Tokens.Current(ctx)
		if err != nil {
			return nil, err
		}
		s.client.Tokens.Drop(token)
	}
}

// unwrap looks at the status that is written inside, whatever the one outside was. What a refusal says may be what it
// was sent.
func unwrap(a wire.Answer) (data json.RawMessage, status int64, err error) {
	var envelope struct {
		Status json.Number     `json:"status"`
		Data   json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(a.Body, &envelope); err != nil {
		return nil, 0, feeds.Fail(feeds.Temporary, "the answer is not what it should be: %w", err)
	}
	status, err = envelope.Status.Int64()
	kind := feeds.Temporary
	if status >= 400 && status < 500 && status != http.StatusTooManyRequests && status != http.StatusRequestTimeout {
		kind = feeds.Misconfigured
	}
	switch {
	case err != nil:
		return nil, 0, feeds.Fail(feeds.Temporary, "the answer has no status inside")
	case status < 200 || status > 299:
		return nil, status, feeds.Fail(kind, "the answer has status %d inside%s", status, a.Detail())
	case len(envelope.Data) == 0 || string(envelope.Data) == "null":
		return nil, status, feeds.Fail(feeds.Temporary, "the answer holds no data")
	}
	return envelope.Data, status, nil
}

// header is what an answer repeats of the question, where it does.
type header struct {
	Account json.RawMessage `json:"account_number"`
	Period  Period          `json:"period"`
}

// decode reads an answer that may begin with a header.
func (q asked) decode(data json.RawMessage, v any) error {
	var h header
	err := json.Unmarshal(data, &h)
	if err == nil {
		err = json.Unmarshal(data, v)
	}
	if err != nil {
		return feeds.Fail(feeds.Temporary, "the answer is not what it should be: %w", err)
	}
	account := strings.Trim(string(h.Account), `"`)
	switch {
	case q.account != "" && account != "" && account != "null" && account != q.account:
		return feeds.Fail(feeds.Misconfigured, "account_number: is %q in the answer, not %q", feeds.OneLine(account), q.account)
	case q.period != "" && h.Period != "" && h.Period != q.period: // a trend is always one of "yesterday"
		return feeds.Fail(feeds.Temporary, "the answer is of %q, not of %s", feeds.OneLine(string(h.Period)), q.period)
	}
	return nil
}

// block is a table as the vendor writes it.
type block[T ~float64] struct {
	Index   []json.RawMessage `json:"index"`
	Columns []string          `json:"columns"`
	Data    [][]*T            `json:"data"` // nil: nothing was told
}

// most is more than any home takes of anything.
const most = 1e12

// check wants as many rows as there are labels, and as many cells as there are columns, each with a name of its own.
func (b *block[T]) check(key string) error {
	if b == nil {
		return feeds.Fail(feeds.Temporary, "%s is missing", key)
	}
	if len(b.Data) != len(b.Index) {
		return feeds.Fail(feeds.Temporary, "%s has %d rows for %d labels", key, len(b.Data), len(b.Index))
	}
	for i, name := range b.Columns {
		if slices.Contains(b.Columns[:i], name) {
			return feeds.Fail(feeds.Temporary, "%s has two columns %q", key, feeds.OneLine(name))
		}
	}
	for i, row := range b.Data {
		if len(row) != len(b.Columns) {
			return feeds.Fail(feeds.Temporary, "%s has %d cells for %d columns in row %d", key, len(row), len(b.Columns), i)
		}
		for _, cell := range row {
			if cell != nil && math.Abs(float64(*cell)) > most {
				return feeds.Fail(feeds.Temporary, "%s has a number in row %d that is not of this world", key, i)
			}
		}
	}
	return nil
}

// labels reads the index of a block, all of one form.
func labels[L any, T ~float64](b *block[T], key string) ([]L, error) {
	all := make([]L, len(b.Index))
	for i, raw := range b.Index {
		if err := json.Unmarshal(raw, &all[i]); err != nil || strings.Contains(string(raw), "null") { // which would be 0
			return nil, feeds.Fail(feeds.Temporary, "%s has the label %s in row %d", key, feeds.OneLine(string(raw)), i)
		}
	}
	return all, nil
}
