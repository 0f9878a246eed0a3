package effect

import (
	"gonum.org/v1/gonum/stat/distuv"

	"waymark/fault"
)

// Compared is what a likelihood-ratio test needs of a fitted model.
type Compared struct {
	LogLikelihood Likelihood
	Parameters    int    // coefficients and parameters of variance
	Rows          int    // rows used
	Sample        uint64 // a mark of which rows were used, the same for the same rows; 0: not known
	Method        string // likelihood it maximises, such as "laplace", "exact", "reml"
	Fixed         string // a mark of the fixed part; two models by "reml" must share it
	Variances     int    // variances among the parameters, one per random effect
}

// LikelihoodRatio is the test of a smaller model within a larger one.
type LikelihoodRatio struct {
	ChiSquare float64
	DF        int
	P         float64 // under Mixture
	PlainP    float64 // under a plain chi-square on DF, as other programs print; never smaller than P
	Mixture   Mixture
}

// Mixture says which distribution the statistic has under the smaller model.
type Mixture uint8

const (
	PlainChiSquare Mixture = iota // chi-square on DF
	HalfHalf                      // half on DF-1, half on DF: one variance is tested at zero, its boundary
	Conservative                  // chi-square on DF, where several variances are tested and the true one lies below
)

// Compare tests whether the larger model is better. Both must be fitted to the same rows by the same
// likelihood; a model without groups has but one ("ml"), which goes with every way to integrate groups out. A variance of zero lies on the boundary of what it may be: with one more variance in the larger
// model the statistic is a half-half mixture of chi-squares on DF-1 and DF (Self and Liang, Journal of the American
// Statistical Association 82, 1987; Stram and Lee, Biometrics 50, 1994).
func Compare(smaller, larger Compared) (LikelihoodRatio, error) {
	switch {
	case smaller.Rows != larger.Rows,
		smaller.Sample != 0 && larger.Sample != 0 && smaller.Sample != larger.Sample:
		return LikelihoodRatio{}, fault.Issue{Code: CodeRowsDiffer, Args: map[string]any{"smaller": smaller.Rows, "larger": larger.Rows}}
	case smaller.Method != larger.Method && !(smaller.Method == "ml" && smaller.Variances == 0 && larger.Method != "reml"):
		return LikelihoodRatio{}, fault.Issue{Code: CodeMethodDiffers, Args: map[string]any{"smaller": smaller.Method, "larger": larger.Method}}
	case smaller.Method == "reml" && smaller.Fixed != larger.Fixed:
		return LikelihoodRatio{}, fault.Issue{Code: CodeMethodDiffers, Args: map[string]any{"smaller": "reml", "larger": "reml"}}
	case larger.Parameters <= smaller.Parameters:
		return LikelihoodRatio{}, fault.Issue{Code: CodeNotNested, Args: map[string]any{"smaller": smaller.Parameters, "larger": larger.Parameters}}
	}
	out := LikelihoodRatio{
		ChiSquare: max(2*float64(larger.LogLikelihood-smaller.LogLikelihood), 0),
		DF:        larger.Parameters - smaller.Parameters,
	}
	if out.ChiSquare < sameLikelihood { // noise of two searches, where the larger model adds nothing
		out.ChiSquare = 0
	}
	out.PlainP = tail(out.ChiSquare, out.DF)
	out.P = out.PlainP
	switch more := larger.Variances - smaller.Variances; {
	case more == 1:
		out.Mixture = HalfHalf
		out.P = (tail(out.ChiSquare, out.DF-1) + out.P) / 2
	case more > 1:
		out.Mixture = Conservative
	}
	return out, nil
}

// sameLikelihood is a statistic that rounding alone can give.
const sameLikelihood = 1e-7

// tail is the chance that a chi-square on df exceeds x; on 0 degrees it is always 0.
func tail(x float64, df int) float64 {
	switch {
	case x <= 0 && df > 0:
		return 1
	case df == 0:
		if x <= 0 {
			return 1
		}
		return 0
	}
	return distuv.ChiSquared{K: float64(df)}.Survival(x)
}
