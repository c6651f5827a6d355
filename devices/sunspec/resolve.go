package sunspec

import (
	"context"
	"errors"
	"fmt"

	"hearth/devices/profiles"
)

// Made is a profile with what it was made of.
type Made struct {
	Map     Map // to be kept for the next time
	Profile *profiles.Profile
	Remarks []string // for whoever set it up: of the walk and of the profile
	Changes []string // since the map before; empty: all is as it was, or there was none
}

// Resolve makes the profile of a device: by a new walk, or, where the device is silent and was walked before,
// by the map kept, so that a home starts while its inverter sleeps. The zero Map is none. An error with
// [ErrOtherDevice] or [ErrNotSunSpec] means that what was kept must not be used.
func Resolve(ctx context.Context, r Reader, before Map, o Options) (Made, error) {
	var made Made
	var err error
	isKnown := len(before.Models) > 0
	if isKnown {
		made.Map, made.Changes, err = Again(ctx, r, before)
	} else {
		made.Map, err = Walk(ctx, r)
	}
	if err != nil {
		isSilent := !errors.Is(err, ErrOtherDevice) && !errors.Is(err, ErrNotSunSpec) && ctx.Err() == nil
		if !isKnown || !isSilent {
			return Made{}, err
		}
		made.Map = before
		made.Remarks = append(made.Remarks, fmt.Sprintf("made of the map kept: %v", err))
	}
	made.Remarks = append(made.Remarks, made.Map.Remarks...)
	var remarks []string
	made.Profile, remarks, err = made.Map.Profile(o)
	made.Remarks = append(made.Remarks, remarks...)
	return made, err
}
