package csv_test

import (
	"bytes"
	stdcsv "encoding/csv"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"waymark/dataset"
	"waymark/dataset/csv"
)

// FuzzRoundtrip reads any bytes, checks the invariants of what comes out, writes it and reads it back: kinds,
// values and kinds of missing are the same.
func FuzzRoundtrip(f *testing.F) {
	for _, s := range []string{"a,b\n1,x\n2,\n", "a;b\n1,5;NULL\n", "a\tb\n\"x\"\"y\",1\n", "a,a__missing\n,refused\n1,\n", "\xff\xfea\x00\n\x001\x00",
		"a,b\n#x,#y\n1,2\n", "a\n007\n1e5\n-0\n1,475\n", "a,b\n\"x\ny\",2024-05-31\n", "q,q/a,q/b\na,1,0\n", "a,b\n\"x\"y,1\n\"open,2\n", "a,b\n\xc9t\xe9,1\n",
		"a,b\n=1+1,@x\n' x, y \n", ",,\n,,\n", "a\n\"\"\n", "a\r1\r\n2\n"} {
		f.Add([]byte(s), byte(0))
	}
	f.Fuzz(func(t *testing.T, data []byte, how byte) {
		o := csv.Options{ReadOptions: dataset.ReadOptions{MaxCell: 1 << 12, MaxLevels: 1 + int(how)}}
		if how&1 == 1 {
			o.Missing = dataset.MissingCodes{"NULL": dataset.NotAsked, "1": dataset.Refused, "x": dataset.Unknown}
		}
		l, err := csv.Read(bytes.NewReader(data), o)
		if err != nil {
			return
		}
		check(t, l)
		slow, err := csv.Read(iotest.OneByteReader(bytes.NewReader(data)), o)
		if err != nil || !slow.Table.Equal(l.Table) || slow.Accounts.SHA256 != l.Accounts.SHA256 {
			t.Fatalf("read byte by byte it is another table: %v", err)
		}
		if l.Table.Rows() == 0 {
			return
		}
		var b bytes.Buffer
		comma := [...]byte{',', ';', '\t', '|'}[how>>6]
		if err := csv.Write(&b, l.Table, csv.WriteOptions{Mark: true, Formulas: csv.Kept, Comma: comma, CRLF: how&2 == 2}); err != nil {
			t.Fatal(err)
		}
		back := csv.Options{Comma: comma, ReadOptions: dataset.ReadOptions{Decimal: dataset.DecimalPoint, HXL: dataset.Absent,
			Kinds: map[string]dataset.Kind{}, MaxCell: 1 << 14}}
		for _, c := range l.Table.Columns {
			back.Kinds[c.Name] = c.Kind
		}
		again, err := csv.Read(&b, back)
		if err != nil {
			t.Fatal(err)
		}
		check(t, again)
		if again.Accounts.Listed > 0 {
			for i := range again.Accounts.Rejected() {
				t.Fatal(i)
			}
		}
		if diff := cmp.Diff(show(l.Table), show(again.Table)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// check tests what holds of every table that was read.
func check(t *testing.T, l *dataset.Loaded) {
	t.Helper()
	a := l.Accounts
	listed := 0
	for range a.Rejected() {
		listed++
	}
	if a.Read != a.Loaded+a.Listed || a.Listed != listed || len(l.Table.Columns) > 0 && a.Loaded != l.Table.Rows() {
		t.Fatalf("%d read, %d loaded, %d listed (%d), %d rows", a.Read, a.Loaded, a.Listed, listed, l.Table.Rows())
	}
	seen := map[string]bool{}
	for _, c := range l.Table.Columns {
		if c.Name == "" || seen[c.Name] || c.Rows() != a.Loaded {
			t.Fatalf("column %q, %d rows", c.Name, c.Rows())
		}
		seen[c.Name] = true
		for i := range c.Rows() {
			if (c.Missing(i) == dataset.Present) == (c.Cell(i) == "") {
				t.Fatalf("%s, row %d: a value and a missing kind exclude each other", c, i)
			}
		}
	}
}

// A file many times the buffer, with quoted cells across its edges, reads as the standard library reads it.
func TestAcrossBuffers(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var b bytes.Buffer
	w := stdcsv.NewWriter(&b)
	var want [][]string
	_ = w.Write([]string{"a", "b", "c"})
	for i := range 4000 {
		row := []string{fmt.Sprint(i), strings.Repeat("é\"\n,x ", r.IntN(60)) + "!", strings.Repeat("y", r.IntN(300))}
		want = append(want, row)
		_ = w.Write(row)
	}
	w.Flush()
	l := read(t, b.String(), csv.Options{})
	if l.Accounts.Loaded != len(want) {
		t.Fatalf("%d loaded, %d listed", l.Accounts.Loaded, l.Accounts.Listed)
	}
	for i, row := range want {
		for k, cell := range row {
			if l.Table.Columns[k].Cell(i) != cell {
				t.Fatalf("row %d, column %d differs", i, k)
			}
		}
	}
}

func TestWrite(t *testing.T) {
	sex := dataset.NewBuilder(dataset.Field{Name: "sex", Kind: dataset.Category, HXL: "#sex"})
	sex.Level("male")
	sex.Missing(dataset.Refused)
	sex.Missing(dataset.Empty)
	table, err := dataset.NewTable("people", sex.Column(), dataset.NewNumber("=n", []float64{-1.5, 0, 1e20}),
		dataset.NewText("note", []string{"=1+1", "-5", " a \"b\", c"}))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		options csv.WriteOptions
		want    string
	}{
		"as it is": {csv.WriteOptions{}, "sex,sex__missing,\"'=n\",note\nmale,,-1.5,\"'=1+1\"\n,refused,0,-5\n,empty,1e+20,\" a \"\"b\"\", c\"\n"},
		"for Excel": {csv.WriteOptions{Mark: true, CRLF: true, Comma: ';', HXL: true, Formulas: csv.Kept},
			"\xef\xbb\xbfsex;sex__missing;=n;note\r\n#sex;;;\r\nmale;;-1.5;=1+1\r\n;refused;0;-5\r\n;empty;1e+20;\" a \"\"b\"\", c\"\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := csv.Write(&b, table, c.options); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, b.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWriterRefuses(t *testing.T) {
	b := dataset.NewBuilder(dataset.Field{Name: "a", Kind: dataset.Number})
	b.Missing(dataset.Unknown)
	table, _ := dataset.NewTable("t", b.Column())
	w, err := csv.NewWriter(&bytes.Buffer{}, table.Fields(), csv.WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(table); err == nil {
		t.Error("a kind of missing was lost without an error")
	}
	if _, err := csv.NewWriter(&bytes.Buffer{}, table.Fields(), csv.WriteOptions{Comma: '"'}); err == nil {
		t.Error("a quotation mark as delimiter was accepted")
	}
}
