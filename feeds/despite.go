package feeds

import (
	"context"
	"slices"
)

// Despite is what came of several questions some of which have failed, with a remark of each failure; nil is none. An
// answer that contradicts the configuration is an error all the same, and so is the first failure where nothing came
// or the context has ended.
func (v Values) Despite(ctx context.Context, failures ...error) (Values, error) {
	failures = slices.DeleteFunc(failures, func(err error) bool { return err == nil })
	if len(failures) == 0 {
		return v, nil
	}
	if ctx.Err() != nil || len(v.Coverage()) == 0 {
		return Values{}, failures[0]
	}
	var odd Remarks
	for _, remark := range v.Remarks {
		odd.Say("%s", remark)
	}
	for _, err := range failures {
		if KindOf(err) == Misconfigured && StatusOf(err) == 0 {
			return Values{}, err
		}
		odd.Say("not all came: %v", err)
	}
	v.Remarks = odd.All()
	return v, nil
}
