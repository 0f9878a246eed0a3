package effect

import (
	"gonum.org/v1/gonum/mat"

	"waymark/stat/formula"
)

// Model is what effects need of a fitted model. The caller owns what the methods return; it is not changed here.
type Model interface {
	// Coef gives the estimates in the order of the design's Names, NaN where a coefficient could not be estimated.
	Coef() []float64
	// Cov gives the covariance of Coef, nil where a fit came to no end and has none: errors and intervals are then NaN. Rows
	// and columns of what could not be estimated are not read.
	Cov() mat.Symmetric
	// Predict gives the fixed part of the model for other rows, with the same coefficients.
	Predict(columns formula.Columns) (*formula.Design, error)
	// Link is how the mean hangs on the linear predictor.
	Link() Link
}

// Mixed is a model with random terms.
type Mixed interface {
	Model
	// Random gives the random terms in the order of the design's Random.
	Random() []Random
	// JointCov gives the covariance of the estimates and of the entries of every Factor (by term, down the columns
	// of the lower triangle), nil where only that of the estimates is known. With it, what is integrated over groups
	// carries the uncertainty of the groups' variance; without it, that variance is taken as known.
	JointCov() mat.Symmetric
}

// Random is one random term: its effects are normal with covariance Factor Factor', on the scale of the linear
// predictor.
type Random struct {
	Label  string      // the grouping factor
	Names  []string    // of the effects: "(Intercept)", "urbanY"
	Factor [][]float64 // lower triangle, [row][column]
	Levels []string    // groups that were seen
}

// variance gives the variance of one effect.
func (r Random) variance(k int) Variance {
	sum := 0.0
	for _, v := range r.Factor[k] {
		sum += v * v
	}
	return Variance(sum)
}

// Scope says what a probability is about.
type Scope uint8

const (
	Typical    Scope = iota // the typical group: every group effect is zero
	Population              // integrated over the groups
	GivenGroup              // a group that was seen, with its estimated effect
)

// String gives "typical", "population" or "group".
func (s Scope) String() string { return [...]string{"typical", "population", "group"}[s] }
