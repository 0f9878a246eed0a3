package study_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"waymark/place"
	"waymark/privacy/suppress/suppresstest"
	"waymark/release"
	"waymark/study"
)

// reader is somebody with the data package of a run, a pencil and a computer. What he knows of how numbers
// hang together is written down here from the questionnaire and the plan, not taken from the names of sets
// that the study gives to the gate. Every equation is first held against the truth.
type reader struct {
	t      *testing.T
	number map[string]int
	names  []string
	truth  []float64
	seen   []bool // stands in a table
	known  []bool // and is shown there
	sums   [][]term
}

type term struct {
	variable int
	factor   float64
}

func (r *reader) of(name string) int {
	if i, ok := r.number[name]; ok {
		return i
	}
	r.number[name] = len(r.names)
	r.names = append(r.names, name)
	r.truth = append(r.truth, math.NaN())
	r.seen, r.known = append(r.seen, false), append(r.known, false)
	return len(r.names) - 1
}

// cell takes in one number of a table.
func (r *reader) cell(name string, truth float64, shown bool) {
	i := r.of(name)
	if !math.IsNaN(r.truth[i]) && r.truth[i] != truth {
		r.t.Fatalf("%s is %v in one table and %v in another", name, r.truth[i], truth)
	}
	r.truth[i], r.seen[i] = truth, true
	r.known[i] = r.known[i] || shown
}

// adds says that parts make a whole; names that no table and no other sum has are left alone. A part that
// begins with "+" is a remainder that is in no table.
func (r *reader) adds(whole string, parts ...string) {
	w := r.of(whole)
	sum := []term{{w, 1}}
	rest, fresh := r.truth[w], -1
	for _, p := range parts {
		i := r.of(p)
		sum = append(sum, term{i, -1})
		if math.IsNaN(r.truth[i]) && fresh < 0 {
			fresh = i
			continue
		}
		rest -= r.truth[i]
	}
	switch {
	case fresh >= 0:
		r.truth[fresh], rest = rest, 0
	case math.IsNaN(r.truth[w]):
		r.truth[w], rest = -restOfNothing(r, sum), 0
	}
	if math.IsNaN(rest) || math.Abs(rest) > 0.5 {
		r.t.Fatalf("%s is not the sum of %v: %v remain", whole, parts, rest)
	}
	if fresh >= 0 && r.truth[fresh] < 0 {
		r.t.Fatalf("the parts %v are more than %s", parts, whole)
	}
	r.sums = append(r.sums, sum)
}

// restOfNothing is what remains of nobody after the parts of a sum.
func restOfNothing(r *reader, sum []term) float64 {
	rest := 0.0
	for _, x := range sum[1:] {
		rest -= r.truth[x.variable]
	}
	return rest
}

// within says that the parts lie in the whole and share nobody.
func (r *reader) within(whole string, parts ...string) {
	r.adds(whole, append(parts, fmt.Sprintf("+rest %d of %s", len(r.sums), whole))...)
}

// pair is one table of the closed run and of the open one, which tells the truth.
type pair struct{ closed, open []map[string]string }

// number is the truth of one cell; rows that stand together in the closed table are those that the open one
// has besides.
func (p pair) truth(row map[string]string, heads []string, read func(map[string]string) float64) float64 {
	same := func(a, b map[string]string) bool {
		for _, h := range heads {
			if a[h] != b[h] {
				return false
			}
		}
		return true
	}
	sum := 0.0
	for _, o := range p.open {
		if same(o, row) {
			return read(o)
		}
		if !slices.ContainsFunc(p.closed, func(c map[string]string) bool { return same(o, c) }) {
			sum += read(o)
		}
	}
	return sum
}

func column(name string) func(map[string]string) float64 {
	return func(row map[string]string) float64 {
		v, _ := strconv.ParseFloat(row[name], 64)
		return v
	}
}

func events(row map[string]string) float64 {
	return math.Round(column("share")(row) * column("n")(row))
}

// counts takes in one column of counts of a table.
func (r *reader) counts(p pair, measure string, name func(map[string]string) string, heads ...string) {
	for _, row := range p.closed {
		if state := row[measure+"_state"]; state != "blank" && state != "" {
			r.cell(name(row), p.truth(row, heads, column(measure)), state == "shown")
		}
	}
}

// shares takes in shares with their bases: to see one is to know base and numerator.
func (r *reader) shares(p pair, share string, name func(map[string]string) string, heads ...string) {
	numerator := func(row map[string]string) float64 { return math.Round(column(share)(row) * column("n")(row)) }
	for _, row := range p.closed {
		n, yes := p.truth(row, heads, column("n")), p.truth(row, heads, numerator)
		shown := row[share+"_state"] == "shown"
		r.cell("n "+name(row), n, shown || row["n_state"] == "shown")
		r.cell("yes "+name(row), yes, shown)
		r.cell("no "+name(row), n-yes, shown)
		r.adds("n "+name(row), "yes "+name(row), "no "+name(row))
	}
}

// learn takes in the tables of the plan for the Mediterranean routes.
func (r *reader) learn(table func(string) pair) {
	answers := []string{"n ", "yes ", "no "}
	groups := map[string]map[string][]string{} // outcome, columns -> groups
	for _, t := range []struct {
		key string
		by  []string
	}{{"indicators-by-route", []string{"route"}}, {"indicators-by-sex", []string{"route", "sex"}}, {"indicators-by-age", []string{"route", "age_class"}}, {"indicators-by-nationality", []string{"nationality"}}} {
		p := table(t.key)
		name := func(row map[string]string) string {
			out := row["indicator"]
			for _, b := range t.by {
				if row[b] != "total" {
					out += " " + b + "=" + row[b]
				}
			}
			return out
		}
		r.shares(p, "share", name, append([]string{"indicator"}, t.by...)...)
		for _, row := range p.closed {
			o := row["indicator"]
			if groups[o] == nil {
				groups[o] = map[string][]string{}
			}
			if row[t.by[0]] != "total" {
				groups[o][strings.Join(t.by, " ")] = append(groups[o][strings.Join(t.by, " ")], strings.TrimPrefix(name(row), o+" "))
			}
		}
	}
	prefixed := func(prefix string, list []string, with string) []string {
		var out []string
		for _, x := range list {
			if strings.HasPrefix(x, with) {
				out = append(out, prefix+x)
			}
		}
		return out
	}
	for o, by := range groups {
		for _, a := range answers {
			r.within(a+o, prefixed(a+o+" ", by["route"], "")...)
			for _, route := range by["route"] {
				for _, fine := range []string{"route sex", "route age_class"} {
					if parts := prefixed(a+o+" ", by[fine], route+" "); len(parts) > 0 {
						r.within(a+o+" "+route, parts...)
					}
				}
			}
		}
	}
	for _, a := range answers {
		r.within(a+"any", prefixed(a+"any ", groups["any"]["nationality"], "")...)
	}
	// Whoever has one of the four has any of them, and any of the family's too; who has none of them has no one.
	imply := func(one, other string) {
		for _, list := range groups[one] {
			for _, g := range append([]string{""}, list...) {
				g = strings.TrimSuffix(" "+g, " ")
				if _, both := r.number["n "+other+g]; both {
					r.within("yes "+other+g, "yes "+one+g)
				}
			}
		}
	}
	for _, item := range []string{"unpaid_work", "forced_work", "held", "marriage_offer"} {
		imply(item, "any")
	}
	imply("any", "any_family")

	// Models: central and eastern, children and adults part the main model's people.
	levels := map[string][]string{}
	for _, m := range []string{"main", "central", "eastern", "children", "adults", "interaction"} {
		scope := m
		if m == "interaction" {
			scope = "main"
		}
		p := table("model-" + m)
		parts := map[string][]string{}
		r.counts(p, "n", func(row map[string]string) string { return scope + " " + row["factor"] + "=" + row["category"] }, "factor", "category")
		for _, row := range p.closed {
			parts[row["factor"]] = append(parts[row["factor"]], scope+" "+row["factor"]+"="+row["category"])
			if m == "main" {
				levels[row["factor"]] = append(levels[row["factor"]], row["category"])
			}
		}
		for _, f := range slices.Sorted(keysOf(parts)) {
			r.adds(scope+" all", parts[f]...)
		}
	}
	for f, list := range levels {
		for _, l := range list {
			x := " " + f + "=" + l
			if f != "route" {
				r.adds("main"+x, "central"+x, "eastern"+x)
			}
			if f != "age_class" {
				r.adds("main"+x, "children"+x, "adults"+x)
			}
		}
	}
	r.regions(table("indicators-by-nationality"), levels["origin"])
	r.adds("central all", "main route=Central")
	r.adds("eastern all", "main route=Eastern")
	r.adds("children all", "main age_class=14-17")
	r.adds("adults all", "main age_class=18-24", "main age_class=25+")
	r.counts(table("interactions-interaction"), "n", func(map[string]string) string { return "central sex=male" }, "term")
	r.counts(table("profiles"), "n", func(row map[string]string) string { return row["profile"] }, "profile")
	for _, route := range []string{"Central", "Eastern"} {
		low := strings.ToLower(route)
		r.adds(low+" age_class=14-17", "boys-"+low, "girls-"+low)
		r.adds(low+" age_class=25+", "men-"+low, "women-"+low)
		r.adds("children route="+route, "boys-"+low, "girls-"+low)
		r.adds("adults route="+route, low+" age_class=18-24", low+" age_class=25+")
		r.within(low+" sex=male", "men-"+low, "boys-"+low)
		r.within(low+" sex=female", "women-"+low, "girls-"+low)
		r.within("n any route="+route, low+" all")
		for _, x := range []string{"sex=male", "sex=female", "age_class=14-17", "age_class=18-24", "age_class=25+"} {
			r.within("n any route="+route+" "+x, low+" "+x)
		}
	}

	// The sample, who did not answer, and how the model fits.
	flow := table("sample-flow")
	for i, row := range flow.closed {
		left := func(j int) string {
			if j == len(flow.closed)-1 {
				return "sample"
			}
			return fmt.Sprint("left ", j)
		}
		r.cell(left(i), column("left")(flow.open[i]), row["left_state"] == "shown")
		if i > 0 {
			r.cell(fmt.Sprint("removed ", i), column("removed")(flow.open[i]), row["removed_state"] == "shown")
			r.adds(left(i-1), left(i), fmt.Sprint("removed ", i))
		}
	}
	bounds := table("bounds")
	for i, row := range bounds.closed {
		shown, o := row["share_state"] == "shown", bounds.open[i]
		base := map[string]string{"observed": "n any", "refused-no": "n refused", "refused-yes": "n refused", "silent-no": "n silent", "silent-yes": "n silent"}[row["case"]]
		yes := map[string]string{"observed": "yes any", "refused-no": "yes any", "refused-yes": "yes refused", "silent-no": "yes any", "silent-yes": "yes silent"}[row["case"]]
		r.cell(base, column("n")(o), shown || row["n_state"] == "shown")
		r.cell(yes, events(o), shown)
	}
	r.adds("n refused", "n any", "+refusals")
	r.adds("yes refused", "yes any", "+refusals")
	r.adds("n silent", "n refused", "+silence")
	r.adds("yes silent", "yes refused", "+silence")
	r.within("sample", "n silent")
	complete := table("complete-cases")
	name := func(row map[string]string) string {
		switch row["variable"] {
		case "used":
			return "main all"
		case "total":
			return "sample"
		}
		return "dropped " + row["variable"]
	}
	r.counts(complete, "people", name, "variable")
	var parts []string
	for _, row := range complete.closed {
		if row["variable"] != "total" {
			parts = append(parts, name(row))
		}
	}
	r.adds("sample", parts...)
	r.adds("sample", "n any", "dropped any")
	fit := table("calibration")
	r.shares(fit, "observed", func(row map[string]string) string { return "tenth " + row["group"] }, "group")
	tenths := func(a string) (out []string) {
		for _, row := range fit.closed {
			out = append(out, a+"tenth "+row["group"])
		}
		return out
	}
	r.adds("main all", tenths("n ")...)
	r.within("yes any", tenths("yes ")...)
	r.within("no any", tenths("no ")...)
	places, countries := table("places"), table("countries")
	place := func(row map[string]string) string { return "events " + row["country"] }
	r.counts(places, "events", place, "country")
	country := func(row map[string]string) string { return "from " + row["country"] }
	r.counts(countries, "people", country, "country")
	list := func(p pair, name func(map[string]string) string) (out []string) {
		for _, row := range p.closed {
			if row["country"] != "total" {
				out = append(out, name(row))
			}
		}
		return out
	}
	r.adds("events total", list(places, place)...)
	r.adds("events total", "yes unpaid_work", "yes forced_work", "yes held", "yes marriage_offer", "yes violence")
	r.adds("from total", list(countries, country)...)
	r.within("sample", "from total")
}

// regions brings in that each nationality is of one region, which models count: nobody in a model has not
// answered. Of those who stand together in one row, some may be of each region.
func (r *reader) regions(p pair, levels []string) {
	scheme, err := place.Countries().Scheme("survey-regions")
	if err != nil {
		r.t.Fatal(err)
	}
	regionOf := func(code string) string {
		if g, ok := scheme.Of(code); ok && slices.Contains(levels, g.Code) {
			return g.Code
		}
		return "elsewhere"
	}
	named := map[string][]string{}
	shown := map[string]bool{}
	for _, row := range p.closed {
		if _, country := place.Countries().ByISO3(row["nationality"]); country {
			region := regionOf(row["nationality"])
			named[region] = append(named[region], "n any nationality="+row["nationality"])
			shown[row["nationality"]] = true
		}
	}
	together := map[string]float64{}
	for _, row := range p.open {
		if row["nationality"] != "total" && !shown[row["nationality"]] {
			together[regionOf(row["nationality"])] += column("n")(row)
		}
	}
	var few []string
	for _, region := range levels {
		some := "some of " + region
		r.truth[r.of(some)] = together[region]
		few = append(few, some)
		r.adds("n any origin="+region, append(named[region], some)...)
		r.within("n any origin="+region, "main origin="+region)
	}
	if _, pooled := r.number["n any nationality=other-few"]; pooled {
		r.adds("n any nationality=other-few", few...)
		return
	}
	for _, some := range few {
		r.known[r.of(some)] = true
	}
}

func keysOf[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// attack works out what follows and fails where a held-back number does, or where a number below the threshold
// is known closer than the threshold.
func (r *reader) attack(least float64) {
	small := func(i int) bool { return r.truth[i] > 0 && r.truth[i] < least }
	for i, name := range r.names {
		if r.known[i] && small(i) {
			r.t.Errorf("%s is shown", name)
		}
	}
	for again := true; again; {
		again = false
		for _, sum := range r.sums {
			open := -1
			for _, x := range sum {
				if !r.known[x.variable] {
					if open >= 0 {
						open = -2
						break
					}
					open = x.variable
				}
			}
			if open >= 0 {
				r.known[open], again = true, true
				if r.seen[open] || small(open) {
					r.t.Errorf("%s follows from the others by subtraction", r.names[open])
				}
			}
		}
	}
	hidden, largest := 0, 0
	for _, part := range r.components() {
		largest = max(largest, len(part))
		hidden += r.solve(part, least, small)
	}
	r.t.Logf("%d numbers, %d sums; %d unknown, the largest system of %d", len(r.names), len(r.sums), hidden, largest)
	if hidden == 0 {
		r.t.Error("nothing is held back: the attack has nothing to attack")
	}
}

// components groups the unknowns that stand in common sums.
func (r *reader) components() [][]int {
	parent := make([]int, len(r.names))
	for i := range parent {
		parent[i] = i
	}
	var root func(i int) int
	root = func(i int) int {
		if parent[i] != i {
			parent[i] = root(parent[i])
		}
		return parent[i]
	}
	for _, sum := range r.sums {
		first := -1
		for _, x := range sum {
			if !r.known[x.variable] {
				if first < 0 {
					first = x.variable
				}
				parent[root(x.variable)] = root(first)
			}
		}
	}
	by := map[int][]int{}
	for i := range r.names {
		if !r.known[i] {
			by[root(i)] = append(by[root(i)], i)
		}
	}
	var out [][]int
	for i := range r.names {
		if len(by[i]) > 0 {
			out = append(out, by[i])
		}
	}
	return out
}

// solve bounds the unknowns of one system in exact fractions.
func (r *reader) solve(part []int, least float64, small func(int) bool) int {
	at := map[int]int{}
	for k, i := range part {
		at[i] = k
	}
	a := suppresstest.New(len(part))
	for _, sum := range r.sums {
		form, right := suppresstest.Form{}, 0.0
		for _, x := range sum {
			if k, ok := at[x.variable]; ok {
				form[k] += int64(x.factor)
			} else if r.known[x.variable] {
				right -= x.factor * r.truth[x.variable]
			}
		}
		if len(form) > 0 {
			a.Know(form, right)
		}
	}
	for k, i := range part {
		if !r.seen[i] && !small(i) {
			continue
		}
		low, high := a.Bounds(suppresstest.Form{k: 1})
		width := suppresstest.Whole(low, high)
		switch {
		case width < 0:
		case small(i) && float64(width) < least:
			r.t.Errorf("%s (below the threshold) is known to within %d people", r.names[i], width)
		case width == 0:
			r.t.Errorf("%s is found exactly", r.names[i])
		}
	}
	return len(part)
}

// truthOf reads a table of the open run as it was computed, since data files round shares.
func truthOf(tables []release.Cleared, key string) []map[string]string {
	var out []map[string]string
	for _, t := range tables {
		if t.Key() != key {
			continue
		}
		for _, row := range t.Rows() {
			cells := map[string]string{}
			for i, d := range t.Dims() {
				cells[d.Name] = row.Heads[i].Code
			}
			for i, m := range t.Measures() {
				cells[m.Name] = strconv.FormatFloat(row.Cells[i].Value, 'g', -1, 64)
			}
			out = append(out, cells)
		}
	}
	return out
}

// A reader of all tables together finds no number that was held back, nor bounds one below the threshold.
func TestNothingFollowsFromAllTablesTogether(t *testing.T) {
	for _, c := range []struct {
		rows   int
		leasts []int
	}{{16524, []int{10, 50}}, {2000, []int{10}}} {
		in := simulatedInputs(c.rows, 2017)
		run := func(least int) (files, []release.Cleared) {
			p := withThreshold(t, least)
			p.Statements = nil
			public := files{}
			result, err := study.Run(context.Background(), p, in, study.Outputs{Public: public, Working: files{}},
				study.Options{Languages: []string{"en"}, Version: "test"})
			if err != nil {
				t.Fatal(err)
			}
			return public, result.Tables
		}
		_, truth := run(1)
		for _, least := range c.leasts {
			t.Run(fmt.Sprintf("%d of %d", least, c.rows), func(t *testing.T) {
				public, _ := run(least)
				r := &reader{t: t, number: map[string]int{}}
				r.learn(func(key string) pair {
					return pair{readTable(t, public["tables/data/"+key+".csv"].String()), truthOf(truth, key)}
				})
				r.attack(float64(least))
			})
		}
	}
}
