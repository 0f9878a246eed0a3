package main

import (
	"math"
	"path/filepath"
	"slices"
	"time"

	"waymark/dataset"
	"waymark/fault"
	"waymark/stat/effect"
	"waymark/stat/formula"
	"waymark/stat/glm"
	"waymark/stat/glmm"
)

// fitJob is one model to fit to one file.
type fitJob struct {
	data, text      string
	single          glm.Options
	mixed           glmm.Options
	weights, offset string
	trials          bool
	levels          map[string][]string
	robust          string
	missing         []string // texts that stand for no value
	effects         bool
	profile         bool
}

// run reads, fits and gathers; nothing is printed.
func (j *fitJob) run() (*fitRecord, error) {
	start := time.Now()
	parsed, err := formula.Parse(j.text)
	if err != nil {
		return nil, j.locate(err)
	}
	if err := j.fits(parsed); err != nil {
		return nil, err
	}
	loaded, err := j.read(parsed)
	if err != nil {
		return nil, err
	}
	read := time.Since(start)
	start = time.Now()
	design, err := formula.Build(parsed, loaded.Table, j.options())
	if err != nil {
		return nil, j.locate(err)
	}
	record := &fitRecord{Formula: parsed.String(), Family: j.single.Family.String()}
	record.account(loaded, design)
	record.Timing.Read = seconds(read)
	table := loaded.Table
	loaded = nil
	if !j.effects {
		table = nil // the design holds all that the fit needs: ten million rows of columns may go
	}
	var model effect.Model
	var fit any
	if parsed.HasRandom() {
		model, fit, err = j.fitMixed(design, record, start)
	} else {
		model, fit, err = j.fitSingle(design, record, start)
	}
	if err != nil {
		return nil, j.locate(err)
	}
	if j.effects {
		err = j.readEffects(record, model, fit, design, table)
	}
	return record, err
}

// locate says which text an issue's place is in: the formula where it has a column of characters, else the file.
func (j *fitJob) locate(err error) error {
	issues := fault.Of(err)
	if len(issues) == 0 {
		return err
	}
	issues = slices.Clone(issues)
	for k := range issues {
		switch at := &issues[k].Place; {
		case at.Document != "":
		case at.Column > 0:
			at.Document = "--formula"
		default:
			at.Document = filepath.Base(j.data)
		}
	}
	return issues
}

// fits refuses options that the kind of model has no use for.
func (j *fitJob) fits(f *formula.Formula) error {
	if !f.HasRandom() {
		if j.mixed.Method != glmm.Auto || j.mixed.Criterion != glmm.REML {
			return misused(codeModelNotMixed, nil)
		}
		return nil
	}
	switch {
	case j.single.Estimator == glm.Firth:
		return misused(codeModelNoFirth, nil)
	case j.robust != "":
		return misused(codeModelNoRobust, nil)
	}
	own := [...]glm.Link{glm.Logit, glm.Log, glm.Identity}[j.single.Family]
	if j.single.Link != glm.Canonical && j.single.Link != own {
		return misused(codeModelMixedLink, map[string]any{"link": j.single.Link.String(), "own": own.String()})
	}
	return nil
}

// read loads the columns that the model needs.
func (j *fitJob) read(f *formula.Formula) (*dataset.Loaded, error) {
	o := tableOptions{ReadOptions: dataset.ReadOptions{Kinds: asTexts(j.levels), MaxLevels: math.MaxInt32}, unhashed: true}
	if len(j.missing) > 0 {
		o.Missing = dataset.MissingCodes{}
		for _, code := range j.missing {
			o.Missing[code] = dataset.Unknown
		}
	}
	names := f.Columns()
	for _, name := range []string{j.weights, j.offset, j.robust} {
		if name != "" {
			names = append(names, name)
		}
	}
	if !f.HasDot() {
		o.Columns = names
	}
	loaded, err := openTable(j.data, o)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if loaded.Table.Column(name) == nil { // read all, so that a near name can be offered
			o.Columns = nil
			return openTable(j.data, o)
		}
	}
	return loaded, nil
}

func (j *fitJob) options() formula.Options {
	o := formula.Options{Levels: j.levels, Weights: j.weights, Offset: j.offset, Cluster: j.robust}
	o.Response = [...]formula.Response{formula.Binary, formula.Count, formula.Continuous}[j.single.Family]
	if j.trials {
		o.WeightsKind = formula.Trials
	}
	return o
}

func (j *fitJob) fitSingle(d *formula.Design, r *fitRecord, start time.Time) (effect.Model, any, error) {
	m, err := glm.Fit(d, j.single)
	if err != nil {
		return nil, nil, err
	}
	r.Timing.Fit = seconds(time.Since(start))
	r.Link, r.Method = m.Options.Link.String(), "ml"
	if j.single.Estimator == glm.Firth {
		r.Method = "firth"
	}
	r.Converged = m.Converged
	r.LogLikelihood, r.AIC, r.BIC = number(m.LogLik), number(m.AIC), number(m.BIC)
	for _, v := range m.Verdicts {
		r.say(v.Code, v.Severity, v.Args)
	}
	model, se, stat, p := effect.Single(m), m.SE, m.Stat, m.P
	low, high := bounds(m.Wald(0.95))
	if j.robust != "" {
		start = time.Now()
		robust, err := m.Robust(glm.CRG, nil)
		if err != nil {
			return nil, nil, err
		}
		r.Timing.Errors = seconds(time.Since(start))
		model, se, stat, p = effect.SingleRobust(m, robust), robust.SE, robust.Stat, robust.P
		for k, b := range m.Coef { // the same quantile, normal or t, as the intervals had
			q := (high[k] - low[k]) / 2 / m.SE[k]
			low[k], high[k] = b-q*se[k], b+q*se[k]
		}
		r.say(codeModelRobust, fault.Soft, map[string]any{"column": j.robust, "clusters": robust.Clusters})
	}
	if j.single.Family == glm.Gaussian {
		sd := number(math.Sqrt(m.Dispersion))
		r.ResidualSD = &sd
	}
	r.coefficients(d.Names, m.Coef, se, stat, p, low, high)
	return model, m, nil
}

func (j *fitJob) fitMixed(d *formula.Design, r *fitRecord, start time.Time) (effect.Model, any, error) {
	m, err := glmm.Fit(d, j.mixed)
	if err != nil {
		return nil, nil, err
	}
	r.Timing.Fit = seconds(time.Since(start))
	r.Link = [...]string{"logit", "log", "identity"}[j.mixed.Family]
	r.Method = m.MethodName()
	r.Converged = m.Converged()
	r.LogLikelihood, r.AIC, r.BIC = number(m.LogLik), number(m.AIC), number(m.BIC)
	for _, v := range m.Verdicts {
		r.say(v.Code, v.Severity, v.Args)
	}
	coef, se := m.Coef(), m.SE()
	const z = 1.959963984540054
	stat, p := make([]float64, len(coef)), make([]float64, len(coef))
	low, high := make([]float64, len(coef)), make([]float64, len(coef))
	for k, b := range coef {
		stat[k] = b / se[k]
		p[k] = math.Erfc(math.Abs(stat[k]) / math.Sqrt2)
		low[k], high[k] = b-z*se[k], b+z*se[k]
	}
	r.coefficients(d.Names, coef, se, stat, p, low, high)
	for _, t := range m.Random {
		r.Random = append(r.Random, randomRecord{Group: t.Group, Levels: len(t.Levels), Terms: t.Names,
			SD: numbers(t.SD), Correlation: matrix(t.Correlation)})
	}
	if m.Accuracy != nil {
		off := number(m.Accuracy.LogLik)
		r.LaplaceError = &off
	}
	if j.mixed.Family == glmm.Gaussian {
		sd := number(m.ResidualSD)
		r.ResidualSD = &sd
	}
	return effect.Multilevel(m), m, nil
}

func bounds(intervals []glm.Interval) (low, high []float64) {
	for _, i := range intervals {
		low, high = append(low, i.Low), append(high, i.High)
	}
	return low, high
}
