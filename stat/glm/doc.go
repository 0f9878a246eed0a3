// Package glm knows generalised linear models: it fits a formula.Design by iterated weighted least squares
// and says how far the result can be trusted. It must not know formulas' text, files, or what a coefficient
// means in the field.
//
//	m, err := glm.Fit(design, glm.Options{Family: glm.Binomial})
//
// Families and links: binomial with logit, probit and complementary log-log, poisson with log, gaussian with
// identity. Standard errors come from the expected information, as R's glm gives them (McCullagh and Nelder
// 1989, sections 2.5 and 4.4). Method and limits are on the page docs/methods/glm.md.
//
// What a fit has to say about itself are values, not panics or log lines: Model.Verdicts.
//
// Invariants:
//
//  1. The result does not depend on the order of rows, to the last bit: rows are first collapsed to distinct
//     patterns in an order that their content alone decides, and every sum runs in that order.
//  2. There is one goroutine, so no result depends on the number of processors.
//  3. Log-likelihoods are full ones, with the constants that do not depend on coefficients.
package glm
