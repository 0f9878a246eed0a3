package glmm

import (
	"waymark/fault"
)

// Family is the distribution of the response with its link.
type Family uint8

const (
	Binomial Family = iota // logit link; Y counts successes of Trials
	Poisson                // log link
	Gaussian               // identity link, residual variance estimated
)

// String gives "binomial", "poisson" or "gaussian".
func (f Family) String() string { return [...]string{"binomial", "poisson", "gaussian"}[f] }

// Method is how the random effects are integrated out.
type Method uint8

const (
	Auto       Method = iota // exact where there is one scalar grouping factor or two nested ones, else Laplace
	Laplace                  // mode and curvature
	Fast                     // b in the penalised least squares, only t searched
	Quadrature               // Points > 0: adaptive Gauss-Hermite; Points = 0: the exact integral
)

// String gives the name used on the command line: "auto", "laplace", "fast" or "quadrature".
func (m Method) String() string { return [...]string{"auto", "laplace", "fast", "quadrature"}[m] }

// Criterion is what a gaussian model maximises.
type Criterion uint8

const (
	REML Criterion = iota // restricted maximum likelihood
	ML                    // maximum likelihood
)

// Errors says where standard errors come from.
type Errors uint8

const (
	FullErrors  Errors = iota // the observed Hessian over (b, t)
	JointErrors               // the joint Newton matrix of (b, u) at t: cheaper, takes t as known
	NoErrors                  // none: for refits where only the estimate counts
)

// Options say how a model is fitted. The zero value is a binomial model by the default method.
type Options struct {
	Family        Family
	Method        Method
	Points        int       // nodes of adaptive Gauss-Hermite, 1 to 100; 0: exact
	Criterion     Criterion // gaussian models only
	Errors        Errors    // Fast and gaussian models always use JointErrors for b
	Threads       int       // goroutines of row passes; 0: one. Does not change a result
	MaxIterations int       // outer iterations; 0: 200
	Start         *Start    // where the search begins; nil: found from the data
	NoCheck       bool      // leave out the accuracy check of Laplace and the search from further starts
}

// Start is a point to begin from, on the scale of Model.Coef and Model.Theta.
type Start struct {
	Coef  []float64
	Theta []float64
}

// Codes of what can be wrong with a design or the options.
const (
	CodeNoRandom    fault.Code = "glmm.no-random-term"
	CodeNoRows      fault.Code = "glmm.no-rows"
	CodePoints      fault.Code = "glmm.points"
	CodeNotScalar   fault.Code = "glmm.quadrature-not-scalar"
	CodeResponse    fault.Code = "glmm.response"
	CodeConstant    fault.Code = "glmm.response-constant"
	CodeOneLevel    fault.Code = "glmm.one-level"
	CodeTooLarge    fault.Code = "glmm.too-large"
	CodeManyEffects fault.Code = "glmm.more-effects-than-rows"
	CodeTrials      fault.Code = "glmm.trials"
	CodeWeights     fault.Code = "glmm.weights"
	CodeNoErrors    fault.Code = "glmm.no-errors"
)

// Codes of what a model cannot do.
const (
	CodeNotEstimable fault.Code = "glmm.not-estimable" // coefficient
	CodeNoProfile    fault.Code = "glmm.no-profile"    // method
	CodeUnknownGroup fault.Code = "glmm.unknown-group" // term, level

	CodeOtherFamily fault.Code = "glmm.compare-family"     // smaller, larger
	CodeOtherMethod fault.Code = "glmm.compare-method"     // smaller, larger
	CodeOtherRows   fault.Code = "glmm.compare-rows"       // smaller, larger
	CodeNotNested   fault.Code = "glmm.compare-parameters" // smaller, larger
	CodeOtherFixed  fault.Code = "glmm.compare-fixed"      //
)
