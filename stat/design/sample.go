package design

import (
	"math"
	"slices"

	"waymark/fault"
	"waymark/stat/formula"
)

// Lonely says what becomes of a stratum from which one unit alone was drawn: its variance cannot be seen.
type Lonely uint8

const (
	Fail      Lonely = iota // refuse to estimate
	Remove                  // the stratum adds nothing to the variance
	Adjust                  // its unit is held against the mean of all units of the stage (cautious)
	Average                 // it adds what the other strata add on average
	Certainty               // its unit was sure to be drawn, so it adds nothing
)

// String gives "fail", "remove", "adjust", "average" or "certainty".
func (l Lonely) String() string {
	return [...]string{"fail", "remove", "adjust", "average", "certainty"}[l]
}

// Options say how the sample was drawn. The zero value is a simple random sample with equal weights.
type Options struct {
	Strata   []string // column of the strata of each stage, the first stage first
	Clusters []string // column of the units drawn at each stage; none: each row was drawn by itself
	Weights  string   // column of weights, how many of the population a row stands for; "": from FPC, else 1 each
	FPC      []string // column of the number of units the stratum has, or of the share drawn, by stage; none: endless
	Nested   bool     // units of different strata may carry the same name
	Lonely   Lonely

	// Brewer says that units were drawn without replacement with unequal chances, and that FPC has the chance of each
	// unit. Its variance is Brewer's approximation (Brewer 2002, chapter 9): 1 - chance in the place of 1 - n/N.
	Brewer bool
}

// Sample is rows with the design they were drawn by.
type Sample struct {
	Options Options
	Notes   []fault.Issue // soft: what the reader of an estimate should know of the design

	columns      formula.Columns
	rows         int
	weights      []float64
	stages       []stage
	calibrations []calibration
	replicates   *replicates
}

// New reads the columns of a design. Errors are fault.Issue or fault.Issues.
func New(columns formula.Columns, opt Options) (*Sample, error) {
	s := &Sample{Options: opt, columns: columns, rows: columns.Rows()}
	if s.rows == 0 || int64(s.rows) > math.MaxInt32 {
		return nil, issue(CodeNoRows)
	}
	stages := max(1, len(opt.Clusters))
	if len(opt.Strata) > stages || len(opt.FPC) > stages {
		return nil, issue(CodeStages, "strata", len(opt.Strata), "clusters", len(opt.Clusters), "fpc", len(opt.FPC))
	}
	if err := s.readStages(stages); err != nil {
		return nil, err
	}
	if err := s.readWeights(); err != nil {
		return nil, err
	}
	if s.stages[0].units() < 2 {
		return nil, issue(CodeOneUnit)
	}
	s.remark()
	return s, nil
}

func (s *Sample) readWeights() error {
	name := s.Options.Weights
	switch {
	case name == "" && len(s.Options.FPC) == 0:
		s.weights = slices.Repeat([]float64{1}, s.rows)
		s.Notes = append(s.Notes, note(CodeEqualWeights))
		return nil
	case name == "":
		s.weights = make([]float64, s.rows)
		for i := range s.weights {
			w := 1.0
			for k := range s.stages {
				g := &s.stages[k]
				if share := g.shareOf(g.unit[i]); share > 0 {
					w /= share
				}
			}
			s.weights[i] = w
		}
		s.Notes = append(s.Notes, note(CodeFPCWeights))
		return nil
	}
	values, err := s.numbers(name)
	if err != nil {
		return err
	}
	missing, negative, sum := 0, 0, 0.0
	for _, w := range values {
		switch {
		case math.IsNaN(w) || math.IsInf(w, 0):
			missing++
		case w < 0:
			negative++
		default:
			sum += w
		}
	}
	switch {
	case missing > 0:
		return of(CodeNoValue, name, "count", missing)
	case negative > 0:
		return of(CodeNegative, name, "count", negative)
	case sum == 0 || math.IsInf(sum, 1):
		return of(CodeNoWeight, name)
	}
	s.weights = values
	return nil
}

// remark notes what the reader should know of the design.
func (s *Sample) remark() {
	if len(s.Options.FPC) == 0 {
		s.Notes = append(s.Notes, note(CodeNoFPC))
	}
	for k := range s.stages {
		if n := s.stages[k].lonely(); n > 0 && s.Options.Lonely != Fail {
			s.Notes = append(s.Notes, note(CodeLonelyTreated, "count", n, "stage", k+1, "how", s.Options.Lonely.String()))
		}
	}
	if df := s.DF(); df < 10 {
		s.Notes = append(s.Notes, note(CodeFewUnits, "df", df))
	}
}

// Rows is the number of rows of the columns.
func (s *Sample) Rows() int { return s.rows }

// Weights gives the weight of each row, 0 outside the domain.
func (s *Sample) Weights() []float64 { return slices.Clone(s.weights) }

// Counted is the number of rows with weight.
func (s *Sample) Counted() int {
	n := 0
	for _, w := range s.weights {
		if w != 0 {
			n++
		}
	}
	return n
}

// SumOfWeights estimates the size of the population, or of the domain.
func (s *Sample) SumOfWeights() float64 {
	sum := 0.0
	for _, w := range s.weights {
		sum += w
	}
	return sum
}

// DF is the number of degrees of freedom: units of the first stage less strata of the first stage, of those
// that some row with weight has; for replicate weights as given, the rank of their matrix less one.
func (s *Sample) DF() int {
	if s.replicates != nil && s.replicates.ranked {
		return s.replicates.rank(s.weights) - 1
	}
	units, strata := s.Drawn(0)
	if s.replicates != nil {
		return min(units-strata, len(s.replicates.rscales)-1)
	}
	return units - strata
}

// Stages is the number of stages of the design.
func (s *Sample) Stages() int { return len(s.stages) }

// Drawn counts the units and strata of a stage, from 0, that some row with weight has.
func (s *Sample) Drawn(of int) (units, strata int) {
	g := &s.stages[of]
	unit, stratum := make([]bool, g.units()), make([]bool, len(g.size))
	for i, w := range s.weights {
		if u := g.unit[i]; w != 0 && !unit[u] {
			unit[u] = true
			units++
			if h := g.stratum[u]; !stratum[h] {
				stratum[h] = true
				strata++
			}
		}
	}
	return units, strata
}

// Within gives the sample of a domain: rows that are not kept weigh nothing but stay in the design.
func (s *Sample) Within(keep []bool) *Sample {
	out := *s
	out.weights = make([]float64, s.rows)
	for i, k := range keep[:s.rows] {
		if k {
			out.weights[i] = s.weights[i]
		}
	}
	return &out
}
