package design

import (
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Association is a test of two columns of categories under the design.
type Association struct {
	Rows, Columns []string    // levels
	Shares        [][]float64 // of the weighted table
	ChiSquare     float64     // Pearson's, of the table scaled to the number of rows
	F             Test        // second-order correction of Rao and Scott (1984), by F as Thomas and Rao (1987) advise
	Chisq         Test        // first-order correction; Statistic is Pearson's, DF2 is 0
	Wald          Test        // of Koch, Freeman and Freeman (1975)
	AdjustedWald  Test
	Saddlepoint   float64 // P of Pearson's statistic as a weighted sum of chi-squares
}

// Associate tests whether two columns go together.
func (s *Sample) Associate(row, column string) (*Association, error) {
	a, rows, err := s.codes(row)
	if err != nil {
		return nil, err
	}
	b, columns, err := s.codes(column)
	if err != nil {
		return nil, err
	}
	nr, nc := len(rows), len(columns)
	if nr < 2 {
		return nil, of(CodeTable, row)
	}
	if nc < 2 {
		return nil, of(CodeTable, column)
	}
	cells := make([]Variable, nr*nc)
	for k := range cells {
		cells[k] = Variable{Name: row, Level: rows[k%nr] + ":" + columns[k/nr], Values: make([]float64, s.rows)}
	}
	for i := range s.rows {
		if a[i] == noCode || b[i] == noCode {
			for k := range cells {
				cells[k].Values[i] = nan
			}
			continue
		}
		cells[int(b[i])*nr+int(a[i])].Values[i] = 1
	}
	shares, err := s.Means(cells...)
	if err != nil {
		return nil, err
	}
	out := &Association{Rows: rows, Columns: columns, Shares: make([][]float64, nr)}
	n := 0.0
	for _, w := range s.weights {
		if w != 0 {
			n++
		}
	}
	p := shares.Value
	across, down := make([]float64, nr), make([]float64, nc)
	for k, v := range p {
		across[k%nr] += v
		down[k/nr] += v
		out.Shares[k%nr] = append(out.Shares[k%nr], v)
	}
	for k, v := range p {
		want := across[k%nr] * down[k/nr]
		if want == 0 {
			return nil, of(CodeTable, row)
		}
		out.ChiSquare += n * (v - want) * (v - want) / want
	}
	out.raoScott(p, shares.Cov, n, float64(shares.DF))
	totals, err := s.Totals(cells...)
	if err != nil {
		return nil, err
	}
	out.wald(totals, nr, nc)
	return out, nil
}

// raoScott corrects Pearson's statistic by the design effects of the contrasts that independence sets to 0.
func (t *Association) raoScott(p []float64, cov *mat.SymDense, n, df float64) {
	nr, nc := len(t.Rows), len(t.Columns)
	q := (nr - 1) * (nc - 1)
	c := interactions(nr, nc)
	scaled := mat.NewDense(nr*nc, q, nil)
	for k, v := range p {
		for j := range q {
			if v > 0 {
				scaled.Set(k, j, c.At(k, j)/v)
			}
		}
	}
	var own, seen, half mat.Dense
	own.Mul(c.T(), scaled)
	own.Scale(1/n, &own)
	half.Mul(cov, scaled)
	seen.Mul(scaled.T(), &half)
	sum, squares := 0.0, 0.0
	effects := relative(symmetric(&seen), symmetric(&own))
	for _, e := range effects {
		sum += e
		squares += e * e
	}
	d := sum * sum / squares
	t.F = Test{Statistic: t.ChiSquare / sum, DF1: d, DF2: d * df}
	t.F.P = survivalF(t.F.Statistic, t.F.DF1, t.F.DF2)
	t.Chisq = Test{Statistic: t.ChiSquare, DF1: float64(q)}
	t.Chisq.P = distuv.ChiSquared{K: float64(q)}.Survival(t.ChiSquare / (sum / float64(q)))
	t.Saddlepoint = weightedF(t.ChiSquare, effects, d*df)
}

// interactions gives the contrasts of the cells that rows and columns do not explain.
func interactions(nr, nc int) *mat.Dense {
	q := (nr - 1) * (nc - 1)
	c := mat.NewDense(nr*nc, q, nil)
	for j := range nc - 1 {
		for i := range nr - 1 {
			for k := range nr * nc { // an indicator of a cell, centred by its row and column
				v := 0.0
				if k%nr == i+1 && k/nr == j+1 {
					v = 1
				}
				if k%nr == i+1 {
					v -= 1 / float64(nc)
				}
				if k/nr == j+1 {
					v -= 1 / float64(nr)
				}
				c.Set(k, j*(nr-1)+i, v+1/float64(nr*nc))
			}
		}
	}
	return c
}

// wald tests that the totals of the cells are what their rows and columns give, by the delta method.
func (t *Association) wald(e *Estimates, nr, nc int) {
	across, down, all := make([]float64, nr), make([]float64, nc), 0.0
	for k, v := range e.Value {
		across[k%nr] += v
		down[k/nr] += v
		all += v
	}
	q := (nr - 1) * (nc - 1)
	jacobian, rest := mat.NewDense(q, nr*nc, nil), mat.NewVecDense(q, nil)
	for j := range nc - 1 {
		for i := range nr - 1 {
			at, r, d := j*(nr-1)+i, across[i+1], down[j+1]
			rest.SetVec(at, e.Value[(j+1)*nr+i+1]-r*d/all)
			for k := range nr * nc {
				v := r * d / (all * all)
				if k%nr == i+1 {
					v -= d / all
				}
				if k/nr == j+1 {
					v -= r / all
				}
				if k == (j+1)*nr+i+1 {
					v++
				}
				jacobian.Set(at, k, v)
			}
		}
	}
	var half, v mat.Dense
	half.Mul(jacobian, e.Cov)
	v.Mul(&half, jacobian.T())
	var chol mat.Cholesky
	var solved mat.VecDense
	k, df := float64(q), float64(e.DF)
	t.Wald = Test{Statistic: nan, DF1: k, DF2: df, P: nan}
	t.AdjustedWald = Test{Statistic: nan, DF1: k, DF2: df - k + 1, P: nan}
	if !chol.Factorize(symmetric(&v)) || chol.SolveVecTo(&solved, rest) != nil {
		return
	}
	x := mat.Dot(rest, &solved)
	t.Wald.Statistic, t.AdjustedWald.Statistic = x/k, x*t.AdjustedWald.DF2/(k*df)
	t.Wald.P = survivalF(t.Wald.Statistic, k, df)
	t.AdjustedWald.P = survivalF(t.AdjustedWald.Statistic, k, t.AdjustedWald.DF2)
}

func symmetric(m *mat.Dense) *mat.SymDense {
	n, _ := m.Dims()
	s := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i + 1 {
			s.SetSym(i, j, (m.At(i, j)+m.At(j, i))/2)
		}
	}
	return s
}
