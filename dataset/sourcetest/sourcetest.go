// Package sourcetest knows the contract of dataset.Source: what every implementation answers to the same
// questions about the same small table. It must not know any implementation.
package sourcetest

import (
	"errors"
	"strings"
	"testing"

	"waymark/dataset"
	"waymark/fault"
)

// Table is the table that a source under test has to hold: twelve invented interviews with every kind of
// column and of missing.
func Table() *dataset.Table {
	route := dataset.NewBuilder(dataset.Field{Name: "route", Kind: dataset.Category,
		Levels: []dataset.Level{{Code: "Eastern", Labels: dataset.Labels{"fr": "orientale"}}, {Code: "Central"}, {Code: "Western"}}})
	age := dataset.NewBuilder(dataset.Field{Name: "age", Kind: dataset.Number})
	held := dataset.NewBuilder(dataset.Field{Name: "held", Kind: dataset.Number})
	day := dataset.NewBuilder(dataset.Field{Name: "day", Kind: dataset.Date})
	note := dataset.NewBuilder(dataset.Field{Name: "a note", Kind: dataset.Text, Class: dataset.Restricted})
	for i, r := range strings.Fields("Central Eastern Central - Central Eastern ? Central Eastern Central Central Eastern") {
		switch r {
		case "-":
			route.Missing(dataset.Refused)
		case "?":
			route.Missing(dataset.Empty)
		default:
			route.Level(r)
		}
		if i%5 == 4 {
			age.Missing(dataset.Unknown)
		} else {
			age.Number(float64(16 + i%3*10))
		}
		if i%4 == 3 {
			held.Missing(dataset.NotAsked)
		} else {
			held.Number(float64(i % 2))
		}
		day.Day(17000 + i/6)
		if i == 0 {
			note.Missing(dataset.NotApplicable)
		} else {
			note.Text("note " + string(rune('a'+i)))
		}
	}
	t, err := dataset.NewTable("interviews", route.Column(), age.Column(), held.Column(), day.Column(), note.Column())
	if err != nil {
		panic(err)
	}
	return t
}

// Run tests a source that holds Table.
func Run(t *testing.T, open func(t *testing.T, table *dataset.Table) dataset.Source) {
	table := Table()
	t.Run("schema", func(t *testing.T) { schema(t, open(t, table), table) })
	t.Run("columns", func(t *testing.T) { columns(t, open(t, table), table) })
	t.Run("tally", func(t *testing.T) { tally(t, open(t, table)) })
	t.Run("refusals", func(t *testing.T) { refusals(t, open(t, table)) })
}

func schema(t *testing.T, s dataset.Source, table *dataset.Table) {
	got, err := s.Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got.Rows != table.Rows() && got.Rows != -1 {
		t.Errorf("%d rows, want %d", got.Rows, table.Rows())
	}
	for _, want := range table.Fields() {
		f, ok := got.Field(want.Name)
		if !ok || !f.Equal(want) {
			t.Errorf("field %s differs", want.Name)
		}
	}
	if _, ok := got.Field("nothing"); ok || len(got.Fields) != len(table.Columns) {
		t.Errorf("%d fields, want %d", len(got.Fields), len(table.Columns))
	}
}

// filters are kept rows by the text of a filter; row numbers count from 0.
var filters = map[string][]int{
	"":                                   {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11},
	"route = Central":                    {0, 2, 4, 7, 9, 10},
	"route != Central":                   {1, 5, 8, 11},
	"route in (Eastern, Nowhere)":        {1, 5, 8, 11},
	"route not in (Central)":             {1, 5, 8, 11},
	"not route = Central":                {1, 5, 8, 11},
	"route is missing":                   {3, 6},
	"route is refused":                   {3},
	"route is empty, unknown":            {6},
	"route is present and age >= 26":     {1, 2, 5, 7, 8, 10, 11},
	"age < 20 or held = 1":               {0, 1, 3, 5, 6, 9},
	"age < 20 and not (held = 1)":        {0, 6},
	"age is not missing and age <= 16.0": {0, 3, 6},
	"age > 26":                           {2, 5, 8, 11},
	"day >= 2016-07-19":                  {6, 7, 8, 9, 10, 11},
	"day = 2016-07-18 and held = 0":      {0, 2, 4},
	"`a note` = 'note c'":                {2},
	"`a note` is not_applicable":         {0},
	"held in ()":                         {},
}

func columns(t *testing.T, s dataset.Source, table *dataset.Table) {
	for text, want := range filters {
		f, err := dataset.ParseFilter(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		got, err := s.Columns(t.Context(), []string{"a note", "route", "age"}, f)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		chosen, err := table.Select("a note", "route", "age")
		if err != nil {
			t.Fatal(err)
		}
		if !got.Equal(chosen.Take(want)) {
			t.Errorf("%s: other rows than %v", text, want)
		}
	}
}

func tally(t *testing.T, s dataset.Source) {
	f, err := dataset.ParseFilter("held is present")
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Tally(t.Context(), []string{"route", "age"}, []string{"held", "age"}, f)
	if err != nil {
		t.Fatal(err)
	}
	type line struct {
		route, age string
		n          int
		held, sum  float64
		present    int
	}
	want := []line{{"Eastern", "26", 1, 1, 26, 1}, {"Eastern", "36", 2, 1, 72, 2}, {"Central", "16", 2, 1, 32, 2},
		{"Central", "26", 1, 0, 26, 1}, {"Central", "36", 1, 0, 36, 1}, {"Central", "unknown", 1, 0, 0, 0}, {"empty", "16", 1, 0, 16, 1}}
	// Rows 0, 1, 2, 4, 5, 6, 8, 9, 10 were asked.
	want[2] = line{"Central", "16", 1, 0, 16, 1}
	want[3] = line{"Central", "26", 1, 0, 26, 1}
	want[5] = line{"Central", "unknown", 2, 1, 0, 0}
	cell := func(c *dataset.Column, i int) string {
		if m := c.Missing(i); m != dataset.Present {
			return m.String()
		}
		return c.Cell(i)
	}
	var lines []line
	for i, n := range got.Counts {
		lines = append(lines, line{cell(got.Groups.Columns[0], i), cell(got.Groups.Columns[1], i), n, got.Sums[0].Sum[i], got.Sums[1].Sum[i], got.Sums[1].Present[i]})
	}
	if len(lines) != len(want) {
		t.Fatalf("groups %v, want %v", lines, want)
	}
	for i := range want {
		if lines[i] != want[i] {
			t.Errorf("group %d: %v, want %v", i, lines[i], want[i])
		}
	}
	all, err := s.Tally(t.Context(), nil, nil, dataset.Filter{})
	if err != nil || len(all.Counts) != 1 || all.Counts[0] != 12 {
		t.Errorf("all rows: %v, %v", all, err)
	}
	none, err := s.Tally(t.Context(), nil, []string{"age"}, dataset.Equal("route", "Western"))
	if err != nil || len(none.Counts) != 1 || none.Counts[0] != 0 || none.Sums[0].Sum[0] != 0 {
		t.Errorf("no rows: %v, %v", none, err)
	}
	days, err := s.Tally(t.Context(), []string{"day"}, nil, dataset.Filter{})
	if err != nil || len(days.Counts) != 2 || days.Counts[0] != 6 || days.Groups.Columns[0].Cell(0) != "2016-07-18" {
		t.Errorf("days: %v, %v", days, err)
	}
}

func refusals(t *testing.T, s dataset.Source) {
	kinds := func(name string, err error, kind error) {
		t.Helper()
		if !errors.Is(err, kind) || len(fault.Of(err)) == 0 {
			t.Errorf("%s: error %v, want an issue of kind %v", name, err, kind)
		}
	}
	_, err := s.Columns(t.Context(), []string{"nothing"}, dataset.Filter{})
	kinds("a column that is not there", err, fault.NotFound)
	_, err = s.Columns(t.Context(), []string{"age"}, dataset.Equal("nothing", "1"))
	kinds("a filter on a column that is not there", err, fault.NotFound)
	_, err = s.Columns(t.Context(), []string{"age"}, dataset.Equal("age", "old"))
	kinds("a number compared with a word", err, fault.Invalid)
	_, err = s.Columns(t.Context(), []string{"age"}, dataset.Filter{Op: dataset.Less, Column: "route", Values: []string{"1"}})
	kinds("a category compared with less", err, fault.Invalid)
	_, err = s.Tally(t.Context(), []string{"a note"}, nil, dataset.Filter{})
	kinds("a tally by text", err, fault.Invalid)
	_, err = s.Tally(t.Context(), []string{"route", "route"}, nil, dataset.Filter{})
	kinds("a tally by a column twice", err, fault.Invalid)
	_, err = s.Tally(t.Context(), nil, []string{"route"}, dataset.Filter{})
	kinds("a sum of a category", err, fault.Invalid)
}
