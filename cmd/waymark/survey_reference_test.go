package main

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReferenceSurveys runs survey estimate as a person would on the reference samples: the numbers of the command
// are those of the kernel, whatever the file and the flags in between.
func TestReferenceSurveys(t *testing.T) {
	root := os.Getenv("WAYMARK_REFERENCE")
	if root == "" {
		t.Skip("WAYMARK_REFERENCE is not set: TestReferenceSurveys skipped")
	}
	root = filepath.Join(root, "data", "stats")
	strat := []string{"--data", filepath.Join(root, "data", "apistrat.csv"), "--strata", "stype", "--weights", "pw", "--fpc", "fpc"}
	clus := []string{"--data", filepath.Join(root, "data", "apiclus1.csv"), "--cluster", "dnum", "--weights", "pw", "--fpc", "fpc"}
	brr := []string{"--data", filepath.Join(root, "data", "scd_brr.csv"), "--replicates", "brr", "--replicate-columns", "rep1,rep2,rep3,rep4", "--replicate-factors"}
	known := "stype=E:4421,H:755,M:1018"
	cases := []struct {
		file, path string // of the estimates in the case
		name       string
		base       []string
		args       string
		at         int
	}{
		{"svy_apistrat", "mean_api00_enroll", "api00", strat, "mean api00 enroll", 0},
		{"svy_apistrat", "mean_api00_enroll", "enroll", strat, "mean api00,enroll", 1},
		{"svy_apistrat", "total_enroll", "enroll", strat, "total enroll", 0},
		{"svy_apistrat", "ratio", "api.stu/enroll", strat, "ratio api.stu/enroll", 0},
		{"svy_apistrat", "by_awards", "No", strat, "--by awards mean api00", -1},
		{"svy_apistrat", "by_awards", "Yes", strat, "--by awards mean api00", -1},
		{"svy_apiclus1", "design/by_stype", "M", clus, "--by stype mean api00", -1},
		{"svy_apiclus1", "design/mean_deff", "enroll", clus, "mean enroll", 0},
		{"svy_apiclus1", "post_stratified/total", "enroll", clus, "--known " + known + " total enroll", 0},
		{"svy_apiclus1", "raked/mean", "enroll", clus, "--known " + known + ";sch.wide=No:1072,Yes:5122 mean enroll", 0},
		{"svy_apiclus1", "calibrated_linear/mean", "enroll", clus, "--known " + known + ";api99=3914069 mean enroll", 0},
		{"svy_apiclus1", "calibrated_raking/mean", "enroll", clus, "--fit raking --known " + known + ";api99=3914069 mean enroll", 0},
		{"svy_apiclus1_jk1", "mean", "enroll", clus, "--replicates jk1 mean enroll", 0},
		{"svy_apistrat_jkn", "fpc/mean", "enroll", strat, "--replicates jkn mean enroll", 0},
		{"svy_scd_brr", "ratio", "alive/arrests", brr, "ratio alive/arrests", 0},
	}
	for _, c := range cases {
		t.Run(c.file+" "+c.path+" "+c.name, func(t *testing.T) {
			var out, errors bytes.Buffer
			args := append(append([]string{"survey", "estimate", "--json", "--interval", "normal"}, c.base...), strings.Fields(c.args)...)
			if code := run(context.Background(), args, room{out: &out, err: &errors, getenv: func(string) string { return "" }}); code != exitDone {
				t.Fatal(errors.String())
			}
			var have struct {
				Estimates []struct {
					By                  string
					Estimate, Low, High float64
					SE                  float64 `json:"std_error"`
				}
			}
			if err := json.Unmarshal(out.Bytes(), &have); err != nil {
				t.Fatal(err)
			}
			at := c.at
			for k, e := range have.Estimates {
				if c.at < 0 && e.By == c.name {
					at = k
				}
			}
			value, interval := surveyCase(t, filepath.Join(root, "cases", c.file+".json"), c.path, c.name)
			got := have.Estimates[at]
			for what, pair := range map[string][2]float64{"estimate": {got.Estimate, value}, "low": {got.Low, interval[0]}, "high": {got.High, interval[1]}} {
				if math.Abs(pair[0]-pair[1]) > 1e-7*math.Abs(pair[1]) {
					t.Errorf("%s: have %.12g, want %.12g", what, pair[0], pair[1])
				}
			}
		})
	}
}

// surveyCase gives an estimate of a case and its normal interval.
func surveyCase(t *testing.T, file, path, name string) (value float64, interval []float64) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range append([]string{"results"}, strings.Split(path, "/")...) {
		var level map[string]json.RawMessage
		if err := json.Unmarshal(text, &level); err != nil {
			t.Fatal(err)
		}
		if text = level[key]; text == nil {
			t.Fatalf("%s has no %s", filepath.Base(file), key)
		}
	}
	var c struct {
		Est map[string]float64
		CI  struct {
			Rows   any
			Values [][]float64
		} `json:"ci95_normal"`
	}
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	rows, _ := c.CI.Rows.([]any)
	for k, r := range rows {
		if r == name {
			return c.Est[name], c.CI.Values[k]
		}
	}
	if c.CI.Rows != name {
		t.Fatalf("no row %s", name)
	}
	return c.Est[name], c.CI.Values[0]
}
