package odata

import (
	"errors"
	"testing"
	"time"

	"waymark/collect"
	"waymark/dataset"
	"waymark/fault"
	"waymark/form"
)

// columns are the answers of the row that filters are tried on.
var columns = map[string]collect.Cell{
	"age": {Text: "34"}, "name": {Text: "O'Neil"}, "came": {Text: "2024-05-31"}, "nothing": {Missing: dataset.Empty}, "ok": {Text: "true"},
}

func find(member string, _ int) (getter, error) {
	if member == "__system/submissionDate" {
		return func(*collect.Row) value {
			return value{kind: timeValue, time: time.Date(2024, 6, 2, 10, 30, 5, 0, time.UTC)}
		}, nil
	}
	c, ok := columns[member]
	if !ok {
		return nil, fault.NotFound
	}
	return func(*collect.Row) value {
		switch {
		case c.Missing != dataset.Present:
			return value{}
		case member == "came":
			return timeOf(c.Text)
		case member == "age":
			x, _ := numberOf(c.Text)
			return value{kind: numberValue, number: x}
		}
		return value{kind: textValue, text: c.Text}
	}, nil
}

func TestFilter(t *testing.T) {
	now := time.Date(2024, 6, 10, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		filter string
		want   verdict
	}{
		{"age eq 34", yes}, {"age ne 34", no}, {"age neq 34", no}, {"age gt 33.5 and age lt 1e2", yes}, {"age ge 35 or age le 34", yes},
		{"name eq 'O''Neil'", yes}, {"contains(name,'Ne') and startswith(name,'O') and endswith(name, 'il')", yes},
		{"came eq 2024-05-31", yes}, {"came lt 2024-05-31T00:00:01Z", yes}, {"year(came) eq 2024 and month(came) eq 5 and day(came) eq 31", yes},
		{"hour(__system/submissionDate) eq 10 and minute(__system/submissionDate) eq 30 and second(__system/submissionDate) eq 5", yes},
		{"__system/submissionDate lt now()", yes}, {"__system/submissionDate ge 2024-06-02T10:30:05.000Z", yes},
		{"__system/submissionDate gt 2024-06-02T12:30:04.000+02:00", yes}, {"__system/submissionDate ge '2024-06-03T00:00:00Z'", no},
		{"nothing eq null", yes}, {"nothing ne null", no}, {"age eq null", no}, {"null eq null", yes},
		{"nothing gt 3", unknown}, {"not (nothing gt 3)", unknown}, {"nothing ne 3", yes}, {"not age eq 35", yes},
		{"age in (1, 34)", yes}, {"name in ('a','b')", no}, {"ok eq true", yes}, {"(age eq 34) eq true", yes},
		{"age eq 1 and age eq 34 or name eq 'x'", no}, {"age eq 34 or age eq 1 and age eq 2", yes}, {"age eq '34'", yes}, {"age eq 'abc'", no},
		{"year(nothing) eq 2024", no}, {"year(nothing) lt 2024", unknown},
	} {
		e, err := parseFilter(c.filter)
		if err != nil {
			t.Errorf("%s: %v", c.filter, err)
			continue
		}
		test, err := e.bind(find, now)
		if err != nil {
			t.Errorf("%s: %v", c.filter, err)
			continue
		}
		if have := test(&collect.Row{}); have != c.want {
			t.Errorf("%s: %d, want %d", c.filter, have, c.want)
		}
	}
}

func TestFilterRefused(t *testing.T) {
	for _, s := range []string{"", "age", "age eq", "eq 3", "age eq 3 and", "age eq 3)", "(age eq 3", "age = 3", "age eq 'x", "not", "year() eq 2", "year(age eq 3",
		"age in ()", "age in (1", "age eq 3 name eq 4", "now(3) eq 2", "contains(name)", "2nd eq 3", "age eq 2024-13-01", "%"} {
		e, err := parseFilter(s)
		if err == nil && s == "age" {
			continue // a name alone is a test of truth
		}
		if err == nil {
			t.Errorf("%q was taken: %+v", s, e)
		} else if !errors.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", s, err)
		}
	}
	e, err := parseFilter("other eq 3")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.bind(find, time.Time{}); !errors.Is(err, fault.NotFound) {
		t.Errorf("a name that is not there: %v", err)
	}
}

// FuzzFilter asks of any text that it is refused or makes a test that gives a verdict, the same twice.
func FuzzFilter(f *testing.F) {
	for _, s := range []string{"age eq 34", "not (a/b ge 2024-01-01T00:00:00+02:00) or year(c) in (1,2)", "contains(name,'''')", "((((((", "not not not not a eq null", "-", "a eq -1e3"} {
		f.Add(s)
	}
	any := func(string, int) (getter, error) {
		return func(r *collect.Row) value { return value{kind: textValue, text: r.Key} }, nil
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, err := parseFilter(s)
		if err != nil {
			if !errors.Is(err, fault.Invalid) {
				t.Fatal(err)
			}
			return
		}
		test, err := e.bind(any, time.Unix(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		r := &collect.Row{Key: "2024-01-01"}
		if a, b := test(r), test(r); a != b || a > yes {
			t.Fatalf("%d, then %d", a, b)
		}
	})
}

func TestIdentifier(t *testing.T) {
	for name, want := range map[string]string{"age": "age", "2nd": "_2nd", "a-b.c": "a_b_c", "_x": "_x", "-a": "__a", "a--b": "a_b", "é": "__", "âge": "__ge"} {
		if have := Identifier(name); have != want {
			t.Errorf("%s: %s, want %s", name, have, want)
		}
	}
}

// The expected ids were made by hand with sha1sum.
func TestRowID(t *testing.T) {
	if have := rowID("uuid:a", "uuid:a"); have != "uuid:a" {
		t.Errorf("a record: %s", have)
	}
	// printf 'Submissions#uuid:a%%%%home#%%%%person#1%%%%child#0' | sha1sum
	if have, want := rowID("uuid:a", "uuid:a/home/person[2]/child[1]"), "bdd5da5098c8c47a1f25dfb435b011342b889b46"; have != want {
		t.Errorf("a row: %s, want %s", have, want)
	}
}

func TestToken(t *testing.T) {
	p := place{Record: 12, Row: 3}
	if have, err := parseToken(p.token()); err != nil || have != p {
		t.Errorf("%+v, %v", have, err)
	}
	for _, s := range []string{"02e30", "01!!", "01", "01e30"} {
		if _, err := parseToken(s); err == nil {
			t.Errorf("%s was taken", s)
		}
	}
}

func TestCells(t *testing.T) {
	for _, c := range []struct {
		name   string
		cell   collect.Cell
		format format
		wkt    bool
		want   string
	}{
		{"text", collect.Cell{Text: "a \"b\"\\\n\x01é\xff\u2028"}, asText, false, `"a \"b\"\\\n\u0001é\ufffd\u2028"`},
		{"sealed", collect.Cell{Sealed: true}, asText, false, "null"},
		{"missing", collect.Cell{Missing: dataset.Refused}, asInteger, false, "null"},
		{"whole", collect.Cell{Text: " 12 "}, asInteger, false, "12"},
		{"whole with a point", collect.Cell{Text: "12.0"}, asInteger, false, "12"},
		{"no number", collect.Cell{Text: "twelve"}, asInteger, false, "null"},
		{"decimal", collect.Cell{Text: "1.50"}, asNumber, false, "1.5"},
		{"infinite", collect.Cell{Text: "Inf"}, asNumber, false, "null"},
		{"date", collect.Cell{Text: "2024-05-31"}, asDate, false, `"2024-05-31"`},
		{"time in place of a date", collect.Cell{Text: "2024-05-31T10:00:00.000+02:00"}, asDate, false, `"2024-05-31"`},
		{"impossible date", collect.Cell{Text: "2024-02-31"}, asDate, false, "null"},
		{"time", collect.Cell{Text: "2024-05-31T10:00:00.000+02"}, asTime, false, `"2024-05-31T10:00:00.000+02:00"`},
		{"point", collect.Cell{Text: "-15.5 35.25 1200 4.5"}, asPoint, false, `{"type":"Point","coordinates":[35.25,-15.5,1200],"properties":{"accuracy":4.5}}`},
		{"point as text", collect.Cell{Text: "-15.5 35.25"}, asPoint, true, `"POINT (35.25 -15.5)"`},
		{"line", collect.Cell{Text: "1 2 0 0; 3 4 0 5;"}, asLine, false, `{"type":"LineString","coordinates":[[2,1,0],[4,3,0]],"properties":{"accuracies":[null,5]}}`},
		{"shape as text", collect.Cell{Text: "1 2;3 4;5 6;1 2"}, asShape, true, `"POLYGON ((2 1,4 3,6 5,2 1))"`},
		{"no point", collect.Cell{Text: "somewhere"}, asPoint, false, "null"},
	} {
		if have := string(appendCell(nil, c.cell, c.format, c.wkt)); have != c.want {
			t.Errorf("%s: %s, want %s", c.name, have, c.want)
		}
	}
}

func TestFormatOfMixedColumn(t *testing.T) {
	f := collect.Field{Field: dataset.Field{Kind: dataset.Text}, Type: form.Integer}
	if formatOf(f) != asText {
		t.Error("a column that was of two kinds is not text")
	}
}
