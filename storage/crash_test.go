package storage

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// childWriter counts up in state, readings and journal, and says so each time the disk has it, until it is killed.
func childWriter(path string) error {
	s, err := Open(context.Background(), path, Options{Clock: &fakeClock{t: noon()}, Log: discard()})
	if err != nil {
		return err
	}
	first := 0
	if v, ok, err := s.Get("count"); err != nil {
		return err
	} else if ok {
		if first, err = strconv.Atoi(string(v)); err != nil {
			return err
		}
	}
	for n := first + 1; ; n++ {
		text := []byte(strconv.Itoa(n))
		at := noon().Add(time.Duration(n) * time.Second)
		s.Record(at, map[string]float64{"count": float64(n), "padding": 0.5})
		if err := errors.Join(s.Put("count", text), s.Append("counts", at, text), s.Flush()); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

func TestStore_KeepsWhatWasFlushedWhenKilled(t *testing.T) {
	h := openHome(t, func(o *Options) { o.VerifyCommand = self(t, "tool", "verify") })
	h.close()
	for round := range 6 {
		acked := killedWriter(t, h.path, 5+17*round)
		h.open()
		v, _, err := h.Get("count")
		if err != nil {
			t.Fatal(err)
		}
		count, err := strconv.Atoi(string(v))
		if err != nil || count < acked {
			t.Fatalf("round %d: state has %q, %d were flushed", round, v, acked)
		}
		var want, wantRecords []string
		for n := 1; n <= count; n++ {
			want = append(want, fmt.Sprintf("%s=%d", noon().Add(time.Duration(n)*time.Second).Format("02T15:04:05"), n))
			wantRecords = append(wantRecords, strconv.Itoa(n))
		}
		if got := h.readings("count", ever()); got != strings.Join(want, " ") {
			t.Fatalf("round %d: readings do not run from 1 to %d: %s", round, count, got)
		}
		if got := h.journal("counts", ever()); got != strings.Join(wantRecords, " ") {
			t.Fatalf("round %d: journal does not run from 1 to %d: %s", round, count, got)
		}
		if st := h.Stats(); st.Quarantined+st.BadRecords != 0 {
			t.Fatalf("round %d: a kill was taken for damage: %+v", round, st)
		}
		h.close()
	}
}

// killedWriter runs the child until it has said that many more, kills it, and returns the last one it said.
func killedWriter(t *testing.T, path string, more int) int {
	t.Helper()
	args := self(t, "writer", path)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	last := 0
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if last, err = strconv.Atoi(lines.Text()); err != nil {
			t.Fatal(err)
		}
		if more--; more == 0 {
			break
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() { // what it said before it died
		if n, err := strconv.Atoi(lines.Text()); err == nil {
			last = n
		}
	}
	_ = cmd.Wait() // "killed"
	if more > 0 {
		t.Fatalf("the child ended by itself after %d", last)
	}
	return last
}
