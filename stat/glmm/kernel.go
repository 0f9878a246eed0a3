package glmm

import (
	"math"
	"sync"
	"sync/atomic"
)

// cellSums are sums over the rows of each cell at a linear predictor: r = y - n mu, w = n v(mu) and, where asked
// for, the first derivative of w by the linear predictor.
type cellSums struct {
	r, w, w1 []float64
}

func newCellSums(cells int) cellSums {
	return cellSums{make([]float64, cells), make([]float64, cells), make([]float64, cells)}
}

// each calls work for every fixed range of cells, by as many goroutines as the options say. Results must go to
// places of the range's own.
func (p *problem) each(work func(block, from, to int)) {
	count := len(p.blocks) - 1
	if p.threads <= 1 || count <= 1 {
		for k := range count {
			work(k, int(p.blocks[k]), int(p.blocks[k+1]))
		}
		return
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(p.threads, count) {
		wait.Go(func() {
			for {
				k := int(next.Add(1)) - 1
				if k >= count {
					return
				}
				work(k, int(p.blocks[k]), int(p.blocks[k+1]))
			}
		})
	}
	wait.Wait()
}

// sumCells fills out at the linear predictor eta + s, where eta has an entry a row and s one a cell.
func (p *problem) sumCells(eta, s []float64, out cellSums) {
	p.each(func(_, from, to int) {
		switch {
		case p.binary != nil:
			p.sumBinary(from, to, eta, s, out)
		case p.family == Binomial:
			p.sumBinomial(from, to, eta, s, out)
		case p.family == Poisson:
			p.sumPoisson(from, to, eta, s, out)
		default:
			p.sumGaussian(from, to, eta, s, out)
		}
	})
}

const largest = 700 // |eta| is cut here, in the exponential only

// sumBinary is the pass that a fit spends its time in: with mu = 1/(1 + exp(-eta)), w = mu - mu^2 and
// w' = w (1 - 2 mu). There is no branch that depends on data but the cut, which is never taken.
func (p *problem) sumBinary(from, to int, eta0, s []float64, out cellSums) {
	for c := from; c < to; c++ {
		begin, end := p.cellStart[c], p.cellStart[c+1]
		rows, ys := eta0[begin:end], p.binary[begin:end]
		ys = ys[:len(rows)]
		sc := s[c]
		var sm, sw, sv float64
		success := 0
		for i, eta := range rows {
			eta += sc
			if eta > largest {
				eta = largest
			} else if eta < -largest {
				eta = -largest
			}
			r, k := expReduce(eta)
			mu := 1 / (1 + expFinish(r, k))
			w := mu - mu*mu
			success += int(ys[i])
			sm += mu
			sw += w
			sv += w * mu
		}
		out.r[c] = float64(success) - sm
		out.w[c] = sw
		out.w1[c] = sw - 2*sv
	}
}

func (p *problem) sumBinomial(from, to int, eta0, s []float64, out cellSums) {
	for c := from; c < to; c++ {
		begin, end := p.cellStart[c], p.cellStart[c+1]
		rows, ys, ns := eta0[begin:end], p.y[begin:end], p.size[begin:end]
		sc := s[c]
		var sr, sw, sv float64
		for i, eta := range rows {
			eta += sc
			a := min(math.Abs(eta), largest)
			r, k := expReduce(a)
			e := expFinish(r, k)
			q := 1 / (1 + e)
			t := math.Copysign(q-0.5, eta)
			n := ns[i]
			w := n * e * q * q
			sr += ys[i] - n*(0.5+t)
			sw += w
			sv += w * t
		}
		out.r[c], out.w[c], out.w1[c] = sr, sw, -2*sv
	}
}

func (p *problem) sumPoisson(from, to int, eta0, s []float64, out cellSums) {
	for c := from; c < to; c++ {
		begin, end := p.cellStart[c], p.cellStart[c+1]
		rows, ys, ns := eta0[begin:end], p.y[begin:end], p.size[begin:end]
		sc := s[c]
		var sy, sw float64
		for i, eta := range rows {
			sy += ys[i]
			sw += ns[i] * math.Exp(min(eta+sc, largest))
		}
		out.r[c], out.w[c], out.w1[c] = sy-sw, sw, sw
	}
}

func (p *problem) sumGaussian(from, to int, eta0, s []float64, out cellSums) {
	for c := from; c < to; c++ {
		var sr, sw float64
		for i := p.cellStart[c]; i < p.cellStart[c+1]; i++ {
			n := p.size[i]
			sr += p.y[i] - n*(eta0[i]+s[c])
			sw += n
		}
		out.r[c], out.w[c], out.w1[c] = sr, sw, 0
	}
}

// moments gives one row's mean, variance weight and its first two derivatives by the linear predictor, times the
// row's size, and y.
func (p *problem) moments(i int, eta float64) (y, mu, w, w1, w2 float64) {
	n := 1.0
	if p.binary != nil {
		y = float64(p.binary[i])
	} else {
		y, n = p.y[i], p.size[i]
	}
	switch p.family {
	case Binomial:
		e := expNeg(min(math.Abs(eta), largest))
		q := 1 / (1 + e)
		t := math.Copysign(q-0.5, eta)
		v := e * q * q
		return y, n * (0.5 + t), n * v, -2 * n * v * t, n * v * (1 - 6*v)
	case Poisson:
		m := n * math.Exp(min(eta, largest))
		return y, m, m, m, m
	}
	return y, n * eta, n, 0, 0
}

// logLik gives the sum of one row's y eta - n A(eta), A the family's cumulant function.
func (p *problem) logLik(i int, eta float64) float64 {
	y, n := 0.0, 1.0
	if p.binary != nil {
		y = float64(p.binary[i])
	} else {
		y, n = p.y[i], p.size[i]
	}
	switch p.family {
	case Binomial:
		return y*eta - n*(math.Max(eta, 0)+math.Log1p(math.Exp(-math.Abs(eta))))
	case Poisson:
		return y*eta - n*math.Exp(min(eta, largest))
	}
	return y*eta - 0.5*n*eta*eta
}

// logLikelihood sums logLik over all rows, by fixed ranges in order.
func (p *problem) logLikelihood(eta, s []float64) float64 {
	part := make([]float64, len(p.blocks)-1)
	p.each(func(block, from, to int) {
		if p.binary != nil {
			part[block] = p.logBinary(from, to, eta, s)
			return
		}
		sum := 0.0
		for c := from; c < to; c++ {
			for i := p.cellStart[c]; i < p.cellStart[c+1]; i++ {
				sum += p.logLik(int(i), eta[i]+s[c])
			}
		}
		part[block] = sum
	})
	total := 0.0
	for _, v := range part {
		total += v
	}
	return total
}

// logBinary sums y eta - max(eta, 0) - log(1 + exp(-|eta|)): the factors 1 + exp(-|eta|) lie between 1 and 2, so
// that the logarithm is taken once for every 900.
func (p *problem) logBinary(from, to int, eta0, s []float64) float64 {
	sum, product, factors := 0.0, 1.0, 0
	for c := from; c < to; c++ {
		begin, end := p.cellStart[c], p.cellStart[c+1]
		for begin < end {
			stop := min(end, begin+900)
			if factors += int(stop - begin); factors > 1000 {
				sum -= math.Log(product)
				product, factors = 1, int(stop-begin)
			}
			rows, ys := eta0[begin:stop], p.binary[begin:stop]
			ys = ys[:len(rows)]
			for i, eta := range rows {
				eta += s[c]
				a := math.Abs(eta)
				sum += float64(ys[i])*eta - 0.5*(eta+a)
				if a > largest {
					a = largest
				}
				r, k := expReduce(a)
				product *= 1 + expFinish(r, k)
			}
			begin = stop
		}
	}
	return sum - math.Log(product)
}

// scatter gives X'd over kept coefficients, d_i = n mu - y + (h/2) w' - e w with h and e by cell: the b-part of the
// Laplace gradient (half dD/db). It gives the log-likelihood sum beside it.
func (p *problem) scatter(eta0, s, h, e []float64) (gradient []float64, logLik float64) {
	count := len(p.blocks) - 1
	parts := make([][]float64, count)
	logs := make([]float64, count)
	p.each(func(block, from, to int) {
		parts[block] = make([]float64, p.p)
		logs[block] = p.scatterBlock(from, to, eta0, s, h, e, parts[block])
	})
	gradient = make([]float64, p.p)
	for k := range parts {
		logLik += logs[k]
		for j, v := range parts[k] {
			gradient[j] += v
		}
	}
	return gradient, logLik
}

func (p *problem) scatterBlock(from, to int, eta0, s, h, e, out []float64) float64 {
	first, last := p.cellStart[from], p.cellStart[to]
	work := make([]float64, last-first)
	var logLik float64
	if p.binary != nil {
		logLik = p.scoresBinary(from, to, eta0, s, h, e, work)
	} else {
		for c := from; c < to; c++ {
			for i := p.cellStart[c]; i < p.cellStart[c+1]; i++ {
				eta := eta0[i] + s[c]
				y, mu, w, w1, _ := p.moments(int(i), eta)
				work[i-first] = mu - y + 0.5*h[c]*w1 - e[c]*w
				logLik += p.logLik(int(i), eta)
			}
		}
	}
	p.transposed(int(first), work, out)
	return logLik
}

// scoresBinary fills work with the d_i of scatter and gives the log-likelihood of the range.
func (p *problem) scoresBinary(from, to int, eta0, s, h, e, work []float64) float64 {
	sum, product, factors := 0.0, 1.0, 0
	first := p.cellStart[from]
	for c := from; c < to; c++ {
		begin, end := p.cellStart[c], p.cellStart[c+1]
		sc, hc, ec := s[c], h[c], e[c]
		for begin < end {
			stop := min(end, begin+900)
			if factors += int(stop - begin); factors > 1000 {
				sum -= math.Log(product)
				product, factors = 1, int(stop-begin)
			}
			rows, ys, d := eta0[begin:stop], p.binary[begin:stop], work[begin-first:stop-first]
			ys, d = ys[:len(rows)], d[:len(rows)]
			for i, eta := range rows {
				eta += sc
				a := math.Abs(eta)
				y := float64(ys[i])
				sum += y*eta - 0.5*(eta+a)
				if a > largest {
					a = largest
				}
				r, k := expReduce(a)
				x := expFinish(r, k)
				product *= 1 + x
				q := 1 / (1 + x)
				t := math.Copysign(q-0.5, eta)
				w := x * q * q
				d[i] = 0.5 + t - y - w*(hc*t+ec)
			}
			begin = stop
		}
	}
	return sum - math.Log(product)
}

// transposed adds X'd over the rows from first on, as many as d has, to out.
func (p *problem) transposed(first int, d, out []float64) {
	for k := range p.joints {
		j := &p.joints[k]
		var table [256]float64
		codes := j.codes[first : first+len(d)]
		for i, c := range codes {
			table[c] += d[i]
		}
		p.fold(j, &table, func(coef int, v float64) { out[coef] += v })
	}
	for k := range p.dense {
		v := p.dense[k].values[first : first+len(d)]
		sum := 0.0
		for i, x := range d {
			sum += x * v[i]
		}
		out[p.dense[k].coef] += sum
	}
}
