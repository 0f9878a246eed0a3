package effect

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"waymark/stat/formula"
)

// loose is a model of any estimates, whose joint covariance is the identity, so that a gradient shows in the error.
type loose struct {
	design *formula.Design
	coef   []float64
	random []Random
	link   Link
	joint  int
}

func (m *loose) Coef() []float64                                    { return m.coef }
func (m *loose) Cov() mat.Symmetric                                 { return identity(len(m.coef)) }
func (m *loose) Predict(c formula.Columns) (*formula.Design, error) { return m.design.Apply(c) }
func (m *loose) Link() Link                                         { return m.link }
func (m *loose) Random() []Random                                   { return m.random }
func (m *loose) JointCov() mat.Symmetric                            { return identity(m.joint) }

func identity(n int) mat.Symmetric {
	s := mat.NewSymDense(n, nil)
	for i := range n {
		s.SetSym(i, i, 1)
	}
	return s
}

// drawn makes a design with a factor, a number, their interaction, and an intercept and two slopes by group.
func drawn(t *rapid.T) *loose {
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	n := 30
	y, x, w := make([]float64, n), make([]float64, n), make([]float64, n)
	a, g := make([]string, n), make([]string, n)
	for i := range n {
		y[i] = float64(r.IntN(2))
		x[i] = r.NormFloat64()
		w[i] = float64(1 + r.IntN(3))
		a[i] = string(rune('a' + i%3))
		g[i] = string(rune('p' + r.IntN(4)))
	}
	y[0], y[1] = 0, 1
	f := formula.NewFrame()
	for _, err := range []error{f.AddNumbers("y", y...), f.AddNumbers("x", x...), f.AddNumbers("w", w...), f.AddTexts("a", a...), f.AddTexts("g", g...)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	parsed, err := formula.Parse("y ~ x * a + I(x^2) + (1 + x + a | g)")
	if err != nil {
		t.Fatal(err)
	}
	m := &loose{link: rapid.SampledFrom([]Link{Logit, Probit, Cloglog}).Draw(t, "link")}
	if m.design, err = formula.Build(parsed, f, formula.Options{Weights: "w"}); err != nil {
		t.Fatal(err)
	}
	for range m.design.Names {
		m.coef = append(m.coef, 0.5*r.NormFloat64())
	}
	q := len(m.design.Random[0].Names)
	term := Random{Label: "g", Names: m.design.Random[0].Names, Factor: make([][]float64, q)}
	for i := range q {
		term.Factor[i] = make([]float64, q)
		for j := 0; j <= i; j++ {
			term.Factor[i][j] = 0.4 * r.NormFloat64()
		}
	}
	m.random = []Random{term}
	m.joint = len(m.coef) + q*(q+1)/2
	return m
}

// The gradient of an average prediction, by the estimates and by the entries of the factors, agrees with differences.
func TestAverageGradient(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawn(t)
		r := newReader(m, m.design, Population)
		at := r.average(m.design, m.design.Weights, 10)
		value := func() float64 {
			return newReader(m, m.design, Population).average(m.design, m.design.Weights, 10).value
		}
		const h = 1e-5
		check := func(k int, entry *float64) {
			old := *entry
			*entry = old + h
			up := value()
			*entry = old - h
			down := value()
			*entry = old
			if d := (up - down) / (2 * h); math.Abs(d-at.gradient[k]) > 1e-6 {
				t.Errorf("%v, entry %d: gradient %v, by differences %v", m.link, k, at.gradient[k], d)
			}
		}
		for k := range m.coef {
			check(k, &m.coef[k])
		}
		k := len(m.coef)
		l := m.random[0].Factor
		for c := range l {
			for i := c; i < len(l); i++ {
				check(k, &l[i][c])
				k++
			}
		}
		want := 0.0
		for _, g := range at.gradient {
			want += g * g
		}
		if have := r.stdError(at.gradient); math.Abs(have-math.Sqrt(want)) > 1e-12 {
			t.Errorf("standard error %v, want %v", have, math.Sqrt(want))
		}
	})
}

// Integrated over groups that do not vary, the population is the typical group.
func TestNoVarianceIsTypical(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawn(t)
		for _, row := range m.random[0].Factor {
			clear(row)
		}
		a := newReader(m, m.design, Population).average(m.design, nil, 1)
		b := newReader(m, m.design, Typical).average(m.design, nil, 1)
		if math.Abs(a.value-b.value) > 1e-12 {
			t.Errorf("population %v, typical %v", a.value, b.value)
		}
	})
}

// A column that a design of other rows does not hold is found: the reference level of a factor coded in full.
func TestEffectColumnOfReference(t *testing.T) {
	f := formula.NewFrame()
	for _, err := range []error{f.AddNumbers("y", 0, 1, 0, 1), f.AddTexts("a", "p", "q", "q", "p"), f.AddTexts("g", "k", "k", "l", "l")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	parsed, err := formula.Parse("y ~ a + (0 + a | g)")
	if err != nil {
		t.Fatal(err)
	}
	d, err := formula.Build(parsed, f, formula.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := &reader{fitted: d}
	term := Random{Label: "g", Names: d.Random[0].Names}
	applied, err := d.Apply(&assigned{columns: f, level: map[string]string{"a": "p"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{"ap": 1, "aq": 0} {
		for i, x := range r.effectColumn(applied, term, name) {
			if x != want {
				t.Errorf("%s at row %d is %v, want %v", name, i, x, want)
			}
		}
	}
}

// Swapping a factor's part of the predictor gives what a design of changed columns gives.
func TestSwapIsPredict(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawn(t)
		text := rapid.SampledFrom([]string{"y ~ x + a", "y ~ 0 + a + x", "y ~ a", "y ~ b + a + x"}).Draw(t, "formula")
		f, err := formula.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		n := 40
		columns := formula.NewFrame()
		y, x := make([]float64, n), make([]float64, n)
		a, b := make([]string, n), make([]string, n)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "rows"), 1))
		for i := range n {
			y[i], x[i] = float64(i%2), r.NormFloat64()
			a[i], b[i] = string(rune('a'+i%3)), string(rune('k'+r.IntN(2)))
			if i%7 == 6 {
				a[i] = "" // left out of the design
			}
		}
		for _, err := range []error{columns.AddNumbers("y", y...), columns.AddNumbers("x", x...), columns.AddTexts("a", a...), columns.AddTexts("b", b...)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if m.design, err = formula.Build(f, columns, formula.Options{}); err != nil {
			t.Fatal(err)
		}
		m.coef = m.coef[:len(m.design.Names)]
		m.random = []Random{{Label: "g", Names: []string{interceptName}, Factor: [][]float64{{0.7}}}}
		m.joint = len(m.coef) + 1
		s, err := NewSample(m.design, columns)
		if err != nil {
			t.Fatal(err)
		}
		for scope := Typical; scope <= Population; scope++ {
			reader := newReader(m, m.design, scope)
			v, err := s.find("a")
			if err != nil {
				t.Fatal(err)
			}
			term, ok := reader.alone(s, v)
			if !ok {
				t.Fatalf("%s: the factor is not found alone", text)
			}
			for _, level := range v.Levels {
				have, ok := reader.swap(s, v, term, level)
				if !ok {
					t.Fatalf("%s: level %s is not swapped", text, level)
				}
				want, err := reader.counterfactual(s, &assigned{columns: s.columns, level: map[string]string{"a": level}})
				if err != nil {
					t.Fatal(err)
				}
				if math.Abs(have.value-want.value) > 1e-13 {
					t.Errorf("%s, %s: %v, want %v", text, level, have.value, want.value)
				}
				for k := range want.gradient {
					if math.Abs(have.gradient[k]-want.gradient[k]) > 1e-13 {
						t.Errorf("%s, %s: gradient %v, want %v", text, level, have.gradient, want.gradient)
					}
				}
			}
		}
	})
}
