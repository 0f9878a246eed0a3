package glm

import (
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"waymark/fault"
	"waymark/stat/formula"
)

// Estimator is how coefficients are found.
type Estimator uint8

const (
	MaximumLikelihood Estimator = iota
	Firth                       // likelihood penalised by Jeffreys' prior, finite under separation too
)

// Options of a fit. The zero value is a logistic regression by maximum likelihood.
type Options struct {
	Family     Family
	Link       Link // zero: the family's own
	Estimator  Estimator
	Iterations int // at most so many; 0: 60, for Firth 500
}

// Model is a fitted model. Coefficients that others determine (see Aliased) are NaN, as are their standard
// errors and their rows of Cov.
type Model struct {
	Design  *formula.Design
	Options Options // as used: Link is never Canonical

	Names   []string
	Coef    []float64
	Cov     *mat.SymDense // inverse expected information, times the dispersion for gaussian
	SE      []float64
	Stat    []float64 // Coef/SE: z, for gaussian t
	P       []float64 // two-sided, from the normal or, for gaussian, the t distribution with DF degrees
	Aliased []int     // coefficients that could not be estimated apart

	Rank         int     // coefficients estimated
	N            float64 // rows with weight; under frequency weights their sum
	DF           float64 // N - Rank
	Dispersion   float64 // residual variance for gaussian, otherwise 1
	LogLik       float64 // with constants; for gaussian at the maximum likelihood variance
	NullLogLik   float64 // of the intercept alone (with the offset), or without any coefficient where there is none
	Penalised    float64 // Firth: log-likelihood plus half the log determinant of the information; else LogLik
	Deviance     float64
	NullDeviance float64
	AIC, BIC     float64 // BIC counts N

	Converged  bool
	Iterations int
	Decrement  float64 // squared Newton decrement at the end, in units of the log-likelihood
	Verdicts   []Verdict

	table   *table
	kernel  kernel
	basis   *basis
	beta    []float64 // in the basis
	inverse []float64 // in the basis, without the dispersion
	step    []float64 // the last step taken: under separation it points where the likelihood keeps rising
	value   float64   // criterion at beta: log-likelihood or its penalised form, kernel part
}

// Fit fits a model to a design without random terms.
//
// Numerical trouble is in Model.Verdicts; the error is for what cannot be fitted at all.
func Fit(d *formula.Design, opt Options) (*Model, error) {
	if opt.Link == Canonical {
		opt.Link = opt.Family.canonical()
	}
	if err := check(d, opt); err != nil {
		return nil, err
	}
	m := &Model{Design: d, Options: opt, Names: d.Names, kernel: kernelOf(opt.Link), Dispersion: 1}
	m.table = collapse(d, opt.Family)
	if m.table.trials == 0 {
		return nil, issue(CodeNoWeight)
	}
	m.basis = newBasis(m.table, d.Names)
	m.Aliased, m.Rank = m.basis.aliased, len(m.basis.active)
	if m.Rank == 0 {
		return nil, issue(CodeNoCoefficients)
	}
	m.N, m.DF = m.table.rows, m.table.rows-float64(m.Rank)
	w := m.newWork()
	if opt.Estimator == Firth {
		m.firth(w)
	} else {
		m.maximise(w)
	}
	m.null()
	m.report()
	m.judge()
	return m, nil
}

func check(d *formula.Design, opt Options) error {
	switch {
	case !opt.Family.allows(opt.Link):
		return issue(CodeLink, "family", opt.Family.String(), "link", opt.Link.String())
	case opt.Estimator == Firth && opt.Family == Gaussian:
		return issue(CodeFirthFamily, "family", opt.Family.String())
	case len(d.Random) > 0:
		labels := make([]string, len(d.Random))
		for i, g := range d.Random {
			labels[i] = g.Label
		}
		return issue(CodeRandomTerms, "terms", strings.Join(slices.Compact(labels), ", "))
	case d.Trials != nil && opt.Family != Binomial:
		return issue(CodeTrialsFamily, "family", opt.Family.String())
	case len(d.Names) == 0:
		return issue(CodeNoCoefficients)
	}
	return nil
}

// report fills what follows from the estimates.
func (m *Model) report() {
	t, value := m.table, m.value
	if m.Options.Estimator == Firth {
		value = newPass(t, m.kernel, m.Rank).value(m.beta) // without the penalty
	}
	likelihood := t.constant + value
	switch {
	case m.Options.Family == Gaussian:
		rss := t.squares - 2*value
		m.Deviance = rss
		m.Dispersion = rss / m.DF
		likelihood = gaussianLogLik(rss, m.N)
		m.AIC = -2*likelihood + 2*float64(m.Rank+1)
		m.BIC = -2*likelihood + math.Log(m.N)*float64(m.Rank+1)
	default:
		m.Deviance = max(2*(t.saturated-value), 0)
		m.AIC = -2*likelihood + 2*float64(m.Rank)
		m.BIC = -2*likelihood + math.Log(m.N)*float64(m.Rank)
	}
	m.LogLik = likelihood
	m.Penalised = likelihood
	if m.Options.Estimator == Firth {
		m.Penalised = t.constant + m.value
		for _, s := range m.basis.scale {
			m.Penalised += math.Log(s)
		}
	}
	m.Coef = m.basis.user(m.beta)
	if m.inverse == nil {
		m.inverse = slices.Repeat([]float64{math.NaN()}, m.Rank*m.Rank)
	}
	m.Cov = m.basis.covariance(m.inverse, m.Dispersion)
	m.SE, m.Stat, m.P = make([]float64, len(m.Coef)), make([]float64, len(m.Coef)), make([]float64, len(m.Coef))
	for j, b := range m.Coef {
		m.SE[j] = math.Sqrt(m.Cov.At(j, j))
		m.Stat[j] = b / m.SE[j]
		m.P[j] = 2 * m.tail(math.Abs(m.Stat[j]), m.DF)
	}
}

// tail is the upper tail of the distribution that tests refer to.
func (m *Model) tail(x, df float64) float64 {
	if math.IsNaN(x) {
		return x
	}
	if m.Options.Family == Gaussian {
		return studentTail(x, df)
	}
	return normal(-x)
}

func gaussianLogLik(rss, n float64) float64 { return -n / 2 * (math.Log(2*math.Pi*rss/n) + 1) }

// null fits the intercept alone, or nothing where the model has none.
func (m *Model) null() {
	value := 0.0
	if m.table.offset == nil {
		value = m.nullDirect()
	} else {
		value = m.nullOffset()
	}
	if m.Options.Family == Gaussian {
		m.NullDeviance = m.table.squares - 2*value
		m.NullLogLik = gaussianLogLik(m.NullDeviance, m.N)
		return
	}
	m.NullDeviance = max(2*(m.table.saturated-value), 0)
	m.NullLogLik = m.table.constant + value
}

// nullDirect gives the kernel part of the null log-likelihood without an offset: the mean is that of all rows.
func (m *Model) nullDirect() float64 {
	t, mean := m.table, m.Options.Link.Mean(0)
	if m.Names[0] == "(Intercept)" {
		mean = t.successes / t.trials
	}
	switch m.Options.Family {
	case Binomial:
		return ylogx(t.successes, mean) + ylogx(t.trials-t.successes, 1-mean)
	case Poisson:
		return ylogx(t.successes, mean) - t.trials*mean
	}
	var sum compensated
	for p, w := range t.weight {
		if w > 0 {
			r := t.sum[p] - w*mean
			sum.add(-r * r / w / 2)
		}
	}
	return sum.value()
}

func ylogx(y, x float64) float64 {
	if y <= 0 {
		return 0
	}
	return y * math.Log(x)
}

// nullOffset gives the same with an offset, by Newton's method on the intercept.
func (m *Model) nullOffset() float64 {
	t := m.table
	n := &table{size: t.size, offset: t.offset, weight: t.weight, sum: t.sum}
	if m.Names[0] != "(Intercept)" {
		return newPass(n, m.kernel, 0).value(nil)
	}
	n.joints = []joint{{codes: make([]uint8, t.size), cells: [][]entry{{{0, 1}}}}}
	s := newPass(n, m.kernel, 1)
	beta := m.start(s)
	s.kernel = newtonOf(m.Options.Link)
	at := s.full(beta)
	for range 100 {
		if !(at.info[0] > 0) {
			break
		}
		step := at.score[0] / at.info[0]
		done := step*at.score[0] < converged*m.unit(at.value)
		next, there, up := climb(s, beta, []float64{step}, at.value)
		if !up {
			break
		}
		beta, at = next, there
		if done {
			break
		}
	}
	return at.value
}

// judge adds the verdicts that follow from counts.
func (m *Model) judge() {
	if len(m.Aliased) > 0 {
		m.say(CodeAliased, fault.Soft, "coefficients", m.list(m.Aliased))
	}
	if m.Options.Estimator == Firth {
		m.say(CodeFirth, fault.Soft)
	}
	if m.Options.Family != Binomial || m.Rank < 2 {
		return
	}
	events := min(m.table.successes, m.table.trials-m.table.successes)
	if each := events / float64(m.Rank-1); each < 10 {
		m.say(CodeFewEvents, fault.Soft, "events", events, "coefficients", m.Rank-1, "each", math.Round(each*10)/10)
	}
}

func (m *Model) say(code fault.Code, severity fault.Severity, args ...any) {
	m.Verdicts = append(m.Verdicts, verdict(code, severity, args...))
}

func (m *Model) list(coefs []int) string {
	names := make([]string, len(coefs))
	for i, j := range coefs {
		names[i] = m.Names[j]
	}
	return strings.Join(names, ", ")
}
