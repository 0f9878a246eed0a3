package glmm

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// TestGroupCovariance holds GroupCov with t known against the dense inverse of the joint matrix of (b, u), and the
// movement of the modes against differences.
func TestGroupCovariance(t *testing.T) {
	for _, family := range []Family{Binomial, Poisson, Gaussian} {
		groups := structures(rand.New(rand.NewPCG(1, 2)), 200)
		for _, name := range []string{"crossed", "slope", "nested slopes"} {
			t.Run(family.String()+" "+name, func(t *testing.T) {
				d := madeDesign(rand.New(rand.NewPCG(3, 4)), family, 200, groups[name]...)
				m, err := Fit(d, Options{Family: family, Method: Laplace, Errors: JointErrors, NoCheck: true})
				if err != nil {
					t.Fatal(err)
				}
				var levels []Level
				for k, r := range m.Random {
					levels = append(levels, Level{k, 1}, Level{k, len(r.Levels) - 1})
				}
				got, err := m.GroupCov(levels)
				if err != nil {
					t.Fatal(err)
				}
				want := denseCovariance(m, levels)
				n := got.SymmetricDim()
				for i := range n {
					for j := range n {
						if math.Abs(got.At(i, j)-want.At(i, j)) > 1e-8*(1+math.Abs(want.At(i, j))) {
							t.Fatalf("entry %d %d: %.9g, want %.9g", i, j, got.At(i, j), want.At(i, j))
						}
					}
				}
			})
		}
	}
}

// denseCovariance inverts [X'WX X'WZL; L'Z'WX L'Z'WZL+I] and takes it to coefficients and effects of the design.
func denseCovariance(m *Model, levels []Level) *mat.Dense {
	st := m.crit.at(m.x)
	p, q := st.p, st.effects
	j := mat.NewSymDense(p+q, nil)
	row := make([]float64, p+q)
	for c := range st.cells() {
		for i := int(st.cellStart[c]); i < int(st.cellStart[c+1]); i++ {
			clear(row)
			st.accumulate(i, 1, row[:p])
			st.spread(c, 1, st.cellVector(c), row[p:])
			_, _, w, _, _ := st.moments(i, st.eta[i]+st.s[c])
			j.SymRankOne(j, w, mat.NewVecDense(p+q, append([]float64(nil), row...)))
		}
	}
	for i := range q {
		j.SetSym(p+i, p+i, j.At(p+i, p+i)+1)
	}
	var inverse mat.Dense
	if err := inverse.Inverse(j); err != nil {
		return nil
	}
	if m.ResidualSD > 0 {
		inverse.Scale(m.ResidualSD*m.ResidualSD, &inverse)
	}
	effects, _ := m.effectsOf(st, levels)
	a := mat.NewDense(len(m.Names)+len(effects), p+q, nil)
	own := m.transform()
	for i := range m.Names {
		for k := range p {
			a.Set(i, k, own.At(i, k))
		}
	}
	for i, e := range effects {
		for k, v := range e {
			a.Set(len(m.Names)+i, p+k, v)
		}
	}
	var half, out mat.Dense
	half.Mul(a, &inverse)
	out.Mul(&half, a.T())
	return &out
}

func TestModeDrift(t *testing.T) {
	groups := structures(rand.New(rand.NewPCG(1, 2)), 200)
	d := madeDesign(rand.New(rand.NewPCG(3, 4)), Binomial, 200, groups["nested slopes"]...)
	m, err := Fit(d, Options{Method: Laplace, NoCheck: true})
	if err != nil {
		t.Fatal(err)
	}
	drift := m.modeDrift(m.crit.at(m.x))
	m.st.tolerance = 1e-26
	x := append([]float64(nil), m.x...)
	const h = 1e-5
	for k := range x {
		x[k] += h
		up := append([]float64(nil), m.crit.at(x).u...)
		x[k] -= 2 * h
		down := append([]float64(nil), m.crit.at(x).u...)
		x[k] += h
		for i := range up {
			diff := (up[i] - down[i]) / (2 * h)
			if math.Abs(diff-drift[k][i]) > 1e-5*(1+math.Abs(diff)) {
				t.Fatalf("parameter %d effect %d: %.8g, differences give %.8g", k, i, drift[k][i], diff)
			}
		}
	}
}
