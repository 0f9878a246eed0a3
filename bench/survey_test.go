package main

import (
	"os"
	"path/filepath"
	"testing"
)

// The benchmark's files are the same on every machine: same seed, same bytes.
func TestSameSeedSameBytes(t *testing.T) {
	for _, format := range []string{"csv", "parquet"} {
		var first []byte
		for run := range 3 {
			name := filepath.Join(t.TempDir(), "survey."+format)
			seed := uint64(5)
			if run == 2 {
				seed = 6
			}
			if err := generate(500, seed, name); err != nil {
				t.Fatal(err)
			}
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case run == 0:
				first = raw
			case run == 1 && string(raw) != string(first):
				t.Errorf("%s: the same seed gives other bytes", format)
			case run == 2 && string(raw) == string(first):
				t.Errorf("%s: another seed gives the same bytes", format)
			}
		}
	}
}

// The outcome lies where the page says, so that no coefficient rests on a handful of rows.
func TestShares(t *testing.T) {
	s := newSurvey(2017)
	n := [2]float64{}
	yes := [2]float64{}
	for range 20_000 {
		v := s.draw()
		n[v.factors[0]]++
		if v.exploited {
			yes[v.factors[0]]++
		}
	}
	eastern, central := yes[0]/n[0], yes[1]/n[1]
	if eastern < 0.08 || eastern > 0.18 || central < 0.6 || central > 0.8 {
		t.Errorf("shares %.2f on the Eastern and %.2f on the Central route", eastern, central)
	}
}

func TestGenerateRefusesOtherEndings(t *testing.T) {
	if err := generate(1, 1, filepath.Join(t.TempDir(), "survey.doc")); err == nil {
		t.Error("a file that ends in .doc is written")
	}
}
