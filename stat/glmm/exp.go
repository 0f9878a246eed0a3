package glmm

import "math"

// Constants of expNeg: exp(-a) = 2^k * 2^(j/64) * exp(r), |r| <= ln 2 / 128.
const (
	steps   = 64
	invStep = -steps / math.Ln2
	// log 2 / 64 in two parts, the first short enough that its product with k is exact.
	stepHigh = 0x1.62e42fefap-7
	stepLow  = 0x1.cf79abc9e3b3ap-46
	shifter  = 0x1.8p52 // adding it rounds to an integer in the low bits
)

// roots holds 2^(j/64).
var roots = func() (t [steps]float64) {
	for j := range t {
		t[j] = math.Exp2(float64(j) / steps)
	}
	return t
}()

// expNeg is exp(-a) for |a| <= 700, without branches: a table of 64 roots of two and a polynomial of degree
// five, relative error below 3e-16. Its halves are small enough to be inlined; kernels call them in turn.
func expNeg(a float64) float64 {
	r, k := expReduce(a)
	return expFinish(r, k)
}

func expReduce(a float64) (r float64, k uint64) {
	t := a*invStep + shifter
	n := t - shifter
	return -a - n*stepHigh - n*stepLow, math.Float64bits(t)
}

func expFinish(r float64, k uint64) float64 {
	r2 := r * r
	root := roots[k&(steps-1)]
	e := r + r2*((0.5+r*(1.0/6))+r2*(1.0/24+r*(1.0/120)))
	return (root + root*e) * math.Float64frombits((k>>6+1023)<<52)
}
