package formula

import "strings"

const interceptName = "(Intercept)"

// laid is one term with its coefficients laid out: the factors vary first to last, the first fastest.
type laid struct {
	label   string
	set     bitset
	factors []coded
	numeric []*variable
	size    int // number of coefficients
	names   []string
}

// coded is a factor of a term; skip is 1 where the reference has no column (contrasts), 0 in full.
type coded struct {
	variable int // among the variables of the expansion
	factor   *factor
	label    string
	skip     int
}

func (c coded) size() int { return len(c.factor.levels) - c.skip }

// lay lays out the terms of an expansion.
func lay(e *expansion, variables []*variable) []laid {
	isFactor := make([]bool, len(variables))
	for i, v := range variables {
		isFactor[i] = v.factor != nil
	}
	full := e.full(isFactor)
	out := make([]laid, len(e.terms))
	for j, t := range e.terms {
		l := laid{label: e.label(t), set: t, size: 1}
		for v := range variables {
			switch {
			case !t.has(v):
			case isFactor[v]:
				c := coded{variable: v, factor: variables[v].factor, label: e.labels[v], skip: 1}
				if full[j][v] {
					c.skip = 0
				}
				l.factors = append(l.factors, c)
				l.size *= max(c.size(), 0)
			default:
				l.numeric = append(l.numeric, variables[v])
			}
		}
		out[j] = l
	}
	for j := range out {
		out[j].name(e, variables)
	}
	return out
}

// name gives the coefficients R's names: variables in order, a factor with its level, joined by colons.
func (l *laid) name(e *expansion, variables []*variable) {
	if l.size > maxCoefficients {
		return
	}
	l.names = make([]string, l.size)
	for k := range l.size {
		var parts []string
		rest, f := k, 0
		for v := range variables {
			switch {
			case !l.set.has(v):
			case variables[v].factor != nil:
				c := l.factors[f]
				parts = append(parts, c.label+c.factor.levels[rest%c.size()+c.skip])
				rest /= c.size()
				f++
			default:
				parts = append(parts, e.labels[v])
			}
		}
		l.names[k] = strings.Join(parts, ":")
	}
}

// coefficient gives which coefficient of the term a combination of levels has, -1 where it has none.
func (l *laid) coefficient(level func(variable int) int) int {
	k, step := 0, 1
	for _, c := range l.factors {
		i := level(c.variable) - c.skip
		if i < 0 {
			return -1
		}
		k += i * step
		step *= c.size()
	}
	return k
}

// column works coefficient k of a term out as numbers, one a used row.
func (b *builder) column(l laid, k int) []float64 {
	var out []float64
	for i, v := range l.numeric {
		values := b.take(v)
		if i == 0 {
			out = values
			continue
		}
		product := make([]float64, b.used)
		for u := range product {
			product[u] = out[u] * values[u]
		}
		out = product
	}
	if len(l.factors) == 0 {
		return out
	}
	column := make([]float64, b.used)
	want := make([]uint32, len(l.factors))
	rest := k
	for i, c := range l.factors {
		want[i] = uint32(rest%c.size() + c.skip)
		rest /= c.size()
	}
	each(b.index, b.used, func(u, i int) {
		for f, c := range l.factors {
			if c.factor.at(i) != want[f] {
				return
			}
		}
		column[u] = 1
		if out != nil {
			column[u] = out[u]
		}
	})
	return column
}
