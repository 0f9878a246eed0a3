package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// referenceCase is what this test reads of a reference case: the call and the estimates.
type referenceCase struct {
	Data, Formula string
	Weights       *string
	Levels        map[string][]string `json:"factor_levels"`
	Caution       string
	Results       struct {
		Beta, SE map[string]float64
		LogLik   float64 `json:"logLik"`
	}
	Fits map[string]struct {
		Tight referenceFit `json:"tight_fit"`
		referenceFit
	}
}

type referenceFit struct {
	Beta   map[string]float64
	SE     map[string]float64 `json:"se_hessian"`
	LogLik float64            `json:"logLik"`
}

// TestReferenceModels runs model fit as a person would on every reference case: the numbers of the command are those of
// the kernels, whatever the file and the flags in between.
func TestReferenceModels(t *testing.T) {
	root := os.Getenv("WAYMARK_REFERENCE")
	if root == "" {
		t.Skip("WAYMARK_REFERENCE is not set: TestReferenceModels skipped")
	}
	folder := filepath.Join(root, "data", "stats")
	files, err := filepath.Glob(filepath.Join(folder, "cases", "*lm*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	beside := 0
	for _, file := range files {
		id := strings.TrimSuffix(filepath.Base(file), ".json")
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var c referenceCase
		if json.Unmarshal(raw, &c) != nil || c.Caution != "" {
			beside++ // of another kind, or with a caution: for the kernels' tests
			continue
		}
		t.Run(id, func(t *testing.T) {
			args := []string{"model", "fit", "--data", plainFile(t, filepath.Join(folder, c.Data)), "--formula", c.Formula, "--json",
				"--levels", levelsFlag(c)}
			if c.Weights != nil {
				args = append(args, "--weights", *c.Weights, "--weights-kind", "trials")
			}
			switch {
			case strings.HasPrefix(id, "glm_"):
				checkFit(t, runJSON(t, args), referenceFit{c.Results.Beta, c.Results.SE, c.Results.LogLik}, 1e-6, 1e-6)
			case strings.HasPrefix(id, "lmm_"):
				for _, name := range []string{"REML", "ML"} {
					have := runJSON(t, append(slices.Clone(args), "--family", "gaussian", "--criterion", strings.ToLower(name)))
					checkFit(t, have, referenceFit{c.Fits[name].Beta, nil, c.Fits[name].LogLik}, 1e-5, 1e-5)
				}
			default:
				for name, method := range map[string]string{"nAGQ0": "fast", "nAGQ1": "laplace"} {
					have := runJSON(t, append(slices.Clone(args), "--method", method))
					checkFit(t, have, c.Fits[name].Tight, 1e-3, 1e-5)
				}
			}
		})
	}
	if run := len(files) - beside; run < 10 || beside > run {
		t.Errorf("only %d of %d cases were run", run, len(files))
	}
}

// checkFit compares estimates in standard errors and log-likelihoods absolutely; a higher likelihood is no error.
func checkFit(t *testing.T, have fitRecord, want referenceFit, inErrors, inLikelihood float64) {
	t.Helper()
	if gap := float64(have.LogLikelihood) - want.LogLik; math.Abs(gap) > inLikelihood {
		t.Errorf("%s: log-likelihood %v, want %v", have.Method, have.LogLikelihood, want.LogLik)
	}
	if len(have.Coefficients) != len(want.Beta) {
		t.Errorf("%s: %d coefficients, want %d", have.Method, len(have.Coefficients), len(want.Beta))
	}
	for _, c := range have.Coefficients {
		b, ok := want.Beta[c.Term]
		if !ok {
			t.Errorf("%s: no reference for %s", have.Method, c.Term)
		}
		if math.Abs(float64(c.Estimate)-b) > inErrors*float64(c.StdError) {
			t.Errorf("%s: %s is %v, want %v (standard error %v)", have.Method, c.Term, c.Estimate, b, c.StdError)
		}
		if se, ok := want.SE[c.Term]; ok && math.Abs(float64(c.StdError)/se-1) > 2e-3 {
			t.Errorf("%s: standard error of %s is %v, want %v", have.Method, c.Term, c.StdError, se)
		}
	}
}

func runJSON(t *testing.T, args []string) fitRecord {
	t.Helper()
	var out, complaints bytes.Buffer
	code := run(context.Background(), args, room{out: &out, err: &complaints, getenv: func(string) string { return "" }})
	if code != exitDone {
		t.Fatalf("exit code %d: %s", code, complaints.String())
	}
	var r fitRecord
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// levelsFlag writes the levels of the case's factors in its formula, but for the outcome and for levels that hold the
// flag's own marks.
func levelsFlag(c referenceCase) string {
	var parts []string
	left, right, _ := strings.Cut(c.Formula, "~")
	for name, levels := range c.Levels {
		list := strings.Join(levels, ",")
		if strings.Contains(left, name) || !strings.Contains(right, name) || strings.Count(list, ",") != len(levels)-1 || strings.ContainsAny(list, ";=") {
			continue
		}
		parts = append(parts, name+"="+list)
	}
	slices.Sort(parts)
	return strings.Join(parts, ";")
}

// plainFile gives a file that is not compressed.
func plainFile(t *testing.T, name string) string {
	t.Helper()
	if !strings.HasSuffix(name, ".gz") {
		return name
	}
	in, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	z, err := gzip.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), strings.TrimSuffix(filepath.Base(name), ".gz"))
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(out, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return out
}
