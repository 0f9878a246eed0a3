package effect

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"waymark/fault"
	"waymark/stat/formula"
)

// Sample is the rows over which effects are averaged: those that the model was fitted to, each with its weight.
type Sample struct {
	design  *formula.Design
	columns formula.Columns // the used rows alone
	weights []float64       // frequency weights x trials; nil: one each
	total   float64
	names   []Variable
}

// Variable is a column of the data that the fixed part of a model hangs on.
type Variable struct {
	Name   string
	Levels []string // of a factor, the reference first; nil: continuous
	label  string   // as the formula writes the factor: "x", "factor(x)"
}

// NewSample takes the used rows of a design out of the columns it was built from.
func NewSample(design *formula.Design, columns formula.Columns) (*Sample, error) {
	s := &Sample{design: design, columns: columns}
	if design.Index != nil {
		s.columns = &rowsOf{columns: columns, index: design.Index}
	}
	switch {
	case design.Weights != nil && design.Trials != nil:
		s.weights = make([]float64, design.Used)
		for i := range s.weights {
			s.weights[i] = design.Weights[i] * design.Trials[i]
		}
	case design.Weights != nil:
		s.weights = design.Weights
	case design.Trials != nil:
		s.weights = design.Trials
	}
	s.total = float64(design.Used)
	if s.weights != nil {
		s.total = 0
		for _, w := range s.weights {
			s.total += w
		}
	}
	return s, s.findVariables()
}

// Variables lists what the fixed part hangs on, in the order of its terms.
func (s *Sample) Variables() []Variable { return s.names }

func (s *Sample) findVariables() error {
	seen := map[string]bool{}
	for _, t := range s.design.Terms {
		for _, f := range t.Factors {
			name := inner(f.Variable)
			if !seen[name] {
				seen[name] = true
				s.names = append(s.names, Variable{Name: name, Levels: f.Levels, label: f.Variable})
			}
		}
		for _, expression := range t.Numeric {
			parsed, err := formula.Parse("y ~ " + expression)
			if err != nil {
				return err
			}
			for _, name := range parsed.Columns()[1:] {
				if !seen[name] {
					seen[name] = true
					s.names = append(s.names, Variable{Name: name})
				}
			}
		}
	}
	return nil
}

// inner gives the column of a factor as a formula writes it: x of "x" and of "factor(x)".
func inner(label string) string {
	if open := strings.IndexByte(label, '('); open > 0 && strings.HasSuffix(label, ")") {
		label = label[open+1 : len(label)-1]
	}
	return strings.Trim(label, "`")
}

// find gives a variable by name.
func (s *Sample) find(name string) (Variable, error) {
	for _, v := range s.names {
		if v.Name == name {
			return v, nil
		}
	}
	return Variable{}, fault.Issue{Code: CodeUnknownTerm, Kind: fault.NotFound, Args: map[string]any{"variable": name}}
}

// spread is the standard deviation of a continuous variable over the sample's rows, 1 where it does not vary.
func (s *Sample) spread(name string) float64 {
	values, ok := s.columns.Numbers(name)
	if !ok || len(values) == 0 {
		return 1
	}
	mean, sum := 0.0, 0.0
	for _, x := range values {
		mean += x / float64(len(values))
	}
	for _, x := range values {
		sum += (x - mean) * (x - mean) / float64(len(values))
	}
	if !(sum > 0) {
		return 1
	}
	return math.Sqrt(sum)
}

// rowsOf is the columns at some of their rows.
type rowsOf struct {
	columns formula.Columns
	index   []int32
}

func (r *rowsOf) Rows() int { return len(r.index) }

func (r *rowsOf) Numbers(name string) ([]float64, bool) {
	all, ok := r.columns.Numbers(name)
	if !ok {
		return nil, false
	}
	return pickRows(all, r.index), true
}

func (r *rowsOf) Levels(name string) ([]string, []uint8, []uint32, bool) {
	levels, narrow, wide, ok := r.columns.Levels(name)
	switch {
	case !ok:
		return nil, nil, nil, false
	case wide != nil:
		return levels, nil, pickRows(wide, r.index), true
	}
	return levels, pickRows(narrow, r.index), nil, true
}

func pickRows[T any](all []T, index []int32) []T {
	out := make([]T, len(index))
	for u, i := range index {
		out[u] = all[i]
	}
	return out
}

// assigned is columns in which some have been given other values: what would be if everyone had them.
type assigned struct {
	columns formula.Columns
	level   map[string]string  // factor -> level
	value   map[string]float64 // continuous -> value
	shift   map[string]float64 // continuous -> what is added to the observed value
	rows    int                // 0: those of columns
}

func (a *assigned) Rows() int {
	if a.rows > 0 {
		return a.rows
	}
	return a.columns.Rows()
}

func (a *assigned) Numbers(name string) ([]float64, bool) {
	all, ok := a.columns.Numbers(name)
	if !ok {
		return nil, false
	}
	if level, set := a.level[name]; set { // a numeric column that the model takes as a factor
		x, err := strconv.ParseFloat(level, 64)
		if err != nil {
			return nil, false
		}
		return slices.Repeat([]float64{x}, a.Rows()), true
	}
	if x, set := a.value[name]; set {
		return slices.Repeat([]float64{x}, a.Rows()), true
	}
	if d, set := a.shift[name]; set {
		out := make([]float64, len(all))
		for i, x := range all {
			out[i] = x + d
		}
		return out, true
	}
	return all[:a.Rows()], true
}

func (a *assigned) Levels(name string) ([]string, []uint8, []uint32, bool) {
	levels, narrow, wide, ok := a.columns.Levels(name)
	if !ok {
		return nil, nil, nil, false
	}
	level, set := a.level[name]
	if !set {
		if wide != nil {
			return levels, nil, wide[:a.Rows()], true
		}
		return levels, narrow[:a.Rows()], nil, true
	}
	code := slices.Index(levels, level)
	switch {
	case code < 0:
		return nil, nil, nil, false
	case wide != nil:
		return levels, nil, slices.Repeat([]uint32{uint32(code)}, a.Rows()), true
	}
	return levels, slices.Repeat([]uint8{uint8(code)}, a.Rows()), nil, true
}
