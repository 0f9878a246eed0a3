// Package formula knows R's model formulas: it reads "y ~ x + (1 | g)" and turns columns into a design of
// byte codes, joint factors and grouping codes. It must not know how a model is fitted, nor any word of
// migration.
package formula
