package effect

import (
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"waymark/stat/formula"
)

// mean is a weighted mean of predictions over rows and its gradient by the estimates (and, integrated, by the
// entries of the random terms' factors).
type mean struct {
	value    float64
	gradient []float64
}

// reader works predictions of one model out.
type reader struct {
	model  Model
	coef   []float64 // zero where not estimated
	random []Random  // nil where the scope does not need them
	fitted *formula.Design
	joint  bool // the gradient runs on over the factors' entries
	avg    *averager
	held   *formula.Design // the design whose random effects' columns are used; nil: that of the prediction
}

// newReader prepares a model for one scope.
func newReader(m Model, fitted *formula.Design, scope Scope) *reader {
	r := &reader{model: m, fitted: fitted, avg: newAverager(m.Link(), fitted.Used)}
	r.coef = slices.Clone(m.Coef())
	for k, b := range r.coef {
		if math.IsNaN(b) {
			r.coef[k] = 0
		}
	}
	if mixed, ok := m.(Mixed); ok && scope == Population {
		r.random = mixed.Random()
		r.joint = mixed.JointCov() != nil
	}
	return r
}

// size is the length of a gradient.
func (r *reader) size() int {
	n := len(r.coef)
	if r.joint {
		for _, t := range r.random {
			n += len(t.Names) * (len(t.Names) + 1) / 2
		}
	}
	return n
}

// cov gives the covariance that goes with the gradient.
func (r *reader) cov() mat.Symmetric {
	if r.joint {
		return r.model.(Mixed).JointCov()
	}
	return r.model.Cov()
}

// stdError is the delta method's: sqrt(g' V g). Coefficients that were not estimated do not count.
func (r *reader) stdError(gradient []float64) float64 {
	cov, coef := r.cov(), r.model.Coef()
	if cov == nil {
		return math.NaN()
	}
	sum := 0.0
	for i, a := range gradient {
		if a == 0 || (i < len(coef) && math.IsNaN(coef[i])) {
			continue
		}
		for j, b := range gradient {
			if b == 0 || (j < len(coef) && math.IsNaN(coef[j])) {
				continue
			}
			sum += a * b * cov.At(i, j)
		}
	}
	return math.Sqrt(max(sum, 0))
}

// linear gives the fixed part of the linear predictor with the offset, one entry a row.
func linear(d *formula.Design, coef []float64) []float64 {
	eta := make([]float64, d.Used)
	copy(eta, d.Offset)
	for _, j := range d.Fixed.Joints {
		table := make([]float64, len(j.Cells))
		for c, row := range j.Cells {
			for k, x := range row {
				table[c] += x * coef[j.Coefs[k]]
			}
		}
		for i, c := range j.Codes {
			eta[i] += table[c]
		}
	}
	for _, v := range d.Fixed.Dense {
		b := coef[v.Coef]
		for i, x := range v.Values {
			eta[i] += x * b
		}
	}
	return eta
}

// cross adds X'v to out.
func cross(d *formula.Design, v, out []float64) {
	for _, j := range d.Fixed.Joints {
		sums := make([]float64, len(j.Cells))
		for i, c := range j.Codes {
			sums[c] += v[i]
		}
		for c, row := range j.Cells {
			for k, x := range row {
				out[j.Coefs[k]] += x * sums[c]
			}
		}
	}
	for _, column := range d.Fixed.Dense {
		sum := 0.0
		for i, x := range column.Values {
			sum += x * v[i]
		}
		out[column.Coef] += sum
	}
}

// average gives the weighted mean of the predictions for the rows of a design, which stands for the sample's rows
// one for one; weights nil count one each.
func (r *reader) average(d *formula.Design, weights []float64, total float64) mean {
	return r.averageAt(linear(d, r.coef), d, weights, total)
}

// averageAt is average at linear predictors already known; eta is overwritten with the weight that each row has in the
// gradient.
func (r *reader) averageAt(eta []float64, d *formula.Design, weights []float64, total float64) mean {
	out := mean{gradient: make([]float64, r.size())}
	var slopes []slope
	base := Variance(0)
	effects := d
	if r.held != nil {
		effects = r.held
	}
	for _, t := range r.random {
		s := r.slopeOf(effects, t)
		if s.columns == nil {
			base += t.variance(0)
		}
		slopes = append(slopes, s)
	}
	second := 0.0 // sum of w d2: what every intercept's entry is multiplied with
	for i, e := range eta {
		w := 1 / total
		if weights != nil {
			w = weights[i] / total
		}
		v := base
		for k := range slopes {
			if slopes[k].columns != nil {
				v += slopes[k].variance(i)
			}
		}
		m, d1, d2 := r.avg.at(e, v)
		out.value += w * m
		eta[i] = w * d1
		second += w * d2
		if !r.joint {
			continue
		}
		at := len(r.coef)
		for k := range slopes {
			at = slopes[k].gradient(i, w*d2/2, out.gradient, at)
		}
	}
	if r.joint {
		at := len(r.coef)
		for k := range slopes {
			if slopes[k].columns == nil {
				out.gradient[at] = second * slopes[k].term.Factor[0][0]
			}
			at += len(slopes[k].term.Names) * (len(slopes[k].term.Names) + 1) / 2
		}
	}
	cross(d, eta, out.gradient[:len(r.coef)])
	return out
}

// slope is a random term over rows: z_i, and the variance z_i' L L' z_i that it adds.
type slope struct {
	term    Random
	columns [][]float64 // [effect][row], nil for a column of ones; nil altogether for an intercept alone
	z, lz   []float64
}

func (s *slope) load(i int) {
	for k, c := range s.columns {
		s.z[k] = 1
		if c != nil {
			s.z[k] = c[i]
		}
	}
	for c := range s.lz { // L'z
		s.lz[c] = 0
		for k := c; k < len(s.z); k++ {
			s.lz[c] += s.term.Factor[k][c] * s.z[k]
		}
	}
}

func (s *slope) variance(i int) Variance {
	s.load(i)
	sum := 0.0
	for _, x := range s.lz {
		sum += x * x
	}
	return Variance(sum)
}

// gradient adds scale x dV/dL, dV/dL[k][c] = 2 z_k (L'z)_c, down the columns of the lower triangle.
func (s *slope) gradient(i int, scale float64, out []float64, at int) int {
	if s.columns == nil {
		return at + 1 // summed by averageAt
	}
	s.load(i)
	for c := range s.lz {
		for k := c; k < len(s.z); k++ {
			out[at] += scale * 2 * s.z[k] * s.lz[c]
			at++
		}
	}
	return at
}

// slopeOf finds the columns of a random term's effects in a design.
func (r *reader) slopeOf(d *formula.Design, t Random) slope {
	s := slope{term: t, z: make([]float64, len(t.Names)), lz: make([]float64, len(t.Names))}
	if len(t.Names) == 1 && t.Names[0] == interceptName {
		return s
	}
	for _, name := range t.Names {
		s.columns = append(s.columns, r.effectColumn(d, t, name))
	}
	return s
}

const interceptName = "(Intercept)"

// effectColumn gives the column of an effect in a design: the fixed part's column of that name; for the reference
// level of a factor, one less the columns of the others; else the column of the rows that the model was fitted to.
func (r *reader) effectColumn(d *formula.Design, t Random, name string) []float64 {
	if name == interceptName {
		return nil
	}
	if k := slices.Index(d.Names, name); k >= 0 {
		return fixedColumn(d, k)
	}
	for _, term := range d.Terms {
		if len(term.Factors) != 1 || len(term.Numeric) > 0 || !strings.HasPrefix(name, term.Factors[0].Variable) {
			continue
		}
		f := term.Factors[0]
		if name != f.Variable+f.Levels[0] || len(term.Coefs) != len(f.Levels)-1 {
			continue
		}
		out := make([]float64, d.Used)
		for i := range out {
			out[i] = 1
		}
		for _, k := range term.Coefs {
			for i, x := range fixedColumn(d, k) {
				out[i] -= x
			}
		}
		return out
	}
	for _, g := range r.fitted.Random {
		if k := slices.Index(g.Names, name); g.Label == t.Label && k >= 0 && len(g.Codes) == d.Used {
			return g.Columns[k]
		}
	}
	return make([]float64, d.Used)
}

// fixedColumn writes one column of the fixed part out.
func fixedColumn(d *formula.Design, coef int) []float64 {
	for _, v := range d.Fixed.Dense {
		if v.Coef == coef {
			return v.Values
		}
	}
	out := make([]float64, d.Used)
	for _, j := range d.Fixed.Joints {
		k := slices.Index(j.Coefs, coef)
		if k < 0 {
			continue
		}
		for i, c := range j.Codes {
			out[i] = j.Cells[c][k]
		}
	}
	return out
}
