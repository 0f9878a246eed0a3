package glm

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"waymark/stat/formula"
)

// RobustKind names a robust covariance by what the literature calls it.
type RobustKind uint8

const (
	HC0 RobustKind = iota // White (1980)
	HC1                   // HC0 times n/(n-p)
	HC3                   // residuals over 1-h (MacKinnon and White 1985)
	CR0                   // clusters, no correction (Liang and Zeger 1986)
	CRG                   // CR0 times G/(G-1), as Stata does after logit
	CR1                   // CR0 times G/(G-1) (n-1)/(n-p)
	CR2                   // bias-reduced, with Satterthwaite's degrees of freedom (Bell and McCaffrey 2002; Pustejovsky and Tipton 2018)
)

// String gives the name.
func (k RobustKind) String() string {
	return [...]string{"HC0", "HC1", "HC3", "CR0", "CRG", "CR1", "CR2"}[k]
}

// Robust is a robust covariance of a model's coefficients, with tests by it.
type Robust struct {
	Kind     RobustKind
	Clusters int           // 0 for the HC kinds
	Cov      *mat.SymDense // NaN where aliased
	SE       []float64
	Stat, P  []float64 // P from the normal distribution; for CR2 from t with DF
	DF       []float64 // CR2: Satterthwaite's degrees of freedom; else nil
}

// Robust gives a robust covariance. The CR kinds group rows by the clusters given, or by those of the design
// where that is nil. Frequency weights count as so many equal rows.
func (m *Model) Robust(kind RobustKind, clusters *formula.Cluster) (*Robust, error) {
	out := &Robust{Kind: kind}
	if clusters == nil {
		clusters = m.Design.Cluster
	}
	var meat []float64
	factor := 1.0
	switch kind {
	case HC0, HC1, HC3:
		meat = m.meatRows(kind)
		if kind == HC1 {
			factor = m.N / m.DF
		}
	default:
		if clusters == nil {
			return nil, issue(CodeNoCluster)
		}
		s := m.byCluster(clusters)
		g := float64(len(s.members))
		if g < 2 {
			return nil, issue(CodeFewClusters, "clusters", len(s.members))
		}
		out.Clusters = len(s.members)
		var err error
		switch kind {
		case CR2:
			meat, out.DF, err = m.reduced(s)
		case CR1:
			factor = g / (g - 1) * (m.N - 1) / m.DF
			meat = m.meatClusters(s)
		case CRG:
			factor = g / (g - 1)
			meat = m.meatClusters(s)
		default:
			meat = m.meatClusters(s)
		}
		if err != nil {
			return nil, err
		}
	}
	out.Cov = m.basis.covariance(m.sandwich(meat), factor)
	out.SE, out.Stat, out.P = make([]float64, len(m.Coef)), make([]float64, len(m.Coef)), make([]float64, len(m.Coef))
	for j, b := range m.Coef {
		out.SE[j] = math.Sqrt(out.Cov.At(j, j))
		out.Stat[j] = b / out.SE[j]
		if out.DF != nil {
			out.P[j] = 2 * studentTail(math.Abs(out.Stat[j]), out.DF[j])
		} else {
			out.P[j] = 2 * m.tail(math.Abs(out.Stat[j]), m.DF)
		}
	}
	return out, nil
}

// sandwich is V meat V.
func (m *Model) sandwich(meat []float64) []float64 {
	p := m.Rank
	v := mat.NewDense(p, p, m.inverse)
	var out mat.Dense
	out.Product(v, mat.NewDense(p, p, meat), v)
	return out.RawMatrix().Data
}

// rowScore is what a row adds to score and information.
type rowScore struct {
	pattern int
	weight  float64 // frequency
	score   float64 // derivative of the log-likelihood by eta, one row of the frequency
	info    float64 // expected information, one row of the frequency
	eta     float64
}

// eachRow calls f for every row with weight, pattern by pattern.
func (m *Model) eachRow(f func(row uint32, s rowScore)) {
	t, d := m.table, m.Design
	s := newPass(t, m.kernel, m.Rank)
	s.lookup(m.beta)
	var one [4][1]float64 // trials, response, score, information of a single row
	for lo := 0; lo < t.size; lo += block {
		hi := min(lo+block, t.size)
		eta := s.predictor(lo, hi, m.beta)
		for i := range eta {
			for _, r := range t.order[t.start[lo+i]:t.start[lo+i+1]] {
				one[0][0], one[1][0] = 1, d.Y[r]
				if d.Trials != nil {
					one[0][0] = d.Trials[r]
				}
				m.kernel(eta[i:i+1], one[0][:], one[1][:], one[2][:], one[3][:])
				w := 1.0
				if d.Weights != nil {
					w = d.Weights[r]
				}
				if w > 0 {
					f(r, rowScore{pattern: lo + i, weight: w, score: one[2][0], info: one[3][0], eta: eta[i]})
				}
			}
		}
	}
}

// meatRows sums x x' times the squared score of each row, through the tables of pairs of cells.
func (m *Model) meatRows(kind RobustKind) []float64 {
	square := make([]float64, m.table.size)
	var room []entry
	m.eachRow(func(_ uint32, s rowScore) {
		v := s.score
		if kind == HC3 {
			room = m.table.entries(s.pattern, room)
			v /= 1 - s.info*quadratic(room, m.inverse, m.Rank)
		}
		square[s.pattern] += s.weight * v * v
	})
	return newPass(m.table, m.kernel, m.Rank).each(func(lo, hi int, score, info []float64) {
		clear(score)
		copy(info, square[lo:hi])
	}).info
}

// clustered is the rows of each cluster, collapsed to the patterns in it.
type clustered struct {
	members [][]part
}

// part is the rows of one pattern in one cluster.
type part struct {
	pattern int
	count   float64 // rows, by frequency
	score   float64 // sum over the rows
	info    float64 // of one row; rows of other trials are other parts
	slope   float64 // of the mean by eta
}

func (m *Model) byCluster(c *formula.Cluster) *clustered {
	members := make([][]part, len(c.Levels))
	m.eachRow(func(r uint32, s rowScore) {
		g := c.Codes[r]
		list := members[g]
		if n := len(list); n > 0 && list[n-1].pattern == s.pattern && list[n-1].info == s.info {
			list[n-1].count += s.weight
			list[n-1].score += s.weight * s.score
			return
		}
		members[g] = append(list, part{s.pattern, s.weight, s.weight * s.score, s.info, m.Options.Link.Slope(s.eta)})
	})
	return &clustered{members: slices.DeleteFunc(members, func(l []part) bool { return len(l) == 0 })}
}

// meatClusters sums the outer squares of the clusters' scores.
func (m *Model) meatClusters(s *clustered) []float64 {
	p := m.Rank
	meat, sum := make([]float64, p*p), make([]float64, p)
	var room []entry
	for _, parts := range s.members {
		clear(sum)
		for _, q := range parts {
			room = m.table.entries(q.pattern, room)
			for _, e := range room {
				sum[e.coef] += e.value * q.score
			}
		}
		addSquare(meat, sum)
	}
	return meat
}

func addSquare(meat, v []float64) {
	p := len(v)
	for i, a := range v {
		if a == 0 {
			continue
		}
		for j, b := range v {
			meat[i*p+j] += a * b
		}
	}
}

// maxClusterPatterns bounds the eigenproblem of one cluster of CR2.
const maxClusterPatterns = 1500

// precision is the inverse of the variance of one row's mean response.
func (q part) precision() float64 {
	if q.info <= 0 {
		return 0
	}
	return q.info / (q.slope * q.slope)
}

// reduced gives the meat of CR2 and Satterthwaite's degrees of freedom.
//
// All is on the scale of the response: X the matrix rows times the slope of the mean, F the variances of the
// responses under the model, V = (X' F^-1 X)^-1. The adjustment of a cluster's residuals is
// A = F^1/2 [F^1/2 (F - X V X') F^1/2]^-1/2 F^1/2, all of the cluster's rows. Rows of equal x and F share their
// part: A leaves sums of zero over such rows as they are, so it is enough to work with one normalised row a
// part. The degrees of freedom of coefficient c are (tr P)^2 / tr(P^2) for
// P_gh = p_g' (F - X V X')_gh p_h, p_g = A_g' F_g^-1 X_g V e_c.
func (m *Model) reduced(s *clustered) (meat, df []float64, err error) {
	r := m.newReduction(len(s.members))
	for c, parts := range s.members {
		if n := len(parts); n > maxClusterPatterns {
			return nil, nil, issue(CodeLargeCluster, "patterns", n, "limit", maxClusterPatterns)
		}
		x := m.clusterRows(parts)
		a, ok := m.adjust(x, parts)
		if !ok {
			return nil, nil, issue(CodeNoWeight)
		}
		r.add(c, parts, x, a)
	}
	df = slices.Repeat([]float64{math.NaN()}, len(m.Coef))
	for k, j := range m.basis.active {
		df[j] = m.satterthwaite(r.diagonal[k], r.projected[k])
	}
	return r.meat, df, nil
}

// reduction gathers CR2 over clusters.
type reduction struct {
	p         int
	meat      []float64
	columns   [][]float64  // V e_c for each coefficient c of the user
	diagonal  [][]float64  // [coef][cluster] p_g' F p_g
	projected []*mat.Dense // [coef] rows X_g' p_g by cluster
}

func (m *Model) newReduction(clusters int) *reduction {
	p := m.Rank
	r := &reduction{p: p, meat: make([]float64, p*p)}
	for k := range p {
		r.columns = append(r.columns, multiply(m.inverse, m.basis.row(k)))
		r.diagonal = append(r.diagonal, make([]float64, clusters))
		r.projected = append(r.projected, mat.NewDense(clusters, p, nil))
	}
	return r
}

// add takes a cluster in: its score X' F^-1 A e, e the residuals of the response, one normalised row a part,
// and what the degrees of freedom need.
func (r *reduction) add(cluster int, parts []part, x, a *mat.Dense) {
	n, p := len(parts), r.p
	e := mat.NewVecDense(n, nil)
	weighted := mat.DenseCopyOf(x) // F^-1 X
	for i, q := range parts {
		if q.info > 0 {
			e.SetVec(i, q.score*q.slope/q.info/math.Sqrt(q.count))
		}
		for j := range p {
			weighted.Set(i, j, x.At(i, j)*q.precision())
		}
	}
	var adjusted, score mat.VecDense
	adjusted.MulVec(a, e)
	score.MulVec(weighted.T(), &adjusted)
	addSquare(r.meat, score.RawVector().Data)
	var h, w, proj mat.VecDense
	for k := range p {
		h.MulVec(weighted, mat.NewVecDense(p, r.columns[k]))
		w.MulVec(a.T(), &h)
		proj.MulVec(x.T(), &w)
		r.projected[k].SetRow(cluster, proj.RawVector().Data)
		for i, q := range parts {
			if q.info > 0 {
				r.diagonal[k][cluster] += w.AtVec(i) * w.AtVec(i) / q.precision()
			}
		}
	}
}

// clusterRows gives the matrix row of each part times the slope and sqrt(count).
func (m *Model) clusterRows(parts []part) *mat.Dense {
	x := mat.NewDense(len(parts), m.Rank, nil)
	var room []entry
	for i, q := range parts {
		room = m.table.entries(q.pattern, room)
		for _, e := range room {
			x.Set(i, e.coef, x.At(i, e.coef)+e.value*q.slope*math.Sqrt(q.count))
		}
	}
	return x
}

// adjust is A of a cluster, by eigenvalues; those at zero (a cluster that alone
// determines a coefficient) are left at zero, the Moore-Penrose inverse.
func (m *Model) adjust(x *mat.Dense, parts []part) (*mat.Dense, bool) {
	n := len(parts)
	var xv, h mat.Dense
	xv.Mul(x, mat.NewDense(m.Rank, m.Rank, m.inverse))
	h.Mul(&xv, x.T())
	b := mat.NewSymDense(n, nil)
	for i, q := range parts {
		for j := range i + 1 {
			if q.info <= 0 || parts[j].info <= 0 {
				continue
			}
			v := -h.At(i, j)
			if i == j {
				v += 1 / q.precision()
			}
			b.SetSym(i, j, v/math.Sqrt(q.precision()*parts[j].precision()))
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(b, true) {
		return nil, false
	}
	values := eigen.Values(nil)
	var q mat.Dense
	eigen.VectorsTo(&q)
	scaled := mat.DenseCopyOf(&q)
	for j, v := range values {
		f := 0.0
		if v > 1e-12*values[n-1] {
			f = 1 / math.Sqrt(v)
		}
		for i := range n {
			scaled.Set(i, j, q.At(i, j)*f)
		}
	}
	var a mat.Dense
	a.Mul(scaled, q.T())
	for i := range n {
		for j := range n {
			if parts[i].info > 0 && parts[j].info > 0 {
				a.Set(i, j, a.At(i, j)/math.Sqrt(parts[i].precision()*parts[j].precision()))
			}
		}
	}
	return &a, true
}

// satterthwaite is (tr P)^2 / tr(P^2) for P = diagonal - U V U'.
func (m *Model) satterthwaite(diagonal []float64, u *mat.Dense) float64 {
	p := m.Rank
	v := mat.NewDense(p, p, m.inverse)
	var uv, inner, square mat.Dense
	uv.Mul(u, v)
	inner.Mul(u.T(), u)
	square.Product(v, &inner, v, &inner) // tr((U V U')^2) = tr(V U'U V U'U)
	trace, second := 0.0, 0.0
	for g, d := range diagonal {
		h := 0.0
		for j := range p {
			h += uv.At(g, j) * u.At(g, j)
		}
		trace += d - h
		second += d*d - 2*d*h
	}
	for j := range p {
		second += square.At(j, j)
	}
	return trace * trace / second
}
