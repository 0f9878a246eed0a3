// Package formula knows R's model formulas: it reads "y ~ x + (1 | g)" and turns columns into a design of
// byte codes, joint factors and grouping codes. It must not know how a model is fitted, nor any word of
// migration.
//
// Parse reads the text, Build applies it to columns:
//
//	f, err := formula.Parse("exploited ~ route * sex + I(age^2) + (1 | nationality)")
//	d, err := formula.Build(f, columns, formula.Options{})
//
// Terms, their order, the coding of factors by treatment contrasts and the names of coefficients are R's
// (terms.formula, model.matrix), with these departures: levels sort as numbers where all are numbers, else
// by bytes (R sorts by the language of the machine); a dot leaves out grouping factors and the columns named
// by the options; a/b in a grouping expression is written a:b, not b:a; what R would only warn of (a response
// on the right-hand side, shares of trials that give no whole numbers) is an error.
//
// Invariants of a Design:
//
//  1. Read = Used + the sum of Dropped.
//  2. A coefficient belongs to exactly one joint factor or to one dense column.
//  3. Only cells and levels that some used row has are kept, but for designs made by Apply.
package formula
