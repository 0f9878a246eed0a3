package glmm

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"

	"waymark/stat/formula"
)

// Simulate draws a new response from the fitted model: new random effects for every level, then a response for every
// used row. It gives a copy of the design that differs in Y alone, to be fitted again; a study of bias and coverage does
// that many times. Frequency weights are kept: a row that stands for several gets one draw for all.
func (m *Model) Simulate(source rand.Source) *formula.Design {
	return SimulateDesign(m.Design, Parameters{
		Family: m.Options.Family, Coef: m.coef, Factors: m.factors(), ResidualSD: m.ResidualSD,
	}, source)
}

func (m *Model) factors() [][][]float64 {
	out := make([][][]float64, len(m.Random))
	for g, r := range m.Random {
		out[g] = r.Factor
	}
	return out
}

// Parameters are the truth of a simulation.
type Parameters struct {
	Family     Family
	Coef       []float64     // one for each of the design's Names; NaN counts as zero
	Factors    [][][]float64 // [random term][row][column]: lower triangle L, L L' the covariance of its effects
	ResidualSD float64       // gaussian models
}

// SimulateDesign draws a response for a design from given parameters. Same source, same response.
func SimulateDesign(d *formula.Design, p Parameters, source rand.Source) *formula.Design {
	rng := rand.New(source)
	eta := linearPredictor(d, p.Coef)
	for g, group := range d.Random {
		q := len(group.Names)
		effects := make([]float64, len(group.Levels)*q)
		raw := make([]float64, q)
		for l := range group.Levels {
			for k := range raw {
				raw[k] = rng.NormFloat64()
			}
			for k := range q {
				effects[l*q+k] = inner(p.Factors[g][k][:k+1], raw[:k+1])
			}
		}
		for i, l := range group.Codes {
			for k, column := range group.Columns {
				z := 1.0
				if column != nil {
					z = column[i]
				}
				eta[i] += z * effects[int(l)*q+k]
			}
		}
	}
	out := *d
	out.Y = make([]float64, len(eta))
	for i, e := range eta {
		switch p.Family {
		case Binomial:
			n := int(at(d.Trials, uint32(i)))
			mu := 1 / (1 + math.Exp(-e))
			for range n {
				if rng.Float64() < mu {
					out.Y[i]++
				}
			}
		case Poisson:
			out.Y[i] = distuv.Poisson{Lambda: math.Exp(math.Min(e, 30)), Src: source}.Rand()
		case Gaussian:
			out.Y[i] = e + p.ResidualSD*rng.NormFloat64()
		}
	}
	return &out
}

// linearPredictor gives x'b + o for every row of a design.
func linearPredictor(d *formula.Design, coef []float64) []float64 {
	eta := make([]float64, len(d.Y))
	copy(eta, d.Offset)
	b := append([]float64(nil), coef...)
	for k, v := range b {
		if math.IsNaN(v) {
			b[k] = 0
		}
	}
	for _, j := range d.Fixed.Joints {
		table := make([]float64, max(1, len(j.Cells)))
		for c, row := range j.Cells {
			for s, x := range row {
				table[c] += x * b[j.Coefs[s]]
			}
		}
		for i := range eta {
			c := uint8(0)
			if len(j.Cells) > 1 {
				c = j.Codes[i]
			}
			eta[i] += table[c]
		}
	}
	for _, c := range d.Fixed.Dense {
		for i, x := range c.Values {
			eta[i] += b[c.Coef] * x
		}
	}
	return eta
}
