package main

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"waymark/dataset"
	"waymark/fault"
	"waymark/stat/design"
)

// What can be estimated.
const (
	estimateMean       = "mean"
	estimateTotal      = "total"
	estimateRatio      = "ratio"
	estimateQuantile   = "quantile"
	estimateProportion = "proportion"
)

const (
	mostLevels = 500 // levels of a column that proportions are estimated of
	fewRows    = 30  // rows below which an estimate is told to be unsteady
)

// surveyFlags are the options of survey estimate as written.
type surveyFlags struct {
	data                   string
	strata, clusters, fpc  string
	weights, by            string
	lonely, interval, rule string
	at, missing            string
	level                  string
	nested, brewer, asJSON bool
	change                 surveyWeights
}

func newSurveyEstimate(r *room) *cobra.Command {
	var f surveyFlags
	c := &cobra.Command{
		Use:   "estimate mean|total|ratio|quantile|proportion VARS",
		Short: "survey.estimate",
		Long:  "survey.estimate-long",
		Example: `  waymark survey estimate --data survey.csv --strata region --cluster point_day --weights weight mean age
  waymark survey estimate --data survey.csv --cluster point_day --weights weight --by sex proportion exploited --json
  waymark survey estimate --data households.parquet --strata camp,camp --cluster block,household --fpc blocks,households ratio children/members`,
		RunE: func(c *cobra.Command, args []string) error {
			if err := need(c, "data"); err != nil {
				return err
			}
			job, err := f.job(args)
			if err != nil {
				return err
			}
			record, err := job.run()
			if err != nil {
				return err
			}
			record.speak(r.speak())
			if f.asJSON {
				return record.writeJSON(r.out)
			}
			return record.writeTable(r.out, r.speak())
		},
	}
	s := c.Flags()
	s.StringVar(&f.data, "data", "", "survey.flag.data")
	s.StringVar(&f.strata, "strata", "", "survey.flag.strata")
	s.StringVar(&f.clusters, "cluster", "", "survey.flag.cluster")
	s.StringVar(&f.weights, "weights", "", "survey.flag.weights")
	s.StringVar(&f.fpc, "fpc", "", "survey.flag.fpc")
	s.StringVar(&f.by, "by", "", "survey.flag.by")
	s.BoolVar(&f.nested, "nested", false, "survey.flag.nested")
	s.BoolVar(&f.brewer, "brewer", false, "survey.flag.brewer")
	s.StringVar(&f.lonely, "lonely", "fail", "survey.flag.lonely")
	s.StringVar(&f.interval, "interval", "", "survey.flag.interval")
	s.StringVar(&f.rule, "rule", "math", "survey.flag.rule")
	s.StringVar(&f.at, "at", "0.25,0.5,0.75", "survey.flag.at")
	s.StringVar(&f.level, "level", "0.95", "survey.flag.level")
	s.StringVar(&f.change.known, "known", "", "survey.flag.known")
	s.StringVar(&f.change.fit, "fit", "", "survey.flag.fit")
	s.StringVar(&f.change.replicates, "replicates", "", "survey.flag.replicates")
	s.StringVar(&f.change.columns, "replicate-columns", "", "survey.flag.replicate-columns")
	s.BoolVar(&f.change.factors, "replicate-factors", false, "survey.flag.replicate-factors")
	s.StringVar(&f.change.fay, "fay", "0.3", "survey.flag.fay")
	s.StringVar(&f.change.count, "count", "500", "survey.flag.count")
	s.StringVar(&f.change.seed, "seed", "1", "survey.flag.seed")
	s.StringVar(&f.missing, "missing", "", "survey.flag.missing")
	s.BoolVar(&f.asJSON, "json", false, "cmd.flag.json")
	return c
}

// surveyJob is one estimation from one file.
type surveyJob struct {
	data     string
	what     string
	written  []string // variables as written
	options  design.Options
	by       []string
	normal   bool // intervals by the normal distribution, not t
	share    design.ShareInterval
	quantile design.QuantileOptions
	at       []float64
	level    float64
	missing  []string
	change   surveyWeights
}

// job checks the options and gives what is to be done.
func (f *surveyFlags) job(args []string) (*surveyJob, error) {
	known := []string{estimateMean, estimateTotal, estimateRatio, estimateQuantile, estimateProportion}
	what := ""
	if len(args) > 0 {
		what = args[0]
	}
	if !slices.Contains(known, what) {
		return nil, misused(codeSurveyWhat, map[string]any{"have": what, "known": strings.Join(known, ", ")})
	}
	if len(args) < 2 {
		return nil, misused(codeSurveyNoVariable, map[string]any{"what": what})
	}
	if what == estimateRatio && len(args) == 2 && !strings.ContainsAny(args[1], "/,") {
		return nil, misused(codeSurveyRatio, map[string]any{"have": args[1]})
	}
	j := &surveyJob{data: f.data, what: what, written: args[1:], by: listed(f.by), missing: listed(f.missing), change: f.change}
	j.options = design.Options{Strata: listed(f.strata), Clusters: listed(f.clusters), Weights: f.weights, FPC: listed(f.fpc), Nested: f.nested, Brewer: f.brewer}
	lonely, err := choose("lonely", f.lonely, "fail", "remove", "adjust", "average", "certainty")
	if err != nil {
		return nil, err
	}
	j.options.Lonely = design.Lonely(lonely)
	if j.level, err = share("level", f.level); err != nil {
		return nil, err
	}
	if err := f.intervals(j); err != nil {
		return nil, err
	}
	if err := j.change.read(); err != nil {
		return nil, err
	}
	for _, s := range listed(f.at) {
		p, err := share("at", s)
		if err != nil {
			return nil, err
		}
		j.at = append(j.at, p)
	}
	return j, nil
}

// share reads a number between 0 and 1, both left out.
func share(flag, text string) (float64, error) {
	p, err := strconv.ParseFloat(text, 64)
	if err != nil || !(p > 0 && p < 1) {
		return 0, misused(codeFlagValue, map[string]any{"flag": "--" + flag, "have": text})
	}
	return p, nil
}

// intervals reads --interval, whose names depend on what is estimated, and --rule.
func (f *surveyFlags) intervals(j *surveyJob) error {
	j.quantile.Level = j.level
	rule, err := choose("rule", f.rule, "math", "school", "hf3", "hf4", "hf5", "hf6", "hf7", "hf8", "hf9", "shahvaish")
	if err != nil {
		return err
	}
	j.quantile.Rule = design.Rule(rule)
	if f.interval == "" {
		return nil
	}
	switch j.what {
	case estimateProportion:
		k, err := choose("interval", f.interval, "logit", "likelihood", "asin", "beta", "mean", "wilson")
		j.share = design.ShareInterval(k)
		return err
	case estimateQuantile:
		k, err := choose("interval", f.interval, "mean", "xlogit", "beta", "asin")
		j.quantile.Interval = design.QuantileInterval(k)
		return err
	}
	k, err := choose("interval", f.interval, "t", "normal")
	j.normal = k == 1
	return err
}

// listed splits a list of names with commas between.
func listed(text string) []string {
	var out []string
	for _, part := range strings.Split(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// run reads, estimates and gathers; nothing is printed.
func (j *surveyJob) run() (*surveyRecord, error) {
	loaded, err := j.read()
	if err != nil {
		return nil, err
	}
	record, err := j.estimate(loaded)
	return record, j.locate(err)
}

// read loads the file. Columns of the design are read as they stand, so that "01" and "1" stay two units.
func (j *surveyJob) read() (*dataset.Loaded, error) {
	o := tableOptions{ReadOptions: dataset.ReadOptions{Kinds: map[string]dataset.Kind{}, MaxLevels: math.MaxInt32}, unhashed: true}
	for _, list := range [][]string{j.options.Strata, j.options.Clusters} {
		for _, name := range list {
			if !j.names(name) {
				o.Kinds[name] = dataset.Category
			}
		}
	}
	if len(j.missing) > 0 {
		o.Missing = dataset.MissingCodes{}
		for _, code := range j.missing {
			o.Missing[code] = dataset.Unknown
		}
	}
	wanted := j.wanted()
	o.Columns = wanted
	loaded, err := openTable(j.data, o)
	if err != nil {
		return nil, err
	}
	found := loaded.Table.Column
	for _, w := range j.written {
		if found(w) == nil && (strings.Contains(w, ",") || strings.Contains(w, "/")) {
			continue // made of several names; what is missing of them is seen when they are taken apart
		}
		if found(w) == nil {
			o.Columns = nil
		}
	}
	for _, name := range j.designed() {
		if found(name) == nil {
			o.Columns = nil
		}
	}
	if o.Columns == nil { // read all, so that a near name can be offered
		return openTable(j.data, o)
	}
	return loaded, nil
}

// designed lists the columns that the design and the groups need.
func (j *surveyJob) designed() []string {
	names := slices.Concat(j.options.Strata, j.options.Clusters, j.options.FPC, j.by, j.change.names())
	if j.options.Weights != "" {
		names = append(names, j.options.Weights)
	}
	return names
}

// wanted lists every column that may be meant by what was written.
func (j *surveyJob) wanted() []string {
	names := j.designed()
	for _, w := range j.written {
		for _, part := range append(listed(w), w) {
			names = append(names, part)
			for at, c := range part {
				if c == '/' {
					names = append(names, part[:at], part[at+1:])
				}
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// names says whether a column is among the variables as written.
func (j *surveyJob) names(column string) bool {
	for _, w := range j.written {
		if w == column || slices.Contains(listed(strings.ReplaceAll(w, "/", ",")), column) {
			return true
		}
	}
	return false
}

// locate names the file in issues that have no document.
func (j *surveyJob) locate(err error) error {
	issues := fault.Of(err)
	if len(issues) == 0 {
		return err
	}
	issues = slices.Clone(issues)
	for k := range issues {
		if issues[k].Place.Document == "" {
			issues[k].Place.Document = filepath.Base(j.data)
		}
	}
	return issues
}

func (j *surveyJob) estimate(l *dataset.Loaded) (*surveyRecord, error) {
	s, err := design.New(l.Table, j.options)
	if err != nil {
		return nil, err
	}
	if s, err = j.change.apply(s); err != nil {
		return nil, err
	}
	targets, err := j.targets(s, l.Table)
	if err != nil {
		return nil, err
	}
	record := &surveyRecord{Estimates: []surveyEstimate{}}
	record.account(j, s, l)
	if len(j.by) == 0 {
		return record, j.each(record, s, targets, "")
	}
	groups, missing, err := s.Groups(j.by...)
	if err != nil {
		return nil, err
	}
	if missing > 0 {
		record.say(codeSurveyNoGroup, map[string]any{"columns": strings.Join(j.by, ", "), "count": missing})
	}
	for k, label := range groups.Labels {
		if err := j.each(record, s.WithinGroup(groups, k), targets, strings.Join(label, ":")); err != nil {
			return nil, err
		}
	}
	return record, nil
}

// target is one thing to estimate: a column of numbers, the levels of a column, or a ratio.
type target struct {
	name        string
	number      *design.Variable
	factor      *design.Factor // its levels one after the other, so that one column of them is in memory at a time
	denominator *design.Variable
}

// targets resolves the variables as written.
func (j *surveyJob) targets(s *design.Sample, t *dataset.Table) ([]target, error) {
	if j.what == estimateRatio {
		return j.ratios(s, t)
	}
	var out []target
	var issues fault.Issues
	for _, name := range j.columns(t) {
		numbers, err := s.Holds(name)
		if err != nil {
			issues = append(issues, fault.Of(err)...)
			continue
		}
		if j.what == estimateProportion || !numbers && j.what != estimateQuantile {
			f, err := j.factor(s, name)
			if err != nil {
				issues = append(issues, fault.Of(err)...)
				continue
			}
			out = append(out, target{name: name, factor: f})
			continue
		}
		v, err := s.Numbers(name)
		if err != nil {
			issues = append(issues, fault.Of(err)...)
			continue
		}
		out = append(out, target{name: name, number: &v})
	}
	return out, issues.Err()
}

// factor gives a column of categories, refused where it has too many levels to be one.
func (j *surveyJob) factor(s *design.Sample, name string) (*design.Factor, error) {
	f, err := s.Factor(name)
	if err != nil {
		return nil, err
	}
	if n := len(f.Levels); n > mostLevels {
		return nil, fault.Issue{Code: codeSurveyLevels, Place: fault.Place{Field: name}, Args: map[string]any{"column": name, "count": n, "limit": mostLevels}}
	}
	return f, nil
}

// columns takes words with commas between apart, but for a column that has a comma in its name.
func (j *surveyJob) columns(t *dataset.Table) []string {
	var out []string
	for _, w := range j.written {
		if t.Column(w) != nil {
			out = append(out, w)
		} else {
			out = append(out, listed(w)...)
		}
	}
	return out
}

// ratios reads a/b, or two words. A slash may stand in the name of a column: every place to divide is tried.
func (j *surveyJob) ratios(s *design.Sample, t *dataset.Table) ([]target, error) {
	names := j.columns(t)
	if len(names) == 2 && t.Column(names[0]) != nil && t.Column(names[1]) != nil {
		names = []string{names[0] + "/" + names[1]}
	}
	var out []target
	for _, name := range names {
		above, below, ok := strings.Cut(name, "/")
		for at, c := range name {
			if c == '/' && t.Column(name[:at]) != nil && t.Column(name[at+1:]) != nil {
				above, below = name[:at], name[at+1:]
			}
		}
		if !ok || above == "" || below == "" {
			return nil, fault.Issue{Code: codeSurveyRatio, Args: map[string]any{"have": name}}
		}
		numerator, err := s.Numbers(above)
		if err != nil {
			return nil, err
		}
		denominator, err := s.Numbers(below)
		if err != nil {
			return nil, err
		}
		out = append(out, target{name: name, number: &numerator, denominator: &denominator})
	}
	return out, nil
}

// each estimates every target in one domain.
func (j *surveyJob) each(r *surveyRecord, s *design.Sample, targets []target, by string) error {
	for _, t := range targets {
		err := j.one(r, s, t, by)
		if issues := fault.Of(err); len(issues) == 1 && (issues[0].Code == design.CodeNothing || issues[0].Code == design.CodeZeroTotal) && by != "" {
			r.say(codeSurveyEmpty, map[string]any{"column": t.name, "by": by})
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// one estimates one target.
func (j *surveyJob) one(r *surveyRecord, s *design.Sample, t target, by string) error {
	if j.what == estimateQuantile {
		return j.quantiles(r, s, *t.number, by)
	}
	if t.factor == nil {
		return j.variable(r, s, t, *t.number, by, true)
	}
	for k := range t.factor.Levels {
		if err := j.variable(r, s, t, t.factor.Variable(k), by, k == 0); err != nil {
			return err
		}
	}
	return nil
}

// variable estimates one variable; told says whether rows it leaves out are to be counted.
func (j *surveyJob) variable(r *surveyRecord, s *design.Sample, t target, v design.Variable, by string, told bool) error {
	var e *design.Estimates
	var err error
	switch {
	case t.denominator != nil:
		e, err = s.Ratios(*t.denominator, v)
	case j.what == estimateTotal:
		e, err = s.Totals(v)
	default:
		e, err = s.Means(v)
	}
	if err != nil {
		return err
	}
	if told {
		r.dropped(s, t.name, e.N[0])
	}
	i := e.Interval(0, j.level)
	if j.normal {
		i = e.Normal(0, j.level)
	}
	if j.what == estimateProportion {
		if i = e.Share(0, j.share, j.level); math.IsNaN(i.Low) && e.DF > 0 {
			i = e.Share(0, design.Beta, j.level)
			r.edge++
		}
	}
	r.add(surveyEstimate{Variable: t.name, Level: v.Level, By: by, Estimate: number(e.Value[0]), StdError: number(e.SE(0)),
		Low: number(i.Low), High: number(i.High), Deff: number(e.Deff[0]), N: e.N[0]}, e.DF)
	return nil
}

func (j *surveyJob) quantiles(r *surveyRecord, s *design.Sample, v design.Variable, by string) error {
	found, err := s.Quantiles(v, j.at, j.quantile)
	if err != nil {
		return err
	}
	r.dropped(s, v.Name, found[0].N)
	for _, q := range found {
		if math.IsNaN(q.Low) || math.IsNaN(q.High) {
			r.open++
		}
		r.add(surveyEstimate{Variable: v.Name, Level: fmt.Sprint(q.P), By: by, Estimate: number(q.Value), StdError: number(q.SE),
			Low: number(q.Low), High: number(q.High), Deff: number(math.NaN()), N: q.N}, q.DF)
	}
	return nil
}
