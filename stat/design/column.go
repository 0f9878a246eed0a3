package design

import (
	"strconv"
	"strings"

	"waymark/fault"
)

// Variable is what is estimated: a number for each row, NaN where there is none. For a level of a factor it is
// 1 in the rows that have it and 0 in the others.
type Variable struct {
	Name   string
	Level  string
	Values []float64
}

// Label gives "name" or "name=level".
func (v Variable) Label() string {
	if v.Level == "" {
		return v.Name
	}
	return v.Name + "=" + v.Level
}

// Numbers gives a column of numbers as a variable.
func (s *Sample) Numbers(name string) (Variable, error) {
	values, err := s.numbers(name)
	return Variable{Name: name, Values: values}, err
}

// Factor is a column of categories, or of numbers taken as such.
type Factor struct {
	Name   string
	Levels []string // that some row has

	codes []uint32
}

// Factor gives a column as categories.
func (s *Sample) Factor(name string) (*Factor, error) {
	codes, labels, err := s.codes(name)
	return &Factor{Name: name, Levels: labels, codes: codes}, err
}

// Variable gives one level: 1 in the rows that have it, 0 in the others, NaN where the column has no value.
func (f *Factor) Variable(level int) Variable {
	v := Variable{Name: f.Name, Level: f.Levels[level], Values: make([]float64, len(f.codes))}
	for i, c := range f.codes {
		switch {
		case c == uint32(level):
			v.Values[i] = 1
		case c == noCode:
			v.Values[i] = nan
		}
	}
	return v
}

// Levels gives a variable for each level of a column.
func (s *Sample) Levels(name string) ([]Variable, error) {
	f, err := s.Factor(name)
	if err != nil {
		return nil, err
	}
	out := make([]Variable, len(f.Levels))
	for k := range out {
		out[k] = f.Variable(k)
	}
	return out, nil
}

// Holds says whether a column is one of numbers.
func (s *Sample) Holds(name string) (numbers bool, err error) {
	if _, ok := s.columns.Numbers(name); ok {
		return true, nil
	}
	if _, _, _, ok := s.columns.Levels(name); ok {
		return false, nil
	}
	return false, s.unknown(name)
}

// Groups is the rows by the levels of one column or more.
type Groups struct {
	Columns []string
	Labels  [][]string // of each group, one label a column

	codes []uint32
}

// Groups gives the groups that occur, in the order of the levels. A row without a value in one of the columns
// is in no group; missing counts them.
func (s *Sample) Groups(columns ...string) (g *Groups, missing int, err error) {
	g = &Groups{Columns: columns, Labels: [][]string{nil}, codes: make([]uint32, s.rows)}
	var issues fault.Issues
	for _, name := range columns {
		codes, labels, err := s.codes(name)
		if err != nil {
			issues = append(issues, fault.Of(err)...)
			continue
		}
		wide := make([][]string, 0, len(g.Labels)*len(labels))
		for _, have := range g.Labels {
			for _, l := range labels {
				wide = append(wide, append(append([]string(nil), have...), l))
			}
		}
		seen := make([]bool, len(wide))
		for i, c := range codes {
			if g.codes[i] == noCode || c == noCode {
				g.codes[i] = noCode
				continue
			}
			g.codes[i] = g.codes[i]*uint32(len(labels)) + c
			seen[g.codes[i]] = true
		}
		to := make([]uint32, len(wide))
		g.Labels = nil
		for c, yes := range seen {
			if yes {
				to[c] = uint32(len(g.Labels))
				g.Labels = append(g.Labels, wide[c])
			}
		}
		for i, c := range g.codes {
			if c != noCode {
				g.codes[i] = to[c]
			}
		}
	}
	return g, countMissing(g.codes), issues.Err()
}

// WithinGroup gives the sample of one group.
func (s *Sample) WithinGroup(g *Groups, k int) *Sample {
	out := *s
	out.weights = make([]float64, s.rows)
	for i, c := range g.codes {
		if c == uint32(k) {
			out.weights[i] = s.weights[i]
		}
	}
	return &out
}

func write(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// unknown says that there is no such column, and which name is near.
func (s *Sample) unknown(name string) error {
	list, ok := s.columns.(interface{ Names() []string })
	if ok {
		plain := func(t string) string {
			return strings.Map(func(r rune) rune {
				if strings.ContainsRune(" _.-", r) {
					return -1
				}
				return r
			}, strings.ToLower(t))
		}
		best, far := "", 3
		for _, n := range list.Names() {
			if d := distance(plain(n), plain(name)); d < far && d < len(name) {
				best, far = n, d
			}
		}
		if best != "" {
			return of(CodeNearColumn, name, "near", best)
		}
	}
	return of(CodeNoColumn, name)
}

// distance is how many letters must change to make one word of the other.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		left := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := left
			if a[i] != b[j] {
				change++
			}
			left = row[j+1]
			row[j+1] = min(change, left+1, row[j]+1)
		}
	}
	return row[len(b)]
}
