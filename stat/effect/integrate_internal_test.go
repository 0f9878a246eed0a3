package effect

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// The table's interpolation is as good as the integral; it is inside because no caller can tell them apart.
func TestAveragerInterpolates(t *testing.T) {
	for _, l := range []Link{Logit, Cloglog} {
		a := newAverager(l, 10_000)
		rapid.Check(t, func(t *rapid.T) {
			eta := rapid.Float64Range(-45, 45).Draw(t, "eta")
			v := Variance(rapid.SampledFrom([]float64{0, 0.01, 0.5, 1, 4}).Draw(t, "variance"))
			m, d1, d2 := a.at(eta, v)
			want := l.integrate(eta, v)
			if math.Abs(m-want[0]) > 1e-10 || math.Abs(d1-want[1]) > 1e-9 || math.Abs(d2-want[2]) > 1e-5 {
				t.Errorf("%v at %v, %v: %v %v %v, want %v", l, eta, v, m, d1, d2, want)
			}
		})
	}
}

// Every derivative of every link agrees with differences of the one before.
func TestLinkMoments(t *testing.T) {
	for l := Logit; l <= Identity; l++ {
		for _, eta := range []float64{-5, -1.3, 0, 0.2, 1.7, 3} {
			const h = 1e-5
			up, at, down := l.moments(eta+h), l.moments(eta), l.moments(eta-h)
			for d := range 3 {
				slope := (up[d] - down[d]) / (2 * h)
				if math.Abs(slope-at[d+1]) > 1e-7*max(1, math.Abs(at[d+1])) {
					t.Errorf("%v at %v: derivative %d is %v, by differences %v", l, eta, d+1, at[d+1], slope)
				}
			}
		}
	}
}

func TestLinkNames(t *testing.T) {
	for l := Logit; l <= Identity; l++ {
		if back, ok := ParseLink(l.String()); !ok || back != l {
			t.Errorf("%v reads back as %v, %v", l, back, ok)
		}
	}
	if _, ok := ParseLink("cauchit"); ok {
		t.Error("an unknown link is read")
	}
}
