package effect_test

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"waymark/stat/effect"
	"waymark/stat/formula"
)

// referenceFolder finds the reference cases, or skips.
func referenceFolder(t *testing.T) string {
	t.Helper()
	root := os.Getenv("WAYMARK_REFERENCE")
	if root == "" {
		t.Skipf("WAYMARK_REFERENCE is not set: %s skipped", t.Name())
	}
	return filepath.Join(root, "data", "stats")
}

// ordered is a JSON object of numbers in the order written.
type ordered struct {
	names  []string
	values []float64
}

func (o *ordered) UnmarshalJSON(raw []byte) error {
	d := json.NewDecoder(strings.NewReader(string(raw)))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		var v *float64
		if err := d.Decode(&v); err != nil {
			return err
		}
		if v == nil {
			v = new(float64)
			*v = math.NaN()
		}
		o.names, o.values = append(o.names, name.(string)), append(o.values, *v)
	}
	return nil
}

// caseFile is what these tests read of a reference case.
type caseFile struct {
	Data         string
	Formula      string
	Weights      *string
	FactorLevels map[string][]string `json:"factor_levels"`
	Results      struct {
		Beta        ordered
		Vcov        [][]float64
		LogLik      float64    `json:"logLik"`
		LogLikNull  float64    `json:"logLik_null"`
		Auc         float64    `json:"auc"`
		AucDelong   [2]float64 `json:"auc_delong95"`
		Brier       float64
		Tjur        float64    `json:"tjur_r2"`
		McFadden    float64    `json:"mcfadden_r2"`
		CoxSnell    float64    `json:"cox_snell_r2"`
		Nagelkerke  float64    `json:"nagelkerke_r2"`
		Calibration [2]float64 `json:"calibration_slope_intercept_insample"`
		HL          struct {
			Groups int
			Chisq  float64
			Df     int
			P      float64
		} `json:"hosmer_lemeshow_g10"`
		Gvif json.RawMessage
		AME  map[string]struct {
			AME float64 `json:"ame"`
			SE  float64 `json:"se"`
		} `json:"average_marginal_effects"`
	}
	Fits map[string]struct {
		Tight struct {
			Theta      json.RawMessage
			ThetaNames json.RawMessage `json:"theta_names"`
			Beta       ordered
			Vcov       [][]float64 `json:"vcov_beta"`
			Random     map[string]struct {
				SD  ordered     `json:"sd"`
				Cov [][]float64 `json:"cov"`
			}
			ICC        map[string]float64 `json:"icc_latent"`
			MOR        map[string]float64 `json:"median_odds_ratio"`
			U0         []float64          `json:"fitted_population_u0_first"`
			Integrated []float64          `json:"fitted_marginal_integrated_first"`
			AME        map[string]struct {
				U0     float64 `json:"at_u0"`
				SeU0   float64 `json:"se_at_u0"`
				Int    float64 `json:"integrated"`
				SeInt  float64 `json:"se_integrated_theta_fixed"`
				Remark string
			} `json:"average_marginal_effects"`
			LogLik float64 `json:"logLik"`
		} `json:"tight_fit"`
		LRT []struct {
			LogLikNull float64 `json:"logLik_null"`
			Chisq      float64
			Df         int
			P          float64
		}
	}
}

func readCase(t *testing.T, folder, id string) caseFile {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(folder, "cases", id+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var c caseFile
	if err := json.Unmarshal(raw, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// readFrame reads a data file: numbers where every cell is one and the case lists no levels, factors otherwise.
func readFrame(t *testing.T, folder string, c caseFile) *formula.Frame {
	t.Helper()
	f, err := os.Open(filepath.Join(folder, c.Data))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	frame := formula.NewFrame()
	for k, name := range rows[0] {
		var texts []string
		var numbers []float64
		for _, row := range rows[1:] {
			x, err := strconv.ParseFloat(row[k], 64)
			if err == nil {
				numbers = append(numbers, x)
			} else if row[k] == "" || row[k] == "NA" {
				numbers = append(numbers, math.NaN())
				row[k] = ""
			}
			texts = append(texts, row[k])
		}
		if len(numbers) == len(texts) && c.FactorLevels[name] == nil {
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

// given is a model of known estimates.
type given struct {
	design *formula.Design
	coef   []float64
	cov    *mat.SymDense
	random []effect.Random
	link   effect.Link
}

func (g *given) Coef() []float64 { return g.coef }
func (g *given) Cov() mat.Symmetric {
	if g.cov == nil {
		return nil
	}
	return g.cov
}

func (g *given) Predict(c formula.Columns) (*formula.Design, error) {
	return g.design.Apply(c)
}
func (g *given) Link() effect.Link       { return g.link }
func (g *given) Random() []effect.Random { return g.random }
func (g *given) JointCov() mat.Symmetric { return nil }

var _ effect.Mixed = (*given)(nil)

func symmetric(rows [][]float64) *mat.SymDense {
	s := mat.NewSymDense(len(rows), nil)
	for i, row := range rows {
		for j := i; j < len(row); j++ {
			s.SetSym(i, j, row[j])
		}
	}
	return s
}

// build makes the design of a case and a model of the case's estimates.
func build(t *testing.T, folder string, c caseFile, beta ordered, vcov [][]float64) (*given, *effect.Sample, *formula.Frame) {
	t.Helper()
	parsed, err := formula.Parse(c.Formula)
	if err != nil {
		t.Fatal(err)
	}
	frame := readFrame(t, folder, c)
	o := formula.Options{Levels: map[string][]string{}}
	for name, levels := range c.FactorLevels {
		if slices.Contains(parsed.Columns(), name) && name != parsed.Columns()[0] {
			o.Levels[name] = levels
		}
	}
	if c.Weights != nil {
		o.Weights, o.WeightsKind = *c.Weights, formula.Trials
	}
	design, err := formula.Build(parsed, frame, o)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(design.Names, beta.names) {
		t.Fatalf("coefficients %v, want %v", design.Names, beta.names)
	}
	sample, err := effect.NewSample(design, frame)
	if err != nil {
		t.Fatal(err)
	}
	return &given{design: design, coef: beta.values, cov: symmetric(vcov)}, sample, frame
}

func TestReferenceLogistic(t *testing.T) {
	folder := referenceFolder(t)
	for _, id := range []string{"glm_birthwt", "glm_esoph", "glm_infert", "glm_endometrial_separation"} {
		t.Run(id, func(t *testing.T) {
			c := readCase(t, folder, id)
			want := c.Results
			m, sample, _ := build(t, folder, c, want.Beta, want.Vcov)
			p := effect.Fitted(m, m.design)
			r := effect.Result{Probability: p, Successes: m.design.Y, Trials: m.design.Trials}
			auc, err := r.AUC(0.95)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "AUC", auc.Value, want.Auc, 1e-7)
			near(t, "AUC low", auc.Low, want.AucDelong[0], 1e-7)
			near(t, "AUC high", auc.High, want.AucDelong[1], 1e-7)
			brier, _ := r.Brier()
			near(t, "Brier", brier, want.Brier, 1e-7)
			tjur, _ := r.Tjur()
			near(t, "Tjur", tjur, want.Tjur, 1e-7)
			pseudo, _ := r.PseudoR2(effect.Likelihood(want.LogLik), effect.Likelihood(want.LogLikNull))
			near(t, "McFadden", pseudo.McFadden, want.McFadden, 1e-7)
			near(t, "Cox-Snell", pseudo.CoxSnell, want.CoxSnell, 1e-7)
			near(t, "Nagelkerke", pseudo.Nagelkerke, want.Nagelkerke, 1e-7)
			cal, err := r.Calibrate(0.95)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "calibration intercept", cal.Intercept.Value, want.Calibration[0], 1e-7)
			near(t, "calibration slope", cal.Slope.Value, want.Calibration[1], 1e-7)
			hl, err := r.HosmerLemeshow(10)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "Hosmer-Lemeshow", hl.ChiSquare, want.HL.Chisq, 1e-7)
			near(t, "Hosmer-Lemeshow p", hl.P, want.HL.P, 1e-7)
			if hl.Groups != want.HL.Groups || hl.DF != want.HL.Df {
				t.Errorf("Hosmer-Lemeshow on %d groups, %d degrees, want %d, %d", hl.Groups, hl.DF, want.HL.Groups, want.HL.Df)
			}
			checkGVIF(t, m, want.Gvif)
			if want.AME == nil {
				return
			}
			marginals, err := effect.Marginals(m, sample, effect.MarginalOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if len(marginals) != len(want.AME) {
				t.Errorf("%d effects, want %d", len(marginals), len(want.AME))
			}
			for _, x := range marginals {
				w, ok := want.AME[marginalName(x)]
				if !ok {
					t.Errorf("no reference for %s", marginalName(x))
				}
				near(t, marginalName(x), x.Value, w.AME, 1e-7)
				near(t, "se of "+marginalName(x), x.StdError, w.SE, 1e-7)
			}
		})
	}
}

func marginalName(x effect.Marginal) string {
	if x.Level == "" {
		return x.Variable
	}
	return x.Variable + ": " + x.Level + " vs " + x.Reference
}

// checkGVIF compares with a matrix by term, or where every term has one coefficient with a list.
func checkGVIF(t *testing.T, m *given, raw json.RawMessage) {
	t.Helper()
	have := map[string]float64{}
	for _, x := range effect.Inflations(m.cov, effect.TermsOf(m.design)) {
		have[x.Term] = x.GVIF
	}
	var matrix struct {
		Rows   []string
		Values [][]float64
	}
	want := map[string]float64{}
	if json.Unmarshal(raw, &matrix) == nil && matrix.Rows != nil {
		for k, name := range matrix.Rows {
			want[name] = matrix.Values[k][0]
		}
	} else if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	if len(have) != len(want) {
		t.Errorf("inflation of %d terms, want %d", len(have), len(want))
	}
	for name, w := range want {
		near(t, "inflation of "+name, have[name], w, 1e-7)
	}
}

func TestReferenceMixed(t *testing.T) {
	folder := referenceFolder(t)
	for _, id := range []string{"glmm_bacteria", "glmm_cbpp", "glmm_contraception", "glmm_contraception_slope", "glmm_fms_small",
		"glmm_salamander", "glmm_verbagg", "glmm_cbpp_weights", "glmm_infert_singular"} {
		t.Run(id, func(t *testing.T) {
			c := readCase(t, folder, id)
			fit := c.Fits["nAGQ1"]
			want := fit.Tight
			m, sample, frame := build(t, folder, c, want.Beta, want.Vcov)
			var between []effect.Variance
			for _, g := range m.design.Random {
				cov := want.Random[g.Label].Cov
				chol := lower(cov)
				m.random = append(m.random, effect.Random{Label: g.Label, Names: g.Names, Factor: chol, Levels: g.Levels})
				between = append(between, effect.Variance(cov[0][0]))
			}
			if want.ICC != nil {
				icc := effect.ICC(between, effect.Logit.Residual())
				for k, g := range m.design.Random {
					near(t, "intra-class correlation of "+g.Label, icc[k], want.ICC[g.Label], 1e-7)
					near(t, "median odds ratio of "+g.Label, effect.MedianOddsRatio(between[k]), want.MOR[g.Label], 1e-7)
				}
			}
			for k, w := range want.U0[:min(10, m.design.Used)] {
				one := &firstRows{frame, m.design, k}
				p, err := effect.Predict(m, sample, effect.Profile{Columns: one}, effect.PredictOptions{Scope: effect.Typical})
				if err != nil {
					t.Fatal(err)
				}
				near(t, "typical", p.Value, w, 1e-7)
				p, err = effect.Predict(m, sample, effect.Profile{Columns: one}, effect.PredictOptions{Scope: effect.Population})
				if err != nil {
					t.Fatal(err)
				}
				near(t, "integrated", p.Value, want.Integrated[k], 1e-7)
			}
			for _, l := range fit.LRT {
				small := effect.Compared{LogLikelihood: effect.Likelihood(l.LogLikNull), Parameters: 1, Rows: 10, Method: "laplace"}
				large := small
				large.LogLikelihood, large.Parameters = effect.Likelihood(want.LogLik), 1+l.Df
				test, err := effect.Compare(small, large)
				if err != nil {
					t.Fatal(err)
				}
				near(t, "likelihood ratio", test.ChiSquare, l.Chisq, 1e-6)
				near(t, "likelihood ratio p", test.PlainP, l.P, 1e-7)
			}
			for scope := effect.Typical; scope <= effect.Population; scope++ {
				marginals, err := effect.Marginals(m, sample, effect.MarginalOptions{Scope: scope, Slopes: effect.SlopesHeld})
				if err != nil {
					t.Fatal(err)
				}
				found := 0
				for _, x := range marginals {
					w, ok := want.AME[marginalName(x)]
					if !ok {
						continue
					}
					found++
					value, se := w.U0, w.SeU0
					if scope == effect.Population {
						value, se = w.Int, w.SeInt
					}
					near(t, scope.String()+" "+marginalName(x), x.Value, value, 1e-7)
					near(t, "se of "+scope.String()+" "+marginalName(x), x.StdError, se, 1e-6)
				}
				if found != len(want.AME) {
					t.Errorf("%d of %d effects found", found, len(want.AME))
				}
			}
		})
	}
}

// lower is the Cholesky factor, zero where a variance is.
func lower(cov [][]float64) [][]float64 {
	l := make([][]float64, len(cov))
	for i := range cov {
		l[i] = make([]float64, len(cov))
		for j := 0; j <= i; j++ {
			sum := cov[i][j]
			for k := 0; k < j; k++ {
				sum -= l[i][k] * l[j][k]
			}
			switch {
			case i == j:
				l[i][i] = math.Sqrt(max(sum, 0))
			case l[j][j] > 0:
				l[i][j] = sum / l[j][j]
			}
		}
	}
	return l
}

// firstRows is one used row of a frame.
type firstRows struct {
	frame  *formula.Frame
	design *formula.Design
	row    int
}

func (f *firstRows) at() int {
	if f.design.Index != nil {
		return int(f.design.Index[f.row])
	}
	return f.row
}
func (f *firstRows) Rows() int { return 1 }
func (f *firstRows) Numbers(name string) ([]float64, bool) {
	v, ok := f.frame.Numbers(name)
	if !ok {
		return nil, false
	}
	return v[f.at() : f.at()+1], true
}
func (f *firstRows) Levels(name string) ([]string, []uint8, []uint32, bool) {
	levels, narrow, wide, ok := f.frame.Levels(name)
	if narrow != nil {
		narrow = narrow[f.at() : f.at()+1]
	}
	if wide != nil {
		wide = wide[f.at() : f.at()+1]
	}
	return levels, narrow, wide, ok
}
