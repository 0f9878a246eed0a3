package effect

import (
	"maps"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"waymark/fault"
	"waymark/stat/formula"
)

// Moded is a mixed model that has estimated its groups' effects.
type Moded interface {
	Mixed
	// Modes gives the estimated effects of one group of a term, on the scale of the linear predictor.
	Modes(term, group int) []float64
}

// Grouped is a mixed model that can say what it knows of its groups.
type Grouped interface {
	Moded
	// GroupCov gives the covariance of the estimates together with the effects of some groups, (b, u, u', ...), the
	// groups in the order given. It includes what is not known of the groups' variance where the model knows it.
	GroupCov(groups []Group) (mat.Symmetric, error)
}

// Group is one level of a random term, by index.
type Group struct{ Term, Level int }

// inGroup predicts for given groups; terms that are not named stay at zero.
func (r *reader) inGroup(d *formula.Design, names map[string]string, weights []float64, total float64, c Confidence) (Estimate, error) {
	m, ok := r.model.(Grouped)
	if !ok || len(names) == 0 {
		return Estimate{}, fault.Issue{Code: CodeUnknownGroup, Kind: fault.NotFound, Args: map[string]any{"term": "", "group": ""}}
	}
	terms := m.Random()
	var groups []Group
	for _, label := range slices.Sorted(maps.Keys(names)) {
		found := false
		for t, term := range terms {
			if term.Label != label {
				continue
			}
			if k := slices.Index(term.Levels, names[label]); k >= 0 {
				groups = append(groups, Group{t, k})
				found = true
			}
		}
		if !found {
			return Estimate{}, fault.Issue{Code: CodeUnknownGroup, Kind: fault.NotFound, Args: map[string]any{"term": label, "group": names[label]}}
		}
	}
	eta := linear(d, r.coef)
	var columns [][]float64 // of the groups' effects, one after the other
	for _, g := range groups {
		s := r.slopeOf(d, terms[g.Term])
		if s.columns == nil {
			s.columns = [][]float64{nil}
		}
		for k, u := range m.Modes(g.Term, g.Level) {
			for i := range eta {
				eta[i] += u * at(s.columns[k], i)
			}
			columns = append(columns, s.columns[k])
		}
	}
	p := len(r.coef)
	gradient := make([]float64, p+len(columns))
	value := 0.0
	for i, e := range eta {
		w := 1.0
		if weights != nil {
			w = weights[i]
		}
		mo := m.Link().moments(e)
		value += w * mo[0] / total
		eta[i] = w * mo[1] / total
		for k, column := range columns {
			gradient[p+k] += eta[i] * at(column, i)
		}
	}
	cross(d, eta, gradient[:p])
	cov, err := m.GroupCov(groups)
	if err != nil {
		return Estimate{}, err
	}
	sum, coef := 0.0, m.Coef()
	known := func(k int) bool { return k >= p || !math.IsNaN(coef[k]) }
	for i, a := range gradient {
		for j, b := range gradient {
			if a != 0 && b != 0 && known(i) && known(j) {
				sum += a * b * cov.At(i, j)
			}
		}
	}
	return m.Link().bounded(value, math.Sqrt(max(sum, 0)), c), nil
}

// at reads a column in which nil stands for ones.
func at(column []float64, i int) float64 {
	if column == nil {
		return 1
	}
	return column[i]
}

// Conditional gives the mean of every row of the design that a mixed model was fitted to, with the estimated effects
// of the row's own groups.
func Conditional(m Moded, d *formula.Design) []float64 {
	out := linear(d, newReader(m, d, Typical).coef)
	for t, g := range d.Random {
		modes := make([][]float64, len(g.Levels))
		for l := range modes {
			modes[l] = m.Modes(t, l)
		}
		for i, c := range g.Codes {
			for k, u := range modes[c] {
				out[i] += u * at(g.Columns[k], i)
			}
		}
	}
	for i, eta := range out {
		out[i] = m.Link().moments(eta)[0]
	}
	return out
}

// Explained gives the shares of variance of a mixed model over a sample's rows by NakagawaR2. residual is that of the
// link for binary outcomes, the residual variance of a gaussian model.
func Explained(m Mixed, s *Sample, residual Variance) R2 {
	r := newReader(m, s.design, Population)
	eta := linear(s.design, r.coef)
	mean, fixed, between := 0.0, 0.0, Variance(0)
	weight := func(i int) float64 {
		if s.weights == nil {
			return 1 / s.total
		}
		return s.weights[i] / s.total
	}
	for i, e := range eta {
		if s.design.Offset != nil {
			e -= s.design.Offset[i]
			eta[i] = e
		}
		mean += weight(i) * e
	}
	for i, e := range eta {
		fixed += weight(i) * (e - mean) * (e - mean)
	}
	for _, t := range r.random {
		sl := r.slopeOf(s.design, t)
		if sl.columns == nil {
			between += t.variance(0)
			continue
		}
		for i := range eta {
			between += Variance(weight(i)) * sl.variance(i)
		}
	}
	return NakagawaR2(Variance(fixed), between, residual)
}
