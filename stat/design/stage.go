package design

import (
	"cmp"
	"math"
	"slices"

	"waymark/fault"
)

// stage is one stage of drawing: which unit a row belongs to, and what the unit was drawn from.
type stage struct {
	unit       []uint32  // of each row, numbered over the whole sample
	stratum    []uint32  // of each unit
	parent     []uint32  // of each stratum: the unit of the stage before; nil at the first stage
	size       []float64 // of each stratum: units drawn
	population []float64 // of each stratum: units it has; infinite where that is not known
	chance     []float64 // of each unit: its chance to be drawn, where units differ in it; else nil
}

func (g *stage) units() int { return len(g.stratum) }

// lonely counts the strata with one unit that are not drawn in full.
func (g *stage) lonely() int {
	n := 0
	for h, size := range g.size {
		if size == 1 && !g.census(h) {
			n++
		}
	}
	return n
}

// census says that every unit of a stratum was drawn.
func (g *stage) census(h int) bool { return 1-g.share(h) < 1e-7 }

// shareOf is the chance of a unit to be drawn, 0 from an endless population.
func (g *stage) shareOf(u uint32) float64 {
	if g.chance != nil {
		return g.chance[u]
	}
	return g.share(int(g.stratum[u]))
}

// share is the sampling fraction of a stratum.
func (g *stage) share(h int) float64 { return g.size[h] / g.population[h] }

func (s *Sample) readStages(count int) error {
	var issues fault.Issues
	take := func(list []string, k int) ([]uint32, int) {
		if k >= len(list) || list[k] == "" {
			return nil, 1
		}
		codes, labels, err := s.codes(list[k])
		if err == nil {
			if n := countMissing(codes); n > 0 {
				err = of(CodeNoValue, list[k], "count", n)
			}
		}
		if err != nil {
			issues = append(issues, fault.Of(err)...)
			return nil, 1
		}
		return codes, len(labels)
	}
	var before []uint32
	above := 1
	for k := range count {
		strata, levels := take(s.Options.Strata, k)
		clusters, names := take(s.Options.Clusters, k)
		if len(issues) > 0 {
			continue // the rest is still read, so that all of it is told at once
		}
		g := stage{}
		stratum, size := pair(before, above, strata, levels, s.rows)
		if k > 0 {
			g.parent = inherit(stratum, size, before)
		}
		var units int
		switch {
		case clusters == nil:
			g.unit, units = each(s.rows), s.rows
		case k == 0 && !s.Options.Nested:
			g.unit, units = clusters, names
		default:
			g.unit, units = pair(stratum, size, clusters, names, s.rows)
		}
		g.stratum = inherit(g.unit, units, stratum)
		if twice := differ(g.unit, g.stratum, stratum); twice > 0 {
			issues = append(issues, of(CodeUnitTwice, s.Options.Clusters[k], "strata", s.Options.Strata[k], "count", twice))
			continue
		}
		g.size = make([]float64, size)
		for _, h := range g.stratum {
			g.size[h]++
		}
		if err := s.readPopulation(&g, k, stratum); err != nil {
			issues = append(issues, fault.Of(err)...)
		}
		s.stages = append(s.stages, g)
		before, above = g.unit, units
	}
	return issues.Err()
}

// readPopulation reads the finite population of each stratum of a stage: counts, or shares where none is above 1.
func (s *Sample) readPopulation(g *stage, k int, stratum []uint32) error {
	g.population = slices.Repeat([]float64{math.Inf(1)}, len(g.size))
	if k >= len(s.Options.FPC) || s.Options.FPC[k] == "" {
		return nil
	}
	name := s.Options.FPC[k]
	values, err := s.numbers(name)
	if err != nil {
		return err
	}
	if s.Options.Brewer {
		return g.readChances(name, values)
	}
	seen := slices.Repeat([]float64{math.NaN()}, len(g.size))
	missing, varies, above, below := 0, map[uint32]bool{}, 0, 0
	for i, v := range values {
		h := stratum[i]
		switch {
		case math.IsNaN(v) || v < 0:
			missing++
			continue
		case v > 1:
			above++
		case v < 1:
			below++
		}
		if math.IsNaN(seen[h]) {
			seen[h] = v
		} else if seen[h] != v {
			varies[h] = true
		}
	}
	switch {
	case missing > 0:
		return of(CodeNoValue, name, "count", missing)
	case len(varies) > 0:
		return of(CodeFPCVaries, name, "count", len(varies))
	case above > 0 && below > 0:
		return of(CodeFPCMixed, name)
	}
	small := 0
	for h, v := range seen {
		if above == 0 {
			v = g.size[h] / v // a share drawn; 0 is an endless population
		}
		if v < g.size[h]*(1-1e-9) {
			small++
		}
		g.population[h] = v
	}
	if small > 0 {
		return of(CodeFPCSmall, name, "count", small)
	}
	return nil
}

// readChances reads the chance of each unit to be drawn. A stratum whose units are all sure is drawn in full; the
// population of the others is set endless, and their units' own chances count.
func (g *stage) readChances(name string, values []float64) error {
	g.chance = slices.Repeat([]float64{nan}, g.units())
	missing, varies, unsure := 0, 0, make([]bool, len(g.size))
	for i, v := range values {
		u := g.unit[i]
		switch {
		case !(v > 0 && v <= 1):
			missing++
		case math.IsNaN(g.chance[u]):
			g.chance[u] = v
			unsure[g.stratum[u]] = unsure[g.stratum[u]] || v < 1
		case g.chance[u] != v:
			varies++
		}
	}
	switch {
	case missing > 0:
		return of(CodeNoValue, name, "count", missing)
	case varies > 0:
		return of(CodeFPCVaries, name, "count", varies)
	}
	for h, yes := range unsure {
		if !yes {
			g.population[h] = g.size[h]
		}
	}
	return nil
}

// each numbers the rows.
func each(rows int) []uint32 {
	out := make([]uint32, rows)
	for i := range out {
		out[i] = uint32(i)
	}
	return out
}

// pair numbers the pairs of two codes that occur; nil codes are all 0.
func pair(a []uint32, na int, b []uint32, nb int, rows int) ([]uint32, int) {
	switch {
	case a == nil && b == nil:
		return make([]uint32, rows), 1
	case a == nil:
		return compact(b, nb)
	case b == nil:
		return compact(a, na)
	}
	out, n := make([]uint32, rows), uint32(0)
	if na*nb <= 1<<22 {
		number := make([]uint32, na*nb)
		for i, x := range a {
			at := &number[int(x)*nb+int(b[i])]
			if *at == 0 {
				n++
				*at = n
			}
			out[i] = *at - 1
		}
		return out, int(n)
	}
	number := map[uint64]uint32{}
	for i, x := range a {
		key := uint64(x)<<32 | uint64(b[i])
		at, ok := number[key]
		if !ok {
			at = n
			number[key] = n
			n++
		}
		out[i] = at
	}
	return out, int(n)
}

// compact numbers the codes that occur.
func compact(a []uint32, na int) ([]uint32, int) {
	number, n := make([]uint32, na), uint32(0)
	out := make([]uint32, len(a))
	for i, x := range a {
		if number[x] == 0 {
			n++
			number[x] = n
		}
		out[i] = number[x] - 1
	}
	return out, int(n)
}

// inherit gives each part the code that its first row has.
func inherit(part []uint32, parts int, code []uint32) []uint32 {
	out := slices.Repeat([]uint32{noCode}, parts)
	for i, p := range part {
		if out[p] == noCode {
			out[p] = code[i]
		}
	}
	return out
}

// differ counts the parts whose rows have different codes.
func differ(part, code, rows []uint32) int {
	found := map[uint32]bool{}
	for i, p := range part {
		if code[p] != rows[i] {
			found[p] = true
		}
	}
	return len(found)
}

// noCode is a row without a value.
const noCode = math.MaxUint32

func countMissing(codes []uint32) int {
	n := 0
	for _, c := range codes {
		if c == noCode {
			n++
		}
	}
	return n
}

// numbers reads a column of numbers.
func (s *Sample) numbers(name string) ([]float64, error) {
	if values, ok := s.columns.Numbers(name); ok {
		return values, nil
	}
	if _, _, _, ok := s.columns.Levels(name); ok {
		return nil, of(CodeNotNumbers, name)
	}
	return nil, s.unknown(name)
}

// codes reads a column as codes with their labels, whatever it holds; noCode where it has no value. Levels of
// a factor stand in the order of the column, numbers in their own.
func (s *Sample) codes(name string) ([]uint32, []string, error) {
	if levels, narrow, wide, ok := s.columns.Levels(name); ok {
		codes := wide
		if narrow != nil {
			codes = make([]uint32, len(narrow))
			for i, c := range narrow {
				codes[i] = uint32(c)
				if c == math.MaxUint8 {
					codes[i] = noCode
				}
			}
		}
		return used(codes, levels)
	}
	values, ok := s.columns.Numbers(name)
	if !ok {
		return nil, nil, s.unknown(name)
	}
	number, distinct := map[float64]uint32{}, []float64{}
	codes := make([]uint32, len(values))
	last, lastCode := math.NaN(), uint32(0)
	for i, v := range values {
		if v != v {
			codes[i] = noCode
			continue
		}
		if v != last {
			c, ok := number[v]
			if !ok {
				c = uint32(len(distinct))
				number[v] = c
				distinct = append(distinct, v)
			}
			last, lastCode = v, c
		}
		codes[i] = lastCode
	}
	order := each(len(distinct))
	slices.SortFunc(order, func(a, b uint32) int { return cmp.Compare(distinct[a], distinct[b]) })
	rank, labels := make([]uint32, len(order)), make([]string, len(order))
	for k, c := range order {
		rank[c], labels[k] = uint32(k), write(distinct[c])
	}
	for i, c := range codes {
		if c != noCode {
			codes[i] = rank[c]
		}
	}
	return codes, labels, nil
}

// used drops the levels that no row has.
func used(codes []uint32, levels []string) ([]uint32, []string, error) {
	seen := make([]bool, len(levels))
	for _, c := range codes {
		if c != noCode {
			seen[c] = true
		}
	}
	to, kept := make([]uint32, len(levels)), []string{}
	for c, yes := range seen {
		if yes {
			to[c] = uint32(len(kept))
			kept = append(kept, levels[c])
		}
	}
	if len(kept) == len(levels) {
		return codes, levels, nil
	}
	out := make([]uint32, len(codes))
	for i, c := range codes {
		out[i] = noCode
		if c != noCode {
			out[i] = to[c]
		}
	}
	return out, kept, nil
}
