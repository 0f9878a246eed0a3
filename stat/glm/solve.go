package glm

import "math"

// rankTolerance is the least part of a column's squared length, over what the columns before it explain,
// with which it counts as a column of its own. Rounding leaves some 1e-14 of an exact combination.
const rankTolerance = 1e-11

// aliased finds the columns that earlier ones determine, by a Cholesky factorisation of X'WX scaled to a unit
// diagonal that passes over a column without a pivot, so that (as in R) the later of two is left out.
// It gives the pivots as well: the share of each column's squared length that is its own.
func aliased(info []float64, p int) (out []bool, pivots []float64) {
	out, pivots = make([]bool, p), make([]float64, p)
	l := make([]float64, p*p)
	for j := range p {
		d := info[j*p+j]
		if !(d > 0) {
			out[j] = true
			continue
		}
		pivot := 1.0
		for k := range j {
			if out[k] {
				continue
			}
			v := info[j*p+k] / math.Sqrt(d*info[k*p+k])
			for i := range k {
				v -= l[j*p+i] * l[k*p+i]
			}
			l[j*p+k] = v / l[k*p+k]
			pivot -= l[j*p+k] * l[j*p+k]
		}
		pivots[j] = pivot
		if pivot < rankTolerance {
			out[j] = true
			clear(l[j*p : j*p+p])
			continue
		}
		l[j*p+j] = math.Sqrt(pivot)
	}
	return out, pivots
}

// inverse gives the inverse of a positive definite matrix and the logarithm of its determinant. ok is false
// where it is singular to working precision.
func inverse(a []float64, p int) (inv []float64, logDet float64, ok bool) {
	scale := make([]float64, p)
	for j := range p {
		if !(a[j*p+j] > 0) || math.IsInf(a[j*p+j], 0) {
			return nil, 0, false
		}
		scale[j] = 1 / math.Sqrt(a[j*p+j])
		logDet += math.Log(a[j*p+j])
	}
	l := make([]float64, p*p)
	for j := range p {
		for i := j; i < p; i++ {
			v := a[i*p+j] * scale[i] * scale[j]
			li, lj := l[i*p:i*p+j], l[j*p:j*p+j]
			for k, x := range li {
				v -= x * lj[k]
			}
			if i > j {
				l[i*p+j] = v / l[j*p+j]
				continue
			}
			if !(v > 1e-15) {
				return nil, 0, false
			}
			l[j*p+j] = math.Sqrt(v)
			logDet += math.Log(v)
		}
	}
	// The inverse of the factor, then its square.
	m := make([]float64, p*p)
	for j := range p {
		m[j*p+j] = 1 / l[j*p+j]
		for i := j + 1; i < p; i++ {
			v := 0.0
			for k := j; k < i; k++ {
				v -= l[i*p+k] * m[k*p+j]
			}
			m[i*p+j] = v / l[i*p+i]
		}
	}
	inv = make([]float64, p*p)
	for i := range p {
		for j := range i + 1 {
			v := 0.0
			for k := i; k < p; k++ {
				v += m[k*p+i] * m[k*p+j]
			}
			v *= scale[i] * scale[j]
			inv[i*p+j], inv[j*p+i] = v, v
		}
	}
	return inv, logDet, true
}

func multiply(a []float64, x []float64) []float64 {
	p := len(x)
	out := make([]float64, p)
	for i := range p {
		out[i] = dot(a[i*p:i*p+p], x)
	}
	return out
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}
