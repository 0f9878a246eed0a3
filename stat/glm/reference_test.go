package glm_test

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"waymark/stat/formula"
	"waymark/stat/glm"
)

// readFrame reads a CSV file: columns of numbers where every value is one, else texts.
func readFrame(t testing.TB, path string) *formula.Frame {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var r io.Reader = file
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(file); err != nil {
			t.Fatal(err)
		}
	}
	records, err := csv.NewReader(r).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	f := formula.NewFrame()
	for c, name := range records[0] {
		numbers, texts, isText := []float64{}, []string{}, false
		for _, row := range records[1:] {
			v, err := strconv.ParseFloat(row[c], 64)
			if row[c] == "" {
				v, err = math.NaN(), nil
			}
			isText = isText || err != nil
			numbers, texts = append(numbers, v), append(texts, row[c])
		}
		if isText {
			err = f.AddTexts(name, texts...)
		} else {
			err = f.AddNumbers(name, numbers...)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return f
}

type results struct {
	Beta, SE, Z, P map[string]float64
	Vcov           [][]float64
	LogLik         float64 `json:"logLik"`
	LogLikNull     float64 `json:"logLik_null"`
	Deviance       float64
	NullDeviance   float64 `json:"null_deviance"`
	AIC, BIC       float64
	LRChisq        float64   `json:"lr_chisq"`
	LRDF           int       `json:"lr_df"`
	Fitted         []float64 `json:"fitted_first"`
	Profile        struct {
		Rows   []string
		Values [][]float64
	} `json:"OR_profile95"`
	Robust  map[string]map[string]float64
	Cluster map[string]json.RawMessage `json:"cluster_robust"`
	Firth   struct{ Beta, SE map[string]float64 }
}

// close compares with a relative tolerance, which is absolute below 1e-2.
func closeTo(t *testing.T, what string, have, want, tolerance float64) {
	t.Helper()
	if math.IsNaN(have) || math.Abs(have-want) > tolerance*max(math.Abs(want), 1e-2) {
		t.Errorf("%s: have %.12g, want %.12g", what, have, want)
	}
}

func index(m *glm.Model, name string) int {
	for j, n := range m.Names {
		if n == name {
			return j
		}
	}
	return -1
}

func compare(t *testing.T, what string, m *glm.Model, have []float64, want map[string]float64, tolerance float64) {
	t.Helper()
	if len(want) == 0 {
		t.Errorf("%s: no reference", what)
	}
	for name, w := range want {
		j := index(m, name)
		if j < 0 {
			t.Errorf("%s: no coefficient %s", what, name)
			continue
		}
		closeTo(t, what+" of "+name, have[j], w, tolerance)
	}
}

func TestReferenceCases(t *testing.T) {
	root := os.Getenv("WAYMARK_REFERENCE")
	if root == "" {
		t.Skip("WAYMARK_REFERENCE is not set: TestReferenceCases skipped")
	}
	root = filepath.Join(root, "data", "stats")
	files, _ := filepath.Glob(filepath.Join(root, "cases", "glm_*.json"))
	if len(files) == 0 {
		t.Fatal("no cases")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) { referenceCase(t, root, file) })
	}
}

func referenceCase(t *testing.T, root, file string) {
	var c struct {
		Data, Formula string
		Levels        json.RawMessage `json:"factor_levels"`
		Warnings      json.RawMessage
		Results       results
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	levels := map[string][]string{}
	_ = json.Unmarshal(c.Levels, &levels) // an empty list where there are none
	opt := formula.Options{Levels: levels}
	if len(c.Results.Cluster) > 0 {
		var name string
		if err := json.Unmarshal(c.Results.Cluster["cluster"], &name); err != nil {
			t.Fatal(err)
		}
		opt.Cluster = name
	}
	f, err := formula.Parse(c.Formula)
	if err != nil {
		t.Fatal(err)
	}
	d, err := formula.Build(f, readFrame(t, filepath.Join(root, c.Data)), opt)
	if err != nil {
		t.Fatal(err)
	}
	firth, err := glm.Fit(d, glm.Options{Estimator: glm.Firth})
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "Firth estimate", firth, firth.Coef, c.Results.Firth.Beta, 1e-7)
	compare(t, "Firth standard error", firth, firth.SE, c.Results.Firth.SE, 1e-7)

	m, err := glm.Fit(d, glm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	closeTo(t, "null deviance", m.NullDeviance, c.Results.NullDeviance, 1e-7)
	if strings.Contains(string(c.Warnings), "0 or 1 occurred") {
		if v := m.Verdicts[0]; m.Converged || v.Code != glm.CodeSeparation || v.Args["terms"] != "NV" {
			t.Errorf("separation not told: %v", m.Verdicts)
		}
		return
	}
	if !m.Converged {
		t.Errorf("not converged: %v", m.Verdicts)
	}
	r := c.Results
	compare(t, "estimate", m, m.Coef, r.Beta, 1e-7)
	compare(t, "standard error", m, m.SE, r.SE, 1e-7)
	compare(t, "z", m, m.Stat, r.Z, 1e-7)
	compare(t, "p", m, m.P, r.P, 1e-7)
	for i := range r.Vcov {
		for j := range r.Vcov {
			closeTo(t, "covariance", m.Cov.At(i, j), r.Vcov[i][j], 1e-7)
		}
	}
	closeTo(t, "log-likelihood", m.LogLik, r.LogLik, 1e-7)
	closeTo(t, "null log-likelihood", m.NullLogLik, r.LogLikNull, 1e-7)
	closeTo(t, "deviance", m.Deviance, r.Deviance, 1e-7)
	closeTo(t, "AIC", m.AIC, r.AIC, 1e-7)
	closeTo(t, "BIC", m.BIC, r.BIC, 1e-7)
	mean := m.Mean(d)
	for i, w := range r.Fitted {
		closeTo(t, "fitted", mean[i], w, 1e-7)
	}
	for i, name := range r.Profile.Rows {
		p := m.Profile(index(m, name), 0.95)
		closeTo(t, "lower profile bound of "+name, math.Exp(p.Low), r.Profile.Values[i][0], 1e-3)
		closeTo(t, "upper profile bound of "+name, math.Exp(p.High), r.Profile.Values[i][1], 1e-3)
	}
	for name, kind := range map[string]glm.RobustKind{"HC0": glm.HC0, "HC1": glm.HC1, "HC3": glm.HC3} {
		v, err := m.Robust(kind, nil)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, name, m, v.SE, r.Robust[name], 1e-7)
	}
	names := map[string]glm.RobustKind{"CR0_sandwich_HC0_noadjust": glm.CR0, "stata_like_G_over_Gminus1": glm.CRG, "HC1": glm.CR1, "CR2": glm.CR2}
	for name, kind := range names {
		if len(r.Cluster) == 0 {
			continue
		}
		var want map[string]float64
		if err := json.Unmarshal(r.Cluster[name], &want); err != nil {
			t.Fatal(err)
		}
		v, err := m.Robust(kind, nil)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, name, m, v.SE, want, 1e-7)
		if kind == glm.CR2 {
			if err := json.Unmarshal(r.Cluster["CR2_satterthwaite_df"], &want); err != nil {
				t.Fatal(err)
			}
			compare(t, "degrees of freedom", m, v.DF, want, 1e-7)
		}
	}
}
