package design

import (
	"math"
	"slices"
)

var nan = math.NaN() // never changed

// covariance estimates the covariance of the totals of z, one column a total, already weighted: for each stage
//
//	V = sum over strata h of m_h (1 - f_h) n_h/(n_h-1) sum over units i of (t_hi - t_h)(t_hi - t_h)'
//
// with t_hi the sum of z in the unit, t_h their mean, f_h = n_h/N_h, and m_h the product of the f of the units
// that the stratum lies in (Särndal, Swensson and Wretman 1992, section 4.3): a later stage counts only as far
// as the stage before was a large part of its population.
func (s *Sample) covariance(z [][]float64) ([]float64, error) {
	p := len(z)
	out := make([]float64, p*p)
	for k := range s.calibrations {
		z = s.calibrations[k].residuals(z)
	}
	var reach []float64 // m of each stratum of the stage before
	for k := range s.stages {
		g := &s.stages[k]
		m := slices.Repeat([]float64{1}, len(g.size))
		if k > 0 {
			before, any := &s.stages[k-1], false
			for h, u := range g.parent {
				m[h] = reach[before.stratum[u]] * before.shareOf(u)
				any = any || m[h] > 0
			}
			if !any {
				break
			}
		}
		if err := s.addStage(out, g.totals(z), g, m, k); err != nil {
			return nil, err
		}
		reach = m
	}
	return out, nil
}

// single says whether the first stage alone makes up the variance: a later one counts only where the units of the
// first were drawn from a finite population.
func (s *Sample) single() bool {
	if len(s.stages) == 1 {
		return true
	}
	for u := range s.stages[0].stratum {
		if s.stages[0].shareOf(uint32(u)) > 0 {
			return false
		}
	}
	return true
}

// totals sums columns by unit.
func (g *stage) totals(z [][]float64) [][]float64 {
	out := make([][]float64, len(z))
	for k, column := range z {
		t := make([]float64, g.units())
		for i, v := range column {
			t[g.unit[i]] += v
		}
		out[k] = t
	}
	return out
}

// addStage adds what one stage gives, from the totals of its units.
func (s *Sample) addStage(out []float64, totals [][]float64, g *stage, m []float64, at int) error {
	factor, err := s.factors(g, m, at)
	if err != nil {
		return err
	}
	p := len(totals)
	means := make([][]float64, p)
	for k := range totals {
		means[k] = make([]float64, len(g.size))
		for u, t := range totals[k] {
			means[k][g.stratum[u]] += t / g.size[g.stratum[u]]
		}
	}
	if s.Options.Lonely == Adjust && g.lonely() > 0 {
		g.centre(totals, means)
	}
	deviation := make([]float64, p)
	for u, h := range g.stratum {
		f := factor[h]
		if g.chance != nil {
			f *= 1 - g.chance[u]
		}
		if f == 0 {
			continue
		}
		for k := range p {
			deviation[k] = totals[k][u] - means[k][h]
		}
		for a, x := range deviation {
			x *= f
			for b, y := range deviation[:a+1] {
				out[a*p+b] += x * y
			}
		}
	}
	for a := range p {
		for b := range a {
			out[b*p+a] = out[a*p+b]
		}
	}
	return nil
}

// factors gives what each stratum multiplies its squares by, lonely strata treated as the options say.
func (s *Sample) factors(g *stage, m []float64, at int) ([]float64, error) {
	factor := make([]float64, len(g.size))
	lonely := 0
	for h, n := range g.size {
		switch {
		case m[h] == 0 || g.census(h):
		case n > 1:
			factor[h] = m[h] * (1 - g.share(h)) * n / (n - 1)
		default:
			lonely++
			if s.Options.Lonely == Adjust {
				factor[h] = m[h] * (1 - g.share(h))
			}
		}
	}
	switch {
	case lonely > 0 && s.Options.Lonely == Fail:
		return nil, issue(CodeLonely, "count", lonely, "stage", at+1)
	case lonely > 0 && s.Options.Lonely == Average:
		parents := 1
		if g.parent != nil {
			parents = len(m)
			for _, u := range g.parent {
				parents = max(parents, int(u)+1)
			}
		}
		of := func(h int) int {
			if g.parent == nil {
				return 0
			}
			return int(g.parent[h])
		}
		all, seen := make([]float64, parents), make([]float64, parents)
		for h, n := range g.size {
			all[of(h)]++
			if n > 1 || g.census(h) {
				seen[of(h)]++
			}
		}
		for h := range factor {
			if seen[of(h)] == 0 {
				return nil, issue(CodeAllLonely, "stage", at+1)
			}
			factor[h] *= all[of(h)] / seen[of(h)]
		}
	}
	return factor, nil
}

// centre puts the mean of all units drawn from the same parent in the place of a lonely stratum's own.
func (g *stage) centre(totals, means [][]float64) {
	parent := func(h uint32) uint32 {
		if g.parent == nil {
			return 0
		}
		return g.parent[h]
	}
	for k := range totals {
		sum, count := map[uint32]float64{}, map[uint32]float64{}
		for u, t := range totals[k] {
			sum[parent(g.stratum[u])] += t
			count[parent(g.stratum[u])]++
		}
		for h, n := range g.size {
			if n == 1 {
				q := parent(uint32(h))
				means[k][h] = sum[q] / count[q]
			}
		}
	}
}
