package simulate

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// pilotRows is how many people the calibration averages over: the shares then come out within about a third of a
// percentage point of the figures aimed at, before the chance of the survey itself.
const pilotRows = 60000

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// target is one figure: the mean of p over the people of a group, less that of another.
type target struct {
	in, less func(person) bool // less may be nil
	want     float64
}

// solve finds values of the free parameters at which the expected figures equal the targets, by Newton's
// method: E_g = mean over g of logistic(eta_i + z_i'b), dE_g/db = mean over g of p(1-p) z. mean may be
// replaced by a mixture of two logistics (violence given exploitation): shift gives the weights.
func solve(people []person, eta []float64, z func(person) []float64, targets []target, outcome func(i int, eta float64) (p, slope float64)) []float64 {
	k := len(targets)
	b := make([]float64, k)
	for range 60 {
		got := make([]float64, k)
		jac := mat.NewDense(k, k, nil)
		for t, tg := range targets {
			accumulate(people, eta, z, b, tg.in, 1, outcome, &got[t], jac, t)
			if tg.less != nil {
				accumulate(people, eta, z, b, tg.less, -1, outcome, &got[t], jac, t)
			}
		}
		gap := mat.NewVecDense(k, nil)
		worst := 0.0
		for t, tg := range targets {
			gap.SetVec(t, tg.want-got[t])
			worst = max(worst, math.Abs(tg.want-got[t]))
		}
		if worst < 1e-9 {
			break
		}
		var step mat.VecDense
		if err := step.SolveVec(jac, gap); err != nil {
			break
		}
		size := 0.0
		for j := range k {
			size = max(size, math.Abs(step.AtVec(j)))
		}
		scale := min(1, 1.5/size)
		for j := range k {
			b[j] += scale * step.AtVec(j)
		}
	}
	return b
}

func accumulate(people []person, eta []float64, z func(person) []float64, b []float64, in func(person) bool, sign float64,
	outcome func(int, float64) (float64, float64), got *float64, jac *mat.Dense, row int) {
	sum, n := 0.0, 0.0
	d := make([]float64, len(b))
	for i, p := range people {
		if !in(p) {
			continue
		}
		x := z(p)
		e := eta[i]
		for j, v := range x {
			e += v * b[j]
		}
		q, slope := outcome(i, e)
		sum += q
		n++
		for j, v := range x {
			d[j] += slope * v
		}
	}
	*got += sign * sum / n
	for j := range d {
		jac.Set(row, j, jac.At(row, j)+sign*d[j]/n)
	}
}

// calibrate draws a pilot and solves for the parameters that depend on the group effects of this seed.
func (s *FlowSurvey) calibrate(r *rand.Rand) {
	people := make([]person, pilotRows)
	eta := make([]float64, pilotRows)
	for i := range people {
		people[i] = s.draw(r)
		eta[i] = s.pull(people[i])
	}
	isCentral := func(p person) bool { return p.route == central }
	isEastern := func(p person) bool { return p.route == eastern }
	and := func(a, b func(person) bool) func(person) bool { return func(p person) bool { return a(p) && b(p) } }
	man := func(p person) bool { return p.sex == 1 }
	woman := func(p person) bool { return p.sex == 0 }
	ssa := func(p person) bool { return countries[p.nationality].region.subSaharan() }
	other := func(p person) bool { return !ssa(p) }
	youth := func(p person) bool { return p.age < 25 }
	plain := func(_ int, e float64) (float64, float64) { q := logistic(e); return q, q * (1 - q) }

	any := solve(people, eta, freeAny, []target{
		{isEastern, nil, among(anyEastern)},
		{and(isCentral, man), nil, among(anyCentralMen)},
		{and(isCentral, woman), nil, among(anyCentralWomen)},
		{and(and(isCentral, youth), ssa), and(and(isCentral, youth), other), youthSSAOther},
		{and(and(isEastern, youth), ssa), nil, among(youthSSAEastern)},
	}, plain)
	copy(s.solvedAny[:], any)

	exploited := make([]float64, pilotRows)
	rest := make([]float64, pilotRows)
	for i, p := range people {
		exploited[i] = logistic(eta[i] + dot(freeAny(p), s.solvedAny[:]))
		rest[i] = s.violenceBase(p)
	}
	mixed := func(i int, e float64) (float64, float64) {
		with, without := logistic(e+violencePull), logistic(e)
		w := exploited[i]
		return w*with + (1-w)*without, w*with*(1-with) + (1-w)*without*(1-without)
	}
	violence := solve(people, rest, freeViolence, []target{
		{isEastern, nil, violenceEastern},
		{and(isCentral, woman), nil, violenceWomen},
		{and(isCentral, man), nil, violenceMen},
	}, mixed)
	copy(s.solvedViolence[:], violence)
}

// freeAny are the columns of the solved parameters of `exploited`: intercept, Central, male, sub-Saharan,
// sub-Saharan on the Eastern route.
func freeAny(p person) []float64 {
	ssa := number(countries[p.nationality].region.subSaharan())
	return []float64{1, number(p.route == central), number(p.sex == 1), ssa, ssa * number(p.route == eastern)}
}

// freeViolence are those of physical violence: intercept, Central, male.
func freeViolence(p person) []float64 {
	return []float64{1, number(p.route == central), number(p.sex == 1)}
}

// pull is the part of the linear predictor of `exploited` that is not solved, group effects included.
func (s *FlowSurvey) pull(p person) float64 {
	return regionPulls[countries[p.nationality].region] + agePulls[p.ageGroup] + educationPulls[p.education] +
		maritalPulls[p.marital] + travelPulls[p.travel] + durationPulls[p.duration] + costPulls[p.cost] +
		reasonPulls[p.reason] + relativesPulls[p.relatives] + campPulls[p.camp] + conflictPulls[p.conflict] +
		s.departures[p.departure] + s.locations[p.site]
}

// violenceBase is that of physical violence: half the effect of the journey and of the groups.
func (s *FlowSurvey) violenceBase(p person) float64 {
	return 0.5*(travelPulls[p.travel]+durationPulls[p.duration]+conflictPulls[p.conflict]) + 0.5*(s.departures[p.departure]+s.locations[p.site])
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}
