package design_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"waymark/stat/design"
	"waymark/stat/formula"
	"waymark/stat/glm"
)

// The references are results of R's survey package, to be met within relative 1e-7 (profile intervals and
// saddlepoint p-values 1e-3).
const (
	tight = 1e-7
	loose = 1e-3

	// R's glm stops when the deviance moves by less than 1e-8 and takes the information of the step before: under
	// linearly calibrated weights its errors are off by up to 4e-7 from its own result when told to go on to 1e-15, which
	// is ours to twelve figures. One model of the reference is concerned.
	stopped = 5e-7
)

func reference(t *testing.T) string {
	t.Helper()
	root := os.Getenv("WAYMARK_REFERENCE")
	if root == "" {
		t.Skip("WAYMARK_REFERENCE is not set: " + t.Name() + " skipped")
	}
	return filepath.Join(root, "data", "stats")
}

// readFrame reads a CSV file: columns of numbers where every value is one, else texts.
func readFrame(t testing.TB, path string) *formula.Frame {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return parseFrame(t, string(text))
}

func parseFrame(t testing.TB, text string) *formula.Frame {
	t.Helper()
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
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

// ledger counts what was compared, so that a test that compares nothing fails.
type ledger struct {
	t            *testing.T
	agreed, seen int
}

// is compares with a relative tolerance, which is absolute below 1e-2: a reference of 1e-17 is rounding.
func (l *ledger) is(what string, have, want, tolerance float64) {
	l.t.Helper()
	l.seen++
	if math.IsNaN(have) || math.Abs(have-want) > tolerance*max(math.Abs(want), 1e-2) {
		l.t.Errorf("%s: have %.12g, want %.12g", what, have, want)
		return
	}
	l.agreed++
}

// tiny compares p-values, which are small and compared by their size all the same.
func (l *ledger) tiny(what string, have, want, tolerance float64) {
	l.t.Helper()
	l.seen++
	if math.IsNaN(have) || math.Abs(have-want) > tolerance*want {
		l.t.Errorf("%s: have %.12g, want %.12g", what, have, want)
		return
	}
	l.agreed++
}

type labelled struct {
	Rows   names
	Values [][]float64
}

// names is a list of names, which the files write as a bare text where there is one.
type names []string

func (n *names) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*n = names{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(n))
}

// values is a list of numbers, written bare where there is one.
type values []float64

func (n *values) UnmarshalJSON(b []byte) error {
	var one float64
	if json.Unmarshal(b, &one) == nil {
		*n = values{one}
		return nil
	}
	return json.Unmarshal(b, (*[]float64)(n))
}

type estimated struct {
	Est  map[string]float64
	SE   values
	CI   labelled `json:"ci95_normal"`
	Deff values
}

type fitted struct {
	Beta, T, P map[string]float64
	SE         []float64
	Vcov       [][]float64
	DF         int `json:"df_resid"`
	CI         labelled
	CIT        labelled  `json:"ci95_t"`
	Deviance   float64   `json:"deviance_weighted"`
	First      []float64 `json:"fitted_first"`
}

// estimates compares estimates, errors, normal intervals and design effects, by name.
func (l *ledger) estimates(what string, e *design.Estimates, err error, want estimated) {
	l.t.Helper()
	if err != nil {
		l.t.Fatalf("%s: %v", what, err)
	}
	if len(want.Est) == 0 || len(want.Est) != len(want.SE) {
		l.t.Fatalf("%s: no reference", what)
	}
	for k, name := range e.Names {
		name = strings.Replace(name, "=", "", 1)
		value, ok := want.Est[name]
		if !ok {
			l.t.Fatalf("%s: no reference of %s", what, name)
		}
		row, i := slices.Index(want.CI.Rows, name), e.Normal(k, 0.95)
		l.is(what+" "+name, e.Value[k], value, tight)
		l.is(what+" error of "+name, e.SE(k), want.SE[row], tight)
		l.is(what+" low of "+name, i.Low, want.CI.Values[row][0], tight)
		l.is(what+" high of "+name, i.High, want.CI.Values[row][1], tight)
		if want.Deff != nil {
			l.is(what+" deff of "+name, e.Deff[k], want.Deff[row], tight)
		}
	}
}

func (l *ledger) regression(what string, r *design.Regression, want fitted, tolerance float64) {
	l.t.Helper()
	if len(want.Beta) == 0 || len(want.Beta) != len(r.Names) {
		l.t.Fatalf("%s: no reference", what)
	}
	l.is(what+" df", float64(r.DF), float64(want.DF), 0)
	l.is(what+" deviance", r.Deviance, want.Deviance, tight)
	for k, name := range r.Names {
		i := r.Interval(k, 0.95)
		row := slices.Index(want.CIT.Rows, name)
		l.is(what+" "+name, r.Coef[k], want.Beta[name], tight)
		l.is(what+" error of "+name, r.SE[k], want.SE[row], tolerance)
		l.is(what+" t of "+name, r.T[k], want.T[name], tolerance)
		l.is(what+" p of "+name, r.P[k], want.P[name], tolerance)
		l.is(what+" low of "+name, i.Low, want.CIT.Values[row][0], tolerance)
		l.is(what+" high of "+name, i.High, want.CIT.Values[row][1], tolerance)
		for j, v := range want.Vcov[row] {
			l.is(fmt.Sprintf("%s covariance %d of %s", what, j, name), r.Cov.At(k, j), v, tolerance)
		}
	}
	mean := r.Model.Mean(r.Model.Design)
	for i, v := range want.First {
		l.is(fmt.Sprintf("%s mean of row %d", what, i+1), mean[i], v, tight)
	}
}

func (l *ledger) quantiles(what string, q []design.Quantile, err error, want labelled) {
	l.t.Helper()
	if err != nil || len(q) == 0 || len(q) != len(want.Values) {
		l.t.Fatalf("%s: %v, %d for %d", what, err, len(q), len(want.Values))
	}
	for k, w := range want.Values {
		at := fmt.Sprintf("%s at %g ", what, q[k].P)
		l.is(at+"value", q[k].Value, w[0], tight)
		l.is(at+"low", q[k].Low, w[1], tight)
		l.is(at+"high", q[k].High, w[2], tight)
		l.is(at+"error", q[k].SE, w[3], tight)
	}
}

func probabilities(t *testing.T, rows []string) []float64 {
	t.Helper()
	out := make([]float64, len(rows))
	for k, r := range rows {
		var err error
		if out[k], err = strconv.ParseFloat(r, 64); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func variable(t testing.TB, s *design.Sample, name string) design.Variable {
	t.Helper()
	v, err := s.Numbers(name)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func levels(t testing.TB, s *design.Sample, name string) []design.Variable {
	t.Helper()
	v, err := s.Levels(name)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func level(t testing.TB, s *design.Sample, name, wanted string) design.Variable {
	t.Helper()
	for _, v := range levels(t, s, name) {
		if v.Level == wanted {
			return v
		}
	}
	t.Fatalf("no level %s of %s", wanted, name)
	return design.Variable{}
}

func model(t testing.TB, s *design.Sample, text string, opt formula.Options, how glm.Options) *design.Regression {
	t.Helper()
	f, err := formula.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Fit(f, opt, how)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestReference walks every case of the reference that is of a sample design, of fitting to margins or of moves from stocks.
func TestReference(t *testing.T) {
	root := reference(t)
	files, err := filepath.Glob(filepath.Join(root, "cases", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	checks := map[string]func(l *ledger, root string, results []byte){
		"svy_apistrat": stratified, "svy_apistrat_jkn": stratifiedJackknife, "svy_apiclus1": clustered,
		"svy_apiclus1_jk1": clusteredJackknife, "svy_scd_brr": halfSamples, "ipf_two_way": twoWay,
		"flow_from_stock_closed": flowsFromStocks,
	}
	walked := 0
	for _, file := range files {
		id := strings.TrimSuffix(filepath.Base(file), ".json")
		if !strings.HasPrefix(id, "svy") && !strings.HasPrefix(id, "ipf") && !strings.HasPrefix(id, "flow") {
			continue
		}
		walked++
		t.Run(id, func(t *testing.T) {
			check := checks[id]
			if check == nil {
				t.Fatal("no check of this case")
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var c struct{ Results json.RawMessage }
			if err := json.Unmarshal(text, &c); err != nil {
				t.Fatal(err)
			}
			l := &ledger{t: t}
			check(l, root, c.Results)
			t.Logf("%d of %d numbers agree", l.agreed, l.seen)
			if l.seen == 0 {
				t.Error("nothing was compared")
			}
		})
	}
	if walked < len(checks) {
		t.Errorf("%d cases walked, %d known", walked, len(checks))
	}
}

func read(l *ledger, text []byte, into any) {
	l.t.Helper()
	if err := json.Unmarshal(text, into); err != nil {
		l.t.Fatal(err)
	}
}

func sample(l *ledger, file string, opt design.Options) *design.Sample {
	l.t.Helper()
	s, err := design.New(readFrame(l.t, file), opt)
	if err != nil {
		l.t.Fatal(err)
	}
	return s
}

func stratified(l *ledger, root string, text []byte) {
	t := l.t
	var w struct {
		N, Degf  int
		Sum      float64   `json:"sum_weights"`
		Mean     estimated `json:"mean_api00_enroll"`
		Stype    estimated `json:"mean_stype"`
		Total    estimated `json:"total_enroll"`
		StypeSum estimated `json:"total_stype"`
		Ratio    estimated
		Var      estimated `json:"var_api00"`
		By       estimated `json:"by_awards"`
		DomTotal estimated `json:"domain_total"`
		DomMean  estimated `json:"domain_mean"`
		Ciprop   map[string]struct {
			Est float64
			CI  []float64 `json:"ci95"`
		}
		Chi map[string]struct {
			Stat, P float64
			Param   values
		} `json:"chisq_rao_scott"`
		TTest    struct{ T, DF, P, Diff float64 }
		Quantile map[string]map[string]labelled
		Beta     map[string]labelled `json:"quantile_beta"`
		Xlogit   map[string]labelled `json:"quantile_xlogit"`
		Logistic fitted
		Term     struct {
			fitted
			F  float64   `json:"wald_F"`
			DF []float64 `json:"wald_df"`
			P  float64   `json:"wald_p"`
			LR float64   `json:"rao_scott_lrt_p"`
		} `json:"logistic_regTerm"`
		Gaussian fitted
	}
	read(l, text, &w)
	s := sample(l, filepath.Join(root, "data", "apistrat.csv"), design.Options{Strata: []string{"stype"}, Weights: "pw", FPC: []string{"fpc"}})
	l.is("rows", float64(s.Rows()), float64(w.N), 0)
	l.is("df", float64(s.DF()), float64(w.Degf), 0)
	l.is("sum of weights", s.SumOfWeights(), w.Sum, tight)
	api, enroll := variable(t, s, "api00"), variable(t, s, "enroll")
	do := func(what string, want estimated) func(*design.Estimates, error) {
		return func(e *design.Estimates, err error) { t.Helper(); l.estimates(what, e, err, want) }
	}
	do("means", w.Mean)(s.Means(api, enroll))
	do("shares", w.Stype)(s.Means(levels(t, s, "stype")...))
	do("total", w.Total)(s.Totals(enroll))
	do("counts", w.StypeSum)(s.Totals(levels(t, s, "stype")...))
	do("ratio", w.Ratio)(s.Ratios(enroll, variable(t, s, "api.stu")))
	do("variance", w.Var)(s.Variances(api))

	groups, missing, err := s.Groups("awards")
	if err != nil || missing != 0 {
		t.Fatal(err, missing)
	}
	for k, label := range groups.Labels {
		e, err := s.WithinGroup(groups, k).Means(api)
		row := slices.Index(w.By.CI.Rows, label[0])
		one := estimated{Est: map[string]float64{"api00": w.By.Est[label[0]]}, SE: w.By.SE[row : row+1],
			CI: labelled{Rows: names{"api00"}, Values: w.By.CI.Values[row : row+1]}}
		l.estimates("by awards "+label[0], e, err, one)
	}
	wide, high, improved := level(t, s, "sch.wide", "Yes"), level(t, s, "stype", "H"), level(t, s, "comp.imp", "Yes")
	keep, better := make([]bool, s.Rows()), make([]bool, s.Rows())
	for i := range keep {
		keep[i] = wide.Values[i] == 1 && high.Values[i] == 0
		better[i] = improved.Values[i] == 1
	}
	do("domain total", w.DomTotal)(s.Within(keep).Totals(enroll))
	do("domain mean", w.DomMean)(s.Within(better).Means(api))

	share, err := s.Means(wide)
	if err != nil {
		t.Fatal(err)
	}
	ways := map[string]design.ShareInterval{"logit": design.Logit, "xlogit": design.Logit, "likelihood": design.Likelihood,
		"asin": design.Arcsine, "beta": design.Beta, "mean": design.Plain}
	for _, name := range slices.Sorted(maps.Keys(w.Ciprop)) {
		want := w.Ciprop[name]
		tolerance := tight
		if name == "likelihood" {
			tolerance = loose
		}
		i := share.Share(0, ways[name], 0.95)
		l.is("share "+name, share.Value[0], want.Est, tight)
		l.is("share low "+name, i.Low, want.CI[0], tolerance)
		l.is("share high "+name, i.High, want.CI[1], tolerance)
	}

	a, err := s.Associate("sch.wide", "awards")
	if err != nil {
		t.Fatal(err)
	}
	for name, have := range map[string]design.Test{"F": a.F, "Wald": a.Wald, "adjWald": a.AdjustedWald, "Chisq": a.Chisq} {
		want := w.Chi[name]
		l.is("association "+name, have.Statistic, want.Stat, tight)
		l.is("association df1 "+name, have.DF1, want.Param[0], tight)
		if len(want.Param) > 1 {
			l.is("association df2 "+name, have.DF2, want.Param[1], tight)
		}
		l.tiny("association p "+name, have.P, want.P, tight*10)
	}
	for _, name := range []string{"lincom", "saddlepoint"} {
		l.is("association "+name, a.ChiSquare, w.Chi[name].Stat, tight)
		l.tiny("association p "+name, a.Saddlepoint, w.Chi[name].P, loose)
	}

	r := model(t, s, "api00 ~ comp.imp", formula.Options{Response: formula.Continuous}, glm.Options{Family: glm.Gaussian})
	l.is("t test t", r.T[1], w.TTest.T, tight)
	l.is("t test df", float64(r.DF), w.TTest.DF, 0)
	l.is("t test p", r.P[1], w.TTest.P, tight)
	l.is("t test difference", r.Coef[1], w.TTest.Diff, tight)

	rules := map[string]design.Rule{"math": design.Math, "hf1": design.Math, "school": design.School, "hf7": design.HF7, "hf8": design.HF8, "shahvaish": design.ShahVaish}
	for _, name := range slices.Sorted(maps.Keys(w.Quantile)) {
		rule, known := rules[name]
		if !known {
			t.Fatalf("no rule %s", name)
		}
		want := w.Quantile[name]["api00"]
		q, err := s.Quantiles(api, probabilities(t, want.Rows), design.QuantileOptions{Rule: rule})
		l.quantiles("quantile "+name, q, err, want)
	}
	want := w.Beta["api00"]
	q, err := s.Quantiles(api, probabilities(t, want.Rows), design.QuantileOptions{Interval: design.WoodruffBeta})
	l.quantiles("quantile beta", q, err, want)
	want = w.Xlogit["api00"]
	q, err = s.Quantiles(api, probabilities(t, want.Rows), design.QuantileOptions{Interval: design.WoodruffLogit})
	l.quantiles("quantile xlogit", q, err, want)

	l.regression("logistic", model(t, s, "sch.wide ~ ell + meals + mobility", formula.Options{}, glm.Options{}), w.Logistic, tight)
	l.regression("gaussian", model(t, s, "api00 ~ ell + meals + mobility", formula.Options{Response: formula.Continuous}, glm.Options{Family: glm.Gaussian}), w.Gaussian, tight)
	full := model(t, s, "comp.imp ~ ell + meals + stype", formula.Options{}, glm.Options{})
	l.regression("term", full, w.Term.fitted, tight)
	test, err := full.Wald("stype")
	if err != nil {
		t.Fatal(err)
	}
	l.is("term F", test.Statistic, w.Term.F, tight)
	l.is("term df1", test.DF1, w.Term.DF[0], 0)
	l.is("term df2", test.DF2, w.Term.DF[1], 0)
	l.tiny("term p", test.P, w.Term.P, tight)
	test, err = full.LikelihoodRatio(model(t, s, "comp.imp ~ ell + meals", formula.Options{}, glm.Options{}), "stype")
	if err != nil {
		t.Fatal(err)
	}
	l.tiny("term likelihood ratio p", test.P, w.Term.LR, loose)
}

func stratifiedJackknife(l *ledger, root string, text []byte) {
	t := l.t
	var w map[string]struct{ Mean, Total, Ratio estimated }
	read(l, text, &w)
	for name, fpc := range map[string][]string{"fpc": {"fpc"}, "nofpc": nil} {
		s := sample(l, filepath.Join(root, "data", "apistrat.csv"), design.Options{Strata: []string{"stype"}, Weights: "pw", FPC: fpc})
		j, err := s.Replicate(design.ReplicateOptions{Method: design.JKn})
		if err != nil {
			t.Fatal(err)
		}
		e, err := j.Means(variable(t, s, "api00"), variable(t, s, "enroll"))
		l.estimates(name+" means", e, err, w[name].Mean)
		e, err = j.Totals(variable(t, s, "enroll"))
		l.estimates(name+" total", e, err, w[name].Total)
		if len(w[name].Ratio.Est) > 0 {
			e, err = j.Ratios(variable(t, s, "enroll"), variable(t, s, "api.stu"))
			l.estimates(name+" ratio", e, err, w[name].Ratio)
		}
	}
}

func clustered(l *ledger, root string, text []byte) {
	t := l.t
	type version struct {
		Mean, Total estimated
		Stype       estimated `json:"mean_stype"`
		Logistic    fitted
		First       []float64 `json:"weights_first20"`
		Sum         float64   `json:"weights_sum"`
		Range       []float64 `json:"weights_range"`
	}
	var w struct {
		Population struct {
			N     float64
			Stype map[string]float64
			Wide  map[string]float64 `json:"sch.wide"`
			Api   float64            `json:"total_api99"`
		}
		Design struct {
			version
			Degf     int
			Deff     estimated `json:"mean_deff"`
			By       estimated `json:"by_stype"`
			Quantile map[string]labelled
		}
		Post    version `json:"post_stratified"`
		Raked   version
		Linear  version `json:"calibrated_linear"`
		Bounded version `json:"calibrated_linear_bounded_0.6_1.6"`
		Raking  version `json:"calibrated_raking"`
		Logit   version `json:"calibrated_logit_0.5_2"`
	}
	read(l, text, &w)
	s := sample(l, filepath.Join(root, "data", "apiclus1.csv"), design.Options{Clusters: []string{"dnum"}, Weights: "pw", FPC: []string{"fpc"}})
	api, enroll := variable(t, s, "api00"), variable(t, s, "enroll")
	check := func(what string, s *design.Sample, err error, want version) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		weights := s.Weights()
		for i, v := range want.First {
			l.is(fmt.Sprintf("%s weight %d", what, i+1), weights[i], v, tight)
		}
		l.is(what+" sum of weights", s.SumOfWeights(), want.Sum, tight)
		l.is(what+" least weight", slices.Min(weights), want.Range[0], tight)
		l.is(what+" largest weight", slices.Max(weights), want.Range[1], tight)
		e, err := s.Means(api, enroll)
		l.estimates(what+" means", e, err, want.Mean)
		e, err = s.Totals(enroll)
		l.estimates(what+" total", e, err, want.Total)
		e, err = s.Means(levels(t, s, "stype")...)
		l.estimates(what+" shares", e, err, want.Stype)
		tolerance := tight
		if what == "linear" {
			tolerance = stopped
		}
		l.regression(what+" logistic", model(t, s, "sch.wide ~ ell + meals", formula.Options{}, glm.Options{}), want.Logistic, tolerance)
	}
	check("design", s, nil, w.Design.version)
	l.is("df", float64(s.DF()), float64(w.Design.Degf), 0)
	e, err := s.Means(api, enroll)
	l.estimates("means with deff", e, err, w.Design.Deff)
	groups, _, err := s.Groups("stype")
	if err != nil {
		t.Fatal(err)
	}
	for k, label := range groups.Labels {
		e, err := s.WithinGroup(groups, k).Means(api)
		row := slices.Index(w.Design.By.CI.Rows, label[0])
		l.estimates("by stype "+label[0], e, err, estimated{Est: map[string]float64{"api00": w.Design.By.Est[label[0]]},
			SE: w.Design.By.SE[row : row+1], CI: labelled{Rows: names{"api00"}, Values: w.Design.By.CI.Values[row : row+1]}})
	}
	want := w.Design.Quantile["api00"]
	q, err := s.Quantiles(api, probabilities(t, want.Rows), design.QuantileOptions{})
	l.quantiles("quantile", q, err, want)

	stype := design.Margin{Columns: []string{"stype"}, Totals: w.Population.Stype}
	wide := design.Margin{Columns: []string{"sch.wide"}, Totals: w.Population.Wide}
	api99 := []design.Total{{Column: "api99", Total: w.Population.Api}}
	p, err := s.PostStratify(stype)
	check("post-stratified", p, err, w.Post)
	p, err = s.Rake([]design.Margin{stype, wide}, design.CalibrateOptions{})
	check("raked", p, err, w.Raked)
	for _, c := range []struct {
		name string
		opt  design.CalibrateOptions
		want version
	}{
		{"linear", design.CalibrateOptions{}, w.Linear},
		{"bounded", design.CalibrateOptions{Low: 0.6, High: 1.6}, w.Bounded},
		{"raking", design.CalibrateOptions{Distance: design.Raking}, w.Raking},
		{"logit", design.CalibrateOptions{Distance: design.LogitDistance, Low: 0.5, High: 2}, w.Logit},
	} {
		p, err = s.Calibrate([]design.Margin{stype}, api99, c.opt)
		check(c.name, p, err, c.want)
	}
}

func clusteredJackknife(l *ledger, root string, text []byte) {
	t := l.t
	var w struct {
		Mean, Total estimated
		Quantile    map[string]labelled `json:"quantile_se"`
		Logistic    fitted
	}
	read(l, text, &w)
	s := sample(l, filepath.Join(root, "data", "apiclus1.csv"), design.Options{Clusters: []string{"dnum"}, Weights: "pw", FPC: []string{"fpc"}})
	j, err := s.Replicate(design.ReplicateOptions{Method: design.JK1})
	if err != nil {
		t.Fatal(err)
	}
	api, enroll := variable(t, s, "api00"), variable(t, s, "enroll")
	e, err := j.Means(api, enroll)
	l.estimates("means", e, err, w.Mean)
	e, err = j.Totals(enroll)
	l.estimates("total", e, err, w.Total)
	want := w.Quantile["api00"]
	q, err := j.Quantiles(api, probabilities(t, want.Rows), design.QuantileOptions{Interval: design.FromReplicates})
	l.quantiles("quantile", q, err, want)
	l.regression("logistic", model(t, j, "sch.wide ~ ell + meals", formula.Options{}, glm.Options{}), w.Logistic, tight)
}

func halfSamples(l *ledger, root string, text []byte) {
	t := l.t
	var w struct{ Ratio, Total, Mean estimated }
	read(l, text, &w)
	s := sample(l, filepath.Join(root, "data", "scd_brr.csv"), design.Options{})
	b, err := s.WithReplicates(design.ReplicateColumns{Columns: []string{"rep1", "rep2", "rep3", "rep4"}, Factors: true, Method: design.BRR})
	if err != nil {
		t.Fatal(err)
	}
	alive, arrests := variable(t, s, "alive"), variable(t, s, "arrests")
	e, err := b.Ratios(arrests, alive)
	l.estimates("ratio", e, err, w.Ratio)
	e, err = b.Totals(alive, arrests)
	l.estimates("total", e, err, w.Total)
	e, err = b.Means(alive)
	l.estimates("mean", e, err, w.Mean)
}

func twoWay(l *ledger, _ string, text []byte) {
	var w struct {
		Seed, Fit [][]float64
		Rows      []float64 `json:"row_totals"`
		Columns   []float64 `json:"col_totals"`
	}
	read(l, text, &w)
	fit, err := design.FitTable(design.Table{Dims: []int{len(w.Rows), len(w.Columns)}, Cells: slices.Concat(w.Seed...)},
		[]design.TableMargin{{Axes: []int{0}, Totals: w.Rows}, {Axes: []int{1}, Totals: w.Columns}}, design.FitOptions{})
	if err != nil {
		l.t.Fatal(err)
	}
	for k, v := range slices.Concat(w.Fit...) {
		l.is(fmt.Sprintf("cell %d", k), fit.Cells[k], v, tight)
	}
}

func flowsFromStocks(l *ledger, _ string, text []byte) {
	var w map[string]struct {
		Start labelled `json:"stock_start"`
		End   labelled `json:"stock_end"`
		Seed  [][]float64
		Stay  bool `json:"stayers_maximised"`
		OD    labelled
		Total float64                `json:"migrants"`
		By    map[string][][]float64 `json:"by_birthplace"`
	}
	read(l, text, &w)
	for name, c := range w {
		found, err := design.FlowsFromStocks(c.Start.Values, c.End.Values, c.Seed, c.Stay)
		if err != nil {
			l.t.Fatal(name, err)
		}
		moved, sum := 0.0, make([][]float64, len(found))
		for i := range sum {
			sum[i] = make([]float64, len(found))
		}
		for k, table := range found {
			for i, row := range table {
				for j, v := range row {
					l.is(fmt.Sprintf("%s, born in %d, from %d to %d", name, k, i, j), v, c.By[c.Start.Rows[k]][i][j], tight)
					sum[i][j] += v
					if i != j {
						moved += v
					}
				}
			}
		}
		l.is(name+" moved", moved, c.Total, tight)
		for i, row := range sum {
			for j, v := range row {
				l.is(fmt.Sprintf("%s from %d to %d", name, i, j), v, c.OD.Values[i][j], tight)
			}
		}
	}
}
