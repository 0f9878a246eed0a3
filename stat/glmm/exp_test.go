package glmm

import (
	"math"
	"testing"
)

func TestExpNeg(t *testing.T) {
	worst := 0.0
	for a := -700.0; a < 700; a += 0.00137 {
		want := math.Exp(-a)
		worst = math.Max(worst, math.Abs(expNeg(a)-want)/want)
	}
	if worst > 5e-16 {
		t.Errorf("largest relative error %g", worst)
	}
	if expNeg(0) != 1 {
		t.Errorf("expNeg(0) = %g", expNeg(0))
	}
}

func BenchmarkExpNeg(b *testing.B) {
	x, s := make([]float64, 1024), 0.0
	for i := range x {
		x[i] = float64(i) / 100
	}
	for b.Loop() {
		for _, v := range x {
			s += expNeg(v)
		}
	}
	_ = s
}
