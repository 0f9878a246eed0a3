package formula

import (
	"cmp"
	"errors"
	"maps"
	"math"
	"slices"
	"strconv"

	"waymark/fault"
)

const (
	noNarrow = math.MaxUint8
	noWide   = math.MaxUint32
)

// variable is one atom of the formula over all rows of the columns: numbers, or a factor.
type variable struct {
	label  string // as R writes it
	column string // the column it reads first, for messages
	values []float64
	factor *factor
}

// factor gives a code for each row; the codes are those of the column through a map of old to new levels,
// so that no column is copied.
type factor struct {
	levels []string
	narrow []uint8  // codes of the column, or nil
	wide   []uint32 // codes of the column where narrow is nil
	to     []uint32 // code of the column -> index into levels, noWide where the row has no value
}

func (f *factor) at(i int) uint32 {
	if f.narrow != nil {
		return f.to[f.narrow[i]]
	}
	if c := f.wide[i]; c != noWide {
		return f.to[c]
	}
	return noWide
}

// bytes writes a factor's codes at the used rows; the factor has at most 256 levels.
func (f *factor) bytes(index []int32, out []uint8) {
	if f.narrow == nil {
		each(index, len(out), func(u, i int) { out[u] = uint8(f.at(i)) })
		return
	}
	var to [256]uint8
	for c := range to {
		to[c] = uint8(f.to[c])
	}
	if index == nil {
		for i, c := range f.narrow {
			out[i] = to[c]
		}
		return
	}
	for u, i := range index {
		out[u] = to[f.narrow[i]]
	}
}

// complete says whether a variable has a finite value in every row: the common case, told by one quick pass.
func (v *variable) complete() bool {
	switch {
	case v.factor == nil:
		for _, x := range v.values {
			if x-x != 0 { // NaN or infinite
				return false
			}
		}
	case v.factor.narrow != nil:
		var seen [256]bool
		for _, c := range v.factor.narrow {
			seen[c] = true
		}
		for c, yes := range seen {
			if yes && v.factor.to[c] == noWide {
				return false
			}
		}
	default:
		for _, c := range v.factor.wide {
			if c == noWide || v.factor.to[c] == noWide {
				return false
			}
		}
	}
	return true
}

func (v *variable) missing(i int) bool {
	if v.factor != nil {
		return v.factor.at(i) == noWide
	}
	return math.IsNaN(v.values[i])
}

// source reads columns and remembers those already made into factors.
type source struct {
	columns Columns
	options Options
	frozen  map[string][]string // levels that must be kept as they are, by label; nil: found from the data
}

// namer is what Columns may offer besides, so that a dot can be resolved and a near name offered.
type namer interface{ Names() []string }

func (s *source) names() []string {
	if n, ok := s.columns.(namer); ok {
		return n.Names()
	}
	return nil
}

func (s *source) unknown(name string, pos int) fault.Issue {
	names := s.names()
	if slices.Contains(names, name) {
		return fault.Issue{Code: CodeNotUsable, Place: fault.Place{Column: pos, Field: name}, Args: arguments([]any{"variable", name})}
	}
	if near := nearest(name, names); near != "" {
		return fault.Issue{Code: CodeNearVariable, Kind: fault.NotFound, Place: fault.Place{Column: pos, Field: name},
			Args: arguments([]any{"variable", name, "near", near})}
	}
	return fault.Issue{Code: CodeUnknownVariable, Kind: fault.NotFound, Place: fault.Place{Column: pos, Field: name},
		Args: arguments([]any{"variable", name})}
}

// resolve reads an atom: a factor where the column is one or is to be made one, else numbers.
func (s *source) resolve(n *node) (*variable, error) {
	if n.op == opCall && isFactorCall(n.name) {
		name := n.args[0].bare()
		f, err := s.factor(name.name, name.pos, n.String())
		if err != nil {
			return nil, err
		}
		return &variable{label: n.String(), column: name.name, factor: f}, nil
	}
	if n.op == opName {
		_, _, _, isFactor := s.columns.Levels(n.name)
		if isFactor || s.options.Levels[n.name] != nil {
			f, err := s.factor(n.name, n.pos, n.String())
			if err != nil {
				return nil, err
			}
			return &variable{label: n.String(), column: n.name, factor: f}, nil
		}
	}
	return s.numbers(n)
}

// numbers works an arithmetic expression out for all rows.
func (s *source) numbers(n *node) (*variable, error) {
	v := &variable{label: n.String()}
	columns := make(map[string][]float64)
	var err error
	n.walk(func(a *node) bool {
		if a.op != opName || err != nil || columns[a.name] != nil {
			return true
		}
		values, ok := s.columns.Numbers(a.name)
		if !ok {
			if _, _, _, isFactor := s.columns.Levels(a.name); isFactor {
				err = fault.Issue{Code: CodeNotNumeric, Place: fault.Place{Column: a.pos, Field: a.name},
					Args: arguments([]any{"variable", a.name})}
			} else {
				err = s.unknown(a.name, a.pos)
			}
			return false
		}
		if v.column == "" {
			v.column = a.name
		}
		if values == nil {
			values = []float64{}
		}
		columns[a.name] = values
		return true
	})
	if err != nil {
		return nil, err
	}
	if v.column == "" {
		v.column = v.label
	}
	if n.op == opName {
		v.values = columns[n.name]
		return v, nil
	}
	rows := s.columns.Rows()
	v.values = make([]float64, rows)
	for lo := 0; lo < rows; lo += chunk {
		n.evaluate(columns, lo, v.values[lo:min(lo+chunk, rows)])
	}
	return v, nil
}

// factor reads a column as a factor with all levels it has, in the order of the options, of a frozen
// design, or sorted.
func (s *source) factor(name string, pos int, label string) (*factor, error) {
	f := &factor{}
	var have []string
	if levels, narrow, wide, ok := s.columns.Levels(name); ok {
		have, f.narrow, f.wide = levels, narrow, wide
		if narrow == nil && wide == nil {
			f.narrow = []uint8{}
		}
	} else if values, ok := s.columns.Numbers(name); ok {
		have, f.narrow, f.wide = numbersAsFactor(values)
	} else {
		return nil, s.unknown(name, pos)
	}
	want, told := s.options.Levels[name], true
	if frozen, ok := s.frozen[label]; ok {
		want = frozen
	} else if want == nil {
		told = false
		want = slices.Clone(have)
		if !s.options.KeepLevelOrder {
			sortLevels(want)
		}
	}
	f.levels = want
	index := make(map[string]int, len(want))
	for i, l := range want {
		if _, twice := index[l]; twice {
			return nil, of(CodeLevelRepeated, name, "variable", name, "level", l)
		}
		index[l] = i
	}
	f.to = make([]uint32, max(len(have), 256))
	for i := range f.to {
		f.to[i] = noWide
	}
	left := false
	matched := make(map[string]bool, len(want))
	for i, l := range have {
		if k, ok := index[l]; ok {
			f.to[i] = uint32(k)
			matched[l] = true
		} else {
			left = true
		}
	}
	maps.DeleteFunc(index, func(l string, _ int) bool { return matched[l] })
	if s.frozen != nil && left {
		return f, s.levelNew(name, want, have, f)
	}
	if told && left && len(index) > 0 && s.frozen == nil {
		return nil, s.levelUnknown(name, want, have, index)
	}
	return f, nil
}

// levelUnknown is raised where a level is listed that the column does not know while the column knows one
// that is not listed: most likely a slip of the pen, which would leave rows out.
func (s *source) levelUnknown(name string, want, have []string, unknown map[string]int) error {
	for _, l := range want {
		if _, ok := unknown[l]; ok {
			return of(CodeLevelUnknown, name, "variable", name, "level", l, "near", nearest(l, have))
		}
	}
	return nil
}

// levelNew is raised where rows have a level that the design applied to them does not know.
func (s *source) levelNew(name string, known, have []string, f *factor) error {
	for i := range s.columns.Rows() {
		if f.at(i) != noWide {
			continue
		}
		k := -1
		switch {
		case f.narrow != nil && f.narrow[i] != noNarrow:
			k = int(f.narrow[i])
		case f.narrow == nil && f.wide[i] != noWide:
			k = int(f.wide[i])
		}
		if k >= 0 {
			return of(CodeLevelUnknown, name, "variable", name, "level", have[k], "near", nearest(have[k], known))
		}
	}
	return nil
}

// numbersAsFactor gives numbers the levels that R's factor() would give them.
func numbersAsFactor(values []float64) (levels []string, narrow []uint8, wide []uint32) {
	index := make(map[float64]uint32)
	var found []float64
	for _, v := range values {
		if _, ok := index[v]; !ok && !math.IsNaN(v) {
			index[v] = 0
			found = append(found, v)
		}
	}
	slices.Sort(found)
	for i, v := range found {
		index[v] = uint32(i)
		levels = append(levels, numberText(v))
	}
	if len(found) <= noNarrow {
		narrow = make([]uint8, len(values))
		for i, v := range values {
			narrow[i] = noNarrow
			if !math.IsNaN(v) {
				narrow[i] = uint8(index[v])
			}
		}
		return levels, narrow, nil
	}
	wide = make([]uint32, len(values))
	for i, v := range values {
		wide[i] = noWide
		if !math.IsNaN(v) {
			wide[i] = index[v]
		}
	}
	return levels, nil, wide
}

// sortLevels sorts as numbers where all are numbers, else by bytes.
func sortLevels(levels []string) {
	numbers := make(map[string]float64, len(levels))
	for _, l := range levels {
		v, err := strconv.ParseFloat(l, 64)
		if err != nil && !errors.Is(err, strconv.ErrRange) || math.IsNaN(v) {
			slices.Sort(levels)
			return
		}
		numbers[l] = v
	}
	slices.SortFunc(levels, func(a, b string) int {
		return cmp.Or(cmp.Compare(numbers[a], numbers[b]), cmp.Compare(a, b))
	})
}

// dropUnused leaves out the levels that no used row has.
func (f *factor) dropUnused(index []int32, rows int) {
	used := make([]bool, len(f.levels))
	if index == nil && f.narrow != nil {
		var seen [256]bool
		for _, c := range f.narrow {
			seen[c] = true
		}
		for c, yes := range seen {
			if yes {
				used[f.to[c]] = true
			}
		}
	} else {
		each(index, rows, func(_, i int) { used[f.at(i)] = true })
	}
	to := make([]uint32, len(f.levels))
	var levels []string
	for k, u := range used {
		to[k] = noWide
		if u {
			to[k] = uint32(len(levels))
			levels = append(levels, f.levels[k])
		}
	}
	if len(levels) == len(f.levels) {
		return
	}
	next := make([]uint32, len(f.to))
	for i, k := range f.to {
		next[i] = noWide
		if k != noWide {
			next[i] = to[k]
		}
	}
	f.levels, f.to = levels, next
}

// each calls f with the number of every used row and its row in the columns.
func each(index []int32, rows int, f func(used, row int)) {
	if index == nil {
		for i := range rows {
			f(i, i)
		}
		return
	}
	for u, i := range index {
		f(u, int(i))
	}
}

// nearest finds the name with the fewest changed characters, at most about a third of them; "" where none is.
func nearest(name string, names []string) string {
	n := len([]rune(name))
	best, distance := "", min(n, (n+2)/3+1)
	for _, other := range names {
		if d := edits(name, other, distance); d < distance {
			best, distance = other, d
		}
	}
	return best
}

// edits is the number of characters to put in, take out or change (Levenshtein), ignoring case.
func edits(a, b string, limit int) int {
	x, y := lower(a), lower(b)
	if len(x)-len(y) >= limit || len(y)-len(x) >= limit {
		return limit
	}
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		last := row[0]
		row[0] = i + 1
		for j := range y {
			step := last
			if x[i] != y[j] {
				step++
			}
			last = row[j+1]
			row[j+1] = min(step, row[j]+1, last+1)
		}
	}
	return row[len(y)]
}
