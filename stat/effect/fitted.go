package effect

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"strings"

	"gonum.org/v1/gonum/mat"

	"waymark/stat/formula"
	"waymark/stat/glm"
	"waymark/stat/glmm"
)

// single reads a single-level fit.
type single struct {
	model *glm.Model
	coef  []float64
	cov   mat.Symmetric
}

var _ Model = single{}

// Single reads a single-level fit with the covariance that it gives itself.
func Single(m *glm.Model) Model { return single{m, m.Coef, m.Cov} }

// SingleRobust reads a single-level fit with a robust covariance.
func SingleRobust(m *glm.Model, r *glm.Robust) Model { return single{m, m.Coef, r.Cov} }

// Corrected reads a fit for its probabilities: that of a Firth fit with the intercept corrected, since the penalty
// draws probabilities towards one half (Puhr, Heinze, Nold, Lusa and Geroldinger, Statistics in Medicine 36, 2017); that
// of any other as Single does. The covariance is that of the fit.
func Corrected(m *glm.Model) Model {
	if m.Options.Estimator == glm.Firth {
		if coef, ok := m.FLIC(); ok {
			return single{m, coef, m.Cov}
		}
	}
	return Single(m)
}

func (s single) Coef() []float64    { return s.coef }
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

// ComparedSingle gives what a likelihood-ratio test needs of a single-level fit.
func ComparedSingle(m *glm.Model) Compared {
	method := "ml"
	if m.Options.Estimator == glm.Firth {
		method = "firth"
	}
	return Compared{LogLikelihood: Likelihood(m.LogLik), Parameters: m.Rank, Rows: m.Design.Used, Sample: mark(m.Design),
		Method: method, Fixed: strings.Join(m.Names, " ")}
}

// ComparedMultilevel gives what a likelihood-ratio test needs of a mixed fit.
func ComparedMultilevel(m *glmm.Model) Compared {
	variances := 0
	for _, t := range m.Random {
		variances += len(t.Names)
	}
	return Compared{LogLikelihood: Likelihood(m.LogLik), Parameters: m.Parameters, Rows: m.Design.Used, Sample: mark(m.Design),
		Method: m.MethodName(), Fixed: strings.Join(m.Names, " "), Variances: variances}
}

// mark tells samples apart: which rows, with which outcome, trials and weights.
func mark(d *formula.Design) uint64 {
	h := fnv.New64a()
	var b [8]byte
	put := func(x uint64) {
		binary.LittleEndian.PutUint64(b[:], x)
		h.Write(b[:])
	}
	for u := range d.Used {
		row := uint64(u)
		if d.Index != nil {
			row = uint64(d.Index[u])
		}
		put(row)
		for _, column := range [][]float64{d.Y, d.Trials, d.Weights} {
			if column != nil {
				put(math.Float64bits(column[u]))
			}
		}
	}
	return max(h.Sum64(), 1)
}
