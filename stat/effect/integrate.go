package effect

import "math"

// The trapezoid rule on [-9, 9] of a standard normal group effect, in steps of 1/4 (73 points) where the groups'
// standard deviation is up to 3, finer beyond. For an integrand analytic in a strip of half-width a the error falls as
// exp(-2 pi a / step); the inverse logit has its poles at pi/s, so that it errs by 8e-12 at s = 3, where 60 points of
// Gauss-Hermite err by 4e-9. The complementary log-log grows beyond pi/(2s) and takes twice the points.
// Trefethen and Weideman, SIAM Review 56 (2014).
const (
	trapezoidEnd  = 9
	trapezoidStep = 0.25
)

// fineness is by how much the step is divided.
func (l Link) fineness(s float64) int {
	if l == Cloglog {
		s *= 2
	}
	return max(1, int(math.Ceil(s/3)))
}

// Integrate gives the mean of the inverse link over a normal group effect of the given variance added to the
// linear predictor, and its derivative by the predictor: what a person in a group drawn at random is to expect.
// Several independent terms combine by adding their variances.
func (l Link) Integrate(eta float64, between Variance) (mean, derivative float64) {
	m := l.integrate(eta, between)
	return m[0], m[1]
}

// integrate gives the integrated mean and its first three derivatives by the linear predictor. The derivative by
// the variance is half the second (the heat equation).
func (l Link) integrate(eta float64, between Variance) [4]float64 {
	v := float64(between)
	switch {
	case !(v > 0):
		return l.moments(eta)
	case l == Identity:
		return [4]float64{eta, 1, 0, 0}
	case l == Log:
		e := math.Exp(eta + v/2)
		return [4]float64{e, e, e, e}
	case l == Probit:
		c := 1 / math.Sqrt(1+v)
		m := l.moments(eta * c)
		return [4]float64{m[0], c * m[1], c * c * m[2], c * c * c * m[3]}
	}
	s := math.Sqrt(v)
	fine := l.fineness(s)
	step := trapezoidStep / float64(fine)
	n := int(trapezoidEnd/trapezoidStep) * fine
	var sum [4]float64
	for k := -n; k <= n; k++ {
		z := float64(k) * step
		w := step * math.Exp(-z*z/2) / math.Sqrt(2*math.Pi)
		m := l.moments(eta + s*z)
		for d := range sum {
			sum[d] += w * m[d]
		}
	}
	return sum
}

// averager gives integrated means for many rows of one model. Where rows share a variance (random intercepts, or
// slopes of factors) it interpolates in a table by quintic Hermite polynomials, which at steps of 1/16 err by
// less than 1e-11; past the first few variances it integrates each row.
type averager struct {
	link   Link
	many   bool // rows enough to make a table worth its cost
	tables map[float64]*table
	last   float64 // the variance of the table used last
	table  *table
}

const (
	tableEnd   = 38.0
	tableStep  = 1.0 / 16
	manyTables = 8
)

// table holds the integrated mean and three derivatives at steps of tableStep from -tableEnd to tableEnd.
type table [][4]float64

func newAverager(l Link, rows int) *averager {
	return &averager{link: l, many: rows > 2*int(2*tableEnd/tableStep), tables: map[float64]*table{}}
}

// at gives the mean, its derivative by the predictor, its second derivative, of one row.
func (a *averager) at(eta float64, between Variance) (mean, d1, d2 float64) {
	v := float64(between)
	closed := !(v > 0) || (a.link != Logit && a.link != Cloglog)
	if closed || math.Abs(eta) >= tableEnd-tableStep {
		m := a.link.integrate(eta, between)
		return m[0], m[1], m[2]
	}
	if a.table != nil && v == a.last {
		return a.table.at(eta)
	}
	t := a.tables[v]
	if t == nil && a.many && len(a.tables) < manyTables {
		t = newTable(a.link, between)
		a.tables[v] = t
	}
	if t == nil {
		m := a.link.integrate(eta, between)
		return m[0], m[1], m[2]
	}
	a.last, a.table = v, t
	return t.at(eta)
}

func newTable(l Link, between Variance) *table {
	n := int(2*tableEnd/tableStep) + 1
	t := make(table, n)
	for k := range t {
		t[k] = l.integrate(-tableEnd+float64(k)*tableStep, between)
	}
	return &t
}

func (t *table) at(eta float64) (mean, d1, d2 float64) {
	x := (eta + tableEnd) / tableStep
	k := int(x)
	u := x - float64(k)
	a, b := &(*t)[k], &(*t)[k+1]
	const h = tableStep
	return quintic(u, a[0], h*a[1], h*h*a[2], b[0], h*b[1], h*h*b[2]),
		quintic(u, a[1], h*a[2], h*h*a[3], b[1], h*b[2], h*h*b[3]),
		cubic(u, a[2], h*a[3], b[2], h*b[3])
}

// quintic is the polynomial of degree five with value, slope and curvature given at 0 and 1.
func quintic(u, f0, g0, h0, f1, g1, h1 float64) float64 {
	c3 := 10*(f1-f0) - 6*g0 - 4*g1 - 1.5*h0 + 0.5*h1
	c4 := -15*(f1-f0) + 8*g0 + 7*g1 + 1.5*h0 - h1
	c5 := 6*(f1-f0) - 3*(g0+g1) - 0.5*(h0-h1)
	return f0 + u*(g0+u*(h0/2+u*(c3+u*(c4+u*c5))))
}

// cubic is the polynomial of degree three with value and slope given at 0 and 1.
func cubic(u, f0, g0, f1, g1 float64) float64 {
	c2 := 3*(f1-f0) - 2*g0 - g1
	c3 := 2*(f0-f1) + g0 + g1
	return f0 + u*(g0+u*(c2+u*c3))
}
