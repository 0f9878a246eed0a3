package glmm

import (
	"math"

	"waymark/fault"
	"waymark/stat/glm"
)

// Verdict is something a fit has to say about itself: soft where the result stands, hard where it does not.
type Verdict = glm.Verdict

// Verdicts of a fit; the arguments of each stand beside it.
const (
	CodeConverged      fault.Code = "glmm.converged"       // iterations, decrement
	CodeNotConverged   fault.Code = "glmm.not-converged"   // iterations, decrement, gradient
	CodeIterations     fault.Code = "glmm.iteration-limit" // iterations, decrement
	CodeInner          fault.Code = "glmm.inner"           // iterations: the mode of the random effects was not found
	CodeIllConditioned fault.Code = "glmm.ill-conditioned" // ratio: of the Hessian's eigenvalues
	CodeNoCurvature    fault.Code = "glmm.no-curvature"    // the Hessian is not positive definite
	CodeSingular       fault.Code = "glmm.singular"        // group, effects
	CodeAliased        fault.Code = "glmm.aliased"         // coefficients
	CodeUntrustworthy  fault.Code = "glmm.laplace-error"   // error, rows, shift: Laplace cannot be trusted here
	CodeAccurate       fault.Code = "glmm.laplace-checked" // error, shift: estimated error of the log-likelihood
	CodeNotChecked     fault.Code = "glmm.laplace-not-checked"
	CodeSpurious       fault.Code = "glmm.several-optima" // difference
	CodeLargeSD        fault.Code = "glmm.large-sd"       // group, effect, sd
	CodeExact          fault.Code = "glmm.exact"          // points, change
	CodeNotExact       fault.Code = "glmm.not-exact"      // change: refining the integral still changed it
	CodeDerivativeFree fault.Code = "glmm.derivative-free"
)

func (m *Model) say(code fault.Code, severity fault.Severity, args map[string]any) {
	m.Verdicts = append(m.Verdicts, Verdict{Code: code, Severity: severity, Args: args})
}

// Said says whether the fit carries a verdict.
func (m *Model) Said(code fault.Code) bool {
	for _, v := range m.Verdicts {
		if v.Code == code {
			return true
		}
	}
	return false
}

// rounded keeps three significant figures of a number that is shown to a person.
func rounded(x float64) float64 {
	if x == 0 || math.IsNaN(x) || math.IsInf(x, 0) {
		return x
	}
	unit := math.Pow(10, 2-math.Floor(math.Log10(math.Abs(x))))
	return math.Round(x*unit) / unit
}
