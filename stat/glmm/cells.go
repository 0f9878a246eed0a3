package glmm

import (
	"math"

	"waymark/stat/formula"
)

// gather copies the response into sorted order, merges rows that differ in nothing but the response where that
// at least halves them (exact for binomial and Poisson: their sums are sufficient), and gives the rows of the
// design that stand for the sorted rows.
func (p *problem) gather(order []uint32) []uint32 {
	d := p.design
	plain := p.family == Binomial && d.Trials == nil && d.Weights == nil && zeroOne(d.Y)
	groups := 0
	for i, row := range order {
		if !plain {
			w := at(d.Weights, row)
			p.mass += w
			p.constant += w * p.baseMeasure(d.Y[row], p.trials(row))
		}
		if !p.alike(order, i) {
			groups++
		}
	}
	if plain {
		p.mass = float64(len(order))
	}
	merge := p.family != Gaussian && groups <= len(order)/2
	if merge {
		return p.mergeRows(order, groups)
	}
	p.n = len(order)
	if d.Offset != nil {
		p.offset = make([]float64, p.n)
		for i, row := range order {
			p.offset[i] = d.Offset[row]
		}
	}
	if plain {
		p.binary = make([]uint8, p.n)
		for i, row := range order {
			p.binary[i] = uint8(d.Y[row])
		}
		return order
	}
	p.y, p.size = make([]float64, p.n), make([]float64, p.n)
	for i, row := range order {
		p.addRow(i, row)
	}
	return order
}

// addRow adds a row of the design to sorted row k.
func (p *problem) addRow(k int, row uint32) {
	d := p.design
	w := at(d.Weights, row)
	p.y[k] += w * d.Y[row]
	p.size[k] += w * p.trials(row)
	p.square += w * d.Y[row] * d.Y[row]
}

// mergeRows sums rows that share all that makes their linear predictor.
func (p *problem) mergeRows(order []uint32, groups int) []uint32 {
	p.n = groups
	p.y, p.size = make([]float64, groups), make([]float64, groups)
	if p.design.Offset != nil {
		p.offset = make([]float64, groups)
	}
	out := make([]uint32, 0, groups)
	var keys []uint64
	for i, row := range order {
		if !p.alike(order, i) {
			if p.offset != nil {
				p.offset[len(out)] = p.design.Offset[row]
			}
			out = append(out, row)
			if p.keys != nil {
				keys = append(keys, p.keys[i])
			}
		}
		p.addRow(len(out)-1, row)
	}
	p.keys = keys
	return out
}

// at gives v[i], or one where there is no such column.
func at(v []float64, i uint32) float64 {
	if v == nil {
		return 1
	}
	return v[i]
}

func (p *problem) trials(row uint32) float64 {
	if p.family != Binomial {
		return 1
	}
	return at(p.design.Trials, row)
}

// baseMeasure is the part of one row's log-likelihood that holds no parameter.
func (p *problem) baseMeasure(y, trials float64) float64 {
	switch p.family {
	case Binomial:
		if trials == 1 && (y == 0 || y == 1) {
			return 0
		}
		return logGamma(trials+1) - logGamma(y+1) - logGamma(trials-y+1)
	case Poisson:
		return -logGamma(y + 1)
	}
	return 0
}

func logGamma(x float64) float64 {
	v, _ := math.Lgamma(x)
	return v
}

// alike says whether sorted row i shares all that makes its linear predictor with the one before.
func (p *problem) alike(order []uint32, i int) bool {
	if i == 0 {
		return false
	}
	if p.keys != nil {
		return p.keys[i]>>p.rowShift == p.keys[i-1]>>p.rowShift
	}
	if !p.sameCell(order, i) {
		return false
	}
	a, b := order[i], order[i-1]
	d := p.design
	for k := range d.Fixed.Joints {
		if c := d.Fixed.Joints[k].Codes; c != nil && c[a] != c[b] {
			return false
		}
	}
	for k := range d.Fixed.Dense {
		if v := d.Fixed.Dense[k].Values; v[a] != v[b] {
			return false
		}
	}
	return d.Offset == nil || d.Offset[a] == d.Offset[b]
}

// sameCell says whether sorted row i lies in the cell of the one before.
func (p *problem) sameCell(order []uint32, i int) bool {
	if i == 0 {
		return false
	}
	if p.keys != nil {
		return p.keys[i]>>p.cellShift == p.keys[i-1]>>p.cellShift
	}
	a, b := order[i], order[i-1]
	for k := range p.factors {
		f := &p.factors[k]
		if f.codes[a] != f.codes[b] {
			return false
		}
		for _, c := range f.column {
			if c != nil && c[a] != c[b] {
				return false
			}
		}
	}
	return true
}

// makeCells finds the cells in sorted rows, their levels and random-effect columns, and the ranges of cells that
// threads share.
func (p *problem) makeCells(order []uint32) {
	for i := range order {
		if !p.sameCell(order, i) {
			p.cellStart = append(p.cellStart, int32(i))
		}
	}
	cells := len(p.cellStart)
	p.cellLevel = make([][]int32, len(p.factors))
	p.cellZ = make([][]float64, len(p.factors))
	for k := range p.factors {
		f := &p.factors[k]
		level := make([]int32, cells)
		for c, i := range p.cellStart {
			level[c] = int32(f.codes[order[i]])
		}
		p.cellLevel[k] = level
		if f.q == 1 && f.column[0] == nil {
			continue
		}
		z := make([]float64, cells*f.q)
		for c, i := range p.cellStart {
			for r, column := range f.column {
				z[c*f.q+r] = 1
				if column != nil {
					z[c*f.q+r] = column[order[i]] / f.scale[r]
				}
			}
		}
		p.cellZ[k] = z
	}
	p.cellStart = append(p.cellStart, int32(len(order)))
	const rows = 1 << 14
	p.blocks = []int32{0}
	for c := range cells {
		if p.cellStart[c+1]-p.cellStart[p.blocks[len(p.blocks)-1]] >= rows || c == cells-1 {
			p.blocks = append(p.blocks, int32(c+1))
		}
	}
}

// cells is the number of cells.
func (p *problem) cells() int { return len(p.cellStart) - 1 }

// makeFixed copies the fixed part into sorted order, standardises continuous columns (centred only where there is
// an intercept to take up the centre) and leaves out aliased coefficients.
func (p *problem) makeFixed(order []uint32) {
	d := p.design
	total := len(d.Names)
	intercept := -1
	for k, name := range d.Names {
		if name == "(Intercept)" {
			intercept = k
		}
	}
	p.p = total
	p.centre, p.scale = make([]float64, total), make([]float64, total)
	p.kept = make([]int, total)
	for k := range p.kept {
		p.kept[k], p.scale[k] = k, 1
	}
	for _, j := range d.Fixed.Joints {
		p.joints = append(p.joints, sortedJoint(j, order))
	}
	for _, c := range d.Fixed.Dense {
		values := make([]float64, len(order))
		for i, row := range order {
			values[i] = c.Values[row]
		}
		m, s := meanAndSpread(values)
		if intercept < 0 {
			m, s = 0, rootMeanSquare(values)
		}
		for i := range values {
			values[i] = (values[i] - m) / s
		}
		p.centre[c.Coef], p.scale[c.Coef] = m, s
		p.dense = append(p.dense, dense{c.Coef, values})
	}
	p.dropAliased(p.independent(p.cross(nil)))
	p.anchor = -1
	if intercept >= 0 {
		p.anchor = p.kept[intercept]
	}
}

func meanAndSpread(v []float64) (mean, spread float64) {
	for _, x := range v {
		mean += x
	}
	mean /= float64(len(v))
	for _, x := range v {
		spread += (x - mean) * (x - mean)
	}
	spread = math.Sqrt(spread / float64(len(v)))
	if !(spread > 1e-12*math.Abs(mean)) {
		return 0, math.Max(math.Abs(mean), 1)
	}
	return mean, spread
}

func sortedJoint(j formula.Joint, order []uint32) joint {
	out := joint{coefs: append([]int(nil), j.Coefs...), cells: max(1, len(j.Cells))}
	out.codes = make([]uint8, len(order))
	if len(j.Cells) > 1 {
		for i, row := range order {
			out.codes[i] = j.Codes[row]
		}
	}
	out.from = append(out.from, 0)
	for _, row := range j.Cells {
		for s, x := range row {
			if x != 0 {
				out.entry = append(out.entry, cellEntry{int32(s), int32(j.Coefs[s]), x})
			}
		}
		out.from = append(out.from, int32(len(out.entry)))
	}
	for len(out.from) <= out.cells { // a joint factor without cells has one, empty
		out.from = append(out.from, int32(len(out.entry)))
	}
	return out
}

// independent says which coefficients are not linear in earlier ones: Cholesky of X'X in the order of columns; a
// column of which less than 1e-11 of its square is left is aliased, as R drops later columns.
func (p *problem) independent(gram []float64) []bool {
	k := p.p
	keep := make([]bool, k)
	l := make([]float64, k*k)
	for j := range k {
		left := gram[j*k+j]
		for s := range j {
			if keep[s] {
				v := gram[j*k+s]
				for m := range s {
					v -= l[j*k+m] * l[s*k+m]
				}
				l[j*k+s] = v / l[s*k+s]
				left -= l[j*k+s] * l[j*k+s]
			}
		}
		if left > 1e-11*gram[j*k+j] && gram[j*k+j] > 0 {
			keep[j] = true
			l[j*k+j] = math.Sqrt(left)
		}
	}
	return keep
}

// dropAliased leaves out the coefficients that are not kept.
func (p *problem) dropAliased(keep []bool) {
	next := 0
	var centre, scale []float64
	for k, yes := range keep {
		if !yes {
			p.kept[k] = -1
			p.aliased = append(p.aliased, k)
			continue
		}
		p.kept[k] = next
		centre, scale = append(centre, p.centre[k]), append(scale, p.scale[k])
		next++
	}
	p.centre, p.scale, p.p = centre, scale, next
	for j := range p.joints {
		old := p.joints[j]
		fresh := joint{codes: old.codes, cells: old.cells, from: []int32{0}}
		position := make([]int32, len(old.coefs))
		for s, c := range old.coefs {
			position[s] = int32(len(fresh.coefs))
			if p.kept[c] >= 0 {
				fresh.coefs = append(fresh.coefs, p.kept[c])
			}
		}
		for c := range old.cells {
			for _, e := range old.row(c) {
				if k := p.kept[e.coef]; k >= 0 {
					fresh.entry = append(fresh.entry, cellEntry{position[e.at], int32(k), e.x})
				}
			}
			fresh.from = append(fresh.from, int32(len(fresh.entry)))
		}
		p.joints[j] = fresh
	}
	var columns []dense
	for _, c := range p.dense {
		if p.kept[c.coef] >= 0 {
			columns = append(columns, dense{p.kept[c.coef], c.values})
		}
	}
	p.dense = columns
}
