package sunspec

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Reader reads count holding registers (function 3) from addr on, of one unit.
type Reader interface {
	// Read yields exactly count words, of at most 125. Any other error than [ErrRefused] means that it is not
	// known what is there.
	Read(ctx context.Context, addr, count uint16) ([]uint16, error)
}

// ErrRefused says that the device answered, with one of the exceptions 1 to 3: it has no such registers. A device
// that is busy, or a gateway that found nobody, refused nothing: to take that for it would cut the map short.
var ErrRefused = errors.New("registers refused")

// ErrNotSunSpec says that the device answers and has no marker.
var ErrNotSunSpec = errors.New("not a SunSpec device")

const (
	markerHigh, markerLow = 0x5375, 0x6E53 // "SunS"
	endMarker             = 0xFFFF
	blank                 = 0xFFFF // what registers hold that hold nothing

	maxModels = 64  // real devices have up to thirty; a chain that goes on is no chain
	maxRead   = 125 // Modbus Application Protocol V1.1b3, section 6.3
	space     = 1 << 16
)

// bases are where the marker may stand (SunSpec Device Information Model Specification, "SunSpec Map").
var bases = [...]uint16{40000, 0, 50000}

// Walk finds the marker and follows the chain of models. It only reads. Models are taken by the device's own
// lengths. The error is [ErrNotSunSpec], or says where the chain could not be read: half a map is none.
func Walk(ctx context.Context, r Reader) (Map, error) {
	m, err := walk(ctx, r)
	if err != nil {
		return Map{}, fmt.Errorf("walk sunspec: %w", err)
	}
	return m, nil
}

func walk(ctx context.Context, r Reader) (m Map, err error) {
	if m.Base, err = findMarker(ctx, r); err != nil {
		return m, err
	}
	for at := int(m.Base) + 2; ; {
		if len(m.Models) == maxModels {
			m.Remarks = append(m.Remarks, fmt.Sprintf("the chain goes on after %d models: the rest is left out", maxModels))
			break
		}
		model, isLast, err := nextModel(ctx, r, at, &m)
		if err != nil {
			return m, err
		}
		if isLast {
			break
		}
		if len(m.Models) == 0 && model.ID != common {
			return m, fmt.Errorf("the first model, at %d, is %d and not %d: %w", at, model.ID, common, ErrNotSunSpec)
		}
		model.Instance = 1 + m.count(model.ID)
		m.Models = append(m.Models, model)
		at += 2 + model.Length
	}
	if len(m.Models) == 0 {
		return m, fmt.Errorf("marker at %d, and no model behind it: %w", m.Base, ErrNotSunSpec)
	}
	m.Identity = m.Models[0].identity()
	return m, nil
}

// findMarker asks at each place. A device that is silent about registers it does not have looks like one that
// is not there: only when no place has the marker that is the error.
func findMarker(ctx context.Context, r Reader) (uint16, error) {
	var silent []error
	for _, base := range bases {
		words, err := read(ctx, r, int(base), 2)
		switch {
		case ctx.Err() != nil:
			return 0, context.Cause(ctx)
		case err == nil && words[0] == markerHigh && words[1] == markerLow:
			return base, nil
		case err != nil && !errors.Is(err, ErrRefused):
			silent = append(silent, err)
		}
	}
	if len(silent) > 0 {
		return 0, errors.Join(silent...)
	}
	return 0, fmt.Errorf("no marker at %v: %w", bases, ErrNotSunSpec)
}

// nextModel reads the model whose ID is at the address; last when there is none. What is odd goes into the
// map's remarks.
func nextModel(ctx context.Context, r Reader, at int, m *Map) (model Model, isLast bool, err error) {
	remark := func(format string, args ...any) { m.Remarks = append(m.Remarks, fmt.Sprintf(format, args...)) }
	if at+2 > space {
		remark("the chain runs out of addresses at %d without an end marker", at)
		return model, true, nil
	}
	head, err := read(ctx, r, at, 2)
	if errors.Is(err, ErrRefused) && len(m.Models) > 0 {
		remark("the registers end at %d without an end marker", at)
		return model, true, nil
	}
	if err != nil {
		return model, false, fmt.Errorf("model at %d: %w", at, err)
	}
	model = Model{ID: int(head[0]), Addr: at, Length: int(head[1])}
	switch {
	case model.ID == endMarker:
		return model, true, nil
	case model.Length == 0:
		remark("model %d at %d has length 0, which ends the chain", model.ID, at)
		return model, true, nil
	case at+2+model.Length > space:
		remark("model %d at %d is longer than there are addresses: it is left out", model.ID, at)
		return model, true, nil
	}
	if slices.Contains(kept, model.ID) {
		model.Words, err = read(ctx, r, at, min(2+model.Length, maxRead))
		if errors.Is(err, ErrRefused) {
			remark("model %d at %d cannot be read: %v", model.ID, at, err)
			model.Words, err = nil, nil
		}
	}
	if err == nil && model.Words != nil && (model.Words[0] != head[0] || model.Words[1] != head[1]) {
		err = errors.New("its header changed between two reads")
	}
	if err != nil {
		return model, false, fmt.Errorf("model %d at %d: %w", model.ID, at, err)
	}
	if model.Words != nil && !slices.ContainsFunc(model.Words[2:], func(w uint16) bool { return w != blank }) {
		model.Words = nil // asleep: its scale factors would read as -1
	}
	return model, false, nil
}

func read(ctx context.Context, r Reader, at, count int) ([]uint16, error) {
	words, err := r.Read(ctx, uint16(at), uint16(count))
	if err == nil && len(words) != count {
		err = fmt.Errorf("%d registers answer a question for %d", len(words), count)
	}
	return words, err
}
