package design

import (
	"fmt"
	"math"
	"slices"
)

// Table is counts by several columns, the last axis running fastest.
type Table struct {
	Dims  []int
	Cells []float64
}

// TableMargin is the known totals over all axes but some, in the order of the cells of those axes.
type TableMargin struct {
	Axes   []int
	Totals []float64
}

// FitOptions of FitTable.
type FitOptions struct {
	Tolerance  float64 // relative misfit of a total at which it is reached; 0: 1e-13
	Iterations int     // 0: 10000
}

// FitTable scales the cells of a seed to one margin after the other until all come out (iterative proportional
// fitting; Deming and Stephan 1940). Cells of 0 stay 0; the odds ratios of the seed are kept. The result is the
// table with these margins nearest to the seed in relative entropy (Csiszár 1975).
func FitTable(seed Table, margins []TableMargin, opt FitOptions) (Table, error) {
	if opt.Tolerance == 0 {
		opt.Tolerance = 1e-13
	}
	if opt.Iterations == 0 {
		opt.Iterations = 10_000
	}
	index, err := marginIndex(seed, margins)
	if err != nil {
		return Table{}, err
	}
	out := Table{Dims: seed.Dims, Cells: slices.Clone(seed.Cells)}
	sums := func(k int) []float64 {
		have := make([]float64, len(margins[k].Totals))
		for c, v := range out.Cells {
			have[index[k][c]] += v
		}
		return have
	}
	for range opt.Iterations {
		for k, m := range margins {
			have := sums(k)
			for c, at := range index[k] {
				if have[at] > 0 {
					out.Cells[c] *= m.Totals[at] / have[at]
				}
			}
		}
		worst := 0.0
		for k, m := range margins {
			for at, have := range sums(k) {
				if off := math.Abs(have - m.Totals[at]); off > 0 {
					worst = max(worst, off/max(math.Abs(m.Totals[at]), 1e-300))
				}
			}
		}
		if worst < opt.Tolerance || worst < 1e-12 && opt.Tolerance < 1e-12 {
			return out, nil
		}
	}
	return Table{}, issue(CodeNotReached, "iterations", opt.Iterations, "column", "")
}

// marginIndex gives, for each margin and cell, the total that the cell belongs to; it refuses what cannot fit.
func marginIndex(seed Table, margins []TableMargin) ([][]int, error) {
	size := 1
	for _, d := range seed.Dims {
		size *= d
	}
	bad := func(name string) error { return of(CodeTable, name) }
	if size == 0 || size != len(seed.Cells) {
		return nil, bad("seed")
	}
	for _, v := range seed.Cells {
		if !(v >= 0) || math.IsInf(v, 0) {
			return nil, of(CodeNegative, "seed", "count", 1)
		}
	}
	index := make([][]int, len(margins))
	first := nan
	for k, m := range margins {
		name, width, sum := fmt.Sprint(k+1), 1, 0.0
		for _, a := range m.Axes {
			if a < 0 || a >= len(seed.Dims) {
				return nil, bad(name)
			}
			width *= seed.Dims[a]
		}
		if width != len(m.Totals) {
			return nil, bad(name)
		}
		for _, v := range m.Totals {
			if !(v >= 0) || math.IsInf(v, 0) {
				return nil, of(CodeNegative, name, "count", 1)
			}
			sum += v
		}
		if math.IsNaN(first) {
			first = sum
		} else if math.Abs(sum-first) > 1e-9*max(sum, first) {
			return nil, of(CodeMarginTotals, name, "first", write(first), "second", write(sum))
		}
		index[k] = make([]int, size)
		has := make([]bool, width)
		at := make([]int, len(seed.Dims))
		for c := range size {
			for _, a := range m.Axes {
				index[k][c] = index[k][c]*seed.Dims[a] + at[a]
			}
			has[index[k][c]] = has[index[k][c]] || seed.Cells[c] > 0
			for a := len(at) - 1; a >= 0; a-- {
				if at[a]++; at[a] < seed.Dims[a] {
					break
				}
				at[a] = 0
			}
		}
		for i, v := range m.Totals {
			if v > 0 && !has[i] { // a total without a cell that could hold it
				return nil, of(CodeMarginAbsent, name, "level", fmt.Sprint(i+1))
			}
		}
	}
	return index, nil
}
