package effect

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// Inflation is the generalised variance inflation of one term: by how much the joint confidence region of its
// coefficients is larger than if the term were unrelated to the others.
type Inflation struct {
	Term   string
	GVIF   float64
	DF     int
	Scaled float64 // GVIF^(1/(2 DF)), comparable between terms
}

// Inflations gives the inflation of each term: det(R11) det(R22) / det(R) over the correlations R of the
// estimates, without the intercept (Fox and Monette, Journal of the American Statistical Association 87, 1992).
// terms hold indices into cov; coefficients that were not estimated (NaN in cov, or a variance of 0) are left out,
// and a term that has none left is not listed.
func Inflations(cov mat.Symmetric, terms []InflationTerm) []Inflation {
	if cov == nil {
		return nil
	}
	var all []int
	owned := make([][]int, len(terms))
	for t, term := range terms {
		for _, k := range term.Coefs {
			if v := cov.At(k, k); v > 0 && !math.IsInf(v, 0) {
				owned[t] = append(owned[t], len(all))
				all = append(all, k)
			}
		}
	}
	logDet := func(keep []int) float64 {
		if len(keep) == 0 {
			return 0
		}
		r := mat.NewSymDense(len(keep), nil)
		for a, i := range keep {
			for b := a; b < len(keep); b++ {
				j := keep[b]
				r.SetSym(a, b, cov.At(all[i], all[j])/math.Sqrt(cov.At(all[i], all[i])*cov.At(all[j], all[j])))
			}
		}
		var chol mat.Cholesky
		if !chol.Factorize(r) {
			return math.Inf(-1)
		}
		return chol.LogDet()
	}
	every := make([]int, len(all))
	for i := range every {
		every[i] = i
	}
	whole := logDet(every)
	var out []Inflation
	for t, term := range terms {
		if len(owned[t]) == 0 {
			continue
		}
		in := map[int]bool{}
		for _, i := range owned[t] {
			in[i] = true
		}
		var rest []int
		for _, i := range every {
			if !in[i] {
				rest = append(rest, i)
			}
		}
		g := math.Exp(logDet(owned[t]) + logDet(rest) - whole)
		df := len(owned[t])
		out = append(out, Inflation{Term: term.Label, GVIF: g, DF: df, Scaled: math.Pow(g, 1/(2*float64(df)))})
	}
	return out
}

// InflationTerm is a term of the fixed part and the indices of its coefficients.
type InflationTerm struct {
	Label string
	Coefs []int
}
