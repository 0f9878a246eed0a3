package csv_test

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"waymark/dataset"
	"waymark/dataset/csv"
	"waymark/fault"
)

// show gives a table as lines of NAME/kind and cells, a missing kind in brackets.
func show(t *dataset.Table) string {
	var b strings.Builder
	for i, c := range t.Columns {
		if i > 0 {
			b.WriteString("|")
		}
		b.WriteString(c.Name + "/" + c.Kind.String())
	}
	for i := range t.Rows() {
		b.WriteString("\n")
		for k, c := range t.Columns {
			if k > 0 {
				b.WriteString("|")
			}
			if m := c.Missing(i); m != dataset.Present {
				b.WriteString("[" + m.String() + "]")
			}
			b.WriteString(c.Cell(i))
		}
	}
	return b.String()
}

func TestRead(t *testing.T) {
	codes := dataset.MissingCodes{"NULL": dataset.NotAsked, "dnk": dataset.Unknown, "-99": dataset.NotApplicable}
	cases := []struct {
		name, file, want string
		options          csv.Options
	}{
		{name: "kinds", file: "a,b,c,d\n1,x,2024-05-31,\n2.5,y,2024-02-29,\n",
			want: "a/number|b/category|c/date|d/category\n1|x|2024-05-31|[empty]\n2.5|y|2024-02-29|[empty]"},
		{name: "semicolons and decimal commas", file: "a;b\n1,5;x\n2,25;y\n1.234,5;z\n",
			want: "a/number|b/category\n1.5|x\n2.25|y\n1234.5|z"},
		{name: "tabs, CRLF, no end of line", file: "a\tb\r\n1\tx, y\r\n2\tz", want: "a/number|b/category\n1|x, y\n2|z"},
		{name: "bars", file: "a|b\n1|2\n", want: "a/number|b/number\n1|2"},
		{name: "CR alone", file: "a,b\r1,2\r3,4\r", want: "a/number|b/number\n1|2\n3|4"},
		{name: "quotes", file: "a,b\n\"x, \"\"y\"\"\",1\n\"two\nlines\" ,2\n it's 5\" ,3\n",
			want: "a/text|b/number\nx, \"y\"|1\ntwo\nlines|2\nit's 5\"|3"},
		{name: "blanks count inside quotes only", file: "a, b\n x ,\" y \"\n", want: "a/category|b/category\nx| y "},
		{name: "missing codes", file: "a,b\n1,NULL\ndnk,x\n-99,dnk\n0,-99\n,\n", options: csv.Options{ReadOptions: dataset.ReadOptions{Missing: codes}},
			want: "a/number|b/category\n1|[not_asked]\n[unknown]|x\n[not_applicable]|[unknown]\n0|[not_applicable]\n[empty]|[empty]"},
		{name: "codes of one column", file: "a,b\n-99,-99\n9,9\n", options: csv.Options{ReadOptions: dataset.ReadOptions{Missing: codes,
			ColumnMissing: map[string]dataset.MissingCodes{"b": {"-99": dataset.Present, "9": dataset.Refused}}}},
			want: "a/number|b/number\n[not_applicable]|-99\n9|[refused]"},
		{name: "NA is a country", file: "iso2\nNA\nFR\n", want: "iso2/category\nNA\nFR"},
		{name: "identifiers stay", file: "m49,phone,long,site\n014,+2659,12345678901234567,12e3\n2,+1,2,4\n",
			want: "m49/category|phone/category|long/category|site/category\n014|+2659|12345678901234567|12e3\n2|+1|2|4"},
		{name: "thousands", file: "a;b;c\n1,475;1 475;1'475\n12,475,000;3 475;2'475\n0.5;9;9\n", options: csv.Options{Comma: ';'},
			want: "a/number|b/number|c/number\n1475|1475|1475\n12475000|3475|2475\n0.5|9|9"},
		{name: "blank names and repeated names", file: "a,,a\n1,2,3\n", want: "a/number|column_2/number|a_2/number\n1|2|3"},
		{name: "HXL", file: "a,b\n#sex,\n1,2\n", want: "a/number|b/number\n1|2"},
		{name: "midnight is a date, a time of the day is not", file: "a,b\n2024-08-01 00:00:00,2024-08-01 10:41:00\n",
			want: "a/date|b/category\n2024-08-01|2024-08-01 10:41:00"},
		{name: "told dates", file: "a\n29-Oct-19\n01-Jan-20\n", options: csv.Options{ReadOptions: dataset.ReadOptions{Dates: []string{"02-Jan-06"}}},
			want: "a/date\n2019-10-29\n2020-01-01"},
		{name: "no such day", file: "a\n2023-02-29\n", want: "a/category\n2023-02-29"},
		{name: "companion columns", file: "a,a__missing,b\n,refused,1\n5,,2\n,,3\n",
			want: "a/number|b/number\n[refused]|1\n5|2\n[empty]|3"},
		{name: "chosen columns", file: "a,b,c\n1,2,3\n", options: csv.Options{ReadOptions: dataset.ReadOptions{Columns: []string{"c", "a"}}},
			want: "a/number|c/number\n1|3"},
		{name: "declared category", file: "a\n2\n1\n3\n", options: csv.Options{ReadOptions: dataset.ReadOptions{
			Levels: map[string][]dataset.Level{"a": {{Code: "2"}, {Code: "1"}}}}}, want: "a/category\n2\n1\n3"},
		{name: "empty lines", file: "\na,b\n\n1,2\n\n\n3,4\n\n", want: "a/number|b/number\n1|2\n3|4"},
		{name: "trailing delimiters", file: "a,b\n1,2,,\n3,4,\n", want: "a/number|b/number\n1|2\n3|4"},
		{name: "header only", file: "a,b\n", want: "a/category|b/category"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := read(t, c.file, c.options)
			if diff := cmp.Diff(c.want, show(l.Table)); diff != "" {
				t.Errorf("table (-want +got):\n%s", diff)
			}
			if a := l.Accounts; a.Listed != 0 || a.Read != l.Table.Rows() {
				t.Errorf("%d read, %d listed, %d rows", a.Read, a.Listed, l.Table.Rows())
			}
		})
	}
}

func TestRowsAreListed(t *testing.T) {
	number := csv.Options{ReadOptions: dataset.ReadOptions{Kinds: map[string]dataset.Kind{"b": dataset.Number}}}
	cases := []struct {
		name, file, want string // what is loaded of column a
		options          csv.Options
		issues           []string
	}{
		{name: "too few cells", file: "a,b\n1\n2,3\n", want: "2", issues: []string{"dataset.ragged-row at row 2 have=1 row=2 want=2"}},
		{name: "too many cells", file: "a,b\n1,2,3\n2,3\n", want: "2", issues: []string{"dataset.ragged-row at row 2 have=3 row=2 want=2"}},
		{name: "not a number", file: "a,b\n1,2\n2,x\n3, 4 \n4,007\n", options: number, want: "1 3 4",
			issues: []string{"dataset.not-a-number at row 3, column 2 (b) column=b row=3"}},
		{name: "bad quote", file: "a,b\n\"x\"y,1\n2,3\n", want: "2", issues: []string{"csv.bad-quote at row 2, column 1 (a) column=a row=2"}},
		{name: "quote never closed", file: "a,b\n1,\"x\n2,3\n3,4\n", want: "2 3",
			issues: []string{"csv.unclosed-quote at row 2, column 2 (b) column=b row=2"}},
		{name: "zero byte", file: "a,b\n1,\x00\n2,3\n", want: "2", issues: []string{"csv.nul-byte at row 2 row=2"}},
		{name: "broken UTF-8 after good", file: "a,b\n1,é\n2,\xff\n3,x\n", want: "1 3", issues: []string{"csv.bad-encoding at row 3 row=3"}},
		{name: "huge cell", file: "a,b\n1," + strings.Repeat("x", 2000) + "\n2,3\n", want: "2",
			options: csv.Options{ReadOptions: dataset.ReadOptions{MaxCell: 1000}},
			issues:  []string{"dataset.cell-too-long at row 2, column 2 (b) column=b limit=1000 row=2"}},
		{name: "companion beside a value", file: "a,b,b__missing\n1,2,refused\n2,,no\n3,,unknown\n", want: "3",
			issues: []string{"dataset.companion-value at row 2, column 2 (b) column=b row=2", "dataset.companion-code at row 3, column 2 (b) column=b row=3"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := read(t, c.file, c.options)
			var issues, loaded []string
			for i := range l.Accounts.Rejected() {
				issues = append(issues, i.Error())
			}
			if diff := cmp.Diff(c.issues, issues); diff != "" {
				t.Errorf("issues (-want +got):\n%s", diff)
			}
			for i := range l.Table.Rows() {
				loaded = append(loaded, l.Table.Column("a").Cell(i))
			}
			if got := strings.Join(loaded, " "); got != c.want {
				t.Errorf("loaded %q, want %q", got, c.want)
			}
			if a := l.Accounts; a.Read != a.Loaded+a.Listed || a.Loaded != len(loaded) || a.Listed != len(issues) {
				t.Errorf("%d read, %d loaded, %d listed", a.Read, a.Loaded, a.Listed)
			}
		})
	}
}

// A line without an end, and a header of more columns than any table has, are given up on and not kept.
func TestEndless(t *testing.T) {
	small := csv.Options{ReadOptions: dataset.ReadOptions{MaxCell: 1 << 12}}
	l := read(t, "a,b\n1,2\n"+strings.Repeat("3,", 1<<20)+"\n5,6\n"+strings.Repeat("7", 1<<20), small)
	var codes []string
	for i := range l.Accounts.Rejected() {
		codes = append(codes, i.Error())
	}
	if diff := cmp.Diff([]string{"csv.long-line at row 3 limit=65536 row=3", "csv.long-line at row 5 limit=65536 row=5"}, codes); diff != "" {
		t.Error(diff)
	}
	if got := show(l.Table); got != "a/number|b/number\n1|2\n5|6" {
		t.Errorf("loaded %s", got)
	}
	_, err := csv.Read(strings.NewReader(strings.Repeat("a,", 1<<15)+"\n"), csv.Options{})
	if issues := fault.Of(err); len(issues) != 1 || issues[0].Code != csv.CodeTooManyColumns {
		t.Errorf("error %v", err)
	}
}

func TestNoTable(t *testing.T) {
	for _, c := range []struct {
		name, file string
		encoding   csv.Encoding
		want       fault.Code
	}{
		{"nothing", "", "", csv.CodeEmptyFile},
		{"a byte-order mark", "\xef\xbb\xbf", "", csv.CodeEmptyFile},
		{"line ends", "\n\r\n\n", "", csv.CodeEmptyFile},
		{"an encoding nobody knows", "a\n1\n", "ebcdic", csv.CodeEncodingName},
		{"header with a bad quote", "\"a\"b,c\n1,2\n", "", csv.CodeBadQuote},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := csv.Read(strings.NewReader(c.file), csv.Options{Encoding: c.encoding})
			if issues := fault.Of(err); len(issues) != 1 || issues[0].Code != c.want || !errors.Is(err, fault.Invalid) {
				t.Errorf("error %v, want %s", err, c.want)
			}
		})
	}
}

func TestEncodings(t *testing.T) {
	text := "nom,note\nÉlodie,1\nœuvre,2\n"
	sixteen := func(order binary.AppendByteOrder, mark bool) string {
		var b []byte
		if mark {
			b = order.AppendUint16(b, 0xFEFF)
		}
		for _, u := range utf16.Encode([]rune(text)) {
			b = order.AppendUint16(b, u)
		}
		return string(b)
	}
	for name, c := range map[string]struct{ file, want string }{
		"UTF-8":                  {text, "utf-8"},
		"UTF-8 with a mark":      {"\xef\xbb\xbf" + text, "utf-8-bom"},
		"UTF-16LE with a mark":   {sixteen(binary.LittleEndian, true), "utf-16le"},
		"UTF-16BE with a mark":   {sixteen(binary.BigEndian, true), "utf-16be"},
		"UTF-16LE without":       {sixteen(binary.LittleEndian, false), "utf-16le"},
		"UTF-16BE without":       {sixteen(binary.BigEndian, false), "utf-16be"},
		"Windows-1252":           {"nom,note\n\xc9lodie,1\n\x9cuvre,2\n", "windows-1252"},
		"Windows-1252 from late": {"nom,note\n" + strings.Repeat("x,0\n", 0) + "\xc9lodie,1\n\x9cuvre,2\n", "windows-1252"},
	} {
		t.Run(name, func(t *testing.T) {
			l := read(t, c.file, csv.Options{})
			if diff := cmp.Diff("nom/category|note/number\nÉlodie|1\nœuvre|2", show(l.Table)); diff != "" {
				t.Error(diff)
			}
			if l.Accounts.Encoding != c.want {
				t.Errorf("encoding %s, want %s", l.Accounts.Encoding, c.want)
			}
		})
	}
	t.Run("told", func(t *testing.T) {
		l := read(t, "a\n\xc3\xa9\n", csv.Options{Encoding: csv.Windows1252})
		if got := l.Table.Column("a").Level(0); got != "Ã©" {
			t.Errorf("read %q", got)
		}
	})
}

// A column of numbers that meets a word after many distinct values becomes text again, and every number
// comes back in the form in which the file had it.
func TestNumbersTurnToText(t *testing.T) {
	var b strings.Builder
	b.WriteString("a,b\n")
	var want []string
	for i := range 600 {
		cell := []string{"1.50", "0.250", "12.5", "\"1,475\"", "-7", "-0", "3.0"}[i%7]
		if i%3 == 0 {
			cell = strings.Repeat("9", 1+i%4) + "." + strings.Repeat("1", 1+i%5) + "0"
		}
		cell = strings.TrimSpace(cell)
		if i%2 == 1 {
			cell = "1" + strings.Repeat("0", i%5) + "." + "0" + string(rune('1'+i%9)) + strings.Repeat("2", i%11)
		}
		if i%50 == 0 {
			b.WriteString(",1\n")
			want = append(want, "")
			continue
		}
		b.WriteString(cell + "," + "1\n")
		want = append(want, strings.Trim(cell, "\""))
	}
	for i := range 300 {
		b.WriteString(strings.Repeat("8", 1+i%3) + "." + string(rune('1'+i%9)) + string(rune('1'+i/9%9)) + string(rune('1'+i/81)) + ",1\n")
		want = append(want, strings.Repeat("8", 1+i%3)+"."+string(rune('1'+i%9))+string(rune('1'+i/9%9))+string(rune('1'+i/81)))
	}
	numbers := read(t, b.String(), csv.Options{})
	if k := numbers.Table.Column("a").Kind; k != dataset.Number {
		t.Fatalf("kind %s before the word", k)
	}
	b.WriteString("word,1\n")
	want = append(want, "word")
	c := read(t, b.String(), csv.Options{}).Table.Column("a")
	if c.Kind != dataset.Category {
		t.Fatalf("kind %s", c.Kind)
	}
	for i, w := range want {
		if c.Cell(i) != w || (w == "") != (c.Missing(i) == dataset.Empty) {
			t.Fatalf("row %d came back changed", i)
		}
	}
}

func TestManyLevelsBecomeText(t *testing.T) {
	var b strings.Builder
	b.WriteString("a,n\n")
	for i := range 400 {
		b.WriteString("level " + strings.Repeat("i", i) + ",x\n")
	}
	for limit, want := range map[int]dataset.Kind{100: dataset.Text, 300: dataset.Text} {
		l := read(t, b.String(), csv.Options{ReadOptions: dataset.ReadOptions{MaxLevels: limit}})
		c := l.Table.Column("a")
		if c.Kind != want {
			t.Errorf("limit %d: kind %s, want %s", limit, c.Kind, want)
		}
		for i := range 400 {
			if c.Cell(i) != strings.TrimSpace("level "+strings.Repeat("i", i)) {
				t.Fatalf("limit %d: row %d came back changed", limit, i)
			}
		}
	}
	l := read(t, strings.ReplaceAll(b.String(), "level ", ""), csv.Options{ReadOptions: dataset.ReadOptions{
		Kinds: map[string]dataset.Kind{"a": dataset.Category}, MaxLevels: 10}})
	if c := l.Table.Column("a"); c.Kind != dataset.Category || len(c.Levels) != 399 {
		t.Errorf("a declared category: kind %s, %d levels", c.Kind, len(c.Levels))
	}
}

func TestLevelsInOrder(t *testing.T) {
	l := read(t, "a,b,c\n10,x10,3m\n9,x9,1m\n010,X1,2m\n", csv.Options{ReadOptions: dataset.ReadOptions{
		Kinds: map[string]dataset.Kind{"a": dataset.Category}, Levels: map[string][]dataset.Level{"c": {{Code: "2m"}, {Code: "9m"}}}}})
	got := map[string]string{}
	for _, c := range l.Table.Columns {
		for _, level := range c.Levels {
			got[c.Name] += level.Code + " "
		}
	}
	want := map[string]string{"a": "9 010 10 ", "b": "X1 x10 x9 ", "c": "2m 9m 1m 3m "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if n := l.Accounts.Notes; len(n) != 1 || n[0].Code != dataset.CodeLevelNotListed || n[0].Args["count"] != 2 {
		t.Errorf("notes: %v", n)
	}
}

func TestSelects(t *testing.T) {
	file := "need,need/food,need/water,need/dnk,need_other,grp/q.a,grp/q.b,grp/q,size\n" +
		"food water,1,1,0,,1,0,a,3\n" + "food,1,1,0,,0,1,b,1\n" + ",,,,,,,,1\n" + "water,0,1,0,x,0,0,a b,2\n"
	l := read(t, file, csv.Options{})
	want := []dataset.MultiSelect{
		{Name: "need", Column: "need", Options: []dataset.SelectOption{{Code: "food", Column: "need/food"}, {Code: "water", Column: "need/water"}, {Code: "dnk", Column: "need/dnk"}}},
		{Name: "grp/q", Column: "grp/q", Options: []dataset.SelectOption{{Code: "a", Column: "grp/q.a"}, {Code: "b", Column: "grp/q.b"}}},
	}
	if diff := cmp.Diff(want, l.Selects); diff != "" {
		t.Error(diff)
	}
	var notes []string
	for _, n := range l.Accounts.Notes {
		notes = append(notes, n.Error())
	}
	wantNotes := []string{"dataset.select-differs at row 3 (need/water) column=need count=1 first=3 option=need/water",
		"dataset.select-differs at row 5 (grp/q.a) column=grp/q count=1 first=5 option=grp/q.a",
		"dataset.select-differs at row 5 (grp/q.b) column=grp/q count=1 first=5 option=grp/q.b"}
	if diff := cmp.Diff(wantNotes, notes); diff != "" {
		t.Error(diff)
	}
	if o := dataset.FindOthers(l.Table); o["need"] != "need_other" || len(o) != 1 {
		t.Errorf("twins: %v", o)
	}
	split := dataset.SplitSelect(l.Table.Column("need"))
	if len(split) != 2 || split[0].Name != "need/food" || split[0].Number(3) != 0 || split[1].Number(0) != 1 || split[1].Missing(2) != dataset.Empty {
		t.Errorf("split: %v", split)
	}
}

func TestSuspects(t *testing.T) {
	l := read(t, "a,b,c\n1,NULL,-5\n-99,2,-1\nNA,3,4\n", csv.Options{})
	want := []dataset.Suspect{{Column: "a", Code: "NA", Rows: 1}, {Column: "a", Code: "-99", Rows: 1}, {Column: "b", Code: "NULL", Rows: 1}}
	if diff := cmp.Diff(want, l.Accounts.Suspects); diff != "" {
		t.Error(diff)
	}
}

func TestFileRow(t *testing.T) {
	l := read(t, "a,b\n#x,#y\n\n1,1\n2\n2,2\n\n\"3\n\",3\n4,4\n", csv.Options{})
	var got []int
	for i := range l.Table.Rows() {
		got = append(got, l.Accounts.FileRow(i))
	}
	if diff := cmp.Diff([]int{4, 6, 8, 9}, got); diff != "" {
		t.Error(diff)
	}
}
