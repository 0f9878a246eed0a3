package glmm

// cross gives X' diag(a) X over the kept coefficients, row-major. a has one weight a sorted row; nil stands for
// ones. Pairs of joint factors are summed into tables of their cells first and folded into coefficients
// afterwards, so that a row costs a few additions whatever the number of coefficients.
func (p *problem) cross(a []float64) []float64 {
	out := make([]float64, p.p*p.p)
	for i := range p.joints {
		p.crossWithin(&p.joints[i], a, out)
		for j := range i {
			p.crossJoints(&p.joints[i], &p.joints[j], a, out)
		}
		for j := range p.dense {
			p.crossDense(&p.joints[i], &p.dense[j], a, out)
		}
	}
	for i := range p.dense {
		for j := range i + 1 {
			s := 0.0
			x, y := p.dense[i].values, p.dense[j].values
			if a == nil {
				for k := range x {
					s += x[k] * y[k]
				}
			} else {
				for k := range x {
					s += a[k] * x[k] * y[k]
				}
			}
			put(out, p.p, p.dense[i].coef, p.dense[j].coef, s)
		}
	}
	return out
}

func put(m []float64, n, i, j int, v float64) {
	m[i*n+j] = v
	m[j*n+i] = v
}

// crossWithin adds the block of one joint factor with itself.
func (p *problem) crossWithin(j *joint, a, out []float64) {
	var table [256]float64
	if a == nil {
		for _, c := range j.codes {
			table[c]++
		}
	} else {
		for i, c := range j.codes {
			table[c] += a[i]
		}
	}
	for c := range j.cells {
		row := j.row(c)
		for _, e := range row {
			v := table[c] * e.x
			to := out[int(e.coef)*p.p:]
			for _, g := range row {
				to[g.coef] += v * g.x
			}
		}
	}
}

// crossJoints sets the blocks of two joint factors.
func (p *problem) crossJoints(u, v *joint, a, out []float64) {
	table := make([]float64, u.cells*v.cells)
	wide := v.cells
	vc := v.codes[:len(u.codes)]
	if a == nil {
		for i, c := range u.codes {
			table[int(c)*wide+int(vc[i])]++
		}
	} else {
		for i, c := range u.codes {
			table[int(c)*wide+int(vc[i])] += a[i]
		}
	}
	ku, kv := len(u.coefs), len(v.coefs)
	block := make([]float64, ku*kv)
	half := make([]float64, kv)
	for c := range u.cells {
		clear(half)
		for e, t := range table[c*wide : c*wide+wide] {
			if t != 0 {
				for _, g := range v.row(e) {
					half[g.at] += t * g.x
				}
			}
		}
		for _, g := range u.row(c) {
			to := block[int(g.at)*kv:][:kv]
			for s, h := range half {
				to[s] += g.x * h
			}
		}
	}
	for r, i := range u.coefs {
		for s, j := range v.coefs {
			put(out, p.p, i, j, block[r*kv+s])
		}
	}
}

// crossDense sets the block of a joint factor with a continuous column.
func (p *problem) crossDense(j *joint, d *dense, a, out []float64) {
	var table [256]float64
	values := d.values[:len(j.codes)]
	if a == nil {
		for i, c := range j.codes {
			table[c] += values[i]
		}
	} else {
		for i, c := range j.codes {
			table[c] += a[i] * values[i]
		}
	}
	p.fold(j, &table, func(coef int, v float64) { put(out, p.p, coef, d.coef, out[coef*p.p+d.coef]+v) })
}

// fold turns a table over a joint factor's cells into its coefficients.
func (p *problem) fold(j *joint, table *[256]float64, add func(coef int, v float64)) {
	for c := range j.cells {
		if t := table[c]; t != 0 {
			for _, e := range j.row(c) {
				add(int(e.coef), t*e.x)
			}
		}
	}
}

// accumulate adds v times row i of X to out.
func (p *problem) accumulate(i int, v float64, out []float64) {
	for k := range p.joints {
		j := &p.joints[k]
		for _, e := range j.row(int(j.codes[i])) {
			out[e.coef] += v * e.x
		}
	}
	for k := range p.dense {
		out[p.dense[k].coef] += v * p.dense[k].values[i]
	}
}

// predictor fills eta with x_i'b plus the offset.
func (p *problem) predictor(b, eta []float64) {
	tables := make([][256]float64, len(p.joints))
	for k := range p.joints {
		j := &p.joints[k]
		for c := range j.cells {
			s := 0.0
			for _, e := range j.row(c) {
				s += e.x * b[e.coef]
			}
			tables[k][c] = s
		}
	}
	eta = eta[:p.n]
	if p.offset != nil {
		copy(eta, p.offset)
	} else {
		clear(eta)
	}
	switch len(p.joints) {
	case 3:
		a, b, c := p.joints[0].codes[:len(eta)], p.joints[1].codes[:len(eta)], p.joints[2].codes[:len(eta)]
		ta, tb, tc := &tables[0], &tables[1], &tables[2]
		for i := range eta {
			eta[i] += ta[a[i]] + tb[b[i]] + tc[c[i]]
		}
	default:
		for k := range p.joints {
			codes, t := p.joints[k].codes[:len(eta)], &tables[k]
			for i := range eta {
				eta[i] += t[codes[i]]
			}
		}
	}
	for k := range p.dense {
		v, c := p.dense[k].values[:len(eta)], b[p.dense[k].coef]
		for i := range eta {
			eta[i] += c * v[i]
		}
	}
}
