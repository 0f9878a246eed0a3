package glmm_test

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"waymark/stat/formula"
	"waymark/stat/glmm"
)

// TestNeverHangs: any small design ends with a model that says how it went, or with an error; never a panic, and
// never without end. Designs are as bad as chance makes them: one row a group, pure groups, constant columns, huge
// offsets, zero weights.
func TestNeverHangs(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(2, 18).Draw(rt, "rows")
		family := rapid.SampledFrom([]glmm.Family{glmm.Binomial, glmm.Poisson, glmm.Gaussian}).Draw(rt, "family")
		method := rapid.SampledFrom([]glmm.Method{glmm.Auto, glmm.Laplace, glmm.Fast}).Draw(rt, "method")
		d := &formula.Design{Response: "y", Names: []string{"(Intercept)", "aB", "x"}, Read: n, Used: n}
		codes := rapid.SliceOfN(rapid.Uint8Range(0, 1), n, n).Draw(rt, "codes")
		d.Fixed.Joints = []formula.Joint{{Coefs: []int{0, 1}, Codes: codes, Cells: [][]float64{{1, 0}, {1, 1}}}}
		scale := rapid.SampledFrom([]float64{0, 1e-6, 1, 1e6}).Draw(rt, "scale")
		x := rapid.SliceOfN(rapid.IntRange(-3, 3), n, n).Draw(rt, "x")
		values := make([]float64, n)
		for i, v := range x {
			values[i] = scale * float64(v)
		}
		d.Fixed.Dense = []formula.Dense{{Coef: 2, Values: values}}
		top := map[glmm.Family]int{glmm.Binomial: 1, glmm.Poisson: 1000, glmm.Gaussian: 5}[family]
		for _, y := range rapid.SliceOfN(rapid.IntRange(0, top), n, n).Draw(rt, "y") {
			d.Y = append(d.Y, float64(y))
		}
		if rapid.Bool().Draw(rt, "offset") {
			for _, o := range rapid.SliceOfN(rapid.IntRange(-20, 20), n, n).Draw(rt, "o") {
				d.Offset = append(d.Offset, float64(o))
			}
		}
		if rapid.Bool().Draw(rt, "weighted") {
			for _, w := range rapid.SliceOfN(rapid.IntRange(0, 3), n, n).Draw(rt, "w") {
				d.Weights = append(d.Weights, float64(w))
			}
		}
		for k := range rapid.IntRange(1, 2).Draw(rt, "terms") {
			levels := rapid.IntRange(1, n).Draw(rt, "levels")
			g := formula.Group{Label: string(rune('g' + k)), Names: []string{"(Intercept)"}, Columns: [][]float64{nil}}
			if rapid.Bool().Draw(rt, "slope") {
				g.Names, g.Columns = append(g.Names, "x"), append(g.Columns, values)
			}
			for l := range levels {
				g.Levels = append(g.Levels, string(rune('a'+l)))
			}
			for i := range n {
				g.Codes = append(g.Codes, uint32(i%levels))
			}
			d.Random = append(d.Random, g)
		}
		start := time.Now()
		m, err := glmm.Fit(d, glmm.Options{Family: family, Method: method})
		if took := time.Since(start); took > 20*time.Second {
			rt.Errorf("took %v", took)
		}
		if err != nil {
			return
		}
		if len(m.Verdicts) == 0 {
			rt.Error("no verdict")
		}
		if m.Converged() && (math.IsNaN(m.LogLik) || math.IsInf(m.LogLik, 0)) {
			rt.Errorf("converged at log-likelihood %g", m.LogLik)
		}
	})
}
