package feedtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// patience is the deadline of a request where none is to be missed.
const patience = 10 * time.Second

// stand is where a source is tried.
type stand struct {
	Case
	*server
	ctx context.Context
}

func open(ctx context.Context, c Case, answers []Exchange) *stand {
	return &stand{c, play(answers), ctx}
}

// source builds one whose clock is wrong by off.
func (s *stand) source(off, timeout time.Duration) (feeds.Source, error) {
	now := func() time.Time { return s.Now.Add(off) }
	source, err := s.New(Site{Base: s.URL, Now: now, Timeout: timeout})
	if err != nil {
		return nil, fmt.Errorf("new: %w", err)
	}
	return source, nil
}

// fetch builds a source and asks it for the span.
func (s *stand) fetch() (feeds.Values, error) {
	source, err := s.source(0, patience)
	if err != nil {
		return feeds.Values{}, err
	}
	return s.ask(source, s.Span)
}

// ask judges what any answer must be: sound values, or an error that keeps the secrets.
func (s *stand) ask(source feeds.Source, span energy.Interval) (feeds.Values, error) {
	v, err := source.Fetch(s.ctx, span)
	if err := bounded(v, err); err != nil {
		return v, fault{err}
	}
	if err != nil {
		return v, s.discreet(err)
	}
	if err := sound(v, source.About()); err != nil {
		return v, fault{err}
	}
	for _, remark := range v.Remarks {
		if s.tells(remark) {
			return v, fault{fmt.Errorf("a secret is in the remark %q", remark)}
		}
	}
	return v, nil
}

// fault is an error of a source that must not be, however the trial ends.
type fault struct{ error }

// discreet turns an error that tells a secret into a fault.
func (s *stand) discreet(err error) error {
	if s.tells(err.Error()) {
		return fault{fmt.Errorf("a secret is in the error: %w", err)}
	}
	return err
}

func (s *stand) tells(text string) bool {
	return slices.ContainsFunc(s.Secrets, func(secret string) bool { return strings.Contains(text, secret) })
}

// want says what is wrong about an error that should be of one of the kinds.
func want(err error, kinds ...feeds.FailureKind) error {
	var f fault
	switch {
	case errors.As(err, &f):
		return f.error
	case err == nil:
		return fmt.Errorf("there is no error, want one of %q", kinds)
	}
	var failure *feeds.Failure
	if !errors.As(err, &failure) {
		return fmt.Errorf("the error says nothing of its kind: %w", err)
	}
	for _, kind := range kinds {
		if failure.Kind == kind {
			return nil
		}
	}
	return fmt.Errorf("the error is of the kind %q, want one of %q: %w", failure.Kind, kinds, err)
}

// isFault says that an error is wrong in itself.
func isFault(err error) bool {
	var f fault
	return errors.As(err, &f)
}

// fact is one value, comparable.
type fact struct {
	kind       feeds.Kind
	start, end int64
	value      string
}

func (f fact) String() string {
	return fmt.Sprintf("%s %s at %s", f.kind, f.value, time.UnixMilli(f.start).UTC().Format(time.RFC3339))
}

// facts lists the values of all kinds with their origins.
func facts(v feeds.Values) ([]fact, []*energy.Origin) {
	var all []fact
	var origins []*energy.Origin
	list(feeds.ImportPrice, v.Import, &all, &origins)
	list(feeds.ExportPrice, v.Export, &all, &origins)
	list(feeds.Carbon, v.Carbon, &all, &origins)
	list(feeds.Renewable, v.Renewable, &all, &origins)
	list(feeds.Solar, v.Solar, &all, &origins)
	list(feeds.Taken, v.Taken, &all, &origins)
	list(feeds.Given, v.Given, &all, &origins)
	return all, origins
}

func list[T energy.Number](kind feeds.Kind, s energy.Series[T], all *[]fact, origins *[]*energy.Origin) {
	for _, p := range s.Points {
		*all = append(*all, fact{kind, p.Start.UnixMilli(), p.End.UnixMilli(), fmt.Sprint(p.Value)})
		*origins = append(*origins, p.Origin)
	}
}

// sound says what no values may be.
func sound(v feeds.Values, about feeds.About) error {
	if len(about.Kinds) == 0 || about.Zone == nil {
		return errors.New("About names no kind, or no zone")
	}
	if err := v.Check(about); err != nil {
		return err
	}
	all, origins := facts(v)
	for i, o := range origins {
		if o == nil || o.Source == "" || o.Status == "" || o.Fetched.IsZero() {
			return fmt.Errorf("%v does not say where it is from, how firm it is and when it was fetched", all[i])
		}
	}
	return nil
}

// outside is the first fact of all that is not among the known ones.
func outside(all, known []fact) error {
	set := map[fact]bool{}
	for _, f := range known {
		set[f] = true
	}
	for _, f := range all {
		if !set[f] {
			return fmt.Errorf("%v is not what was published", f)
		}
	}
	return nil
}

// still is a clock that stands.
type still time.Time

func (s still) Now() time.Time { return time.Time(s) }

func (s still) Sleep(ctx context.Context, _ time.Duration) error {
	<-ctx.Done()
	return context.Cause(ctx)
}
