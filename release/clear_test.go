package release_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/fault"
	"waymark/release"
	"waymark/release/releasetest"
)

// one is a table of a single measure, a row a cell.
func one(key string, form release.Form, cells ...release.DraftCell) release.Draft {
	d := release.Draft{Key: key, Dims: []release.Dim{{Name: "group"}}, Measures: []release.Measure{{Name: "m", Form: form}}}
	for i, c := range cells {
		d.Rows = append(d.Rows, release.DraftRow{Heads: []release.Head{{Code: fmt.Sprint(i)}}, Cells: []release.DraftCell{c}})
	}
	return d
}

func people(n int) release.DraftCell {
	return release.DraftCell{Value: float64(n), Base: release.Persons(n), Events: release.Persons(n)}
}

func share(events, base int) release.DraftCell {
	return release.DraftCell{Value: float64(events) / math.Max(1, float64(base)), Base: release.Persons(base), Events: release.Persons(events)}
}

func TestPrimaryRule(t *testing.T) {
	ten := release.Policy{}
	estimate := func(base, events release.Persons) release.DraftCell {
		return release.DraftCell{Value: 1.7, Low: 1.1, High: 2.9, Base: base, Events: events}
	}
	cases := []struct {
		name   string
		policy release.Policy
		draft  release.Draft
		want   string
	}{
		{"counts around the threshold", ten, one("t", release.Count, people(0), people(1), people(9), people(10)), "sxxs"},
		{"zeros hidden", release.Policy{Zeros: release.ZerosHidden}, one("t", release.Count, people(0), people(12)), "xs"},
		{"incidents of few people", ten, one("t", release.Count, release.DraftCell{Value: 400, Base: 3}, release.DraftCell{Value: 400, Base: 30}), "xs"},
		{"few incidents of many people", ten, one("t", release.Count, release.DraftCell{Value: 4, Base: 30}), "x"},
		{"share of too few", ten, one("t", release.Share, share(0, 9), share(4, 9), share(0, 0)), "xxx"},
		{"share with few events", ten, one("t", release.Share, share(9, 200), share(10, 200)), "xs"},
		{"share with few others", ten, one("t", release.Share, share(191, 200), share(190, 200)), "xs"},
		{"share of nobody and of everybody", ten, one("t", release.Share, share(0, 30), share(30, 30)), "ss"},
		{"events worked out from a share", ten, one("t", release.Share, release.DraftCell{Value: 0.03, Base: 100, Events: -1},
			release.DraftCell{Value: 0.03, Base: 100}, release.DraftCell{Value: 0.3, Base: 100, Events: -1}), "xxs"},
		{"estimates rest on their people", ten, one("t", release.Ratio, estimate(9, -1), estimate(10, -1), estimate(500, 4), estimate(500, 497), estimate(500, 60)), "xsxxs"},
		{"an estimate without people is held back", ten, one("t", release.Real, release.DraftCell{Value: 3}), "x"},
		{"probabilities too", ten, one("t", release.Probability, estimate(8, -1), estimate(80, -1)), "xs"},
		{"numbers about nobody", ten, one("t", release.Real, release.DraftCell{Value: 3, Base: release.Nobody}), "s"},
		{"blanks", ten, one("t", release.Ratio, release.DraftCell{None: true, Note: "reference", Base: 3}), "b"},
		{"a policy of one holds nothing back", release.Policy{MinPeople: 1}, one("t", release.Share, share(1, 2), share(0, 0)), "ss"},
		{"another threshold", release.Policy{MinPeople: 3}, one("t", release.Count, people(2), people(3)), "xs"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			cleared, _, err := release.Clear(c.policy, []release.Draft{c.draft})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, r := range cleared[0].Rows() {
				got += map[release.State]string{release.Shown: "s", release.Suppressed: "x", release.Blank: "b"}[r.Cells[0].State]
			}
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// Where what a measure counts is itself private, a row in which everybody has it is held back, and so is
// whatever else would say so.
func TestSensitiveMeasure(t *testing.T) {
	d := release.Draft{Key: "t", Dims: []release.Dim{{Name: "route"}}, Measures: []release.Measure{
		{Name: "n", Form: release.Count}, {Name: "events", Form: release.Count}, {Name: "share", Form: release.Share, Sensitive: true}}}
	row := func(base, events int, set string) release.DraftRow {
		n, e, s := people(base), people(events), share(events, base)
		n.Set, s.Set = set, set
		e.Set, s.EventSet = set+"&any=1", set+"&any=1"
		return release.DraftRow{Heads: []release.Head{{Code: set}}, Cells: []release.DraftCell{n, e, s}}
	}
	d.Rows = []release.DraftRow{row(40, 40, "route=a"), row(50, 20, "route=b"), row(60, 0, "route=c")}
	cleared, rec, err := release.Clear(release.Policy{}, []release.Draft{d})
	if err != nil {
		t.Fatal(err)
	}
	c := cleared[0]
	if c.At(0, 2).State != release.Suppressed {
		t.Error("the share of everybody is shown")
	}
	if c.At(0, 0).State == release.Shown && c.At(0, 1).State == release.Shown {
		t.Error("n and events together say that everybody has it")
	}
	for m := range 3 {
		if c.At(1, m).State != release.Shown || c.At(2, m).State != release.Shown {
			t.Errorf("measure %d of the other rows is held back", m)
		}
	}
	if got := rec.Working()[0].Groups; got != 1 {
		t.Errorf("%d groups, want 1", got)
	}
}

// A total does not give a row back.
func TestSumsProtect(t *testing.T) {
	d := one("t", release.Count, people(4), people(25), people(70), people(99))
	d.Rows[3].Total = true
	if c := releasetest.MustClearAt(t, 10, d)[0]; c.At(0, 0).State != release.Suppressed || c.At(1, 0).State != release.Shown {
		t.Error("with no sum known, the small count alone is held back")
	}
	d.Sums = []release.Sum{{Whole: 3, Parts: []int{0, 1, 2}}}
	cleared := releasetest.MustClearAt(t, 10, d)[0]
	want := []release.State{release.Suppressed, release.Suppressed, release.Shown, release.Shown}
	for r, w := range want {
		if got := cleared.At(r, 0).State; got != w {
			t.Errorf("row %d is %v, want %v", r, got, w)
		}
	}
}

// The sample flow: what a step removed is a number of people, told by the two numbers around it.
func TestSampleFlow(t *testing.T) {
	flow := func(steps ...int) release.Draft {
		d := one("flow", release.Count)
		for i, n := range steps {
			d.Rows = append(d.Rows, release.DraftRow{Heads: []release.Head{{Code: fmt.Sprint(i)}}, Cells: []release.DraftCell{people(n)}})
			if i > 0 {
				d.Sums = append(d.Sums, release.Sum{Whole: i - 1, Parts: []int{i}})
			}
		}
		return d
	}
	cases := []struct {
		name   string
		steps  []int
		hidden []int
	}{
		{"large steps", []int{1000, 900, 700}, nil},
		{"no step", []int{1000, 1000, 900}, nil},
		{"one small step", []int{1000, 996, 700}, []int{1}},
		{"two small steps that add to little", []int{1000, 997, 993, 700}, []int{1, 2}},
		{"two small steps that add to enough", []int{1000, 994, 988, 700}, []int{1}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			cleared := releasetest.MustClearAt(t, 10, flow(c.steps...))[0]
			var hidden []int
			for r := range c.steps {
				if cleared.At(r, 0).State == release.Suppressed {
					hidden = append(hidden, r)
				}
			}
			for i := range c.steps { // no two shown numbers differ by a few
				for j := range i {
					gap := c.steps[j] - c.steps[i]
					if cleared.At(i, 0).State == release.Shown && cleared.At(j, 0).State == release.Shown && gap > 0 && gap < 10 {
						t.Errorf("steps %d and %d are shown and differ by too few", j, i)
					}
				}
			}
			if len(hidden) != len(c.hidden) {
				t.Errorf("hid %v, want %v or as many", hidden, c.hidden)
			}
		})
	}
}

// A count that is hidden in one table is hidden in every other.
func TestSameSetInTwoTables(t *testing.T) {
	a := one("a", release.Count, people(4), people(25), people(70), people(99))
	for i, set := range []string{"route=a", "route=b", "route=c", "all"} {
		a.Rows[i].Cells[0].Set = set
	}
	b := one("b", release.Share, share(12, 25), share(30, 70))
	b.Rows[0].Cells[0].Set, b.Rows[1].Cells[0].Set = "route=b", "route=c"
	cleared := releasetest.MustClearAt(t, 10, a, b)
	for i, row := range []int{1, 2} {
		if cleared[0].At(row, 0).State == release.Suppressed && cleared[1].At(i, 0).State == release.Shown {
			t.Errorf("row %d is hidden in one table and given by the other", row)
		}
	}
	if cleared[0].At(1, 0).State == release.Shown && cleared[0].At(2, 0).State == release.Shown && cleared[0].At(3, 0).State == release.Shown {
		t.Error("total and other parts give the small count")
	}
}

func TestEarlierPublications(t *testing.T) {
	total := one("total", release.Count, people(100))
	total.Rows[0].Cells[0].Set = "all"
	men := one("men", release.Count, people(96))
	men.Rows[0].Cells[0].Set = "sex=men"
	before := releasetest.MustClearAt(t, 10, total)
	cleared, _, err := release.ClearAfter(release.Policy{}, before, []release.Draft{men})
	if err != nil {
		t.Fatal(err)
	}
	if cleared[0].At(0, 0).State != release.Suppressed {
		t.Error("with the total published before, the men give the women")
	}
	women := one("women", release.Count, people(4))
	women.Rows[0].Cells[0].Set = "sex=women"
	both := append(before, releasetest.MustClearAt(t, 10, men)...)
	_, _, err = release.ClearAfter(release.Policy{}, both, []release.Draft{women})
	if !errors.Is(err, fault.Forbidden) || fault.Of(err)[0].Code != release.CodeEarlier {
		t.Errorf("got %v, want %s", err, release.CodeEarlier)
	}
	low := releasetest.MustClearAt(t, 3, women)
	if _, _, err = release.ClearAfter(release.Policy{}, low, []release.Draft{women}); !errors.Is(err, fault.Forbidden) {
		t.Errorf("got %v: what was shown under a lower threshold cannot be hidden now", err)
	}
	flow := func(key, set string, n int) release.Draft {
		d := one(key, release.Count, people(n))
		d.Rows[0].Cells[0].Set = set
		d.Relations = []release.Relation{{Whole: "step 0", Parts: []string{"step 1"}}}
		return d
	}
	first := releasetest.MustClearAt(t, 10, flow("first", "step 0", 500))
	second, _, err := release.ClearAfter(release.Policy{}, first, []release.Draft{flow("second", "step 1", 497)})
	if err != nil {
		t.Fatal(err)
	}
	if second[0].At(0, 0).State != release.Suppressed {
		t.Error("a step published before and one now differ by three")
	}
	grown := one("grown", release.Count, people(107))
	grown.Rows[0].Cells[0].Set = "all"
	_, _, err = release.ClearAfter(release.Policy{}, before, []release.Draft{grown})
	if issues := fault.Of(err); len(issues) == 0 || issues[0].Code != release.CodeSetDiffers {
		t.Errorf("got %v, want %s: the seven who came would be known", err, release.CodeSetDiffers)
	}
	_, _, err = release.ClearAfter(release.Policy{}, []release.Cleared{{}}, []release.Draft{men})
	if issues := fault.Of(err); len(issues) == 0 || issues[0].Code != release.CodeNotCleared {
		t.Errorf("got %v, want %s", err, release.CodeNotCleared)
	}
}

// A sum may hold for some measures only.
func TestSumOfMeasures(t *testing.T) {
	d := release.Draft{Key: "t", Dims: []release.Dim{{Name: "step"}},
		Measures: []release.Measure{{Name: "left", Form: release.Count}, {Name: "visits", Form: release.Count}}}
	for _, n := range []int{500, 400} {
		d.Rows = append(d.Rows, release.DraftRow{Heads: []release.Head{{Code: fmt.Sprint(n)}},
			Cells: []release.DraftCell{people(n), people(1000 + n/100)}})
	}
	d.Sums = []release.Sum{{Whole: 0, Parts: []int{1}, Of: []string{"left"}}}
	if c := releasetest.MustClearAt(t, 10, d)[0]; c.At(0, 1).State != release.Shown || c.At(1, 1).State != release.Shown {
		t.Error("the sum was taken to hold for visits")
	}
	d.Sums[0].Of = nil
	if c := releasetest.MustClearAt(t, 10, d)[0]; c.At(0, 1).State == release.Shown && c.At(1, 1).State == release.Shown {
		t.Error("the sum was not taken to hold for visits")
	}
}

func TestAcross(t *testing.T) {
	d := release.Draft{Key: "t", Dims: []release.Dim{{Name: "route"}}, Measures: []release.Measure{
		{Name: "men", Form: release.Share}, {Name: "women", Form: release.Share}, {Name: "children", Form: release.Share}},
		Across: []release.Sum{{Whole: -1, Parts: []int{0, 1, 2}}}}
	d.Rows = []release.DraftRow{{Heads: []release.Head{{Code: "a"}},
		Cells: []release.DraftCell{share(60, 100), share(36, 100), share(4, 100)}}}
	cleared := releasetest.MustClearAt(t, 10, d)[0]
	if cleared.At(0, 0).State == release.Shown && cleared.At(0, 1).State == release.Shown {
		t.Error("two shares of one base give the third")
	}
	if cleared.At(0, 0).State != release.Shown {
		t.Error("the largest share need not go")
	}
}

func TestIssues(t *testing.T) {
	good := func() release.Draft { return one("t", release.Count, people(20), people(30)) }
	with := func(change func(*release.Draft)) []release.Draft {
		d := good()
		change(&d)
		return []release.Draft{d}
	}
	cell := func(form release.Form, c release.DraftCell) []release.Draft {
		return []release.Draft{one("t", form, c)}
	}
	cases := []struct {
		name   string
		policy release.Policy
		drafts []release.Draft
		want   fault.Code
	}{
		{"negative threshold", release.Policy{MinPeople: -1}, []release.Draft{good()}, release.CodePolicyRange},
		{"negative width", release.Policy{MinWidth: -1}, []release.Draft{good()}, release.CodePolicyRange},
		{"unknown zeros", release.Policy{Zeros: 9}, []release.Draft{good()}, release.CodePolicyRange},
		{"no key", release.Policy{}, with(func(d *release.Draft) { d.Key = "" }), release.CodeNoKey},
		{"key twice", release.Policy{}, []release.Draft{good(), good()}, release.CodeKeyTwice},
		{"a cell too few", release.Policy{}, with(func(d *release.Draft) { d.Rows[1].Cells = nil }), release.CodeShape},
		{"a head too few", release.Policy{}, with(func(d *release.Draft) { d.Rows[1].Heads = nil }), release.CodeShape},
		{"not a number", release.Policy{}, cell(release.Real, release.DraftCell{Value: math.NaN(), Base: 50}), release.CodeNotNumber},
		{"infinite", release.Policy{}, cell(release.Ratio, release.DraftCell{Value: math.Inf(1), Base: 50}), release.CodeNotNumber},
		{"negative count", release.Policy{}, cell(release.Count, release.DraftCell{Value: -2}), release.CodeBadCount},
		{"more events than people", release.Policy{}, cell(release.Share, release.DraftCell{Value: 0.5, Base: 50, Events: 60}), release.CodeBadCount},
		{"share above one", release.Policy{}, cell(release.Share, release.DraftCell{Value: 37, Base: 100, Events: 37}), release.CodeBadCount},
		{"sum of no row", release.Policy{}, with(func(d *release.Draft) { d.Sums = []release.Sum{{Whole: 5, Parts: []int{0}}} }), release.CodeSumRows},
		{"sum over itself", release.Policy{}, with(func(d *release.Draft) { d.Sums = []release.Sum{{Whole: 0, Parts: []int{0}}} }), release.CodeSumRows},
		{"across no measure", release.Policy{}, with(func(d *release.Draft) { d.Across = []release.Sum{{Whole: -1, Parts: []int{3}}} }), release.CodeSumRows},
		{"one set of two sizes", release.Policy{}, with(func(d *release.Draft) {
			d.Rows[0].Cells[0].Set, d.Rows[1].Cells[0].Set = "all", "all"
		}), release.CodeSetDiffers},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := release.Clear(c.policy, c.drafts)
			issues := fault.Of(err)
			if len(issues) == 0 || issues[0].Code != c.want || !errors.Is(err, fault.Invalid) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

// Parts that exceed their whole are no parts; the release goes on and says so.
func TestSumThatDoesNotAdd(t *testing.T) {
	d := one("t", release.Count, people(20), people(30), people(40))
	d.Sums = []release.Sum{{Whole: 2, Parts: []int{0, 1}}}
	_, rec, err := release.Clear(release.Policy{}, []release.Draft{d})
	if err != nil {
		t.Fatal(err)
	}
	if len(rec.Issues) != 1 || rec.Issues[0].Code != release.CodeSumNotAdding || rec.Issues[0].Severity != fault.Soft {
		t.Errorf("got %v, want one soft %s", rec.Issues, release.CodeSumNotAdding)
	}
}

// With a threshold of 10,000 no planted number of four digits is anywhere in the bytes that leave, nor in what
// printing a cleared table or its record shows.
func TestNoDigitLeaks(t *testing.T) {
	planted := []int{4831, 2719, 9173, 3307, 1459}
	d := release.Draft{Key: "planted", Title: release.Labels{"en": "Planted"}, Dims: []release.Dim{{Name: "group"}},
		Measures: []release.Measure{{Name: "n", Form: release.Count, Ranged: true}, {Name: "share", Form: release.Share, Ranged: true},
			{Name: "ratio", Form: release.Ratio, Ranged: true}}}
	total := 0
	var digits []string
	row := func(code string, n int) {
		v := float64(n)
		c := people(n)
		c.Low, c.High, c.Set = v-1, v+1, release.SetOf("group="+code)
		s := release.DraftCell{Value: v / 30000, Low: v / 31000, High: v / 29000, Base: 30000, Events: release.Persons(n), EventSet: c.Set}
		r := release.DraftCell{Value: v / 1000, Low: v / 1100, High: v / 900, Base: release.Persons(n), Events: -1, Note: "plain"}
		d.Rows = append(d.Rows, release.DraftRow{Heads: []release.Head{{Code: code}}, Cells: []release.DraftCell{c, s, r}})
	}
	for i, n := range planted {
		row(string(rune('a'+i)), n)
		total += n
		for _, v := range []float64{float64(n), float64(n) - 1, float64(n) + 1, float64(n) / 30000, float64(n) / 1000, float64(n) / 1100, float64(n) / 900} {
			digits = append(digits, strings.TrimLeft(strings.Replace(fmt.Sprintf("%.4g", v), ".", "", 1), "0"))
		}
	}
	row("f", 55555)
	row("all", total+55555)
	d.Rows[6].Cells[0].Set, d.Rows[6].Total = release.SetOf(), true
	for i := range d.Rows {
		d.Rows[i].Cells[1].None = i > 4
	}
	d.Rows[6].Cells[1] = release.DraftCell{None: true}
	cleared, rec, err := release.Clear(release.Policy{MinPeople: 10000}, []release.Draft{d})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, v := range []any{cleared, rec} {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(b)
		fmt.Fprintf(&out, "%v %+v %#v", v, v, v)
	}
	text := out.String()
	if !strings.Contains(text, fmt.Sprint(total+55555)) && !strings.Contains(text, "55555") {
		t.Error("nothing is shown: the test shows nothing")
	}
	for _, s := range digits {
		if len(s) == 4 && regexp.MustCompile(`(^|[^0-9])0?\.?`+s).MatchString(text) {
			t.Errorf("digits of a suppressed number are in what leaves")
		}
	}
	for _, r := range cleared[0].Rows()[:5] {
		for m, c := range r.Cells {
			if diff := cmp.Diff(release.Cell{State: release.Suppressed}, c); diff != "" {
				t.Errorf("measure %d is not empty (-want +got):\n%s", m, diff)
			}
		}
	}
}

// Nothing outside the package can change or make a cleared table.
func TestClearedIsClosed(t *testing.T) {
	c := releasetest.MustClear(t, one("t", release.Count, people(20)))[0]
	c.Rows()[0].Cells[0].Value = 7
	c.Measures()[0].Name = "other"
	if c.At(0, 0).Value != 20 || c.Measures()[0].Name != "m" {
		t.Error("a copy reached into the table")
	}
	if (release.Cleared{}).Valid() {
		t.Error("the zero Cleared is valid")
	}
	if _, err := json.Marshal(release.Cleared{}); !errors.Is(err, fault.Invalid) {
		t.Errorf("got %v from an empty table, want invalid", err)
	}
	if err := json.Unmarshal([]byte(`{"key":"forged"}`), &c); !errors.Is(err, fault.Forbidden) {
		t.Errorf("got %v from reading a table, want forbidden", err)
	}
}

func TestJSON(t *testing.T) {
	d := release.Draft{Key: "k", Title: release.Labels{"en": "T", "fr": "U"}, Caveats: []string{"sample-not-random"},
		Dims:     []release.Dim{{Name: "route"}},
		Measures: []release.Measure{{Name: "or", Form: release.Ratio, Digits: 2, Ranged: true}},
		Rows: []release.DraftRow{
			{Heads: []release.Head{{Code: "a"}}, Cells: []release.DraftCell{{Value: 1.5, Low: 1, High: math.Inf(1), Base: 90, Events: -1, Note: "wide"}}},
			{Heads: []release.Head{{Code: "b"}}, Cells: []release.DraftCell{{Value: 2.5, Low: 1, High: 3, Base: 9, Events: -1, Note: "wide"}}},
			{Heads: []release.Head{{Code: "c"}}, Cells: []release.DraftCell{{None: true, Note: "reference"}}}}}
	b, err := json.Marshal(releasetest.MustClearAt(t, 10, d)[0])
	if err != nil {
		t.Fatal(err)
	}
	want := `{"version":1,"key":"k","title":{"en":"T","fr":"U"},"caveats":["sample-not-random"],` +
		`"policy":{"min_people":10,"min_width":10,"zeros":"shown"},"dims":[{"name":"route"}],` +
		`"measures":[{"name":"or","form":"ratio","digits":2,"ranged":true}],"rows":[` +
		`{"heads":[{"code":"a"}],"cells":[{"state":"shown","value":1.5,"range":[1,null],"note":"wide"}]},` +
		`{"heads":[{"code":"b"}],"cells":[{"state":"suppressed","value":null}]},` +
		`{"heads":[{"code":"c"}],"cells":[{"state":"blank","value":null,"note":"reference"}]}]}`
	if diff := cmp.Diff(want, string(b)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The public record counts cells and does not say which rule held them back.
func TestRecord(t *testing.T) {
	d := one("t", release.Count, people(4), people(25), people(70), people(99))
	d.Sums = []release.Sum{{Whole: 3, Parts: []int{0, 1, 2}}}
	_, rec, err := release.Clear(release.Policy{}, []release.Draft{d})
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(rec)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"policy":{"min_people":10,"min_width":10,"zeros":"shown"},"tables":[{"key":"t","shown":2,"suppressed":2,"blank":0}]}`
	if diff := cmp.Diff(want, string(b)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]release.Working{{Key: "t", Primary: 1, Secondary: 1}}, rec.Working()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
