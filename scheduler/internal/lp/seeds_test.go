package lp
import ("testing";"fmt";"math";"math/rand/v2";"os";"strconv")
func TestSeeds(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("N"))
	if n == 0 { t.Skip() }
	s := new(Solver)
	found := 0
	for seed := range uint64(n) {
		r := rand.New(rand.NewPCG(seed, 1))
		m, _ := randomFeasible(r, 1+r.IntN(30), r.IntN(25), r.IntN(3)==0)
		want, _ := simplex(m)
		o := s.Solve(t.Context(), m, Options{Tolerance: 1e-6})
		if o.Status != Optimal || o.Objective > want+2e-6 || o.Bound < want-2e-6 || o.Bound > want+1e-9 || o.Violation > 1e-6 {
			fmt.Print("A", seed, " "); found++
		}
		scale, q := scaled(r, permuted(r, m))
		o = s.Solve(t.Context(), q, Options{Tolerance: 1e-6*scale})
		if o.Status != Optimal || math.Abs(o.Bound/scale-want) > 2e-6 {
			fmt.Print("B", seed, " "); found++
		}
		if found > 12 { break }
	}
	fmt.Println()
}
