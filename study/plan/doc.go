// Package plan knows the written plan of a study: a YAML file that names data, rules, outcomes, predictors,
// models and tables, parsed and checked with the row and column of each mistake, and drafts one from what the columns
// of a table are like. It must not know results, or how anything is computed; a draft holds no answer of anybody.
//
// The format has a page of its own: docs/formats/plan.md. A plan is read whole, and every mistake is
// reported, not only the first:
//
//	p, issues := plan.Parse("mediterranean-2017.yaml", text)
//	if err := issues.Err(); err != nil { ... }
package plan
