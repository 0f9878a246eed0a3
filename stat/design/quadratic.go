package design

import (
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
)

func survivalF(x, df1, df2 float64) float64 {
	if math.IsNaN(x) || !(df1 > 0) || !(df2 > 0) {
		return nan
	}
	// F's upper tail is a beta's lower one: exact far out, where 1 - CDF would round to 0.
	return distuv.Beta{Alpha: df2 / 2, Beta: df1 / 2}.CDF(df2 / (df2 + df1*x))
}

// relative gives the eigenvalues of own^-1 v, through the Cholesky factor of own.
func relative(v, own *mat.SymDense) []float64 {
	n := v.SymmetricDim()
	var chol mat.Cholesky
	if !chol.Factorize(own) {
		return []float64{nan}
	}
	var lower mat.TriDense
	chol.LTo(&lower)
	var left, both mat.Dense
	if left.Solve(&lower, v) != nil || both.Solve(&lower, left.T()) != nil {
		return []float64{nan}
	}
	s := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i + 1 {
			s.SetSym(i, j, (both.At(i, j)+both.At(j, i))/2)
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(s, false) {
		return []float64{nan}
	}
	return eigen.Values(nil)
}

// weightedF is the upper tail at x of sum a_k X_k / (Y/df), X_k chi-squares of one degree and Y of df: the
// chance that sum a_k X_k - x Y/df is above 0, by a saddlepoint (Kuonen 1999), or by Satterthwaite's F where the
// saddlepoint is at the mean.
func weightedF(x float64, a []float64, df float64) float64 {
	sum, squares := 0.0, 0.0
	for _, v := range a {
		sum += v
		squares += v * v
	}
	if math.IsNaN(sum) || !(df > 0) || !(x > 0) {
		return nan
	}
	if p := saddlepoint(a, -x/df, df); !math.IsNaN(p) {
		return p
	}
	n := sum * sum / squares
	return survivalF(x/sum, n, df)
}

// saddlepoint gives the chance that sum a_k X_k + b Y is above 0, b < 0, Y a chi-square of df degrees.
func saddlepoint(a []float64, b, df float64) float64 {
	largest := 0.0
	for _, v := range a {
		largest = max(largest, v)
	}
	if !(largest > 0) {
		return nan
	}
	terms := func(f func(lambda, count float64) float64) float64 {
		sum := f(b/largest, df)
		for _, v := range a {
			sum += f(v/largest, 1)
		}
		return sum
	}
	slope := func(z float64) float64 {
		return terms(func(l, n float64) float64 { return n * l / (1 - 2*z*l) })
	}
	low, high := largest/(2*b)*(1-1e-12), 0.5*(1-1e-12)
	for range 200 {
		if mid := (low + high) / 2; slope(mid) < 0 {
			low = mid
		} else {
			high = mid
		}
	}
	z := (low + high) / 2
	if math.Abs(z) < 1e-4 {
		return nan
	}
	k := terms(func(l, n float64) float64 { return -n / 2 * math.Log(1-2*z*l) })
	bend := terms(func(l, n float64) float64 { return 2 * n * l * l / ((1 - 2*z*l) * (1 - 2*z*l)) })
	w := math.Copysign(math.Sqrt(-2*k), z)
	v := z * math.Sqrt(bend)
	return 0.5 * math.Erfc((w+math.Log(v/w)/w)/math.Sqrt2)
}
