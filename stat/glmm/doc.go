// Package glmm knows multilevel models: binomial with logit link, Poisson with log link and gaussian, with crossed
// and nested random intercepts and random slopes. It must not know where a table comes from, nor any word of
// migration.
//
// The model is
//
//	y_i ~ Family(mu_i),  link(mu_i) = x_i'b + o_i + z_i' L(t) u,  u ~ N(0, I)
//
// L(t) is block-diagonal: one lower-triangular template per random term, repeated over its levels; t are the free
// entries of the templates, so that L L' is the covariance of the random effects (for gaussian models relative to
// the residual variance). Three ways to integrate u out:
//
//   - Laplace: the penalised criterion's mode and curvature, with a closed-form gradient and Hessian;
//   - Fast: the same with b found by penalised least squares together with u, only t searched (lme4's nAGQ = 0);
//   - Quadrature: with Points, adaptive Gauss-Hermite; without, the integral itself, refined until it no longer
//     changes, for one scalar grouping factor and for two nested ones.
//
// A first example:
//
//	model, err := glmm.Fit(design, glmm.Options{Family: glmm.Binomial})
//	fmt.Println(model.Coef, model.SE(), model.LogLik, model.Verdicts)
//
// Invariants:
//
//  1. Log-likelihoods are full: every constant is in them, whatever the method.
//  2. The order of rows and the number of threads do not change a result: rows are sorted by everything that is
//     known of them before the first sum, and sums run over fixed ranges in fixed order.
//  3. A fit never hangs: every loop has a limit, and reaching one is a verdict.
//  4. Templates are searched without bounds and rectified at the end: diagonals are never negative.
//
// The formulas stand in docs/methods/glmm.md. They follow Bates, Maechler, Bolker and Walker (2015), Journal of
// Statistical Software 67(1), and Kristensen et al. (2016), Journal of Statistical Software 70(5), with
// derivatives of our own.
package glmm
