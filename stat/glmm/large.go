package glmm

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"
)

func choleskyLarge(a []float64, n int) bool {
	_, ok := lapack64.Potrf(blas64.Symmetric{N: n, Stride: n, Data: a, Uplo: blas.Upper})
	return ok
}

// inverseLarge is inverseCholesky by the library.
func inverseLarge(a []float64, n int) {
	lapack64.Potri(blas64.Triangular{N: n, Stride: n, Data: a, Uplo: blas.Upper, Diag: blas.NonUnit})
	for i := range n {
		for j := range i {
			a[i*n+j] = a[j*n+i]
		}
	}
}
