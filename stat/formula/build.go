package formula

import (
	"errors"
	"maps"
	"math"
	"slices"

	"waymark/fault"
)

// Response is what kind of number the left-hand side must give.
type Response uint8

const (
	Binary     Response = iota // 0 and 1, a factor, cbind(yes, no), or a share with trials as weights
	Count                      // whole numbers from 0
	Continuous                 // any numbers
)

// WeightsKind says what a weights column means. The two are never mixed.
type WeightsKind uint8

const (
	Frequency WeightsKind = iota // the row stands for so many equal rows
	Trials                       // binomial: the response is a share of so many trials
)

// Options say how a formula is applied to columns. The zero value serves a binary response without weights.
type Options struct {
	Response Response

	// Levels gives a factor's levels, reference first, by column name; it makes a numeric column a factor.
	// Rows whose value is not listed have no value, and are counted as such.
	Levels map[string][]string
	// KeepLevelOrder keeps the order in which the columns give their levels. Default: levels sort as numbers
	// where all are numbers, else by bytes.
	KeepLevelOrder bool

	Weights     string // column of weights; "": none
	WeightsKind WeightsKind
	Offset      string // column added to the linear predictor, besides offset() terms; "": none
	Cluster     string // column whose values group rows for robust errors; "": none

	Cells     int // cells a joint factor may have, 2 to 256; 0: 256
	MaxLevels int // levels a factor of a fixed term may have; 0: 255
}

// Build applies a formula to columns.
//
// Rows without a value in any variable of the formula (and in the weights, offset and cluster columns) are
// left out and counted by variable. Levels that no used row has are dropped. Errors are fault.Issue or
// fault.Issues: what a person can mend in formula, options or columns.
func Build(f *Formula, cols Columns, opt Options) (*Design, error) {
	b := &builder{
		source:  source{columns: cols, options: opt},
		formula: f,
		design:  &Design{Formula: f, Response: f.responseText()},
	}
	if int64(cols.Rows()) > math.MaxInt32 {
		return nil, fault.Issue{Code: CodeTooManyRows, Args: map[string]any{"count": cols.Rows()}}
	}
	steps := []func() error{b.read, b.chooseRows, b.response, b.extras, b.fixed, b.random}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	b.design.levels = b.kept()
	return b.design, nil
}

// Apply gives the matrices of a design for other columns: the same coefficients and levels, no response,
// weights or random terms. The weights are nil; an offset is read where the design had one. Rows with a
// level the design does not know are an error; rows without a value are left out and counted.
func (d *Design) Apply(cols Columns) (*Design, error) {
	b := &builder{
		source:  source{columns: cols, options: d.options, frozen: d.levels},
		formula: d.Formula,
		design:  &Design{Formula: d.Formula, Response: d.Response},
		dot:     d.dot,
		apply:   true,
	}
	b.source.options.Weights, b.source.options.Cluster = "", ""
	for _, step := range []func() error{b.read, b.chooseRows, b.extras, b.fixed} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	b.design.levels = d.levels
	return b.design, nil
}

func (f *Formula) responseText() string {
	if f.failure != nil {
		return "cbind(" + f.left.String() + ", " + f.failure.String() + ")"
	}
	return f.left.String()
}

// builder carries what Build has found so far.
type builder struct {
	source
	formula *Formula
	design  *Design
	issues  fault.Issues // of read
	apply   bool         // the levels are those of another design and there is no response
	dot     []string     // what a dot stood for in that design

	left, failure     *variable
	terms             *expansion
	variables         []*variable // of terms
	offsets           []*variable
	bars              []*bar
	weights, addition *variable // columns named by the options
	cluster           *variable
	index             []int32
	used              int
}

// read resolves every variable of the formula and reports all that it cannot resolve.
func (b *builder) read() error {
	f := b.formula
	if !b.apply {
		b.note(b.checkLevels())
		b.left = b.one(f.left)
		if f.failure != nil {
			b.failure = b.one(f.failure)
		}
	}
	dot, err := b.dotNames()
	if err != nil {
		return err
	}
	b.design.dot = dot
	if b.terms, err = expand(f.right, dot); err != nil {
		return err
	}
	for i, n := range b.terms.variables {
		label := b.terms.labels[i]
		if !b.apply && (label == f.left.String() || f.failure != nil && label == f.failure.String()) {
			b.note(fault.Issue{Code: CodeResponseOnRight, Place: fault.Place{Column: n.pos, Field: label},
				Args: map[string]any{"variable": label}})
		}
		b.variables = append(b.variables, b.one(n))
	}
	for _, n := range f.offsets {
		v := b.one(n)
		if v != nil && v.factor != nil {
			b.note(of(CodeNotNumeric, v.column, "variable", v.column))
		}
		b.offsets = append(b.offsets, v)
	}
	if !b.apply {
		for _, n := range f.bars {
			bars, err := b.readBar(n)
			b.note(err)
			b.bars = append(b.bars, bars...)
		}
		if len(b.terms.terms) == 0 && !b.terms.intercept && len(b.bars) == 0 {
			b.note(at(CodeNothing, 1))
		}
	}
	b.readOptions()
	return b.issues.Err()
}

// readOptions resolves the columns that the options name.
func (b *builder) readOptions() {
	column := func(name string) *variable {
		if name == "" {
			return nil
		}
		v, err := b.numbers(&node{op: opName, name: name})
		b.note(err)
		return v
	}
	b.weights, b.addition = column(b.options.Weights), column(b.options.Offset)
	if name := b.options.Cluster; name != "" {
		g, err := b.factor(name, 0, name)
		b.note(err)
		b.cluster = &variable{label: name, column: name, factor: g}
	}
}

// one resolves an atom; nil where it cannot.
func (b *builder) one(n *node) *variable {
	v, err := b.resolve(n)
	b.note(err)
	return v
}

// note keeps an issue for the end of read, each thing said once.
func (b *builder) note(err error) {
	var issue fault.Issue
	if errors.As(err, &issue) && !slices.ContainsFunc(b.issues, func(i fault.Issue) bool {
		return i.Code == issue.Code && i.Place.Field == issue.Place.Field
	}) {
		b.issues = append(b.issues, issue)
	}
}

// checkLevels finds a list of levels for a column that does not exist.
func (b *builder) checkLevels() error {
	for _, name := range slices.Sorted(maps.Keys(b.options.Levels)) {
		if _, _, _, ok := b.columns.Levels(name); ok {
			continue
		}
		if _, ok := b.columns.Numbers(name); !ok {
			return b.unknown(name, 0)
		}
	}
	return nil
}

// dotNames is what a dot stands for: every column but the response, the grouping factors, and the columns
// of weights, offset and clusters. (R leaves out the response only.)
func (b *builder) dotNames() ([]string, error) {
	if b.apply {
		return b.dot, nil
	}
	dotted := 0
	hidden := []string{b.options.Weights, b.options.Offset, b.options.Cluster}
	hide := func(n *node) bool {
		if n.op == opName {
			hidden = append(hidden, n.name)
		}
		return true
	}
	for _, n := range b.formula.roots() {
		n.walk(func(n *node) bool {
			if n.op == opDot && dotted == 0 {
				dotted = n.pos
			}
			return true
		})
	}
	if dotted == 0 {
		return nil, nil
	}
	b.formula.left.walk(hide)
	if b.formula.failure != nil {
		b.formula.failure.walk(hide)
	}
	for _, n := range b.formula.offsets {
		n.walk(hide)
	}
	for _, n := range b.formula.bars {
		n.args[1].walk(hide)
	}
	names := b.names()
	if names == nil {
		return nil, at(CodeDot, dotted)
	}
	return slices.DeleteFunc(slices.Clone(names), func(s string) bool { return slices.Contains(hidden, s) }), nil
}

// all lists the variables in the order of the formula: response, fixed part, random part, then the columns
// named by the options.
func (b *builder) all() []*variable {
	list := []*variable{b.left, b.failure}
	list = append(list, b.variables...)
	list = append(list, b.offsets...)
	for _, r := range b.bars {
		list = append(list, r.variables...)
		list = append(list, r.group...)
	}
	list = append(list, b.weights, b.addition, b.cluster)
	return slices.DeleteFunc(list, func(v *variable) bool { return v == nil })
}

// chooseRows keeps the rows that have a value in every variable.
func (b *builder) chooseRows() error {
	d, rows := b.design, b.columns.Rows()
	d.Read = rows
	all := b.all()
	var keep []bool // nil as long as every row is kept
	left := rows
	for _, v := range all {
		if v.complete() {
			continue
		}
		dropped, infinite, empty := 0, 0, rows > 0
		for i := range rows {
			switch {
			case v.missing(i):
				if keep == nil {
					keep = slices.Repeat([]bool{true}, rows)
				}
				if keep[i] {
					keep[i] = false
					dropped++
				}
				continue
			case v.factor == nil && math.IsInf(v.values[i], 0) && (keep == nil || keep[i]):
				infinite++
			}
			empty = false
		}
		if empty {
			return fault.Issue{Code: CodeAllMissing, Place: fault.Place{Field: v.column}, Args: map[string]any{"variable": v.column}}
		}
		if infinite > 0 {
			return fault.Issue{Code: CodeInfinite, Place: fault.Place{Field: v.column},
				Args: map[string]any{"variable": v.label, "count": infinite}}
		}
		left -= dropped
		if dropped > 0 {
			d.addDrop(v.column, dropped)
		}
	}
	if left == 0 {
		return fault.Issue{Code: CodeNoRows, Args: map[string]any{"count": rows}}
	}
	d.Used = left
	if left < rows {
		d.Index = make([]int32, 0, left)
		for i, k := range keep {
			if k {
				d.Index = append(d.Index, int32(i))
			}
		}
	}
	b.index, b.used = d.Index, left
	for _, v := range all {
		if v.factor != nil && b.frozen == nil {
			v.factor.dropUnused(b.index, rows)
		}
	}
	return nil
}

func (d *Design) addDrop(variable string, rows int) {
	for i := range d.Dropped {
		if d.Dropped[i].Variable == variable {
			d.Dropped[i].Rows += rows
			return
		}
	}
	d.Dropped = append(d.Dropped, Drop{variable, rows})
}

// take gives a variable's numbers at the used rows; the column's own slice where all rows are used.
func (b *builder) take(v *variable) []float64 {
	if b.index == nil {
		return v.values
	}
	out := make([]float64, b.used)
	for u, i := range b.index {
		out[u] = v.values[i]
	}
	return out
}

// codes gives a factor's codes at the used rows.
func (b *builder) codes(f *factor) []uint32 {
	out := make([]uint32, b.used)
	each(b.index, b.used, func(u, i int) { out[u] = f.at(i) })
	return out
}

// extras sets offset, weights that are not trials, and clusters.
func (b *builder) extras() error {
	d := b.design
	d.options = b.options
	offsets := slices.Clone(b.offsets)
	if b.addition != nil {
		offsets = append(offsets, b.addition)
	}
	for k, v := range offsets {
		values := b.take(v)
		if k == 0 {
			d.Offset = values
			continue
		}
		if k == 1 {
			d.Offset = slices.Clone(d.Offset)
		}
		for i, o := range values {
			d.Offset[i] += o
		}
	}
	if b.weights != nil && b.options.WeightsKind == Frequency {
		d.Weights = b.take(b.weights)
		if err := b.notNegative(d.Weights, b.weights); err != nil {
			return err
		}
	}
	if b.cluster != nil {
		d.Cluster = &Cluster{Label: b.cluster.label, Levels: b.cluster.factor.levels, Codes: b.codes(b.cluster.factor)}
	}
	return nil
}

func (b *builder) notNegative(values []float64, v *variable) error {
	return count(values, CodeNegative, v, func(x float64) bool { return x < 0 })
}

// count raises a code where any value is bad.
func count(values []float64, code fault.Code, v *variable, bad func(float64) bool) error {
	n := 0
	for _, x := range values {
		if bad(x) {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return fault.Issue{Code: code, Place: fault.Place{Field: v.column}, Args: map[string]any{"variable": v.label, "count": n}}
}

// kept remembers the levels of every factor of the fixed part for Apply.
func (b *builder) kept() map[string][]string {
	levels := make(map[string][]string)
	for _, v := range b.variables {
		if v.factor != nil {
			levels[v.label] = v.factor.levels
		}
	}
	return levels
}
