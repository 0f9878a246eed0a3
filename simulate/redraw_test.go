package simulate_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/dataset"
	"waymark/fault"
	"waymark/simulate"
	"waymark/vulnerability"
)

// interviews makes a table that could be a real file: a route, an age, a region and a site that depend on each
// other, one site that three people share, and one pair of site and region that three people share.
func interviews(rows int, source rand.Source) *dataset.Table {
	r := rand.New(source)
	category := func(name string, levels ...string) *dataset.Builder {
		f := dataset.Field{Name: name, Kind: dataset.Category, Class: dataset.Restricted}
		for _, l := range levels {
			f.Levels = append(f.Levels, dataset.Level{Code: l})
		}
		return dataset.NewBuilder(f)
	}
	yes, sex, region := category("y", "no", "yes"), category("sex", "f", "m"), category("region", "north", "west", "east")
	site := category("site")
	age := dataset.NewBuilder(dataset.Field{Name: "age", Kind: dataset.Number})
	for i := range rows {
		g, s := r.IntN(3), r.IntN(2)
		place := fmt.Sprintf("S%02d", 4*g+r.IntN(5))
		years := float64(14 + r.IntN(40))
		switch {
		case i < 3:
			place, g, years = "RARE", 0, 97
		case i < 6:
			place, g, s = "S00", 2, 1 // no other row has this site with this region
		case place == "S00":
			g = 0
		}
		p := 1 / (1 + math.Exp(-(-1 + 0.8*float64(s) + 0.5*float64(g) + 0.01*(years-30))))
		yes.Code(int(number(r.Float64() < p)))
		sex.Code(s)
		region.Code(g)
		site.Level(place)
		age.Number(years)
	}
	t, err := dataset.NewTable("interviews", yes.Column(), sex.Column(), region.Column(), age.Column(), site.Column())
	if err != nil {
		panic(err)
	}
	return t
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// fitted fits the model of interviews.
func fitted(t *testing.T, tab *dataset.Table, groups ...string) simulate.Fitted {
	t.Helper()
	spec := vulnerability.ModelSpec{ID: "m", Outcome: "y", Predictors: []string{"sex", "region", "age"}, Groups: groups, Quick: true}
	m, err := vulnerability.Fit(tab, spec)
	if err != nil {
		t.Fatal(err)
	}
	out := simulate.Fitted{Formula: spec.Formula(), Outcome: "y", Covariates: append(spec.Predictors, groups...), Design: m.Design, Coef: m.Effects.Coef()}
	if m.Multi != nil {
		for _, g := range m.Multi.Random {
			out.SD = append(out.SD, g.SD[0])
		}
	}
	return out
}

// TestRealCovariatesAreNotCopied draws from a table that does not call itself simulated, and looks for what
// few people share: a site, an age, and a pair of site and region that each exist but not together among ten.
func TestRealCovariatesAreNotCopied(t *testing.T) {
	tab := interviews(3000, rand.NewPCG(1, 1))
	out, truth, err := simulate.Redraw(tab, simulate.Invented(tab), fitted(t, tab, "site"), simulate.RedrawOptions{Source: rand.NewPCG(2, 2)})
	if err != nil {
		t.Fatal(err)
	}
	if truth.Covariates != simulate.CovariatesChain || out.Rows() != 3000 || !simulate.Invented(out) {
		t.Fatalf("%s, %d rows", truth.Covariates, out.Rows())
	}
	for _, c := range out.Columns {
		if c.Class > dataset.Internal {
			t.Errorf("column %s is %s", c.Name, c.Class)
		}
	}
	site, age := out.Column("site"), out.Column("age")
	parent := pairOf(out, "site", "region")
	for i := range out.Rows() {
		if site.Level(i) == "RARE" || age.Number(i) > 60 {
			t.Fatalf("row %d holds what only three people share", i)
		}
	}
	if parent["S00 east"] > 0 {
		t.Errorf("%d rows hold a pair that only three people share", parent["S00 east"])
	}
	for _, x := range truth.Coefficients {
		if strings.Contains(x.Name, "RARE") {
			t.Errorf("the truth names %s", x.Name)
		}
	}
	// what is drawn still depends as it did: the sites of a region come from that region
	real := pairOf(tab, "site", "region")
	for pair, n := range parent {
		if real[pair] < 10 {
			t.Errorf("%d rows of %s, real ones %d", n, pair, real[pair])
		}
	}
}

// TestHouseholdsAreInvented: groups too small to count are replaced by groups of nobody, of like sizes.
func TestHouseholdsAreInvented(t *testing.T) {
	tab := interviews(2400, rand.NewPCG(1, 1))
	home := dataset.NewBuilder(dataset.Field{Name: "home", Kind: dataset.Category})
	r := rand.New(rand.NewPCG(4, 4))
	for n := 0; home.Rows() < tab.Rows(); n++ {
		for range min(2+r.IntN(4), tab.Rows()-home.Rows()) {
			home.Level(fmt.Sprintf("H%04d", n))
		}
	}
	tab, err := tab.WithColumn(home.Column())
	if err != nil {
		t.Fatal(err)
	}
	out, _, err := simulate.Redraw(tab, false, fitted(t, tab, "home"), simulate.RedrawOptions{Source: rand.NewPCG(2, 2)})
	if err != nil {
		t.Fatal(err)
	}
	in := map[string]int{}
	for i := range out.Rows() {
		in[out.Column("home").Level(i)]++
	}
	for name, n := range in {
		if strings.HasPrefix(name, "H") || n > 5 {
			t.Fatalf("a group of %d people named like a real one, or larger than any", n)
		}
	}
	if mean := float64(out.Rows()) / float64(len(in)); mean < 3.2 || mean > 3.8 {
		t.Errorf("mean size %.2f, real mean 3.5", mean)
	}
}

func pairOf(t *dataset.Table, a, b string) map[string]int {
	n := map[string]int{}
	for i := range t.Rows() {
		n[t.Column(a).Level(i)+" "+t.Column(b).Level(i)]++
	}
	return n
}

// mark adds the column that says that a table is simulated.
func mark(t *testing.T, tab *dataset.Table) *dataset.Table {
	t.Helper()
	b := dataset.NewBuilder(dataset.Field{Name: "simulated", Kind: dataset.Category})
	for range tab.Rows() {
		b.Level(simulate.Notice)
	}
	out, err := tab.WithColumn(b.Column())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestSimulatedCovariatesAreKept keeps the rows of the model, in their order, or draws among them.
func TestSimulatedCovariatesAreKept(t *testing.T) {
	tab := mark(t, interviews(800, rand.NewPCG(1, 1)))
	m := fitted(t, tab, "site")
	out, truth, err := simulate.Redraw(tab, simulate.Invented(tab), m, simulate.RedrawOptions{Source: rand.NewPCG(2, 2)})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range m.Covariates {
		for i := range tab.Rows() {
			if tab.Column(name).Cell(i) != out.Column(name).Cell(i) {
				t.Fatalf("column %s differs at row %d", name, i)
			}
		}
	}
	want := map[string][]string{"y": {"no", "yes"}, "sex": {"f", "m"}, "region": {"north", "west", "east"}}
	if diff := cmp.Diff(want, truth.Levels); diff != "" {
		t.Error(diff)
	}
	again, _, err := simulate.Redraw(tab, true, m, simulate.RedrawOptions{Source: rand.NewPCG(2, 2)})
	if err != nil || !again.Equal(out) {
		t.Errorf("the same source draws another survey (%v)", err)
	}
	more, truth, err := simulate.Redraw(tab, true, m, simulate.RedrawOptions{Source: rand.NewPCG(3, 3), Rows: 5000})
	if err != nil || more.Rows() != 5000 || truth.Covariates != simulate.CovariatesResampled {
		t.Errorf("%v rows, %s (%v)", more, truth.Covariates, err)
	}
}

// TestRedrawnAnswersFollowTheTruth refits a large survey and finds the coefficients within four standard
// errors (false alarm of one in 4,000 for four coefficients).
func TestRedrawnAnswersFollowTheTruth(t *testing.T) {
	tab := interviews(3000, rand.NewPCG(5, 5))
	for name, groups := range map[string][]string{"single level": nil, "one group": {"site"}} {
		t.Run(name, func(t *testing.T) {
			out, truth, err := simulate.Redraw(tab, false, fitted(t, tab, groups...), simulate.RedrawOptions{Source: rand.NewPCG(7, 7), Rows: 40000})
			if err != nil {
				t.Fatal(err)
			}
			spec := vulnerability.ModelSpec{ID: "again", Outcome: "y", Predictors: []string{"sex", "region", "age"}, Groups: groups, Quick: true}
			m, err := vulnerability.Fit(out, spec)
			if err != nil {
				t.Fatal(err)
			}
			for k, x := range truth.Coefficients {
				if x.Name != m.Design.Names[k] {
					t.Fatalf("coefficient %s, refitted %s", x.Name, m.Design.Names[k])
				}
				if x.Name == "(Intercept)" {
					continue // moves with the few group effects that were drawn
				}
				se := math.Sqrt(m.Effects.Cov().At(k, k))
				if got := m.Effects.Coef()[k]; math.Abs(got-x.Value) > 4*se {
					t.Errorf("%s: %.3f +- %.3f, truth %.3f", x.Name, got, se, x.Value)
				}
			}
		})
	}
}

func TestRedrawRefuses(t *testing.T) {
	tab := interviews(300, rand.NewPCG(1, 1))
	for _, c := range []struct {
		name string
		opt  simulate.RedrawOptions
		want fault.Code
	}{
		{"a threshold above the file", simulate.RedrawOptions{People: 1000}, simulate.CodeTooFewPeople},
		{"too few rows for every level", simulate.RedrawOptions{Rows: 1}, ""},
	} {
		c.opt.Source = rand.NewPCG(1, 1)
		_, _, err := simulate.Redraw(tab, false, fitted(t, tab), c.opt)
		issues := fault.Of(err)
		if err == nil || len(issues) == 0 || c.want != "" && issues[0].Code != c.want {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestInventedIsEveryRow: a file is one of ours only where every row says so.
func TestInventedIsEveryRow(t *testing.T) {
	tab := interviews(50, rand.NewPCG(1, 1))
	b := dataset.NewBuilder(dataset.Field{Name: "simulated", Kind: dataset.Category})
	for i := range tab.Rows() {
		b.Level([]string{simulate.Notice, "no"}[int(number(i == 49))])
	}
	mixed, err := tab.WithColumn(b.Column())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		t    *dataset.Table
		want bool
	}{"no column": {tab, false}, "one row is not": {mixed, false}, "all rows": {mark(t, tab), true}, "empty": {&dataset.Table{}, false}} {
		if simulate.Invented(c.t) != c.want {
			t.Errorf("%s: %v", name, !c.want)
		}
	}
}
