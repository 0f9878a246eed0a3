package suppress_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"waymark/privacy/suppress"
	"waymark/privacy/suppress/suppresstest"
)

// crossed makes the problem of a two-way table with its totals: every cell and total is an output.
func crossed(cells [][]float64, threshold float64) suppress.Problem {
	rows, cols := len(cells), len(cells[0])
	var p suppress.Problem
	at := func(r, c int) int { return r*(cols+1) + c }
	for r := 0; r <= rows; r++ {
		for c := 0; c <= cols; c++ {
			v := 0.0
			for i := range rows {
				for j := range cols {
					if (r == rows || r == i) && (c == cols || c == j) {
						v += cells[i][j]
					}
				}
			}
			small := v > 0 && v < threshold
			p.Counts = append(p.Counts, suppress.Count{Value: v, Sensitive: small})
			p.Outputs = append(p.Outputs, suppress.Output{Tells: []int{at(r, c)}, Cost: 1 + math.Log2(1+v), Unsafe: small})
		}
	}
	for r := 0; r <= rows; r++ {
		s := suppress.Sum{Whole: at(r, cols)}
		for c := range cols {
			s.Parts = append(s.Parts, at(r, c))
		}
		p.Sums = append(p.Sums, s)
	}
	for c := 0; c <= cols; c++ {
		s := suppress.Sum{Whole: at(rows, c)}
		for r := range rows {
			s.Parts = append(s.Parts, at(r, c))
		}
		p.Sums = append(p.Sums, s)
	}
	return p
}

// safe fails the test where the attacker bounds a sensitive count more closely than the width, or finds any
// hidden output exactly.
func safe(t interface {
	Helper()
	Fatalf(string, ...any)
}, p suppress.Problem, res suppress.Result, width int64) {
	t.Helper()
	a := suppresstest.New(len(p.Counts))
	for _, sum := range p.Sums {
		form := suppresstest.Form{sum.Whole: -1}
		for _, k := range sum.Parts {
			form[k]++
		}
		a.Know(form, 0)
	}
	for k, known := range res.Known {
		if known {
			a.Know(suppresstest.Form{k: 1}, p.Counts[k].Value)
		}
	}
	hidden := map[int]bool{}
	for i, out := range p.Outputs {
		if res.Hidden[i] != (res.Secondary[i] || out.Unsafe) {
			t.Fatalf("output %d: hidden %v, secondary %v, unsafe %v", i, res.Hidden[i], res.Secondary[i], out.Unsafe)
		}
		if !res.Hidden[i] {
			for _, k := range out.Tells {
				if !res.Known[k] {
					t.Fatalf("output %d is shown but count %d is not known", i, k)
				}
			}
			continue
		}
		if len(out.Tells) == 1 {
			hidden[out.Tells[0]] = true
		}
	}
	for k, c := range p.Counts {
		if !c.Sensitive && !hidden[k] {
			continue
		}
		if res.Known[k] {
			if c.Sensitive {
				t.Fatalf("sensitive count %d is published", k)
			}
			continue
		}
		low, high := a.Bounds(suppresstest.Form{k: 1})
		if high == nil {
			continue
		}
		if low.Cmp(high) == 0 {
			t.Fatalf("hidden count %d is found exactly", k)
		}
		if c.Sensitive && suppresstest.Whole(low, high) < width {
			t.Fatalf("sensitive count %d of %g is bounded to %s..%s", k, c.Value, low.FloatString(2), high.FloatString(2))
		}
	}
}

func TestProtect(t *testing.T) {
	cases := []struct {
		name   string
		cells  [][]float64
		hidden int // outputs in all
	}{
		{"nothing small", [][]float64{{12, 30}, {40, 50}}, 0},
		{"one small cell takes three with it", [][]float64{{3, 40, 20}, {30, 50, 60}, {25, 70, 80}}, 4},
		{"two small in a line of enough people", [][]float64{{9, 5, 90}, {4, 9, 60}, {70, 80, 95}}, 4},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := crossed(c.cells, 10)
			res, err := suppress.Protect(p, suppress.Options{Width: 10})
			if err != nil {
				t.Fatal(err)
			}
			safe(t, p, res, 10)
			hidden := 0
			for _, h := range res.Hidden {
				if h {
					hidden++
				}
			}
			if hidden != c.hidden {
				t.Errorf("hid %d outputs, want %d: %v", hidden, c.hidden, res.Hidden)
			}
		})
	}
}

func TestProtectRandomTables(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, cols := rapid.IntRange(1, 4).Draw(t, "rows"), rapid.IntRange(1, 4).Draw(t, "cols")
		small := rapid.IntRange(1, 60).Draw(t, "largest")
		cells := make([][]float64, rows)
		for r := range cells {
			for range cols {
				cells[r] = append(cells[r], float64(rapid.IntRange(0, small).Draw(t, "count")))
			}
		}
		width := int64(rapid.SampledFrom([]int{3, 5, 10}).Draw(t, "width"))
		p := crossed(cells, float64(width))
		res, err := suppress.Protect(p, suppress.Options{Width: float64(width), Near: rapid.IntRange(0, 9).Draw(t, "near")})
		if err != nil {
			t.Fatal(err)
		}
		safe(t, p, res, width)
	})
}

// hierarchy draws a tree of counts (country, region, district) and asks to publish every node, some of them
// told by an output that tells two counts at once, as a share does.
func hierarchy(t *rapid.T, threshold float64) suppress.Problem {
	var p suppress.Problem
	add := func(v float64) int {
		small := v > 0 && v < threshold
		p.Counts = append(p.Counts, suppress.Count{Value: v, Sensitive: small})
		return len(p.Counts) - 1
	}
	var grow func(depth int) int
	grow = func(depth int) int {
		if depth == 0 {
			base := float64(rapid.IntRange(0, 40).Draw(t, "base"))
			k := add(base)
			if rapid.Bool().Draw(t, "share") {
				events := float64(rapid.IntRange(0, int(base)).Draw(t, "events"))
				e, none := add(events), add(base-events)
				p.Sums = append(p.Sums, suppress.Sum{Whole: k, Parts: []int{e, none}})
				unsafe := p.Counts[k].Sensitive || p.Counts[e].Sensitive || p.Counts[none].Sensitive
				p.Outputs = append(p.Outputs, suppress.Output{Tells: []int{k, e}, Unsafe: unsafe})
			}
			return k
		}
		var parts []int
		total := 0.0
		for range rapid.IntRange(1, 4).Draw(t, "children") {
			k := grow(depth - 1)
			parts = append(parts, k)
			total += p.Counts[k].Value
		}
		k := add(total)
		p.Sums = append(p.Sums, suppress.Sum{Whole: k, Parts: parts})
		return k
	}
	grow(rapid.IntRange(1, 3).Draw(t, "depth"))
	for k, c := range p.Counts {
		if rapid.IntRange(0, 4).Draw(t, "published") > 0 {
			p.Outputs = append(p.Outputs, suppress.Output{Tells: []int{k}, Unsafe: c.Sensitive, Cost: 1 + c.Value/10})
		}
	}
	return p
}

func TestProtectHierarchies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := hierarchy(t, 10)
		res, err := suppress.Protect(p, suppress.Options{Width: 10, Near: rapid.IntRange(0, 9).Draw(t, "near")})
		if err != nil {
			t.Fatal(err)
		}
		safe(t, p, res, 10)
	})
}

// A contributor who alone makes up a cell of one must not learn the cell beside it.
func TestSingletonLearnsNothing(t *testing.T) {
	p := suppress.Problem{
		Counts: []suppress.Count{{Value: 1, Sensitive: true}, {Value: 9, Sensitive: true}, {Value: 30}, {Value: 40}},
		Sums:   []suppress.Sum{{Whole: 3, Parts: []int{0, 1, 2}}},
		Outputs: []suppress.Output{{Tells: []int{0}, Unsafe: true}, {Tells: []int{1}, Unsafe: true},
			{Tells: []int{2}, Cost: 3}, {Tells: []int{3}, Cost: 4}},
	}
	res, err := suppress.Protect(p, suppress.Options{Width: 10})
	if err != nil {
		t.Fatal(err)
	}
	if res.Known[2] && res.Known[3] {
		t.Error("who is the one can take himself and the third cell from the total and read the other")
	}
}

func TestFixedOutputs(t *testing.T) {
	p := suppress.Problem{
		Counts: []suppress.Count{{Value: 4, Sensitive: true}, {Value: 30}, {Value: 34}},
		Sums:   []suppress.Sum{{Whole: 2, Parts: []int{0, 1}}},
		Outputs: []suppress.Output{{Tells: []int{0}, Unsafe: true}, {Tells: []int{1}},
			{Tells: []int{2}, Fixed: true}},
	}
	res, err := suppress.Protect(p, suppress.Options{Width: 10})
	if err != nil {
		t.Fatal(err)
	}
	if !res.Hidden[1] || res.Hidden[2] || len(res.Unprotected) != 0 {
		t.Errorf("hidden %v, unprotected %v: the total is out, so the other part must be hidden", res.Hidden, res.Unprotected)
	}
	p.Outputs[1].Fixed = true
	res, err = suppress.Protect(p, suppress.Options{Width: 10})
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Unprotected) != 1 || res.Unprotected[0] != 0 {
		t.Errorf("unprotected %v, want count 0: total and part are both out", res.Unprotected)
	}
}

func TestNotASystem(t *testing.T) {
	one := []suppress.Count{{Value: 1}, {Value: 2}}
	cases := []struct {
		name string
		p    suppress.Problem
	}{
		{"negative", suppress.Problem{Counts: []suppress.Count{{Value: -1}}}},
		{"not a number", suppress.Problem{Counts: []suppress.Count{{Value: math.NaN()}}}},
		{"infinite", suppress.Problem{Counts: []suppress.Count{{Value: math.Inf(1)}}}},
		{"no such whole", suppress.Problem{Counts: one, Sums: []suppress.Sum{{Whole: 7}}}},
		{"no such part", suppress.Problem{Counts: one, Sums: []suppress.Sum{{Whole: 0, Parts: []int{-1}}}}},
		{"part of itself", suppress.Problem{Counts: one, Sums: []suppress.Sum{{Whole: 0, Parts: []int{0}}}}},
		{"false sum", suppress.Problem{Counts: one, Sums: []suppress.Sum{{Whole: 0, Parts: []int{1}}}}},
		{"no such count told", suppress.Problem{Counts: one, Outputs: []suppress.Output{{Tells: []int{2}}}}},
		{"fixed and unsafe", suppress.Problem{Counts: one, Outputs: []suppress.Output{{Fixed: true, Unsafe: true}}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if _, err := suppress.Protect(c.p, suppress.Options{}); !errors.Is(err, suppress.ErrProblem) {
				t.Errorf("got %v, want ErrProblem", err)
			}
		})
	}
}

// The same problem gives the same answer.
func TestProtectIsRepeatable(t *testing.T) {
	p := crossed(sparse(12, 9, 1), 10)
	first, err := suppress.Protect(p, suppress.Options{Width: 10})
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		again, _ := suppress.Protect(p, suppress.Options{Width: 10})
		for i := range first.Hidden {
			if first.Hidden[i] != again.Hidden[i] {
				t.Fatalf("output %d differs between runs", i)
			}
		}
	}
}

// sparse draws a table in which most cells are small and some large, as tables of nationality by place are.
func sparse(rows, cols int, seed uint64) [][]float64 {
	r := rand.New(rand.NewPCG(seed, 1))
	cells := make([][]float64, rows)
	for i := range cells {
		for range cols {
			cells[i] = append(cells[i], math.Floor(math.Exp(r.NormFloat64()*1.8+2.5)))
		}
	}
	return cells
}

func BenchmarkProtect(b *testing.B) {
	for _, size := range []struct {
		name       string
		rows, cols int
	}{{"600cells", 30, 20}, {"2000cells", 50, 40}, {"5000cells", 100, 50}} {
		b.Run(size.name, func(b *testing.B) {
			p := crossed(sparse(size.rows, size.cols, 7), 10)
			for b.Loop() {
				res, err := suppress.Protect(p, suppress.Options{Width: 10})
				if err != nil {
					b.Fatal(err)
				}
				primary, secondary := 0, 0
				for i := range res.Hidden {
					if res.Secondary[i] {
						secondary++
					} else if res.Hidden[i] {
						primary++
					}
				}
				b.ReportMetric(float64(primary), "unsafe")
				b.ReportMetric(float64(secondary), "secondary")
				b.ReportMetric(float64(res.Rounds), "rounds")
			}
		})
	}
}
