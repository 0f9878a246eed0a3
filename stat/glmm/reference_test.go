package glmm_test

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"waymark/stat/formula"
	"waymark/stat/glmm"
)

// referenceCase is a case file of the shared reference data.
type referenceCase struct {
	ID           string
	Data         string
	Formula      string
	Weights      *string
	FactorLevels map[string][]string `json:"factor_levels"`
	Fits         map[string]json.RawMessage
	Exact        *referenceFit `json:"exact_nested_ml"`
}

// referenceFit is what the tests read of one fit.
type referenceFit struct {
	Beta      map[string]float64
	SEHessian map[string]float64 `json:"se_hessian"`
	SERX      map[string]float64 `json:"se_rx"`
	SE        map[string]float64 `json:"se"`
	LogLik    *float64           `json:"logLik"`
	Constants *float64           `json:"logLik_with_constants_independent"`
	Integral  *float64           `json:"logLik_exact_integral_at_estimates"`
	Random    map[string]struct {
		SD   map[string]float64
		Corr [][]float64
	}
	Theta    any
	Singular bool
	SD       map[string]float64
	SESD     map[string]float64 `json:"se_sd"`
	AIC      *float64           `json:"AIC_with_constants"`
	Ranef    map[string]referenceModes
	Sigma    float64
}

type referenceModes struct {
	Levels  []string
	Modes   map[string][]float64
	CondVar json.RawMessage `json:"cond_var"`
}

func referenceRoot(t *testing.T) string {
	t.Helper()
	root := os.Getenv("WAYMARK_REFERENCE")
	if root == "" {
		t.Skip("WAYMARK_REFERENCE is not set: reference cases skipped")
	}
	return filepath.Join(root, "data", "stats")
}

func readCase(t *testing.T, name string) referenceCase {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(referenceRoot(t), "cases", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var c referenceCase
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// readFrame reads a CSV file: columns that parse as numbers throughout are numbers, unless listed as factors.
func readFrame(t testing.TB, path string, factors map[string][]string) *formula.Frame {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	frame := formula.NewFrame()
	for k, name := range rows[0] {
		numbers := make([]float64, 0, len(rows)-1)
		texts := make([]string, 0, len(rows)-1)
		numeric := factors[name] == nil
		for _, row := range rows[1:] {
			v, err := strconv.ParseFloat(row[k], 64)
			numeric = numeric && err == nil
			numbers, texts = append(numbers, v), append(texts, row[k])
		}
		if numeric {
			err = frame.AddNumbers(name, numbers...)
		} else {
			err = frame.AddTexts(name, texts...)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return frame
}

func buildCase(t testing.TB, root string, c referenceCase) *formula.Design {
	t.Helper()
	f, err := formula.Parse(c.Formula)
	if err != nil {
		t.Fatal(err)
	}
	frame := readFrame(t, filepath.Join(root, c.Data), c.FactorLevels)
	opt := formula.Options{Levels: map[string][]string{}}
	for _, name := range f.Columns() {
		if levels := c.FactorLevels[name]; levels != nil {
			opt.Levels[name] = levels
		}
	}
	if c.Weights != nil {
		opt.Weights, opt.WeightsKind = *c.Weights, formula.Trials
	}
	if c.ID == "lmm_sleepstudy" {
		opt.Response = formula.Continuous
	}
	d, err := formula.Build(f, frame, opt)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func fitCase(t testing.TB, c referenceCase, d *formula.Design, opt glmm.Options) *glmm.Model {
	t.Helper()
	m, err := glmm.Fit(d, opt)
	if err != nil {
		t.Fatalf("%s: %v", c.ID, err)
	}
	return m
}

// near reports values that differ by more than tolerance, an absolute one.
func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: got %.9g, want %.9g (difference %.2g, tolerance %.2g)", what, got, want, got-want, tolerance)
	}
}

var glmmCases = []string{
	"glmm_bacteria", "glmm_cbpp", "glmm_cbpp_weights", "glmm_contraception", "glmm_contraception_slope",
	"glmm_fms_small", "glmm_infert_singular", "glmm_salamander", "glmm_verbagg",
}

var caseMethods = map[string]glmm.Options{
	"nAGQ0":  {Method: glmm.Fast},
	"nAGQ1":  {Method: glmm.Laplace},
	"nAGQ7":  {Method: glmm.Quadrature, Points: 7},
	"nAGQ25": {Method: glmm.Quadrature, Points: 25},
}

func TestReferenceCases(t *testing.T) {
	for _, name := range glmmCases {
		t.Run(name, func(t *testing.T) {
			c := readCase(t, name)
			d := buildCase(t, referenceRoot(t), c)
			for method, raw := range c.Fits {
				t.Run(method, func(t *testing.T) {
					var fit struct {
						Tight referenceFit `json:"tight_fit"`
					}
					if err := json.Unmarshal(raw, &fit); err != nil {
						t.Fatal(err)
					}
					m := fitCase(t, c, d, caseMethods[method])
					if !m.Converged() {
						t.Errorf("did not converge: %+v %v", m.Convergence, m.Verdicts)
					}
					compareFit(t, m, fit.Tight)
				})
			}
		})
	}
}

// compareFit holds a model against a reference by the rules of the reference data: coefficients and standard
// deviations within 1e-3 of a standard error, log-likelihood within 1e-5, errors within 2e-3 of themselves.
func compareFit(t *testing.T, m *glmm.Model, want referenceFit) {
	t.Helper()
	logLik := want.LogLik
	if want.Constants != nil {
		logLik = want.Constants
	}
	near(t, "log-likelihood", m.LogLik, *logLik, 1e-5)
	errors := want.SEHessian
	if errors == nil {
		errors = want.SERX
	}
	coef, se := m.Coef(), m.SE()
	for k, name := range m.Names {
		near(t, name, coef[k], want.Beta[name], 1e-3*errors[name])
		near(t, "standard error of "+name, se[k], errors[name], 2e-3*errors[name])
	}
	// An sd of zero has no standard error; 0.01 of its own or 1e-3 stands for it.
	for _, r := range m.Random {
		for k, effect := range r.Names {
			ref := want.Random[r.Group].SD[effect]
			if want.Singular { // the reference writes 0.001 where its factor is zero
				ref = 0
			}
			allowed := 1e-3 * r.SDError[k]
			if math.IsNaN(allowed) {
				allowed = 1e-4 * (1 + ref)
			}
			near(t, "sd of "+r.Group+" "+effect, r.SD[k], ref, allowed)
			for j := range k {
				near(t, "correlation of "+r.Group, r.Correlation[k][j], want.Random[r.Group].Corr[k][j], 2e-3)
			}
		}
		if !want.Singular {
			compareModes(t, r, want.Ranef[r.Group])
		}
		if r.Singular != want.Singular {
			t.Errorf("singular: %t, want %t", r.Singular, want.Singular)
		}
	}
}

// compareModes holds conditional modes and variances against the reference, each within 1e-3 of the mode's own
// conditional standard deviation.
func compareModes(t *testing.T, r glmm.Random, want referenceModes) {
	t.Helper()
	index := map[string]int{}
	for i, l := range r.Levels {
		index[l] = i
	}
	q := len(r.Names)
	var scalar []float64
	var matrix [][][]float64
	if q == 1 {
		_ = json.Unmarshal(want.CondVar, &scalar)
	} else {
		_ = json.Unmarshal(want.CondVar, &matrix)
	}
	for i, l := range want.Levels {
		k, ok := index[l]
		if !ok {
			t.Fatalf("no level %q of %s", l, r.Group)
		}
		for e, effect := range r.Names {
			v := r.Variances[k][e*q+e]
			near(t, "mode of "+r.Group, r.Modes[k][e], want.Modes[effect][i], 1e-3*math.Sqrt(v)+1e-6)
			if i < len(scalar) {
				near(t, "conditional variance of "+r.Group, v, scalar[i], 2e-3*v+1e-9)
			}
			if i < len(matrix) {
				near(t, "conditional variance of "+r.Group, v, matrix[i][e][e], 2e-3*v+1e-9)
			}
		}
	}
}

func TestReferenceGaussian(t *testing.T) {
	c := readCase(t, "lmm_sleepstudy")
	c.FactorLevels = map[string][]string{}
	frame := readFrame(t, filepath.Join(referenceRoot(t), c.Data), nil)
	f, err := formula.Parse(c.Formula)
	if err != nil {
		t.Fatal(err)
	}
	d, err := formula.Build(f, frame, formula.Options{Response: formula.Continuous})
	if err != nil {
		t.Fatal(err)
	}
	for name, criterion := range map[string]glmm.Criterion{"REML": glmm.REML, "ML": glmm.ML} {
		t.Run(name, func(t *testing.T) {
			var want struct {
				Sigma   float64
				Beta    map[string]float64
				SE      map[string]float64
				LogLik  float64 `json:"logLik"`
				Varcorr map[string]struct {
					SD   map[string]float64
					Corr [][]float64
				}
				Ranef map[string]map[string]any
			}
			if err := json.Unmarshal(c.Fits[name], &want); err != nil {
				t.Fatal(err)
			}
			m := fitCase(t, c, d, glmm.Options{Family: glmm.Gaussian, Criterion: criterion})
			near(t, "log-likelihood", m.LogLik, want.LogLik, 1e-6)
			near(t, "residual sd", m.ResidualSD, want.Sigma, 1e-4)
			for k, n := range m.Names {
				near(t, n, m.Coef()[k], want.Beta[n], 1e-6)
				near(t, "standard error of "+n, m.SE()[k], want.SE[n], 2e-4*want.SE[n])
			}
			r := m.Random[0]
			for k, e := range r.Names {
				near(t, "sd "+e, r.SD[k], want.Varcorr["Subject"].SD[e], 2e-4*r.SD[k])
				for i, v := range want.Ranef["Subject"][e].([]any) {
					near(t, "mode "+e, r.Modes[i][k], v.(float64), 1e-2)
				}
			}
			near(t, "correlation", r.Correlation[0][1], want.Varcorr["Subject"].Corr[0][1], 2e-4)
		})
	}
}

// TestReferenceExactNested compares the prenatal care data with the published-grid integral. Laplace is not to be
// trusted there, and the case's caution says not to match it.
func TestReferenceExactNested(t *testing.T) {
	c := readCase(t, "glmm_guprenat")
	d := buildCase(t, referenceRoot(t), c)
	m := fitCase(t, c, d, glmm.Options{})
	if !m.Exact || !m.Converged() {
		t.Fatalf("exact %t, converged %t: %v", m.Exact, m.Converged(), m.Verdicts)
	}
	near(t, "log-likelihood", m.LogLik, *c.Exact.LogLik, 1e-5)
	for k, name := range m.Names {
		near(t, name, m.Coef()[k], c.Exact.Beta[name], 1e-3*c.Exact.SE[name])
		near(t, "standard error of "+name, m.SE()[k], c.Exact.SE[name], 2e-3*c.Exact.SE[name])
	}
	for _, r := range m.Random {
		near(t, "sd of "+r.Group, r.SD[0], c.Exact.SD[r.Group], 1e-3*c.Exact.SESD[r.Group])
		near(t, "standard error of the sd of "+r.Group, r.SDError[0], c.Exact.SESD[r.Group], 2e-3*c.Exact.SESD[r.Group])
	}
	t.Logf("%+v %v", m.Convergence, m.Verdicts)
}

// TestReferenceAccuracy holds the estimated error of Laplace against the integral at the same parameters.
func TestReferenceAccuracy(t *testing.T) {
	for _, name := range glmmCases {
		c := readCase(t, name)
		var fit struct {
			Tight referenceFit `json:"tight_fit"`
		}
		if err := json.Unmarshal(c.Fits["nAGQ1"], &fit); err != nil {
			t.Fatal(err)
		}
		m := fitCase(t, c, buildCase(t, referenceRoot(t), c), glmm.Options{Method: glmm.Laplace})
		t.Logf("%s %+v", name, *m.Accuracy)
		if fit.Tight.Integral != nil {
			truth := *fit.Tight.Integral - m.LogLik
			near(t, name+": estimated error of the log-likelihood", m.Accuracy.LogLik, truth, 0.1*math.Abs(truth)+1e-6)
		}
	}
	c := readCase(t, "glmm_guprenat")
	m := fitCase(t, c, buildCase(t, referenceRoot(t), c), glmm.Options{Method: glmm.Laplace})
	if !m.Said(glmm.CodeUntrustworthy) || m.Accuracy.Trustworthy {
		t.Errorf("Laplace is trusted where it must not be: %+v", m.Accuracy)
	}
	t.Logf("%+v %+v %v", *m.Accuracy, m.Convergence, m.Verdicts)
}

// TestReferenceProfiles compares profile intervals, which lme4 interpolates: within 1e-2 of a half-width.
func TestReferenceProfiles(t *testing.T) {
	for _, name := range []string{"glmm_cbpp", "glmm_bacteria"} {
		c := readCase(t, name)
		var fit struct {
			Profile struct {
				Rows   []string
				Values [][2]float64
			} `json:"profile_ci95"`
		}
		if err := json.Unmarshal(c.Fits["nAGQ1"], &fit); err != nil {
			t.Fatal(err)
		}
		m := fitCase(t, c, buildCase(t, referenceRoot(t), c), glmm.Options{Method: glmm.Laplace})
		for i, row := range fit.Profile.Rows {
			want := fit.Profile.Values[i]
			var got glmm.Interval
			var err error
			if row == ".sig01" {
				got, err = m.ProfileSD(0, 0, 0.95)
			} else {
				got, err = m.Profile(index(m.Names, row), 0.95)
			}
			if err != nil {
				t.Fatal(err)
			}
			width := 0.01 * (want[1] - want[0]) / 2
			near(t, name+" low "+row, got.Low, want[0], width)
			near(t, name+" high "+row, got.High, want[1], width)
		}
	}
}

func index(names []string, name string) int {
	for k, n := range names {
		if n == name {
			return k
		}
	}
	return -1
}

// TestReferenceComparison compares likelihood-ratio tests; lme4's default fits stop early, by up to 1e-3.
func TestReferenceComparison(t *testing.T) {
	for name, null := range map[string]string{
		"glmm_contraception":       "use ~ age + I(age^2) + livch + (1|district)",
		"glmm_contraception_slope": "use ~ age + I(age^2) + urban + livch + (1|district)",
		"glmm_cbpp":                "cbind(incidence, size-incidence) ~ 1 + (1|herd)",
		"glmm_verbagg":             "r2 ~ Anger + Gender + btype + situ + (1|id) + (1|item)",
	} {
		c := readCase(t, name)
		var fit struct {
			LRT []struct {
				Chisq float64
				DF    int
				P     float64
			}
		}
		if err := json.Unmarshal(c.Fits["nAGQ1"], &fit); err != nil {
			t.Fatal(err)
		}
		larger := fitCase(t, c, buildCase(t, referenceRoot(t), c), glmm.Options{Method: glmm.Laplace, Errors: glmm.NoErrors})
		c.Formula = null
		smaller := fitCase(t, c, buildCase(t, referenceRoot(t), c), glmm.Options{Method: glmm.Laplace, Errors: glmm.NoErrors})
		r, err := glmm.Compare(smaller, larger)
		if err != nil {
			t.Fatal(err)
		}
		near(t, name+" statistic", r.Statistic, fit.LRT[0].Chisq, 3e-3)
		near(t, name+" p", r.PlainP, fit.LRT[0].P, 2e-3*fit.LRT[0].P)
		if r.DF != fit.LRT[0].DF {
			t.Errorf("%s: %d degrees of freedom, want %d", name, r.DF, fit.LRT[0].DF)
		}
		if _, err := glmm.Compare(larger, smaller); err == nil {
			t.Errorf("%s: the larger model within the smaller was accepted", name)
		}
	}
}

// TestReferenceFastNested: the fast method on the prenatal care data, where it has a proper optimum.
func TestReferenceFastNested(t *testing.T) {
	c := readCase(t, "glmm_guprenat")
	d := buildCase(t, referenceRoot(t), c)
	var fit struct {
		Tight referenceFit `json:"tight_fit"`
	}
	if err := json.Unmarshal(c.Fits["nAGQ0"], &fit); err != nil {
		t.Fatal(err)
	}
	compareFit(t, fitCase(t, c, d, glmm.Options{Method: glmm.Fast}), fit.Tight)
}
