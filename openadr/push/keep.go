package push

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"hearth/openadr"
)

const (
	// checkLimit is for one look at the subscriptions, with all that follows from it.
	checkLimit = 2 * time.Minute
	// farewellLimit is for ending them, while the house waits for us to stop.
	farewellLimit = 5 * time.Second
	// refusedFor is how long a refusal is taken for an answer. It may end by itself: a VTN refuses a callback that
	// it cannot reach, and a proxy in between may come back.
	refusedFor = 15 * time.Minute
	// maxPrograms bounds subscriptions and topics; beyond it polling must do.
	maxPrograms = 100
)

// errNoPrograms is no fault: the first poll has not ended.
var errNoPrograms = fmt.Errorf("no programs are known: %w", errNotYet)

// record is what the store holds. A VTN does not show the token of a subscription, so what stands there may be of
// a token that is lost; only what is listed here is known to be of ours.
type record struct {
	Version  int                 `json:"version"`
	Token    string              `json:"token"`
	Standing map[string]standing `json:"standing"` // by program; empty for all
}

// standing is a subscription that we made.
type standing struct {
	ID string `json:"id"`
	As string `json:"as"` // what was asked for
}

const recordVersion = 1

func (w *Webhook) key() string { return "openadr-push/" + w.cfg.Name }

// keep sees after the subscriptions until ctx ends.
func (w *Webhook) keep(ctx context.Context) error {
	for {
		err := w.check(ctx)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		w.note(errors.Join(err, w.unread))
		w.unread = nil
		pause := w.parts.Pace.Next(err)
		if err != nil && !errors.Is(err, errNotYet) && !isTemporary(err) {
			pause = max(pause, refusedFor)
		}
		w.wait(ctx, pause)
	}
}

// isTemporary says that the VTN is away, rather than that it does not want what we ask for.
func isTemporary(err error) bool {
	var e *openadr.Error
	return !errors.As(err, &e) || e.Temporary()
}

// restore finds the token, or makes one: the same for as long as the store lives. It happens once.
func (w *Webhook) restore() {
	if w.token.Load() != nil {
		return
	}
	blob, isFound, err := w.parts.Store.Get(w.key())
	if err == nil && isFound {
		err = json.Unmarshal(blob, &w.kept)
	}
	if err != nil || w.kept.Version != recordVersion || w.kept.Token == "" {
		w.kept = record{Version: recordVersion, Token: rand.Text()}
	}
	if w.kept.Standing == nil {
		w.kept.Standing = map[string]standing{}
	}
	token := openadr.Secret(w.kept.Token)
	w.token.Store(&token)
	if err != nil {
		w.unread = fmt.Errorf("restore subscription %s: %w", w.cfg.Name, err)
	}
}

// check makes the subscriptions at the VTN those that we want.
func (w *Webhook) check(ctx context.Context) error {
	programs := []string{""}
	if w.cfg.Programs != nil {
		if programs = distinct(w.cfg.Programs()); len(programs) == 0 {
			return errNoPrograms
		}
	}
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	list, err := w.parts.Client.Subscriptions(ctx, w.cfg.ClientName)
	if err != nil {
		return err
	}
	missing := slices.Clone(programs)
	var faults []error
	for _, s := range list.Items {
		if at := slices.Index(missing, s.ProgramID); at >= 0 && w.isOurs(&s) {
			missing = slices.Delete(missing, at, at+1)
		} else if err := w.end(ctx, s.ID); err != nil {
			faults = append(faults, err)
		}
	}
	isNew := false
	for _, program := range missing {
		err := w.subscribe(ctx, program)
		if isNew = isNew || err == nil; err == nil {
			continue
		}
		if faults = append(faults, err); isTemporary(err) {
			break // of a refusal the next program knows nothing
		}
	}
	if isNew {
		w.parts.Bell.Ring() // what happened before it stood nobody told us
	}
	if w.isUnsaved {
		faults = append(faults, w.save(programs))
	}
	return few(faults)
}

// few joins what fits on a screen: of a hundred programs each may be refused.
func few(faults []error) error { return errors.Join(faults[:min(len(faults), 3)]...) }

// distinct is the first ids, each once, without empty ones.
func distinct(ids []string) []string {
	var out []string
	for _, id := range ids {
		if id != "" && !slices.Contains(out, id) && len(out) < maxPrograms {
			out = append(out, id)
		}
	}
	return out
}

// isOurs says that a subscription was made with our token, as we want it now. What the VTN says of it counts where
// it differs from what we asked for, not where it leaves something out.
func (w *Webhook) isOurs(s *openadr.Subscription) bool {
	known := w.kept.Standing[s.ProgramID]
	if known.ID != s.ID || known.As != w.wish() {
		return false
	}
	return !slices.ContainsFunc(s.ObjectOperations, func(o openadr.ObjectOperation) bool {
		return o.CallbackURL != "" && canonical(o.CallbackURL) != canonical(w.cfg.CallbackURL)
	})
}

// wish is what is asked for, but for the program.
func (w *Webhook) wish() string {
	return strings.Join([]string{w.cfg.CallbackURL, strings.Join(w.cfg.Objects, " "), strings.Join(w.cfg.Operations, " ")}, "|")
}

func (w *Webhook) subscribe(ctx context.Context, program string) error {
	s, err := w.parts.Client.CreateSubscription(ctx, openadr.Subscription{
		ClientName: w.cfg.ClientName, ProgramID: program,
		ObjectOperations: []openadr.ObjectOperation{{
			Objects: w.cfg.Objects, Operations: w.cfg.Operations,
			CallbackURL: w.cfg.CallbackURL, BearerToken: *w.token.Load(),
		}},
	})
	if err == nil {
		w.kept.Standing[program], w.isUnsaved = standing{s.ID, w.wish()}, true
	}
	return err
}

// end deletes a subscription; one that is gone already is as good.
func (w *Webhook) end(ctx context.Context, id string) error {
	err := w.parts.Client.DeleteSubscription(ctx, id)
	if openadr.KindOf(err) == openadr.NotFound {
		return nil
	}
	return err
}

// save writes the token and what stands, without the programs that are no longer followed.
func (w *Webhook) save(programs []string) error {
	for program := range w.kept.Standing {
		if !slices.Contains(programs, program) {
			delete(w.kept.Standing, program)
		}
	}
	blob, err := json.Marshal(w.kept)
	if err == nil {
		err = w.parts.Store.Put(w.key(), blob)
	}
	if err != nil {
		return fmt.Errorf("keep subscription %s: %w", w.cfg.Name, err)
	}
	w.isUnsaved = false
	return nil
}

// farewell ends what stands, if the configuration wants that.
func (w *Webhook) farewell(ctx context.Context) {
	if !w.cfg.IsTransient {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewellLimit)
	defer cancel()
	for _, s := range w.kept.Standing {
		_ = w.end(ctx, s.ID) // the next start finds it under our name
	}
}
