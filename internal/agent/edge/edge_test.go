package edge_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"hearth/internal/agent/edge"
)

func TestLog_SaysEachChangeOnce(t *testing.T) {
	var out bytes.Buffer
	e := edge.New(slog.New(slog.NewTextHandler(&out, nil)))
	for _, holds := range []bool{false, true, true, true, false, false, true} {
		e.Warn("k", holds, "broken")
	}
	if got := strings.Count(out.String(), "msg=broken"); got != 2 {
		t.Errorf("%d beginnings:\n%s", got, &out)
	}
	if got := strings.Count(out.String(), "over: broken"); got != 1 {
		t.Errorf("%d ends:\n%s", got, &out)
	}
}
