package glm

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"waymark/stat/formula"
)

func studentTail(x, df float64) float64 {
	if math.IsNaN(x) || !(df > 1e-3) {
		return math.NaN()
	}
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.Survival(x)
}

// Prediction is the linear predictor and the mean of each used row of a design, with standard errors that
// come from the coefficients alone (delta method for the mean).
type Prediction struct {
	Eta, EtaSE   []float64
	Mean, MeanSE []float64
}

// Linear gives the linear predictor of each used row of a design with the model's coefficients: the model's
// own, or one that Design.Apply made of other columns. Aliased coefficients count as zero, as in R.
func (m *Model) Linear(d *formula.Design) []float64 {
	eta := make([]float64, d.Used)
	if d.Offset != nil {
		copy(eta, d.Offset)
	}
	coef := make([]float64, len(m.Coef))
	for j, b := range m.Coef {
		if !math.IsNaN(b) {
			coef[j] = b
		}
	}
	for _, j := range d.Fixed.Joints {
		look := make([]float64, len(j.Cells))
		for c, row := range j.Cells {
			for k, v := range row {
				look[c] += v * coef[j.Coefs[k]]
			}
		}
		for i, c := range j.Codes {
			eta[i] += look[c]
		}
	}
	for _, z := range d.Fixed.Dense {
		for i, v := range z.Values {
			eta[i] += v * coef[z.Coef]
		}
	}
	return eta
}

// Mean gives the fitted mean of each used row of a design.
func (m *Model) Mean(d *formula.Design) []float64 {
	mean := m.Linear(d)
	for i, e := range mean {
		mean[i] = m.Options.Link.Mean(e)
	}
	return mean
}

// Predict gives means and linear predictors with their standard errors.
func (m *Model) Predict(d *formula.Design) Prediction {
	out := Prediction{Eta: m.Linear(d), EtaSE: make([]float64, d.Used), Mean: make([]float64, d.Used), MeanSE: make([]float64, d.Used)}
	p := len(m.Coef)
	v := make([]float64, p*p)
	for _, i := range m.basis.active {
		for _, j := range m.basis.active {
			v[i*p+j] = m.Cov.At(i, j)
		}
	}
	var x []entry
	for i, e := range out.Eta {
		x = x[:0]
		for _, j := range d.Fixed.Joints {
			for k, value := range j.Cells[j.Codes[i]] {
				if value != 0 {
					x = append(x, entry{j.Coefs[k], value})
				}
			}
		}
		for _, z := range d.Fixed.Dense {
			x = append(x, entry{z.Coef, z.Values[i]})
		}
		out.EtaSE[i] = math.Sqrt(max(quadratic(x, v, p), 0))
		out.Mean[i] = m.Options.Link.Mean(e)
		out.MeanSE[i] = m.Options.Link.Slope(e) * out.EtaSE[i]
	}
	return out
}

// Test is a likelihood ratio test.
type Test struct {
	ChiSquare float64 // twice the difference of the log-likelihoods
	DF        int     // difference of the numbers of coefficients
	P         float64
}

// LikelihoodRatio tests a model against a smaller one on the same rows by the same method. That the smaller
// one is nested in the larger is for the caller to know; what can be checked is. For Firth fits it compares
// penalised log-likelihoods, which is exact only where the smaller model has those of the larger's
// coefficients held at zero within the larger's penalty; so it is refused.
func LikelihoodRatio(larger, smaller *Model) (Test, error) {
	a, b := larger.Options, smaller.Options
	switch {
	case a.Family != b.Family || a.Link != b.Link || a.Estimator == Firth || b.Estimator == Firth:
		return Test{}, issue(CodeOtherMethod)
	case !sameRows(larger, smaller):
		return Test{}, issue(CodeOtherRows, "first", larger.Design.Used, "second", smaller.Design.Used)
	case larger.Rank <= smaller.Rank:
		return Test{}, issue(CodeNotNested, "first", larger.Rank, "second", smaller.Rank)
	}
	t := Test{ChiSquare: max(2*(larger.LogLik-smaller.LogLik), 0), DF: larger.Rank - smaller.Rank}
	t.P = distuv.ChiSquared{K: float64(t.DF)}.Survival(t.ChiSquare)
	return t, nil
}

func sameRows(a, b *Model) bool {
	x, y := a.Design, b.Design
	if x.Used != y.Used || a.N != b.N || a.table.constant != b.table.constant && math.Abs(a.table.constant-b.table.constant) > 1e-9*math.Abs(a.table.constant) {
		return false
	}
	for i, v := range x.Y {
		if v != y.Y[i] {
			return false
		}
	}
	for i := range x.Used {
		r, s := int32(i), int32(i)
		if x.Index != nil {
			r = x.Index[i]
		}
		if y.Index != nil {
			s = y.Index[i]
		}
		if r != s {
			return false
		}
	}
	return true
}
