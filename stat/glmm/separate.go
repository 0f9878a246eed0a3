package glmm

import (
	"math"

	"waymark/fault"
	"waymark/stat/glm"
)

// CodeSeparation is glm's: the likelihood has no maximum because a direction of the coefficients fits some rows
// without error. Arguments: terms, coefficients, rows.
const CodeSeparation = glm.CodeSeparation

// checkSeparation looks for separation of the fixed part where the fit looks like it: a coefficient or a standard
// error so large that probabilities are 0 or 1, or a search that did not end. The random part cannot mend it:
// along such a direction the likelihood of every value of the random effects rises.
func (m *Model) checkSeparation() {
	if m.Options.Family == Gaussian || !m.suspicious() {
		return
	}
	fixed := *m.Design
	fixed.Random = nil
	family := glm.Binomial
	if m.Options.Family == Poisson {
		family = glm.Poisson
	}
	plain, err := glm.Fit(&fixed, glm.Options{Family: family})
	if err != nil {
		return
	}
	for _, v := range plain.Verdicts {
		if v.Code == glm.CodeSeparation {
			m.Convergence.Converged = false
			m.say(CodeSeparation, fault.Hard, v.Args)
		}
	}
}

func (m *Model) suspicious() bool {
	if !m.Convergence.Converged || (m.inverse == nil && m.Options.Errors == FullErrors && !m.crit.profiled()) {
		return true
	}
	if m.crit.profiled() && m.cov == nil {
		return true
	}
	st := m.st
	for k := range st.p {
		if math.Abs(st.b[k]) > 8 {
			return true
		}
		if m.inverse != nil && !m.crit.profiled() && m.inverse[k*(len(m.x)+1)] > 100 {
			return true
		}
	}
	return false
}
