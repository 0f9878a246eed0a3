package design

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"waymark/stat/formula"
	"waymark/stat/glm"
)

// Regression is a generalised linear model fitted under the design.
//
// The coefficients solve sum w x (y - mu) = 0 (Binder 1983); their covariance is that of the total of
// A^-1 w x (y - mu), A the information. Tests take t with DF + 1 - p degrees of freedom, as R's svyglm does.
type Regression struct {
	Names []string
	Coef  []float64
	Cov   *mat.SymDense // NaN where aliased
	SE    []float64
	T, P  []float64
	DF    int // of the design, plus 1, less the coefficients

	Deviance float64 // with weights of mean one
	Model    *glm.Model

	naive []float64 // A^-1, for tests
}

// Fit fits a formula under the design. Weights of the options of the formula are not used: the sample's are.
func (s *Sample) Fit(f *formula.Formula, opt formula.Options, how glm.Options) (*Regression, error) {
	opt.Weights = ""
	d, err := formula.Build(f, s.columns, opt)
	if err != nil {
		return nil, err
	}
	r := &Regression{Names: d.Names}
	if r.Model, err = s.fit(d, s.weights, how); err != nil {
		return nil, err
	}
	r.Coef, r.Deviance = r.Model.Coef, r.Model.Deviance
	p := len(r.Names)
	r.naive = make([]float64, p*p)
	for a := range p {
		for b := range p {
			r.naive[a*p+b] = r.Model.Cov.At(a, b) / r.Model.Dispersion
		}
	}
	var cov []float64
	if s.replicates != nil {
		cov = s.replicates.covariance(s.weights, r.Coef, func(w []float64) []float64 {
			m, err := s.fit(d, w, how)
			if err != nil || !m.Converged {
				return []float64{nan}
			}
			return m.Coef
		})
	} else if cov, err = s.sandwich(r, d); err != nil {
		return nil, err
	}
	for _, a := range r.Model.Aliased {
		for b := range p {
			cov[a*p+b], cov[b*p+a] = nan, nan
		}
	}
	r.Cov = mat.NewSymDense(p, cov)
	r.DF = s.DF() + 1 - r.Model.Rank
	r.SE, r.T, r.P = make([]float64, p), make([]float64, p), make([]float64, p)
	for k, b := range r.Coef {
		r.SE[k] = math.Sqrt(r.Cov.At(k, k))
		r.T[k] = b / r.SE[k]
		r.P[k] = nan
		if r.DF > 0 && r.T[k] == r.T[k] {
			r.P[k] = 2 * distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(r.DF)}.Survival(math.Abs(r.T[k]))
		}
	}
	return r, nil
}

// Interval is the coefficient -+ t SE.
func (r *Regression) Interval(k int, level float64) Interval {
	half := student(0.5+level/2, r.DF) * r.SE[k]
	return Interval{r.Coef[k] - half, r.Coef[k] + half}
}

// fit fits a design with weights of mean one.
func (s *Sample) fit(d *formula.Design, w []float64, how glm.Options) (*glm.Model, error) {
	sum, negative := 0.0, 0
	rows := 0.0
	for i, v := range w {
		sum += v
		if v < 0 {
			negative++
		}
		if s.weights[i] != 0 {
			rows++
		}
	}
	if negative > 0 {
		return nil, issue(CodeNegativeFit, "count", negative)
	}
	weighted := *d
	weighted.Weights = make([]float64, d.Used)
	for u := range weighted.Weights {
		weighted.Weights[u] = w[rowOf(d, u)] * rows / sum
	}
	return glm.Fit(&weighted, how)
}

func rowOf(d *formula.Design, u int) int {
	if d.Index == nil {
		return u
	}
	return int(d.Index[u])
}

// sandwich is A^-1 M A^-1, M the covariance of the totals of the scores.
func (s *Sample) sandwich(r *Regression, d *formula.Design) ([]float64, error) {
	p := len(r.Names)
	meat, err := s.linearised(nil, func(_ []float64, at places) [][]float64 { return r.scores(d, at) })
	if err != nil {
		return nil, err
	}
	naive := mat.NewDense(p, p, slices.Clone(r.naive))
	for _, a := range r.Model.Aliased {
		for b := range p {
			naive.Set(a, b, 0)
			naive.Set(b, a, 0)
		}
	}
	var out mat.Dense
	out.Product(naive, mat.NewDense(p, p, meat), naive)
	return out.RawMatrix().Data, nil
}

// scores gives w x (y - mu) of each row (over V(mu) times the slope, for links that are not the family's own),
// summed into places.
func (r *Regression) scores(d *formula.Design, at places) [][]float64 {
	m := r.Model
	eta, w := m.Linear(d), m.Design.Weights
	z := at.blank(len(r.Names))
	for u, e := range eta {
		mu, n := m.Options.Link.Mean(e), 1.0
		if d.Trials != nil {
			n = d.Trials[u]
		}
		rest := w[u] * (d.Y[u] - n*mu)
		switch {
		case rest == 0:
			continue
		case m.Options.Family == glm.Binomial && m.Options.Link != glm.Logit:
			rest *= m.Options.Link.Slope(e) / (mu * (1 - mu))
		}
		to := at.of(int32(rowOf(d, u)))
		for _, j := range d.Fixed.Joints {
			for k, v := range j.Cells[j.Codes[u]] {
				if v != 0 {
					z[j.Coefs[k]][to] += rest * v
				}
			}
		}
		for _, c := range d.Fixed.Dense {
			z[c.Coef][to] += rest * c.Values[u]
		}
	}
	return z
}

// Test is a test of several coefficients at once.
type Test struct {
	Statistic float64
	DF1, DF2  float64
	P         float64
}

// Wald tests that all coefficients of a term are 0, by F.
func (r *Regression) Wald(term string) (Test, error) {
	index, err := r.coefs(term)
	if err != nil {
		return Test{}, err
	}
	q := len(index)
	v, b := mat.NewSymDense(q, nil), mat.NewVecDense(q, nil)
	for a, i := range index {
		b.SetVec(a, r.Coef[i])
		for c, j := range index[:a+1] {
			v.SetSym(a, c, r.Cov.At(i, j))
		}
	}
	var solved mat.VecDense
	var chol mat.Cholesky
	t := Test{Statistic: nan, DF1: float64(q), DF2: float64(r.DF), P: nan}
	if chol.Factorize(v) && chol.SolveVecTo(&solved, b) == nil {
		t.Statistic = mat.Dot(b, &solved) / float64(q)
		t.P = survivalF(t.Statistic, t.DF1, t.DF2)
	}
	return t, nil
}

// LikelihoodRatio tests a model against one without a term, fitted to the same sample, by the working likelihood
// ratio (Rao and Scott 1984; Lumley and Scott 2014): the fall of the deviance is a sum of chi-squares weighted by
// the eigenvalues of the design's covariance against the model's own.
func (r *Regression) LikelihoodRatio(without *Regression, term string) (Test, error) {
	index, err := r.coefs(term)
	if err != nil {
		return Test{}, err
	}
	if r.Model.Design.Used != without.Model.Design.Used || r.Model.Rank <= without.Model.Rank {
		return Test{}, issue(CodeSmaller)
	}
	p, q := len(r.Names), len(index)
	v, own := mat.NewSymDense(q, nil), mat.NewSymDense(q, nil)
	for a, i := range index {
		for c, j := range index[:a+1] {
			v.SetSym(a, c, r.Cov.At(i, j))
			own.SetSym(a, c, r.naive[i*p+j])
		}
	}
	t := Test{Statistic: without.Deviance - r.Deviance, DF1: float64(q), DF2: float64(r.DF)}
	t.P = weightedF(t.Statistic, relative(v, own), float64(r.DF))
	return t, nil
}

// coefs lists the coefficients of a term that could be estimated.
func (r *Regression) coefs(term string) ([]int, error) {
	for _, t := range r.Model.Design.Terms {
		if t.Label == term {
			list := slices.DeleteFunc(slices.Clone(t.Coefs), func(k int) bool { return slices.Contains(r.Model.Aliased, k) })
			if len(list) > 0 {
				return list, nil
			}
		}
	}
	return nil, issue(CodeNoTerm, "term", term)
}
