package milp

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strconv"

	"hearth/scheduler"
)

// perLine is how many terms share a line: solvers limit its length.
const perLine = 6

// Write writes the model of a problem in the LP format. Its errors are the problem's [scheduler.Faults] and
// those of w.
func Write(w io.Writer, p *scheduler.Problem) error {
	m, err := New(p)
	if err != nil {
		return err
	}
	return m.Write(w)
}

// Write writes the model in the LP format, with every bound written out, because solvers differ in what they
// assume. Equal models give equal bytes.
func (m *Model) Write(w io.Writer) error {
	out := lines{bufio.NewWriter(w)}
	out.print("Minimize\n cost:")
	var cost sum
	for i, v := range m.Variables {
		if v.Cost != 0 {
			cost = append(cost, Term{v.Cost, i})
		}
	}
	out.terms(m, cost)
	out.print("\nSubject To")
	for _, r := range m.Rows {
		out.print("\n %s:", r.Name)
		out.terms(m, r.Terms)
		out.print(" %s %s", r.Relation, number(r.Right))
	}
	out.print("\nBounds")
	var whole []string
	for _, v := range m.Variables {
		if math.IsInf(v.High, 1) {
			out.print("\n %s >= %s", v.Name, number(v.Low))
		} else {
			out.print("\n %s <= %s <= %s", number(v.Low), v.Name, number(v.High))
		}
		if v.IsInteger {
			whole = append(whole, v.Name)
		}
	}
	if len(whole) > 0 {
		// Not as binaries: some readers would forget the bounds above.
		out.print("\nGenerals")
		for _, name := range whole {
			out.print("\n %s", name)
		}
	}
	out.print("\nEnd\n")
	return out.Flush()
}

// lines prints; the first error stays, and Flush returns it.
type lines struct{ *bufio.Writer }

func (l lines) print(format string, args ...any) { fmt.Fprintf(l, format, args...) }

// terms prints an expression. The format knows no empty one, so nothing is written as zero of the first
// variable; every model has one, the import of slot 0.
func (l lines) terms(m *Model, s sum) {
	if len(s) == 0 {
		s = sum{{0, 0}}
	}
	for i, term := range s {
		if i > 0 && i%perLine == 0 {
			l.print("\n  ")
		}
		sign := "+"
		if term.Factor < 0 {
			sign = "-"
		}
		l.print(" %s %s %s", sign, number(math.Abs(term.Factor)), m.Variables[term.Variable].Name)
	}
}

// number prints so that reading gives the same float back.
func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
