package dataset_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"waymark/dataset"
	"waymark/dataset/sourcetest"
	"waymark/fault"
)

// A column built row by row gives back every row, whatever the number of levels and of distinct numbers.
func TestBuilder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := dataset.Kind(rapid.IntRange(0, 3).Draw(t, "kind"))
		distinct := rapid.SampledFrom([]int{1, 3, 254, 255, 256, 300}).Draw(t, "distinct")
		values := rapid.SliceOfN(rapid.IntRange(-5, distinct-1), 0, 700).Draw(t, "values")
		if rapid.Bool().Draw(t, "all") {
			for i := range distinct {
				values = append(values, i)
			}
		}
		b := dataset.NewBuilder(dataset.Field{Name: "c", Kind: kind})
		for _, v := range values {
			switch {
			case v < 0:
				b.Missing(dataset.Missing(-v))
			case kind == dataset.Category:
				b.Level(fmt.Sprint("l", v))
			case kind == dataset.Number:
				b.Number(float64(v) / 4)
			case kind == dataset.Date:
				b.Day(v)
			default:
				b.Text(fmt.Sprint("t", v))
			}
		}
		if b.Rows() != len(values) {
			t.Fatalf("%d rows, want %d", b.Rows(), len(values))
		}
		c := b.Column()
		var rows []int
		for i, v := range values {
			rows = append(rows, len(values)-1-i)
			want, missing := "", dataset.Present
			switch {
			case v < 0:
				missing = dataset.Missing(-v)
			case kind == dataset.Category:
				want = fmt.Sprint("l", v)
			case kind == dataset.Number:
				want = fmt.Sprint(float64(v) / 4)
			case kind == dataset.Date:
				want = time.Unix(0, 0).UTC().AddDate(0, 0, v).Format(time.DateOnly)
			default:
				want = fmt.Sprint("t", v)
			}
			if c.Cell(i) != want || c.Missing(i) != missing {
				t.Fatalf("row %d: %q %v, want %q %v", i, c.Cell(i), c.Missing(i), want, missing)
			}
		}
		if n := c.Numbers(); n != nil {
			for i := range values {
				if x := c.Number(i); n[i] != x && !math.IsNaN(x) || math.IsNaN(n[i]) != math.IsNaN(x) {
					t.Fatalf("row %d: %v in the slice, %v alone", i, n[i], x)
				}
			}
		}
		if !c.Take(rows).Take(rows).Equal(c) {
			t.Fatal("turned round twice it is another column")
		}
	})
}

func TestConstructors(t *testing.T) {
	nan := math.NaN()
	for name, c := range map[string]struct {
		column *dataset.Column
		want   string
	}{
		"category":           {dataset.NewCategory("c", []string{"b", "", "a10", "a9", "b"}), "b|[empty]|a10|a9|b; a10 a9 b"},
		"category in order":  {dataset.NewCategory("c", []string{"2", "10", "1"}, "10"), "2|10|1; 10 2 1"},
		"numbers as levels":  {dataset.NewCategory("c", []string{"2", "10", "1"}), "2|10|1; 1 2 10"},
		"number":             {dataset.NewNumber("c", []float64{0, nan, -1e300}), "0|[empty]|-1e+300; "},
		"date":               {dataset.NewDate("c", []float64{-719162, 0}), "0001-01-01|1970-01-01; "},
		"text":               {dataset.NewText("c", []string{"x", ""}), "x|[empty]; "},
		"number as category": {dataset.NewNumber("c", []float64{10, 9, nan}).AsCategory(), "10|9|[empty]; 9 10"},
		"told levels":        {dataset.NewNumber("c", []float64{10, 9, 1}).AsCategory("10", "7"), "10|9|1; 10 7 1 9"},
		"another reference":  {dataset.NewCategory("c", []string{"a", "b"}).AsCategory("b"), "a|b; b a"},
	} {
		t.Run(name, func(t *testing.T) {
			var cells, levels []string
			for i := range c.column.Rows() {
				cell := c.column.Cell(i)
				if m := c.column.Missing(i); m != dataset.Present {
					cell = "[" + m.String() + "]"
				}
				cells = append(cells, cell)
			}
			for _, l := range c.column.Levels {
				levels = append(levels, l.Code)
			}
			if got := strings.Join(cells, "|") + "; " + strings.Join(levels, " "); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestFromSlicesRefuse(t *testing.T) {
	field := dataset.Field{Name: "c", Kind: dataset.Category, Levels: []dataset.Level{{Code: "a"}}}
	if _, err := dataset.FromCodes(field, []uint8{0, 1}, nil); !errors.Is(err, fault.Invalid) {
		t.Errorf("a code without level: %v", err)
	}
	if _, err := dataset.FromWideCodes(field, []uint32{1}, nil); !errors.Is(err, fault.Invalid) {
		t.Errorf("a wide code without level: %v", err)
	}
	number := dataset.Field{Name: "n", Kind: dataset.Number}
	if _, err := dataset.FromValues(number, []uint8{1}, []float64{5}, nil); !errors.Is(err, fault.Invalid) {
		t.Errorf("a code without value: %v", err)
	}
	c, err := dataset.FromValues(number, []uint8{0, 255, 0}, []float64{5}, []dataset.Missing{0, dataset.Refused, dataset.Unknown})
	if err != nil || c.Number(0) != 5 || c.Missing(1) != dataset.Refused || c.Missing(2) != dataset.Unknown || !math.IsNaN(c.Number(2)) {
		t.Errorf("a value beside a kind of missing stayed: %v", err)
	}
}

func TestTable(t *testing.T) {
	table := sourcetest.Table()
	a := dataset.NewNumber("age", make([]float64, 12))
	if err := table.Add(a); !errors.Is(err, fault.Conflict) {
		t.Errorf("a name twice: %v", err)
	}
	if err := table.Add(dataset.NewNumber("short", []float64{1})); !errors.Is(err, fault.Invalid) {
		t.Errorf("another length: %v", err)
	}
	other, err := table.WithColumn(a)
	if err != nil || other.Column("age").Number(1) != 0 || table.Column("age").Number(1) != 26 || len(other.Columns) != 5 {
		t.Errorf("replaced: %v", err)
	}
	renamed, err := table.Rename("age", "years")
	if err != nil || renamed.Column("years") == nil || renamed.Column("age") != nil || table.Column("age") == nil {
		t.Errorf("renamed: %v", err)
	}
	if _, err := table.Rename("age", "held"); !errors.Is(err, fault.Conflict) {
		t.Errorf("renamed to a name that is there: %v", err)
	}
	if _, err := table.Rename("nothing", "x"); !errors.Is(err, fault.NotFound) {
		t.Errorf("renamed what is not there: %v", err)
	}
	if got := table.Head(3); got.Rows() != 3 || got.Column("a note").Text(2) != "note c" || table.Head(99).Rows() != 12 || table.Head(-1).Rows() != 0 {
		t.Errorf("head: %v", got)
	}
	keep := make([]bool, 12)
	keep[4], keep[11] = true, true
	if got := table.Keep(keep); got.Rows() != 2 || got.Column("a note").Text(1) != "note l" {
		t.Errorf("keep: %v", got)
	}
	levels, narrow, wide, ok := table.Levels("route")
	if !ok || wide != nil || len(narrow) != 12 || narrow[3] != 255 || strings.Join(levels, " ") != "Eastern Central Western" {
		t.Errorf("levels: %v %v %v %v", levels, narrow, wide, ok)
	}
	if numbers, ok := table.Numbers("age"); !ok || numbers[2] != 36 || !math.IsNaN(numbers[4]) {
		t.Errorf("numbers: %v", numbers)
	}
}

// No way of printing shows a value.
func TestSealed(t *testing.T) {
	table := sourcetest.Table()
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		for _, v := range []any{table, table.Column("a note"), table.Columns, table.Column("age")} {
			if s := fmt.Sprintf(format, v); strings.Contains(s, "note a") || strings.Contains(s, "26") || strings.Contains(s, "note b") {
				t.Errorf("%s shows values", format)
			}
		}
	}
}

func TestTallyOrder(t *testing.T) {
	table := sourcetest.Table()
	rows := []int{11, 3, 7, 0, 1, 10, 2, 5, 4, 9, 8, 6}
	want, err := table.Tally([]string{"age", "route", "held", "day"}, []string{"age"}, dataset.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := table.Take(rows).Tally([]string{"age", "route", "held", "day"}, []string{"age"}, dataset.Filter{})
	if err != nil || !got.Groups.Equal(want.Groups) || !cmp.Equal(got.Counts, want.Counts) || !cmp.Equal(got.Sums, want.Sums) {
		t.Errorf("another order of rows gives another tally: %v", err)
	}
}

// Many columns make more combinations than a number of 63 bits has.
func TestTallyOfMany(t *testing.T) {
	table := &dataset.Table{}
	var by []string
	for k := range 12 {
		values := make([]float64, 200)
		for i := range values {
			values[i] = float64(i % (100 + k))
		}
		by = append(by, fmt.Sprint("c", k))
		if err := table.Add(dataset.NewNumber(by[k], values)); err != nil {
			t.Fatal(err)
		}
	}
	for n, want := range map[int]int{1: 100, 3: 200, 5: 200, 12: 200} {
		got, err := table.Tally(by[:n], nil, dataset.Filter{})
		if err != nil || len(got.Counts) != want {
			t.Errorf("%d columns: %d groups, want %d: %v", n, len(got.Counts), want, err)
		}
	}
}

func TestLink(t *testing.T) {
	homes, err := dataset.NewTable("homes", dataset.NewText("KEY", []string{"k1", "k2"}), dataset.NewCategory("site", []string{"A", "B"}))
	if err != nil {
		t.Fatal(err)
	}
	people, err := dataset.NewTable("people", dataset.NewCategory("PARENT_KEY", []string{"k2", "k1", "k9", "k2"}), dataset.NewNumber("age", []float64{1, 2, 3, 4}))
	if err != nil {
		t.Fatal(err)
	}
	link, err := dataset.FindLink(homes, people)
	if err != nil || link != (dataset.Link{Child: "PARENT_KEY", Parent: "KEY"}) {
		t.Fatalf("link %v, %v", link, err)
	}
	joined, issues, err := link.Attach(people, homes, "site")
	if err != nil {
		t.Fatal(err)
	}
	site := joined.Column("site")
	if site.Level(0) != "B" || site.Level(1) != "A" || site.Missing(2) != dataset.NotApplicable || site.Level(3) != "B" {
		t.Error("sites joined to the wrong people")
	}
	if len(issues) != 1 || issues[0].Code != dataset.CodeOrphans || issues[0].Args["count"] != 1 {
		t.Errorf("issues %v", issues)
	}
	if _, err := dataset.FindLink(people, homes); !errors.Is(err, fault.NotFound) {
		t.Errorf("linked the wrong way round: %v", err)
	}
}

func TestWriteRejected(t *testing.T) {
	a := &dataset.Accounts{Document: "=file.csv", Sheet: "s"}
	a.Load(2)
	a.List(dataset.CodeRaggedRow, 3, 0, "", 1, 2)
	a.List(dataset.CodeNotANumber, 4, 2, "a, \"b\"", 0, 0)
	var b strings.Builder
	if err := dataset.WriteRejected(&b, []*dataset.Accounts{a}, func(i fault.Issue) string { return "words, of " + string(i.Code) }); err != nil {
		t.Fatal(err)
	}
	want := "file,sheet,row,column,name,code,explanation\n\"'=file.csv\",s,3,,,dataset.ragged-row,\"words, of dataset.ragged-row\"\n" +
		"\"'=file.csv\",s,4,2,\"a, \"\"b\"\"\",dataset.not-a-number,\"words, of dataset.not-a-number\"\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
	if line := a.Line(); line.Args["read"] != 3 || line.Args["loaded"] != 1 || line.Args["listed"] != 2 {
		t.Errorf("line %v", line)
	}
}

func TestCompanions(t *testing.T) {
	c := sourcetest.Table().Column("held")
	bare := dataset.NewBuilder(dataset.Field{Name: "held", Kind: dataset.Number})
	for i := range c.Rows() {
		if c.Missing(i) == dataset.Present {
			bare.Number(c.Number(i))
		} else {
			bare.Missing(dataset.Empty)
		}
	}
	joined, conflicts := dataset.JoinCompanion(bare.Column(), dataset.Companion(c))
	if !joined.Equal(c) || len(conflicts) != 0 {
		t.Errorf("companion and column do not make the column again: %v", conflicts)
	}
	_, conflicts = dataset.JoinCompanion(dataset.NewNumber("x", []float64{1, math.NaN(), math.NaN()}), dataset.NewText("y", []string{"refused", "what", ""}))
	if diff := cmp.Diff([]int{0, 1}, conflicts); diff != "" {
		t.Error(diff)
	}
}
