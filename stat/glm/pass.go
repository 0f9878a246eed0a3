package glm

import "math"

// block is how many patterns are worked out at a time: small enough for the first cache, and for a product of
// so many numbers in [1, 2] not to overflow.
const block = 512

// sums is what one pass over the patterns gives. Matrices are packed row-major, p by p.
type sums struct {
	value float64   // log-likelihood without constants
	score []float64 // by coefficient
	info  []float64 // expected information X'WX
}

// pass holds the room that passes over a table need.
type pass struct {
	table  *table
	kernel kernel
	p      int // coefficients

	eta    [block]float64
	scores [block]float64
	infos  [block]float64
	ones   [block]float64
	look   [][]float64   // by joint and cell: its part of eta
	gather [][]float64   // by joint and cell: sum of scores
	cross  [][][]float64 // by pair of joints: sum of information by pair of cells
	mixed  [][][]float64 // by dense and joint: sum of information times value by cell
	square [][]float64   // by pair of dense columns
}

func newPass(t *table, k kernel, p int) *pass {
	s := &pass{table: t, kernel: k, p: p}
	s.cross = make([][][]float64, len(t.joints))
	for a, j := range t.joints {
		s.look = append(s.look, make([]float64, len(j.cells)))
		s.gather = append(s.gather, make([]float64, len(j.cells)))
		s.cross[a] = make([][]float64, a+1)
		for b := range a {
			s.cross[a][b] = make([]float64, len(j.cells)*len(t.joints[b].cells))
		}
		s.cross[a][a] = make([]float64, len(j.cells))
	}
	s.mixed, s.square = make([][][]float64, len(t.dense)), make([][]float64, len(t.dense))
	for k := range t.dense {
		for _, j := range t.joints {
			s.mixed[k] = append(s.mixed[k], make([]float64, len(j.cells)))
		}
		s.square[k] = make([]float64, k+1)
	}
	return s
}

// lookup works each cell's part of the linear predictor out.
func (s *pass) lookup(beta []float64) {
	for a, j := range s.table.joints {
		for c, row := range j.cells {
			v := 0.0
			for _, e := range row {
				v += e.value * beta[e.coef]
			}
			s.look[a][c] = v
		}
	}
}

// predictor fills eta for the patterns lo to hi.
func (s *pass) predictor(lo, hi int, beta []float64) []float64 {
	t, eta := s.table, s.eta[:hi-lo]
	clear(eta)
	if t.offset != nil {
		copy(eta, t.offset[lo:hi])
	}
	for a := range t.joints {
		codes, look := t.joints[a].codes[lo:hi], s.look[a]
		for i, c := range codes {
			eta[i] += look[c]
		}
	}
	for k := range t.dense {
		b := beta[t.dense[k].coef]
		for i, v := range t.dense[k].values[lo:hi] {
			eta[i] += v * b
		}
	}
	return eta
}

// plain is predictor without the offset.
func (s *pass) plain(lo, hi int, beta []float64) []float64 {
	offset := s.table.offset
	s.table.offset = nil
	eta := s.predictor(lo, hi, beta)
	s.table.offset = offset
	return eta
}

// value gives the log-likelihood alone.
func (s *pass) value(beta []float64) float64 {
	var total compensated
	s.lookup(beta)
	for lo := 0; lo < s.table.size; lo += block {
		hi := min(lo+block, s.table.size)
		eta := s.predictor(lo, hi, beta)
		total.add(s.kernel(eta, s.table.weight[lo:hi], s.table.sum[lo:hi], s.scores[:hi-lo], s.infos[:hi-lo]))
	}
	return total.value()
}

// full gives log-likelihood, score and information.
func (s *pass) full(beta []float64) sums {
	var total compensated
	s.lookup(beta)
	score := s.begin()
	for lo := 0; lo < s.table.size; lo += block {
		hi := min(lo+block, s.table.size)
		eta := s.predictor(lo, hi, beta)
		total.add(s.kernel(eta, s.table.weight[lo:hi], s.table.sum[lo:hi], s.scores[:hi-lo], s.infos[:hi-lo]))
		s.addScore(lo, hi, score)
		s.addInfo(lo, hi)
	}
	return sums{value: total.value(), score: s.foldScore(score), info: s.foldInfo()}
}

// each calls f for blocks of patterns with room for scores and information to fill, and gives their sums.
func (s *pass) each(f func(lo, hi int, score, info []float64)) sums {
	score := s.begin()
	for lo := 0; lo < s.table.size; lo += block {
		hi := min(lo+block, s.table.size)
		f(lo, hi, s.scores[:hi-lo], s.infos[:hi-lo])
		s.addScore(lo, hi, score)
		s.addInfo(lo, hi)
	}
	return sums{score: s.foldScore(score), info: s.foldInfo()}
}

// project gives X'v for one number a pattern.
func (s *pass) project(f func(lo, hi int, score []float64)) []float64 {
	score := s.begin()
	for lo := 0; lo < s.table.size; lo += block {
		hi := min(lo+block, s.table.size)
		f(lo, hi, s.scores[:hi-lo])
		s.addScore(lo, hi, score)
	}
	return s.foldScore(score)
}

// begin clears the tables and gives room for the scores of dense columns.
func (s *pass) begin() []compensated {
	for a := range s.gather {
		clear(s.gather[a])
		for b := range s.cross[a] {
			clear(s.cross[a][b])
		}
	}
	for k := range s.mixed {
		for a := range s.mixed[k] {
			clear(s.mixed[k][a])
		}
		clear(s.square[k])
	}
	return make([]compensated, len(s.table.dense))
}

func (s *pass) addScore(lo, hi int, score []compensated) {
	t, r := s.table, s.scores[:hi-lo]
	for a := range t.joints {
		sum := s.gather[a]
		for i, c := range t.joints[a].codes[lo:hi] {
			sum[c] += r[i]
		}
	}
	for k := range t.dense {
		v := 0.0
		for i, x := range t.dense[k].values[lo:hi] {
			v += x * r[i]
		}
		score[k].add(v)
	}
}

func (s *pass) addInfo(lo, hi int) {
	t, w := s.table, s.infos[:hi-lo]
	for a := range t.joints {
		codes := t.joints[a].codes[lo:hi]
		own := s.cross[a][a]
		for i, c := range codes {
			own[c] += w[i]
		}
		for b := range a {
			width, sum := len(t.joints[b].cells), s.cross[a][b]
			other := t.joints[b].codes[lo:hi]
			for i, c := range codes {
				sum[int(c)*width+int(other[i])] += w[i]
			}
		}
	}
	for k := range t.dense {
		x := t.dense[k].values[lo:hi]
		product := s.ones[:len(x)]
		for i, v := range x {
			product[i] = v * w[i]
		}
		for a := range t.joints {
			sum := s.mixed[k][a]
			for i, c := range t.joints[a].codes[lo:hi] {
				sum[c] += product[i]
			}
		}
		for l := range k + 1 {
			v := 0.0
			for i, x := range t.dense[l].values[lo:hi] {
				v += x * product[i]
			}
			s.square[k][l] += v
		}
	}
}

func (s *pass) foldScore(score []compensated) []float64 {
	out := make([]float64, s.p)
	for a, j := range s.table.joints {
		for c, row := range j.cells {
			for _, e := range row {
				out[e.coef] += e.value * s.gather[a][c]
			}
		}
	}
	for k, z := range s.table.dense {
		out[z.coef] = score[k].value()
	}
	return out
}

// foldInfo folds the tables of pairs of cells to coefficients.
func (s *pass) foldInfo() []float64 {
	p := s.p
	out := make([]float64, p*p)
	row := make([]float64, p)
	for a, j := range s.table.joints {
		for c, one := range j.cells {
			if w := s.cross[a][a][c]; w != 0 {
				for _, e := range one {
					for _, f := range one {
						out[e.coef*p+f.coef] += e.value * f.value * w
					}
				}
			}
			for b := range a {
				other := s.table.joints[b].cells
				clear(row)
				for d, w := range s.cross[a][b][c*len(other) : (c+1)*len(other)] {
					if w != 0 {
						for _, f := range other[d] {
							row[f.coef] += f.value * w
						}
					}
				}
				for _, e := range one {
					for f, v := range row {
						if v != 0 {
							out[e.coef*p+f] += e.value * v
							out[f*p+e.coef] += e.value * v
						}
					}
				}
			}
		}
	}
	for k, z := range s.table.dense {
		for a, j := range s.table.joints {
			for c, one := range j.cells {
				for _, e := range one {
					out[e.coef*p+z.coef] += e.value * s.mixed[k][a][c]
				}
			}
		}
		for l := range k {
			y := s.table.dense[l].coef
			out[y*p+z.coef], out[z.coef*p+y] = s.square[k][l], s.square[k][l]
		}
		out[z.coef*p+z.coef] = s.square[k][k]
		for e := range p {
			out[z.coef*p+e] = out[e*p+z.coef]
		}
	}
	return out
}

// entries lists what is not zero in a pattern's matrix row, into room.
func (t *table) entries(pattern int, room []entry) []entry {
	room = room[:0]
	for a := range t.joints {
		room = append(room, t.joints[a].cells[t.joints[a].codes[pattern]]...)
	}
	for k := range t.dense {
		room = append(room, entry{t.dense[k].coef, t.dense[k].values[pattern]})
	}
	return room
}

// quadratic is x'Vx for a sparse x.
func quadratic(x []entry, v []float64, p int) float64 {
	sum := 0.0
	for i, e := range x {
		row, part := v[e.coef*p:e.coef*p+p], 0.0
		for _, f := range x[:i] {
			part += row[f.coef] * f.value
		}
		sum += e.value * (2*part + e.value*row[e.coef])
	}
	return sum
}

// reach bounds from above the largest sqrt(x'Vx) over the patterns: by the triangle inequality, the sum over
// joint factors of the largest over cells, and over dense columns of the largest value.
func (t *table) reach(v []float64, p int) float64 {
	sum := 0.0
	for _, j := range t.joints {
		top := 0.0
		for _, one := range j.cells {
			top = max(top, quadratic(one, v, p))
		}
		sum += math.Sqrt(top)
	}
	for _, z := range t.dense {
		top := 0.0
		for _, x := range z.values {
			top = max(top, math.Abs(x))
		}
		sum += top * math.Sqrt(max(v[z.coef*p+z.coef], 0))
	}
	return sum
}
