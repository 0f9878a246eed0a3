package main

import (
	"math"
	"math/rand/v2"
)

// factor is a covariate with its shares and its log odds ratios, the reference first.
type factor struct {
	name   string
	levels []string
	shares []float64
	effect []float64
}

// The covariates of the benchmark's model: ten factors, 25 coefficients with the intercept. Shares and effects are
// of our own making; they give an outcome near 36 %, and near 72 and 13 % on the two routes.
var factors = []factor{
	{"route", []string{"Eastern", "Central"}, []float64{0.6, 0.4}, []float64{0, 3.6}},
	{"sex", []string{"female", "male"}, []float64{0.23, 0.77}, []float64{0, 0.3}},
	{"age_group", []string{"14-17", "18-25", "26-35", "36-45", "46+"}, []float64{0.06, 0.45, 0.36, 0.10, 0.03}, []float64{0, -0.2, -0.3, -0.5, -0.7}},
	{"education", []string{"none", "primary", "secondary", "tertiary", "upper_secondary"}, []float64{0.16, 0.22, 0.31, 0.12, 0.19}, []float64{0, -0.1, -0.2, -0.4, -0.3}},
	{"marital", []string{"married", "other", "single"}, []float64{0.35, 0.05, 0.60}, []float64{0, 0.2, 0.15}},
	{"travel", []string{"alone", "family", "group"}, []float64{0.44, 0.25, 0.31}, []float64{0, -0.5, -0.25}},
	{"duration", []string{"2w_3m", "3m_6m", "over_6m", "under_2w"}, []float64{0.34, 0.17, 0.26, 0.23}, []float64{0, 0.35, 0.6, -0.4}},
	{"cost", []string{"1000_2500", "2500_5000", "none", "over_5000", "under_1000"}, []float64{0.32, 0.20, 0.08, 0.14, 0.26}, []float64{0, -0.1, 0.2, -0.2, 0.35}},
	{"conflict", []string{"no", "yes"}, []float64{0.48, 0.52}, []float64{0, 0.5}},
	{"reason", []string{"conflict", "economic", "other"}, []float64{0.45, 0.40, 0.15}, []float64{0, 0.1, -0.1}},
}

const (
	nationalities = 40
	locations     = 30
	intercept     = -2.8
	formula       = "exploited ~ route + sex + age_group + education + marital + travel + duration + cost + conflict + reason + (1 | nationality) + (1 | location)"
)

// interview is one row: codes of the factors, groups and the outcome.
type interview struct {
	exploited             bool
	factors               [16]uint8
	nationality, location int
	age                   int
}

// survey draws interviews one after the other. The people do not exist.
type survey struct {
	r                     *rand.Rand
	byNation, byLocation  []float64
	pickNation, pickPlace []float64
	central               []float64 // by nationality: share on the Central route
}

func newSurvey(seed uint64) *survey {
	s := &survey{r: rand.New(rand.NewPCG(seed, 0x77617971))}
	for range nationalities {
		s.byNation = append(s.byNation, 0.8*s.r.NormFloat64())
		s.pickNation = append(s.pickNation, math.Exp(1.1*s.r.NormFloat64()))
		s.central = append(s.central, 0.1+0.6*s.r.Float64())
	}
	for range locations {
		s.byLocation = append(s.byLocation, 0.4*s.r.NormFloat64())
		s.pickPlace = append(s.pickPlace, math.Exp(0.9*s.r.NormFloat64()))
	}
	return s
}

// pick draws an index with chances in proportion to weights.
func (s *survey) pick(weights []float64) int {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	x := s.r.Float64() * total
	for k, w := range weights {
		if x -= w; x < 0 {
			return k
		}
	}
	return len(weights) - 1
}

func (s *survey) draw() interview {
	v := interview{nationality: s.pick(s.pickNation), location: s.pick(s.pickPlace)}
	eta := intercept + s.byNation[v.nationality] + s.byLocation[v.location]
	for k, f := range factors {
		code := 0
		if f.name == "route" {
			if s.r.Float64() < s.central[v.nationality] {
				code = 1
			}
		} else {
			code = s.pick(f.shares)
		}
		v.factors[k] = uint8(code)
		eta += f.effect[code]
	}
	youngest := [...]int{14, 18, 26, 36, 46}
	spread := [...]int{4, 8, 10, 10, 20}
	a := v.factors[2]
	v.age = youngest[a] + s.r.IntN(spread[a])
	v.exploited = s.r.Float64() < 1/(1+math.Exp(-eta))
	return v
}
