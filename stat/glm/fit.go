package glm

import (
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

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
	t := m.table
	likelihood := t.constant + m.loglik()
	switch {
	case m.Options.Family == Gaussian:
		rss := t.squares - 2*m.loglik()
		m.Deviance = rss
		m.Dispersion = rss / m.DF
		likelihood = gaussianLogLik(rss, m.N)
		m.AIC = -2*likelihood + 2*float64(m.Rank+1)
		m.BIC = -2*likelihood + math.Log(m.N)*float64(m.Rank+1)
	default:
		m.Deviance = max(2*(t.saturated-m.loglik()), 0)
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
		if !(df > 0) {
			return math.NaN()
		}
		return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.Survival(x)
	}
	return normal(-x)
}

func gaussianLogLik(rss, n float64) float64 { return -n / 2 * (math.Log(2*math.Pi*rss/n) + 1) }

// loglik is the kernel part of the log-likelihood at the estimates, without a penalty.
func (m *Model) loglik() float64 {
	return newPass(m.table, m.kernel, m.Rank).value(m.beta)
}

// null fits the intercept alone, or nothing where the model has none.
func (m *Model) null() {
	t := m.table
	n := &table{size: t.size, offset: t.offset, weight: t.weight, sum: t.sum}
	p := 0
	if m.Names[0] == "(Intercept)" {
		p = 1
		n.joints = []joint{{codes: make([]uint8, t.size), cells: [][]entry{{{0, 1}}}}}
	}
	w := &work{pass: newPass(n, m.kernel, p)}
	value := 0.0
	if p == 0 {
		value = w.pass.value(nil)
	} else {
		beta := m.start(w.pass)
		w.pass.kernel = newtonOf(m.Options.Link)
		value = w.pass.value(beta)
		for range 100 {
			s := w.pass.full(beta)
			if !(s.info[0] > 0) {
				break
			}
			step := s.score[0] / s.info[0]
			next, reached := climb(w.pass, beta, []float64{step}, s.value)
			if next == nil {
				break
			}
			beta, value = next, reached
			if step*s.score[0] < 1e-20*m.unit(value) {
				break
			}
		}
	}
	if m.Options.Family == Gaussian {
		m.NullDeviance = t.squares - 2*value
		m.NullLogLik = gaussianLogLik(m.NullDeviance, m.N)
		return
	}
	m.NullDeviance = max(2*(t.saturated-value), 0)
	m.NullLogLik = t.constant + value
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
