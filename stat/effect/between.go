package effect

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"waymark/stat/formula"
)

// mostlyBetween is the share of a column's variance that lies between the groups of a factor from which the
// column counts as one of groups, not of people.
const mostlyBetween = 0.5

// Between is the sample that a coefficient rests on where it is one of groups: so many groups, and the degrees of
// freedom they leave. The zero value is a coefficient that varies within groups.
type Between struct{ Groups, DF int }

// BetweenGroups finds the coefficients that rest on groups: where most of a column's variance lies between the
// groups of a factor, as that of the route does between the places of interview, the coefficient has the groups
// less the coefficients of that kind as its degrees of freedom; the smallest over the factors counts. This is
// the rule of inner and outer terms (Pinheiro and Bates 2000, Mixed-Effects Models in S and S-PLUS, section
// 2.4.2) for columns that are not quite constant within groups.
func BetweenGroups(d *formula.Design) []Between {
	out := make([]Between, len(d.Names))
	columns := columnsOf(d)
	for _, g := range d.Random {
		var outer []int
		for k, values := range columns {
			if betweenShare(values, g) >= mostlyBetween {
				outer = append(outer, k)
			}
		}
		for _, k := range outer {
			if left := max(1, len(g.Levels)-len(outer)); out[k].DF == 0 || left < out[k].DF {
				out[k] = Between{len(g.Levels), left}
			}
		}
	}
	return out
}

// Width is how many standard errors an interval reaches to each side: for a coefficient of few groups the t
// quantile, times sqrt(m/(m-p)) since maximum likelihood takes the variance of m group effects after p
// coefficients with the divisor m, as in a regression of m group means; the normal quantile for a coefficient
// that varies within groups. Its coverage is measured in docs/methods/coverage.md.
func (s Between) Width(c Confidence) float64 {
	if s.DF == 0 {
		return c.quantile()
	}
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(s.DF)}.Quantile(0.5 + float64(c)/2)
	return t * math.Sqrt(float64(s.Groups)/float64(s.DF))
}

// columnsOf gives the columns of the model matrix. The intercept, which is constant, belongs to the groups.
func columnsOf(d *formula.Design) [][]float64 {
	out := make([][]float64, len(d.Names))
	for _, j := range d.Fixed.Joints {
		for q, k := range j.Coefs {
			out[k] = make([]float64, len(d.Y))
			for i := range out[k] {
				cell := uint8(0)
				if len(j.Cells) > 1 {
					cell = j.Codes[i]
				}
				out[k][i] = j.Cells[cell][q]
			}
		}
	}
	for _, c := range d.Fixed.Dense {
		out[c.Coef] = c.Values
	}
	return out
}

// betweenShare is the sum of squares of the group means over the whole sum of squares; 1 for a constant.
func betweenShare(values []float64, g formula.Group) float64 {
	sum, n := make([]float64, len(g.Levels)), make([]float64, len(g.Levels))
	total := 0.0
	for i, x := range values {
		sum[g.Codes[i]] += x
		n[g.Codes[i]]++
		total += x
	}
	mean := total / float64(len(values))
	whole, between := 0.0, 0.0
	for _, x := range values {
		whole += (x - mean) * (x - mean)
	}
	for l, s := range sum {
		if n[l] > 0 {
			between += n[l] * (s/n[l] - mean) * (s/n[l] - mean)
		}
	}
	if whole == 0 {
		return 1
	}
	return between / whole
}
