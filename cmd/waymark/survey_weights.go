package main

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"

	"waymark/stat/design"
)

// surveyWeights are the options of survey estimate that change weights or find errors from replicates.
type surveyWeights struct {
	known, fit       string
	replicates       string
	columns          string
	factors          bool
	fay, count, seed string

	margins   []design.Margin
	totals    []design.Total
	how       string // weights are fitted; "": not at all
	distance  design.Distance
	variance  string // as the record names it
	replicate *design.ReplicateOptions
	given     *design.ReplicateColumns
	sown      *uint64 // seed of the bootstrap
}

// Ways to fit weights to known totals.
const (
	fitPost   = "poststratify"
	fitRake   = "rake"
	fitLinear = "linear"
	fitRaking = "raking"
)

// read checks the options against each other.
func (w *surveyWeights) read() error {
	if err := w.readKnown(); err != nil {
		return err
	}
	w.variance = "linearisation"
	columns := listed(w.columns)
	if w.replicates == "" {
		if len(columns) > 0 {
			return misused(codeSurveyReplicates, nil)
		}
		return nil
	}
	kind, err := choose("replicates", w.replicates, "jk1", "jkn", "brr", "fay", "bootstrap")
	if err != nil {
		return err
	}
	method := [...]design.Method{design.JK1, design.JKn, design.BRR, design.BRR, design.Bootstrap}[kind]
	fay := 0.0
	if w.replicates == "fay" {
		if fay, err = share("fay", w.fay); err != nil {
			return err
		}
	}
	w.variance = w.replicates
	if len(columns) > 0 {
		w.given = &design.ReplicateColumns{Columns: columns, Factors: w.factors, Method: method, Fay: fay}
		return nil
	}
	w.replicate = &design.ReplicateOptions{Method: method, Fay: fay}
	if method != design.Bootstrap {
		return nil
	}
	if w.replicate.Count, err = strconv.Atoi(w.count); err != nil || w.replicate.Count < 2 {
		return misused(codeFlagValue, map[string]any{"flag": "--count", "have": w.count})
	}
	seed, err := strconv.ParseUint(w.seed, 10, 64)
	if err != nil {
		return misused(codeFlagValue, map[string]any{"flag": "--seed", "have": w.seed})
	}
	w.replicate.Source, w.sown = rand.NewPCG(seed, 0), &seed
	return nil
}

// readKnown reads 'sex=f:120,m:80;age=5400': sizes of levels, or the total of a column of numbers.
func (w *surveyWeights) readKnown() error {
	bad := func(have string) error { return misused(codeSurveyKnown, map[string]any{"have": have}) }
	for _, part := range strings.Split(w.known, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		name, list, ok := strings.Cut(part, "=")
		name, list = strings.TrimSpace(name), strings.TrimSpace(list)
		if !ok || name == "" || list == "" {
			return bad(part)
		}
		if total, err := strconv.ParseFloat(list, 64); err == nil {
			if math.IsNaN(total) || math.IsInf(total, 0) {
				return bad(part)
			}
			w.totals = append(w.totals, design.Total{Column: name, Total: total})
			continue
		}
		m := design.Margin{Columns: []string{name}, Totals: map[string]float64{}}
		for _, pair := range listed(list) {
			at := strings.LastIndex(pair, ":")
			if at < 1 {
				return bad(part)
			}
			level := strings.TrimSpace(pair[:at])
			size, err := strconv.ParseFloat(strings.TrimSpace(pair[at+1:]), 64)
			if _, twice := m.Totals[level]; err != nil || !(size >= 0) || math.IsInf(size, 0) || twice || level == "" {
				return bad(part)
			}
			m.Totals[level] = size
		}
		if len(m.Totals) == 0 {
			return bad(part)
		}
		w.margins = append(w.margins, m)
	}
	if len(w.margins)+len(w.totals) == 0 {
		if w.fit != "" {
			return misused(codeSurveyKnown, map[string]any{"have": ""})
		}
		return nil
	}
	w.how = w.fit
	switch {
	case w.fit != "":
		if _, err := choose("fit", w.fit, fitPost, fitRake, fitLinear, fitRaking); err != nil {
			return err
		}
	case len(w.totals) > 0:
		w.how = fitLinear
	case len(w.margins) > 1:
		w.how = fitRake
	default:
		w.how = fitPost
	}
	if w.how == fitPost && (len(w.margins) != 1 || len(w.totals) > 0) || w.how == fitRake && len(w.totals) > 0 {
		return misused(codeSurveyFit, map[string]any{"fit": w.how})
	}
	if w.how == fitRaking {
		w.distance = design.Raking
	}
	return nil
}

// names lists the columns that these options need.
func (w *surveyWeights) names() []string {
	out := listed(w.columns)
	for _, m := range w.margins {
		out = append(out, m.Columns...)
	}
	for _, t := range w.totals {
		out = append(out, t.Column)
	}
	return out
}

// apply gives the sample with replicates and fitted weights, in this order: replicates are fitted, too.
func (w *surveyWeights) apply(s *design.Sample) (*design.Sample, error) {
	var err error
	switch {
	case w.given != nil:
		s, err = s.WithReplicates(*w.given)
	case w.replicate != nil:
		s, err = s.Replicate(*w.replicate)
	}
	if err != nil || w.how == "" {
		return s, err
	}
	switch w.how {
	case fitPost:
		return s.PostStratify(w.margins[0])
	case fitRake:
		return s.Rake(w.margins, design.CalibrateOptions{})
	}
	return s.Calibrate(w.margins, w.totals, design.CalibrateOptions{Distance: w.distance})
}
