package glm_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"waymark/stat/formula"
	"waymark/stat/glm"
)

type robustFile struct {
	Tolerance float64
	Robust    []struct {
		Name, Formula, Family, Link, Cluster  string
		HC0, HC1, HC3, CR0, CRG, CR1, CR2, DF []float64
	}
	Firth []struct {
		Name, Formula, Family, Link string
		Coef, SE, Low, High         []float64
		Value, FLIC                 float64
	}
	Predicted struct {
		Formula    string
		Age        []float64
		Route, Sex []string
		Eta        []float64
		EtaSE      []float64 `json:"eta_se"`
		Mean       []float64
		MeanSE     []float64 `json:"mean_se"`
	}
	Ratio struct {
		Larger, Smaller string
		Chisq           float64
		DF              int
		P               float64
	}
}

func readRobust(t *testing.T) (out robustFile) {
	t.Helper()
	text, err := os.ReadFile("testdata/robust.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRobust(t *testing.T) {
	reference := readRobust(t)
	cols := readFrame(t, "testdata/small.csv")
	for _, c := range reference.Robust {
		t.Run(c.Name, func(t *testing.T) {
			d := design(t, c.Formula, cols, formula.Options{Response: responses[families[c.Family]], Cluster: c.Cluster})
			m, err := glm.Fit(d, glm.Options{Family: families[c.Family], Link: links[c.Link]})
			if err != nil {
				t.Fatal(err)
			}
			for kind, want := range map[glm.RobustKind][]float64{glm.HC0: c.HC0, glm.HC1: c.HC1, glm.HC3: c.HC3,
				glm.CR0: c.CR0, glm.CRG: c.CRG, glm.CR1: c.CR1, glm.CR2: c.CR2} {
				v, err := m.Robust(kind, nil)
				if err != nil {
					t.Fatal(err)
				}
				for j, w := range want {
					closeTo(t, kind.String()+" of "+m.Names[j], v.SE[j], w, reference.Tolerance)
					if kind == glm.CR2 {
						closeTo(t, "degrees of freedom of "+m.Names[j], v.DF[j], c.DF[j], reference.Tolerance)
					}
				}
			}
		})
	}
}

// separated is the small data with all outcomes of one route made 1.
func separated(t *testing.T) *formula.Frame {
	t.Helper()
	cols := readFrame(t, "testdata/small.csv")
	hurt, _ := cols.Numbers("hurt")
	levels, _, codes, _ := cols.Levels("route")
	for i := range hurt {
		if levels[codes[i]] == "western" {
			hurt[i] = 1
		}
	}
	return cols
}

func TestFirth(t *testing.T) {
	reference := readRobust(t)
	for _, c := range reference.Firth {
		t.Run(c.Name, func(t *testing.T) {
			cols := separated(t)
			d := design(t, c.Formula, cols, formula.Options{Response: responses[families[c.Family]]})
			m, err := glm.Fit(d, glm.Options{Family: families[c.Family], Link: links[c.Link], Estimator: glm.Firth})
			if err != nil {
				t.Fatal(err)
			}
			if !m.Converged {
				t.Error(m.Verdicts)
			}
			for j := range c.Coef {
				closeTo(t, "estimate of "+m.Names[j], m.Coef[j], c.Coef[j], reference.Tolerance)
				closeTo(t, "standard error of "+m.Names[j], m.SE[j], c.SE[j], reference.Tolerance)
			}
			closeTo(t, "penalised log-likelihood", m.Penalised, c.Value, reference.Tolerance)
			for j := range c.Low {
				p := m.Profile(j, 0.95)
				closeTo(t, "lower bound of "+m.Names[j], p.Low, c.Low[j], 1e-6)
				closeTo(t, "upper bound of "+m.Names[j], p.High, c.High[j], 1e-6)
			}
			if c.FLIC != 0 {
				coef, ok := m.FLIC()
				if !ok {
					t.Fatal("no corrected intercept")
				}
				closeTo(t, "corrected intercept", coef[0], c.FLIC, reference.Tolerance)
				closeTo(t, "slope", coef[1], c.Coef[1], reference.Tolerance)
			}
		})
	}
}

func TestLikelihoodRatio(t *testing.T) {
	c := readRobust(t).Ratio
	cols := readFrame(t, "testdata/small.csv")
	fit := func(text string, opt glm.Options) *glm.Model {
		m, err := glm.Fit(design(t, text, cols, formula.Options{}), opt)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	larger, smaller := fit(c.Larger, glm.Options{}), fit(c.Smaller, glm.Options{})
	have, err := glm.LikelihoodRatio(larger, smaller)
	if err != nil {
		t.Fatal(err)
	}
	closeTo(t, "chi-square", have.ChiSquare, c.Chisq, 1e-7)
	closeTo(t, "p", have.P, c.P, 1e-7)
	if have.DF != c.DF {
		t.Error(have.DF)
	}
	null := fit("hurt ~ 1", glm.Options{})
	closeTo(t, "null model", larger.NullLogLik, null.LogLik, 1e-12)
	for name, pair := range map[string][2]*glm.Model{
		"glm.not-nested":   {smaller, larger},
		"glm.other-method": {larger, fit(c.Smaller, glm.Options{Link: glm.Probit})},
		"glm.other-rows":   {larger, fit("hurt ~ I(1 / (age - 30.5))", glm.Options{})},
	} {
		if name == "glm.other-rows" {
			less := formula.NewFrame()
			hurt, _ := cols.Numbers("hurt")
			age, _ := cols.Numbers("age")
			age[3] = math.NaN()
			if err := less.AddNumbers("hurt", hurt...); err != nil {
				t.Fatal(err)
			}
			if err := less.AddNumbers("age", age...); err != nil {
				t.Fatal(err)
			}
			m, err := glm.Fit(design(t, c.Smaller, less, formula.Options{}), glm.Options{})
			if err != nil {
				t.Fatal(err)
			}
			pair[1] = m
		}
		if _, err := glm.LikelihoodRatio(pair[0], pair[1]); !hasCode(err, name) {
			t.Errorf("have %v, want %s", err, name)
		}
	}
}

// TestPredict predicts for other columns, in which some levels do not occur.
func TestPredict(t *testing.T) {
	c := readRobust(t).Predicted
	d := design(t, c.Formula, readFrame(t, "testdata/small.csv"), formula.Options{})
	m, err := glm.Fit(d, glm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	cols := formula.NewFrame()
	for _, err := range []error{cols.AddNumbers("age", c.Age...), cols.AddTexts("route", c.Route...), cols.AddTexts("sex", c.Sex...)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	n, err := d.Apply(cols)
	if err != nil {
		t.Fatal(err)
	}
	p := m.Predict(n)
	for i := range c.Age {
		closeTo(t, "linear predictor", p.Eta[i], c.Eta[i], 1e-7)
		closeTo(t, "its error", p.EtaSE[i], c.EtaSE[i], 1e-7)
		closeTo(t, "mean", p.Mean[i], c.Mean[i], 1e-7)
		closeTo(t, "its error", p.MeanSE[i], c.MeanSE[i], 1e-7)
	}
}
