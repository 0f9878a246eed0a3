package glmm

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"waymark/fault"
)

// Level is one level of a random term, by index.
type Level struct{ Term, Level int }

// GroupCov gives the covariance of the coefficients together with the effects of some groups, on the scale of the
// linear predictor: rows and columns are the coefficients, then the effects of each group in the order given. With u
// the standardised effects and phi = (b, t),
//
//	Cov(b, u) given t comes from the inverse joint Hessian of (b, u); what is not known of t adds
//	(d effects/d phi) Cov(phi) (d effects/d phi)'
//
// so that effects L u have the variance L H^-1 L' of the groups given all parameters, plus the part that the
// parameters' own uncertainty moves them by. Without the full Hessian only t is taken as known.
func (m *Model) GroupCov(levels []Level) (mat.Symmetric, error) {
	if m.cov == nil {
		return nil, fault.Issue{Code: CodeNoErrors}
	}
	for _, l := range levels {
		if l.Term < 0 || l.Term >= len(m.Random) || l.Level < 0 || l.Level >= len(m.Random[l.Term].Levels) {
			return nil, fault.Issue{Code: CodeUnknownGroup, Kind: fault.NotFound, Args: map[string]any{"term": l.Term, "level": l.Level}}
		}
	}
	st := m.crit.at(m.x)
	effects, jacobian := m.effectsOf(st, levels)
	p := len(m.Names)
	total := p + len(effects)
	// Rows of d(coef, effects)/d phi, phi standardised.
	n := st.p + len(st.free)
	a := mat.NewDense(total, n, nil)
	own := m.transform()
	for i := range p {
		for j := range n {
			a.Set(i, j, own.At(i, j))
		}
	}
	for i, row := range jacobian {
		a.SetRow(p+i, row)
	}
	cov := mat.NewDense(n, n, m.parameterCov(st, n))
	var half, full mat.Dense
	half.Mul(a, cov)
	full.Mul(&half, a.T())
	sigma := math.Max(m.ResidualSD, 0)
	if m.Options.Family != Gaussian {
		sigma = 1
	}
	for i, x := range effects { // the groups' own variance given the parameters
		solved := append([]float64(nil), x...)
		st.h.solve(solved)
		for j, y := range effects {
			full.Set(p+i, p+j, full.At(p+i, p+j)+sigma*sigma*inner(y, solved))
		}
	}
	out := mat.NewSymDense(total, nil)
	for i := range total {
		for j := i; j < total; j++ {
			out.SetSym(i, j, 0.5*(full.At(i, j)+full.At(j, i)))
		}
	}
	for k, at := range st.kept {
		if at < 0 {
			for j := range total {
				out.SetSym(min(k, j), max(k, j), math.NaN())
			}
		}
	}
	return out, nil
}

// parameterCov is the covariance of the standardised (b, t): the inverse Hessian, or the joint matrix for b with t
// known.
func (m *Model) parameterCov(st *state, n int) []float64 {
	out := make([]float64, n*n)
	if m.inverse != nil && !m.crit.profiled() {
		copy(out, m.inverse)
		return out
	}
	cov := m.jointCovariance(st)
	for i := range st.p {
		copy(out[i*n:i*n+st.p], cov[i*st.p:(i+1)*st.p])
	}
	return out
}

// effectsOf gives, for every effect of the levels, the vector over u that makes it (a row of L) and its derivative by
// (b, t), in which both the template and the mode move.
func (m *Model) effectsOf(st *state, levels []Level) (rows, jacobian [][]float64) {
	drift := m.modeDrift(st)
	n := st.p + len(st.free)
	for _, l := range levels {
		k, base := m.factorOf(l.Term)
		f := &st.factors[k]
		at := f.start + l.Level*f.q
		for i := range m.Random[l.Term].Names {
			r := base + i
			row := make([]float64, st.effects)
			for s := range r + 1 {
				row[at+s] = st.template[k][r*f.q+s] / f.scale[r]
			}
			change := make([]float64, n)
			for j := range n {
				change[j] = inner(row, drift[j])
			}
			for j, x := range st.free {
				if x.factor == k && x.r == r {
					change[st.p+j] += st.u[at+x.s] / f.scale[r]
				}
			}
			rows, jacobian = append(rows, row), append(jacobian, change)
		}
	}
	return rows, jacobian
}

// modeDrift gives du/d(b, t) by direction, at the mode st stands at.
func (m *Model) modeDrift(st *state) [][]float64 {
	if m.drift != nil {
		return m.drift
	}
	system, ok := st.system()
	n := st.p + len(st.free)
	m.drift = make([][]float64, n)
	for k := range m.drift {
		m.drift[k] = make([]float64, st.effects)
		if !ok {
			continue
		}
		if k < st.p {
			for i, v := range system.m[k] {
				m.drift[k][i] = -v
			}
			continue
		}
		_, gu := st.forcing(st.free[k-st.p])
		st.h.solve(gu)
		m.drift[k] = gu
	}
	return m.drift
}
