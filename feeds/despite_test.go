package feeds

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
)

func TestDespite_KeepsWhatCame(t *testing.T) {
	v := Values{Import: drawn("AB", noon), Remarks: []string{"odd"}}
	down := Fail(Temporary, "share: status 503")
	refused := &Failure{Kind: Misconfigured, Status: 404, Err: errors.New("share: status 404")}
	foreign := Fail(Misconfigured, "prices: in JPY")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx      context.Context
		v        Values
		failures []error
		want     error
		remarks  []string
	}{
		"all came":             {t.Context(), v, []error{nil, nil}, nil, []string{"odd"}},
		"nothing, and no fail": {t.Context(), Values{}, []error{nil}, nil, nil},
		"one is down":          {t.Context(), v, []error{nil, down}, nil, []string{"odd", "not all came: share: status 503"}},
		"one is refused":       {t.Context(), v, []error{refused, nil}, nil, []string{"odd", "not all came: share: status 404"}},
		"one contradicts":      {t.Context(), v, []error{down, foreign}, foreign, nil},
		"nothing came":         {t.Context(), Values{}, []error{nil, refused, down}, refused, nil},
		"given up":             {ended, v, []error{nil, down}, down, nil},
	} {
		got, err := c.v.Despite(c.ctx, c.failures...)
		if err != c.want || !slices.Equal(got.Remarks, c.remarks) || err == nil && fmt.Sprint(got.Import) != fmt.Sprint(c.v.Import) {
			t.Errorf("%s: %q, %v", name, got.Remarks, err)
		}
	}
}
