package glmm

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"waymark/fault"
)

// LikelihoodRatio is the test of a smaller model within a larger one on the same rows by the same likelihood.
type LikelihoodRatio struct {
	Statistic float64
	DF        int
	P         float64 // by the mixture where Boundary holds
	PlainP    float64 // by a plain chi-square on DF
	// Boundary says that the larger model has one more variance, which lies on the edge of what it may be: half of
	// the statistic's distribution is a chi-square on DF - 1, half on DF (Self and Liang 1987). With several more
	// variances the plain test is kept, which is too careful.
	Boundary bool
}

// Compare tests smaller against larger. It refuses models of other rows, families or methods, and REML models whose
// fixed parts differ.
func Compare(smaller, larger *Model) (LikelihoodRatio, error) {
	refuse := func(code fault.Code, smaller, larger any) (LikelihoodRatio, error) {
		return LikelihoodRatio{}, issue(code, map[string]any{"smaller": smaller, "larger": larger})
	}
	switch {
	case smaller.Options.Family != larger.Options.Family:
		return refuse(CodeOtherFamily, smaller.Options.Family.String(), larger.Options.Family.String())
	case smaller.MethodName() != larger.MethodName():
		return refuse(CodeOtherMethod, smaller.MethodName(), larger.MethodName())
	case !sameRows(smaller, larger):
		return refuse(CodeOtherRows, len(smaller.Design.Y), len(larger.Design.Y))
	case smaller.Parameters >= larger.Parameters:
		return refuse(CodeNotNested, smaller.Parameters, larger.Parameters)
	case larger.MethodName() == "reml" && !slices.Equal(smaller.Names, larger.Names):
		return refuse(CodeOtherFixed, nil, nil)
	}
	r := LikelihoodRatio{
		Statistic: math.Max(0, 2*(larger.LogLik-smaller.LogLik)),
		DF:        larger.Parameters - smaller.Parameters,
	}
	r.PlainP = tailOf(r.Statistic, r.DF)
	r.P = r.PlainP
	if larger.variances()-smaller.variances() == 1 {
		r.Boundary = true
		r.P = 0.5*tailOf(r.Statistic, r.DF-1) + 0.5*r.PlainP
	}
	return r, nil
}

// variances counts the variances among the parameters: one for each random effect.
func (m *Model) variances() int {
	n := 0
	for _, r := range m.Random {
		n += len(r.Names)
	}
	return n
}

// tailOf is the probability that a chi-square on df degrees of freedom exceeds x; on none it is a point at zero.
func tailOf(x float64, df int) float64 {
	switch {
	case df > 0:
		return distuv.ChiSquared{K: float64(df)}.Survival(x)
	case x > 0:
		return 0
	}
	return 1
}

// sameRows compares which rows of the columns were used, and their responses.
func sameRows(a, b *Model) bool {
	return slices.Equal(a.Design.Index, b.Design.Index) && slices.Equal(a.Design.Y, b.Design.Y)
}
