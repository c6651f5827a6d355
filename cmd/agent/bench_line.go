package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"hearth/scheduler"
)

// statusLine is one line of a terminal that says how far a bench is; a nil one says nothing.
type statusLine struct {
	w    io.Writer
	head string
	last time.Duration // of the solve, when it was told
}

// linePause keeps the writing from costing what is measured.
const linePause = 100 * time.Millisecond

// eraseLine goes to the beginning of a terminal's line and empties it.
const eraseLine = "\r\x1b[K"

// progressLine is nil for anything but a terminal.
func progressLine(w io.Writer) *statusLine {
	f, ok := w.(*os.File)
	if !ok {
		return nil
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return &statusLine{w: w}
}

// begin names the problem that is solved now.
func (l *statusLine) begin(i, n int, name string) {
	if l == nil {
		return
	}
	l.head, l.last = fmt.Sprintf("%d/%d %s", i, n, name), 0
	fmt.Fprint(l.w, eraseLine, l.head)
}

// tell says how its solve goes.
func (l *statusLine) tell(p scheduler.Progress) {
	if l == nil || p.Elapsed-l.last < linePause {
		return
	}
	l.last = p.Elapsed
	fmt.Fprintf(l.w, "%s%s  %.1f s", eraseLine, l.head, p.Elapsed.Seconds())
	if p.HasPlan {
		fmt.Fprintf(l.w, "  objective %.4f", p.Objective.Float())
	}
	if p.HasPlan && p.HasBound {
		fmt.Fprintf(l.w, "  gap %.4f", (p.Objective - p.Bound).Float())
	}
}

// clear takes the line away.
func (l *statusLine) clear() {
	if l != nil {
		fmt.Fprint(l.w, eraseLine)
	}
}
