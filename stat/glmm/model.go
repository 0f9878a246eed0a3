package glmm

import (
	"math"
	"strconv"

	"gonum.org/v1/gonum/mat"

	"waymark/fault"
	"waymark/stat/formula"
)

// Model is a fitted multilevel model, on the scale of the design's columns. Vectors over coefficients follow
// Names; vectors over template entries follow ThetaNames.
type Model struct {
	Design  *formula.Design
	Options Options // as used: Method is never Auto
	Exact   bool    // the likelihood is the integral itself, refined until it no longer changed

	Names      []string // of the coefficients, as the design gives them
	Theta      []float64
	ThetaNames []string // "nationality.(Intercept)", "district.urbanY.(Intercept)": by term, down the lower triangle
	Random     []Random // in the order of the design's Random
	ResidualSD float64  // gaussian models only, else 0

	LogLik       float64 // full, with constants; of gaussian models by REML the restricted one
	AIC, BIC     float64
	Parameters   int     // coefficients, template entries, residual variance
	Observations float64 // rows, or the sum of frequency weights
	Levels       int     // points of the integral used, where Method is Quadrature

	Convergence Convergence
	Accuracy    *Accuracy // of Laplace, nil where it was not checked or does not apply
	Verdicts    []Verdict

	coef    []float64
	cov     *mat.SymDense // of (coef, Theta); only coef known where !joint
	joint   bool
	st      *state
	crit    criterion
	x       []float64 // minimum of the criterion, in standardised variables
	value   float64
	inverse []float64 // inverse Hessian of the criterion at x
	drift   [][]float64
	flip    []float64 // sign of each standardised template entry in Theta
	place   []int     // standardised template entry -> position in Theta
	system  *jointSystem
}

// Random is one random term.
type Random struct {
	Group       string
	Levels      []string
	Names       []string    // of the effects
	SD          []float64   // of each effect, on the scale of the linear predictor
	SDError     []float64   // standard errors of SD; NaN where not known
	Correlation [][]float64 // NaN beside an effect without variance
	Covariance  [][]float64
	Factor      [][]float64 // lower triangle L with L L' = Covariance
	Modes       [][]float64 // [level][effect]: conditional modes of the effects
	Variances   [][]float64 // [level][effect*q+effect]: their conditional covariance, parameters taken as known
	Singular    bool
}

// Convergence is how the search ended.
type Convergence struct {
	Converged   bool
	Iterations  int     // outer
	Evaluations int     // of the criterion
	Cuts        int     // steps that were shortened
	Passes      int     // inner passes over the rows
	Decrement   float64 // g'H^-1 g at the end, with the Hessian where there is one
	Gradient    float64 // largest |gradient| in units of one standard error
	Eigenvalues float64 // smallest over largest eigenvalue of the scaled Hessian; 0 where not known
	Inner       int     // inner iterations of the last mode
}

// Coef gives the coefficients, NaN where one is aliased.
func (m *Model) Coef() []float64 { return append([]float64(nil), m.coef...) }

// Cov gives the covariance of the coefficients; nil where errors were not asked for or could not be had.
func (m *Model) Cov() mat.Symmetric {
	if m.cov == nil {
		return nil
	}
	return m.cov.SliceSym(0, len(m.coef))
}

// JointCov gives the covariance of the coefficients and Theta together, nil where only that of the coefficients is
// known.
func (m *Model) JointCov() mat.Symmetric {
	if m.cov == nil || !m.joint {
		return nil
	}
	return m.cov
}

// SE gives the standard errors of the coefficients, NaN where not known.
func (m *Model) SE() []float64 { return m.errors(0, len(m.coef)) }

// ThetaSE gives the standard errors of Theta, NaN where not known.
func (m *Model) ThetaSE() []float64 {
	if !m.joint {
		return m.errors(0, 0)
	}
	return m.errors(len(m.coef), len(m.coef)+len(m.Theta))
}

func (m *Model) errors(from, to int) []float64 {
	out := make([]float64, 0, to-from)
	for i := from; i < to; i++ {
		v := math.NaN()
		if m.cov != nil {
			v = math.Sqrt(m.cov.At(i, i))
		}
		out = append(out, v)
	}
	return out
}

// Predict gives the fixed part of the model for other rows.
func (m *Model) Predict(columns formula.Columns) (*formula.Design, error) {
	return m.Design.Apply(columns)
}

// Modes gives the conditional modes of one level of a random term, on the scale of the linear predictor.
func (m *Model) Modes(term, level int) []float64 { return m.Random[term].Modes[level] }

// LogLikelihood gives LogLik.
func (m *Model) LogLikelihood() float64 { return m.LogLik }

// Converged says whether the search ended where it should.
func (m *Model) Converged() bool { return m.Convergence.Converged }

// MethodName names the likelihood that was made large: "laplace", "fast", "exact", "quadrature-7", "reml", "ml".
// Only models of one method can be compared.
func (m *Model) MethodName() string {
	switch {
	case m.Options.Family == Gaussian && m.Options.Criterion == REML:
		return "reml"
	case m.Options.Family == Gaussian:
		return "ml"
	case m.Exact:
		return "exact"
	case m.Options.Method == Quadrature:
		return "quadrature-" + strconv.Itoa(m.Options.Points)
	}
	return m.Options.Method.String()
}

// issue wraps a code as an error.
func issue(code fault.Code, args map[string]any) error { return fault.Issue{Code: code, Args: args} }
