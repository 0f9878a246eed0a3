package glmm

import (
	"math"
	"math/bits"
	"slices"

	"waymark/fault"
	"waymark/stat/formula"
)

// problem is a design made ready for fitting: continuous columns standardised, aliased columns dropped, rows sorted
// into cells. A cell is the rows that share every group level and every value of the random-effect columns, so that
// z_i'Lu is one number a cell. All row slices below are in sorted order.
type problem struct {
	design *formula.Design
	family Family
	n      int // sorted rows, after equal rows were merged
	p      int // coefficients kept

	joints []joint
	dense  []dense
	offset []float64 // nil: none
	y      []float64 // successes or counts, times weight
	size   []float64 // trials times weight; for Poisson and gaussian the weight
	binary []uint8   // instead of y and size where every size is 1 and every y 0 or 1
	square float64   // gaussian: sum of weight times y^2

	constant float64 // part of the log-likelihood that does not depend on parameters
	mass     float64 // sum of frequency weights: the number of observations

	cellStart []int32     // first row of each cell, and n
	cellLevel [][]int32   // [factor][cell]
	cellZ     [][]float64 // [factor][cell*q+r]; nil: ones
	factors   []factor    // chain first, then the rest
	chain     int         // how many factors are in the chain
	effects   int         // random effects in all
	width     int         // sum of q over factors
	blocks    []int32     // cell ranges of fixed size that threads share

	kept    []int     // coefficient of the design -> kept coefficient or -1
	aliased []int     // coefficients of the design that are linear in earlier ones
	centre  []float64 // of kept coefficients; 0 where none
	scale   []float64 // of kept coefficients; 1 where none
	anchor  int       // kept coefficient of the intercept, -1 where there is none

	keys      []uint64 // while being made ready: sorting words of the sorted rows, where one word holds all
	cellShift uint     // key >> cellShift is the cell
	rowShift  uint     // key >> rowShift is all but weights, trials and response

	threads int
}

// joint is a joint factor of the fixed part with the columns of its kept coefficients, by cell and sparse: a cell of
// dummies has one entry a factor.
type joint struct {
	coefs []int
	codes []uint8
	cells int
	from  []int32 // entries of cell c: entry[from[c]:from[c+1]]
	entry []cellEntry
}

// cellEntry is one non-zero of a cell's matrix row: position in coefs and the coefficient itself.
type cellEntry struct {
	at, coef int32
	x        float64
}

// row gives the entries of a cell.
func (j *joint) row(c int) []cellEntry { return j.entry[j.from[c]:j.from[c+1]] }

// dense is a continuous column, standardised.
type dense struct {
	coef   int
	values []float64
}

// factor is a grouping factor with all random effects on it: groups of a design with equal codes are one factor.
type factor struct {
	label  string
	levels int
	q      int         // effects a level
	groups []int       // groups of the design, in order
	names  []string    // of the q effects
	codes  []uint32    // level of each row of the design
	column [][]float64 // of each effect over rows of the design; nil: ones
	scale  []float64   // each effect's column was divided by this
	free   []entry     // free entries of the template
	start  int         // first random effect of level 0
	first  int         // first entry in a cell's vector of width effects
}

// entry is one free entry of a template: row and column in the factor's q x q lower triangle.
type entry struct{ r, s int }

// newProblem checks a design and makes it ready.
func newProblem(d *formula.Design, o Options) (*problem, fault.Issues) {
	p := &problem{design: d, family: o.Family, threads: max(1, o.Threads)}
	if issues := p.check(); issues.Err() != nil {
		return nil, issues
	}
	p.makeFactors()
	p.arrangeFactors()
	order := p.gather(p.sortRows())
	p.makeCells(order)
	if issues := p.checkFactors(); issues.Err() != nil {
		return nil, issues
	}
	p.makeFixed(order)
	p.keys = nil
	return p, nil
}

// check refuses a response that the family cannot have.
func (p *problem) check() fault.Issues {
	d := p.design
	var issues fault.Issues
	refuse := func(c fault.Code, args map[string]any) {
		issues = append(issues, fault.Issue{Code: c, Args: args, Place: fault.Place{Field: d.Response}})
	}
	n := len(d.Y)
	if n == 0 {
		refuse(CodeNoRows, map[string]any{"read": d.Read})
		return issues
	}
	if len(d.Random) == 0 {
		refuse(CodeNoRandom, nil)
	}
	low, high := math.Inf(1), math.Inf(-1)
	bad, badTrials, badWeights := 0, 0, 0
	for i, y := range d.Y {
		size := 1.0
		if p.family == Binomial && d.Trials != nil {
			size = d.Trials[i]
			if !(size >= 0) || math.IsInf(size, 0) {
				badTrials++
			}
		}
		if d.Weights != nil && (!(d.Weights[i] >= 0) || math.IsInf(d.Weights[i], 0)) {
			badWeights++
		}
		switch {
		case math.IsNaN(y) || math.IsInf(y, 0):
			bad++
		case p.family == Binomial && (y < 0 || y > size):
			bad++
		case p.family == Poisson && y < 0:
			bad++
		}
		if size > 0 {
			low, high = math.Min(low, y/size), math.Max(high, y/size)
		}
	}
	if badTrials > 0 {
		refuse(CodeTrials, map[string]any{"count": badTrials})
	}
	if badWeights > 0 {
		refuse(CodeWeights, map[string]any{"count": badWeights})
	}
	if bad > 0 {
		refuse(CodeResponse, map[string]any{"count": bad, "family": p.family.String()})
	}
	if bad == 0 && low == high && (p.family == Gaussian || low == 0 || (p.family == Binomial && high == 1)) {
		refuse(CodeConstant, nil)
	}
	return issues
}

// checkFactors refuses factors that carry no information or too much work.
func (p *problem) checkFactors() fault.Issues {
	var issues fault.Issues
	rest := 0
	for k, f := range p.factors {
		place := fault.Place{Field: f.label}
		if f.levels < 2 {
			issues = append(issues, fault.Issue{Code: CodeOneLevel, Place: place})
		}
		if p.family == Gaussian && float64(f.levels*f.q) >= p.mass {
			issues = append(issues, fault.Issue{Code: CodeManyEffects, Place: place, Args: map[string]any{"effects": f.levels * f.q, "rows": int(p.mass)}})
		}
		if k >= p.chain {
			rest += f.levels * f.q
		}
	}
	if rest > maxDense {
		issues = append(issues, fault.Issue{Code: CodeTooLarge, Args: map[string]any{"effects": rest, "limit": maxDense}})
	}
	return issues
}

// maxDense bounds the dense part of the random-effect matrix: 4,000 effects cost about 130 MB and seconds a step.
const maxDense = 4000

// makeFactors merges the design's groups with equal codes and finds scales of random-effect columns.
func (p *problem) makeFactors() {
	for g, group := range p.design.Random {
		at := -1
		for k, f := range p.factors {
			if f.levels == len(group.Levels) && slices.Equal(f.codes, group.Codes) {
				at = k
			}
		}
		if at < 0 {
			p.factors = append(p.factors, factor{label: group.Label, levels: len(group.Levels), codes: group.Codes})
			at = len(p.factors) - 1
		}
		f := &p.factors[at]
		f.groups = append(f.groups, g)
		base := f.q
		for s, name := range group.Names {
			f.names = append(f.names, name)
			f.column = append(f.column, group.Columns[s])
			f.scale = append(f.scale, rootMeanSquare(group.Columns[s]))
			for r := s; r < len(group.Names); r++ {
				f.free = append(f.free, entry{base + r, base + s})
			}
		}
		f.q += len(group.Names)
	}
}

func rootMeanSquare(x []float64) float64 {
	if len(x) == 0 {
		return 1
	}
	sum, binary := 0.0, true
	for _, v := range x {
		sum += v * v
		if v != 0 && v != 1 {
			binary = false
		}
	}
	if sum == 0 || binary {
		return 1
	}
	return math.Sqrt(sum / float64(len(x)))
}

// arrangeFactors puts the factor with most levels first, then those it is nested in, each in the next: this chain
// is eliminated without fill. The rest follow by falling number of levels.
func (p *problem) arrangeFactors() {
	slices.SortStableFunc(p.factors, func(a, b factor) int { return b.levels - a.levels })
	rest := p.factors[1:]
	chain := p.factors[:1:1]
	var crossed []factor
	for _, f := range rest {
		if nested(chain[len(chain)-1], f) {
			chain = append(chain, f)
		} else {
			crossed = append(crossed, f)
		}
	}
	p.chain = len(chain)
	p.factors = append(chain, crossed...)
	for k := range p.factors {
		f := &p.factors[k]
		f.start, f.first = p.effects, p.width
		p.effects += f.levels * f.q
		p.width += f.q
	}
}

// nested says whether every level of a lies in one level of b.
func nested(a, b factor) bool {
	in := make([]uint32, a.levels)
	for i := range in {
		in[i] = math.MaxUint32
	}
	for i, c := range a.codes {
		if in[c] == math.MaxUint32 {
			in[c] = b.codes[i]
		} else if in[c] != b.codes[i] {
			return false
		}
	}
	return true
}

// sortedFactors gives the order in which factors take part in the sorting key: the coarsest of the chain first, so
// that the cells of every level of the chain lie together, then the rest.
func (p *problem) sortedFactors() []int {
	var out []int
	for k := p.chain - 1; k >= 0; k-- {
		out = append(out, k)
	}
	for k := p.chain; k < len(p.factors); k++ {
		out = append(out, k)
	}
	return out
}

// sortRows orders the design's rows by everything known of them: group levels, random-effect columns, joint
// factors, continuous columns, offset, weights, trials, response. Rows equal in all of it are interchangeable, so
// that the order of the input cannot matter (invariant 2).
func (p *problem) sortRows() []uint32 {
	d := p.design
	type packed struct {
		word, shift uint
		at          func(i uint32) uint64
	}
	var fields []packed
	word, used := uint(0), uint(0)
	add := func(width uint, at func(i uint32) uint64) {
		if used+width > 64 {
			word, used = word+1, 0
		}
		used += width
		fields = append(fields, packed{word, 64 - used, at})
	}
	code := func(codes []uint32, levels int) {
		add(uint(bits.Len(uint(max(levels-1, 1)))), func(i uint32) uint64 { return uint64(codes[i]) })
	}
	number := func(v []float64) {
		if v != nil {
			if zeroOne(v) {
				add(1, func(i uint32) uint64 { return uint64(v[i]) })
				return
			}
			add(64, func(i uint32) uint64 { return ordered(v[i]) })
		}
	}
	for _, k := range p.sortedFactors() {
		code(p.factors[k].codes, p.factors[k].levels)
	}
	for _, f := range p.factors {
		for _, c := range f.column {
			number(c)
		}
	}
	p.cellShift = 64 - used
	for _, j := range d.Fixed.Joints {
		codes := j.Codes
		if len(j.Cells) > 1 {
			add(uint(bits.Len(uint(len(j.Cells)-1))), func(i uint32) uint64 { return uint64(codes[i]) })
		}
	}
	for _, c := range d.Fixed.Dense {
		number(c.Values)
	}
	number(d.Offset)
	p.rowShift = 64 - used
	number(d.Weights)
	if p.family == Binomial {
		number(d.Trials)
	}
	number(d.Y)

	// Fields of one word are evaluated together.
	byWord := make([][]packed, word+1)
	for _, f := range fields {
		byWord[f.word] = append(byWord[f.word], f)
	}
	order, keys := radixSort(len(d.Y), int(word)+1, func(k int, i uint32) uint64 {
		w := uint64(0)
		for _, f := range byWord[k] {
			w |= f.at(i) << f.shift
		}
		return w
	})
	p.keys = keys
	return order
}

func zeroOne(v []float64) bool {
	for _, x := range v {
		if x != 0 && x != 1 {
			return false
		}
	}
	return true
}

// ordered maps a number to bits that sort as it does.
func ordered(x float64) uint64 {
	b := math.Float64bits(x + 0) // -0 becomes 0
	if b>>63 != 0 {
		return ^b
	}
	return b | 1<<63
}
