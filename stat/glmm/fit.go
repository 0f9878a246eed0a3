package glmm

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"waymark/fault"
	"waymark/stat/formula"
)

// Fit fits a multilevel model to a design with at least one random term. What is wrong with the design or the
// options is an error of fault.Issues; what is doubtful about the fit is in Model.Verdicts.
func Fit(d *formula.Design, o Options) (*Model, error) {
	if o.MaxIterations <= 0 {
		o.MaxIterations = 200
	}
	if o.Points < 0 || o.Points > 100 {
		return nil, issue(CodePoints, map[string]any{"points": o.Points})
	}
	p, issues := newProblem(d, o)
	if p == nil {
		return nil, issues
	}
	m := &Model{Design: d, Options: o, Names: d.Names, st: newState(p), Observations: p.mass}
	if err := m.choose(); err != nil {
		return nil, err
	}
	run := m.search()
	m.settle(run)
	m.certify(run)
	m.report(run)
	if !o.NoCheck {
		m.checkStarts()
	}
	m.judge(run)
	if m.Options.Method == Laplace && !o.NoCheck && m.Options.Family != Gaussian {
		m.checkAccuracy()
	}
	return m, nil
}

// choose settles the method and makes its criterion.
func (m *Model) choose() error {
	p, o := m.st.problem, &m.Options
	shape := p.shape()
	if o.Family == Gaussian {
		o.Method, o.Points = Laplace, 0
		m.crit = newGaussianCriterion(m.st, o.Criterion)
		return nil
	}
	switch o.Method {
	case Auto:
		o.Method, o.Points = Laplace, 0
		if shape != otherShape {
			o.Method = Quadrature
		}
	case Quadrature:
		if shape == otherShape || (shape == twoNested && o.Points > 1) {
			return issue(CodeNotScalar, map[string]any{"points": o.Points})
		}
		if o.Points == 1 { // one point is Laplace
			o.Method = Laplace
		}
	}
	switch {
	case o.Method == Fast:
		m.crit = &fastCriterion{st: m.st, terms: newCellTerms(m.st)}
	case o.Method == Laplace:
		m.crit = newLaplaceCriterion(m.st)
	case o.Points > 1:
		m.crit = newHermiteCriterion(m.st, o.Points)
	case shape == twoNested:
		m.Exact, m.crit = true, newNestedCriterion(m.st)
	default:
		m.Exact, m.crit = true, newExactCriterion(m.st)
	}
	return nil
}

// shape is what decides whether the integral can be had exactly.
type shape uint8

const (
	otherShape shape = iota
	oneScalar        // one grouping factor with one effect
	twoNested        // two factors with an intercept each, one nested in the other
)

func (p *problem) shape() shape {
	for k := range p.factors {
		if p.factors[k].q != 1 {
			return otherShape
		}
	}
	switch {
	case len(p.factors) == 1:
		return oneScalar
	case len(p.factors) == 2 && p.chain == 2 && p.cellZ[0] == nil && p.cellZ[1] == nil:
		return twoNested
	}
	return otherShape
}

const startSD = 0.5 // of every random effect, before the first step

// search runs the outer search from the start.
func (m *Model) search() *search {
	x, inverse := m.start()
	tolerance := 1e-11
	if m.Options.Errors == FullErrors && !m.crit.profiled() {
		tolerance = 1e-8 // Newton's method with the Hessian does the rest
	}
	return m.minimiseFrom(x, inverse, tolerance)
}

func (m *Model) minimiseFrom(x, inverse []float64, tolerance float64) *search {
	run := minimise(m.crit.evaluate, x, inverse, tolerance, m.Options.MaxIterations)
	if run.stalled && !(run.decrement < 1e-6) && !m.running(run) {
		spread := make([]float64, len(x))
		for i := range spread {
			spread[i] = math.Sqrt(math.Max(inverse[i*len(x)+i], 1e-8))
		}
		best, value := withoutDerivatives(m.crit.evaluate, run.x, spread, 60*len(x))
		if value < run.value || math.IsNaN(run.value) || math.IsInf(run.value, 0) {
			again := minimise(m.crit.evaluate, best, inverse, tolerance, m.Options.MaxIterations)
			again.iterations += run.iterations
			again.evaluations += run.evaluations
			run = again
			m.say(CodeDerivativeFree, fault.Soft, nil)
		}
	}
	return run
}

// running says that a standard deviation of an integral is on its way to infinity, which no search mends.
func (m *Model) running(run *search) bool {
	if _, ok := m.crit.(integral); !ok {
		return false
	}
	for _, t := range run.x[m.st.p:] {
		if math.Abs(t) > mostSD/4 {
			return true
		}
	}
	return false
}

// start gives the point the search begins from and an approximate inverse Hessian there: for b that of the penalised
// criterion, for a template entry t^2/2 over the number of levels.
func (m *Model) start() (x, inverse []float64) {
	st := m.st
	if l, ok := m.crit.(*laplaceCriterion); ok {
		l.last = nil // the state is moved behind its back
	}
	t := make([]float64, len(st.free))
	for k, e := range st.free {
		if e.r == e.s {
			t[k] = startSD
		}
	}
	if s := m.Options.Start; s != nil && len(s.Theta) == len(t) {
		m.indexTheta()
		for k, e := range st.free {
			t[k] = s.Theta[m.place[k]] * st.factors[e.factor].scale[e.r]
		}
	}
	st.begin()
	if _, ok := m.crit.(integral); ok && m.Options.Start == nil {
		// Large variances are far from the usual start: the fast method goes most of the way for little.
		fast := &fastCriterion{st: st, terms: newCellTerms(st)}
		inverse = make([]float64, len(t)*len(t))
		for k := range t {
			inverse[k*len(t)+k] = 0.5 * startSD * startSD / float64(st.factors[st.free[k].factor].levels)
		}
		t = minimise(fast.evaluate, t, inverse, 1e-3, 30).x
	}
	st.setTemplates(t)
	system, _ := st.profile(2, 30)
	b := append([]float64(nil), st.b...)
	if s := m.Options.Start; s != nil && len(s.Coef) == len(m.Names) {
		b = st.standardised(s.Coef)
	}
	var cov []float64
	if system != nil {
		cov = inverseOf(system.schur, st.p)
	}
	spread := func(k int) float64 {
		return 0.5 * math.Max(startSD*startSD, t[k]*t[k]) / float64(st.factors[st.free[k].factor].levels)
	}
	if m.crit.profiled() {
		n := len(t)
		inverse = make([]float64, n*n)
		for k := range t {
			inverse[k*n+k] = spread(k)
		}
		return t, inverse
	}
	n := st.p + len(t)
	inverse = make([]float64, n*n)
	for i := range st.p {
		for j := range st.p {
			if cov != nil {
				inverse[i*n+j] = cov[i*st.p+j]
			} else if i == j {
				inverse[i*n+j] = 0.01
			}
		}
	}
	for k := range t {
		inverse[(st.p+k)*(n+1)] = spread(k)
	}
	return append(b, t...), inverse
}

// standardised takes coefficients of the design to those of the standardised columns.
func (p *problem) standardised(coef []float64) []float64 {
	b := make([]float64, p.p)
	for k, at := range p.kept {
		if at >= 0 {
			b[at] = coef[k] * p.scale[at]
			if p.anchor >= 0 && at != p.anchor {
				b[p.anchor] += coef[k] * p.centre[at]
			}
		}
	}
	return b
}

// settle finishes the search: at a minimum where the Hessian is positive definite a few Newton steps with it make
// the end independent of the way there; at a saddle the search goes on along the negative curvature.
func (m *Model) settle(run *search) {
	n := len(run.x)
	m.st.tolerance = finalTolerance
	if run.gradient != nil {
		run.value, run.gradient = m.crit.evaluate(run.x)
	}
	m.x, m.value = run.x, run.value
	if m.Options.Errors == NoErrors || (m.Options.Errors == JointErrors && !m.crit.profiled()) || run.gradient == nil {
		return
	}
	for try := range 6 {
		h := m.crit.hessian(run.x)
		if h == nil {
			return
		}
		inverse := inverseOf(h, n)
		if inverse == nil {
			if try > 2 || !m.leaveSaddle(run, h) {
				m.x, m.value, m.inverse = run.x, run.value, nil
				return
			}
			continue
		}
		m.inverse = inverse
		worst := 0.0
		for range 4 {
			decrement, ok := newtonStep(m.crit.evaluate, run, inverse)
			worst = math.Max(worst, decrement)
			if !ok || decrement < 1e-15 {
				break
			}
		}
		if worst < 1e-6 {
			break
		}
	}
	m.x, m.value = run.x, run.value
}

// newtonStep takes one step where it does not make the value larger, and gives the decrement before it.
func newtonStep(f objective, run *search, inverse []float64) (decrement float64, ok bool) {
	n := len(run.x)
	trial := append([]float64(nil), run.x...)
	for i := range n {
		for j, g := range run.gradient {
			v := inverse[i*n+j] * g
			trial[i] -= v
			decrement += v * run.gradient[i]
		}
	}
	run.decrement = decrement
	if decrement < 1e-15 || decrement > 25 {
		return decrement, false
	}
	value, gradient := f(trial)
	run.evaluations++
	if gradient == nil || value > run.value+1e-11*math.Abs(run.value) {
		return decrement, false
	}
	run.x, run.value, run.gradient = trial, value, gradient
	after := 0.0
	for i := range n {
		for j, g := range gradient {
			after += inverse[i*n+j] * g * gradient[i]
		}
	}
	run.decrement = after
	return decrement, true
}

// leaveSaddle searches on from both sides of a point with negative curvature.
func (m *Model) leaveSaddle(run *search, h []float64) bool {
	n := len(run.x)
	var eigen mat.EigenSym
	if !eigen.Factorize(mat.NewSymDense(n, h), true) {
		return false
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	values := eigen.Values(nil)
	if values[0] > -1e-8*math.Abs(values[n-1]) {
		return false
	}
	// The inverse of |H| serves as the start of the approximation.
	inverse := make([]float64, n*n)
	for k, v := range values {
		w := 1 / math.Max(math.Abs(v), 1e-6*math.Abs(values[n-1]))
		for i := range n {
			for j := range n {
				inverse[i*n+j] += w * vectors.At(i, k) * vectors.At(j, k)
			}
		}
	}
	best, value := []float64(nil), run.value
	for _, step := range []float64{0.1, -0.1, 0.01, -0.01} {
		x := append([]float64(nil), run.x...)
		for i := range x {
			x[i] += step * vectors.At(i, 0)
		}
		if v, _ := m.crit.evaluate(x); v < value {
			best, value = x, v
		}
	}
	if best == nil {
		return false
	}
	again := minimise(m.crit.evaluate, best, inverse, 1e-8, m.Options.MaxIterations)
	if !(again.value < run.value) {
		return false
	}
	again.iterations += run.iterations
	again.evaluations += run.evaluations
	*run = *again
	return true
}
