package glmm

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// newHermiteCriterion is adaptive Gauss-Hermite quadrature with k points.
func newHermiteCriterion(st *state, k int) criterion {
	f := newOneFactor(st)
	f.z, f.a = hermite(k)
	for i, z := range f.z {
		f.a[i] = math.Log(f.a[i]) + 0.5*z*z
	}
	return f
}

// newExactCriterion is the integral by the trapezoid rule.
func newExactCriterion(st *state) criterion {
	f := newOneFactor(st)
	f.step = 0.5
	if st.information() > 100*float64(len(f.groups)) { // posteriors are nearly normal, and a coarser rule does
		f.step = 1
	}
	return f
}

// hermite gives nodes and weights of k-point Gauss-Hermite quadrature for the standard normal density, weights
// summing to one, by the eigenvalues of the Jacobi matrix (Golub and Welsch 1969), made symmetric.
func hermite(k int) (nodes, weights []float64) {
	jacobi := mat.NewSymDense(k, nil)
	for i := 1; i < k; i++ {
		jacobi.SetSym(i-1, i, math.Sqrt(float64(i)))
	}
	var eigen mat.EigenSym
	eigen.Factorize(jacobi, true)
	nodes = eigen.Values(nil)
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	weights = make([]float64, k)
	for i := range weights {
		v := vectors.At(0, i)
		weights[i] = v * v
	}
	sum := 0.0
	for i := range (k + 1) / 2 {
		j := k - 1 - i
		z, w := 0.5*(nodes[j]-nodes[i]), 0.5*(weights[i]+weights[j])
		nodes[i], nodes[j], weights[i], weights[j] = -z, z, w, w
	}
	for _, w := range weights {
		sum += w
	}
	for i := range weights {
		weights[i] /= sum
	}
	return nodes, weights
}
