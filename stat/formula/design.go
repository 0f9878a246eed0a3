package formula

// Design is a formula applied to columns: the rows used, the response, the fixed part, the random part.
// It keeps no dense model matrix: the fixed part is the sum of joint factors (one byte code a row and a
// small table of matrix rows, one per cell) and of a few dense columns, so that a model of categorical
// covariates costs a few bytes a row. All slices have one entry per used row unless said otherwise.
type Design struct {
	Formula  *Formula
	Response string   // left-hand side as written
	Names    []string // coefficient names as R's treatment contrasts give them, "(Intercept)" first when present

	Y       []float64 // response; for binomial models the number of successes
	Trials  []float64 // binomial trials; nil: one each
	Weights []float64 // frequency weights, which multiply the log-likelihood; nil: one each
	Offset  []float64 // on the scale of the linear predictor; nil: none

	Fixed  Fixed
	Terms  []Term  // fixed terms in order, without the intercept
	Random []Group // random terms in the order written, `||` and `/` expanded

	// Rows accounted for: Read = Used + the sum of Dropped.
	Read    int
	Used    int
	Dropped []Drop
	Index   []int32 // used row -> row of the columns; nil: all rows used in order
	Success string  // for a text or factor response: the level(s) counted as success, "" otherwise

	Cluster *Cluster // the groups of Options.Cluster; nil: none

	options Options
	dot     []string            // what a dot of the formula stood for
	levels  map[string][]string // levels of the fixed part's factors by label, for Apply
}

// Cluster groups the used rows for robust standard errors.
type Cluster struct {
	Label  string
	Levels []string // that occur in used rows
	Codes  []uint32 // of each used row
}

// Drop is the number of rows left out because of one variable: a row is counted under the first of its
// variables, in the order of the formula, that has no value.
type Drop struct {
	Variable string
	Rows     int
}

// Fixed is the fixed part of the linear predictor, X*b, in compressed form:
// eta_i = sum over joints of Rows[Codes[i]]*b[Coefs] + sum over dense columns of Values[i]*b[Coef].
// The intercept belongs to the first joint factor; where there is no factor at all, that joint has one cell.
type Fixed struct {
	Joints []Joint
	Dense  []Dense
}

// Joint is a joint factor of at most 256 cells: those factors, and their interactions, whose levels
// together make the cell. Coefficients belong to exactly one joint.
type Joint struct {
	Coefs []int       // which coefficients of Design.Names it carries
	Codes []uint8     // cell of each used row
	Cells [][]float64 // [cell][len(Coefs)] the matrix row of the cell
}

// Dense is one column of numbers: a numeric covariate or its interaction.
type Dense struct {
	Coef   int
	Values []float64
}

// Term is one fixed term of the formula and the coefficients it owns.
type Term struct {
	Label   string      // as R labels it: "sex", "I(age^2)", "route:sex"
	Coefs   []int       // indices into Design.Names
	Factors []TermLevel // the factors in it, empty for a numeric term
	Numeric []string    // the numeric expressions in it
}

// TermLevel is a factor of a term with its levels, reference first.
type TermLevel struct {
	Variable string
	Levels   []string
}

// Group is one random term, such as (1 + x | g): for each level of the grouping factor a vector of
// Columns effects with a free covariance matrix. `||` gives several groups with the same Label.
type Group struct {
	Label   string      // the grouping factor as written: "nationality", "district:site"
	Levels  []string    // names of the levels that occur in used rows
	Codes   []uint32    // level of each used row
	Names   []string    // effect names: "(Intercept)", "urbanY"
	Columns [][]float64 // [effect][used row]; a nil column is a column of ones
}
