// Package effect knows how a fitted model is read: odds ratios, average marginal effects, predicted
// probabilities, shares of variance, comparisons of models, discrimination and calibration. It must not know how
// a model was fitted, nor any word of migration.
//
// It works on a small interface of its own, Model, and on plain slices, so that each part can be used alone:
//
//	r := effect.Result{Probability: p, Successes: y}
//	auc, err := r.AUC(0.95)
//
// Invariants:
//
//  1. Every probability is labelled with what it is about (Scope): the typical group, where every group effect is
//     zero; a given group; or the population, integrated over the groups. They differ, and none stands for another.
//  2. An interval of a probability is made on the logit scale and turned back, so that it stays between 0 and 1.
//  3. Rows weigh what they stand for: frequency weights times binomial trials. A row of ten trials counts as ten.
//  4. Sums run in the order of the rows; no result depends on a map's order or on a number of threads.
package effect
