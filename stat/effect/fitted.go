package effect

import (
	"gonum.org/v1/gonum/mat"

	"waymark/stat/formula"
	"waymark/stat/glm"
	"waymark/stat/glmm"
)

// single reads a single-level fit.
type single struct {
	model *glm.Model
	cov   mat.Symmetric
}

var _ Model = single{}

// Single reads a single-level fit with the covariance that it gives itself.
func Single(m *glm.Model) Model { return single{m, m.Cov} }

// SingleRobust reads a single-level fit with a robust covariance.
func SingleRobust(m *glm.Model, r *glm.Robust) Model { return single{m, r.Cov} }

func (s single) Coef() []float64    { return s.model.Coef }
func (s single) Cov() mat.Symmetric { return s.cov }
func (s single) Predict(columns formula.Columns) (*formula.Design, error) {
	return s.model.Design.Apply(columns)
}
func (s single) Link() Link {
	link, _ := ParseLink(s.model.Options.Link.String())
	return link
}

// multilevel reads a mixed fit.
type multilevel struct {
	model  *glmm.Model
	coef   []float64
	random []Random
}

var (
	_ Grouped  = (*multilevel)(nil)
	_ Profiler = (*multilevel)(nil)
)

// Multilevel reads a mixed fit.
func Multilevel(m *glmm.Model) Grouped {
	out := &multilevel{model: m, coef: m.Coef()}
	for _, t := range m.Random {
		out.random = append(out.random, Random{Label: t.Group, Names: t.Names, Factor: t.Factor, Levels: t.Levels})
	}
	return out
}

func (m *multilevel) Coef() []float64         { return m.coef }
func (m *multilevel) Cov() mat.Symmetric      { return m.model.Cov() }
func (m *multilevel) JointCov() mat.Symmetric { return m.model.JointCov() }
func (m *multilevel) Random() []Random        { return m.random }
func (m *multilevel) Predict(columns formula.Columns) (*formula.Design, error) {
	return m.model.Predict(columns)
}
func (m *multilevel) Link() Link {
	return [...]Link{glmm.Binomial: Logit, glmm.Poisson: Log, glmm.Gaussian: Identity}[m.model.Options.Family]
}

// Modes gives the conditional modes of one group of a term.
func (m *multilevel) Modes(term, group int) []float64 { return m.model.Modes(term, group) }

// GroupCov gives the covariance of the estimates together with the effects of some groups.
func (m *multilevel) GroupCov(groups []Group) (mat.Symmetric, error) {
	levels := make([]glmm.Level, len(groups))
	for k, g := range groups {
		levels[k] = glmm.Level(g)
	}
	return m.model.GroupCov(levels)
}

// LogLikelihood is that of the fit.
func (m *multilevel) LogLikelihood() Likelihood { return Likelihood(m.model.LogLikelihood()) }

// Held gives the largest log-likelihood with one coefficient held.
func (m *multilevel) Held(coef int, value float64) (Likelihood, error) {
	l, err := m.model.Held(coef, value)
	return Likelihood(l), err
}
