package parquet_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	library "github.com/parquet-go/parquet-go"

	"waymark/dataset"
	"waymark/dataset/parquet"
	"waymark/fault"
)

func sample(t testing.TB) *dataset.Table {
	t.Helper()
	sex := dataset.NewBuilder(dataset.Field{Name: "sex", Kind: dataset.Category, HXL: "#sex", Class: dataset.Internal,
		Labels: dataset.Labels{"en": "Sex", "fr": "Sexe"}, Levels: []dataset.Level{{Code: "male", Labels: dataset.Labels{"fr": "homme"}}, {Code: "female"}, {Code: "other"}}})
	sex.Level("female")
	sex.Missing(dataset.Refused)
	sex.Level("male")
	sex.Missing(dataset.Empty)
	age := dataset.NewBuilder(dataset.Field{Name: "group/age", Kind: dataset.Number})
	age.Number(0)
	age.Number(-1.5)
	age.Missing(dataset.NotAsked)
	age.Missing(dataset.Unknown)
	day := dataset.NewBuilder(dataset.Field{Name: "day of interview", Kind: dataset.Date})
	day.Day(-1)
	day.Missing(dataset.Empty)
	day.Day(0)
	day.Day(17000)
	note := dataset.NewText("a note", []string{"one", "", "deux é", "x"})
	table, err := dataset.NewTable("people", sex.Column(), age.Column(), day.Column(), note)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func write(t testing.TB, table *dataset.Table, o parquet.WriteOptions) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := parquet.Write(&b, table, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func read(t testing.TB, b []byte, o parquet.Options) *dataset.Loaded {
	t.Helper()
	l, err := parquet.Read(bytes.NewReader(b), int64(len(b)), o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestRoundTrip(t *testing.T) {
	table := sample(t)
	if !bytes.Equal(write(t, table, parquet.WriteOptions{}), write(t, table, parquet.WriteOptions{})) {
		t.Error("the same table gives other bytes")
	}
	for name, rows := range map[string]int{"one group": 0, "two groups": 3, "a group a row": 1} {
		t.Run(name, func(t *testing.T) {
			l := read(t, write(t, table, parquet.WriteOptions{GroupRows: rows}), parquet.Options{})
			if !l.Table.Equal(table) {
				t.Errorf("the table came back changed")
			}
			if a := l.Accounts; a.Read != 4 || a.Loaded != 4 || a.Listed != 0 || len(a.SHA256) != 64 {
				t.Errorf("accounts: %d read, %d loaded, %d listed, hash %q", a.Read, a.Loaded, a.Listed, a.SHA256)
			}
		})
	}
}

// foreign writes a file as another program would: without our metadata, with types that we do not write.
func foreign(t *testing.T) []byte {
	t.Helper()
	type record struct {
		ID    int64             `parquet:"id"`
		Small *int32            `parquet:"small,optional"`
		Ratio float32           `parquet:"ratio"`
		Yes   *bool             `parquet:"yes,optional"`
		Sex   *string           `parquet:"sex,optional,dict"`
		Name  string            `parquet:"name"`
		Day   int32             `parquet:"day,date"`
		At    time.Time         `parquet:"at,timestamp(millisecond)"`
		Price int64             `parquet:"price,decimal(2:10)"`
		Many  []string          `parquet:"many"`
		Inner struct{ A int32 } `parquet:"inner"`
		Count uint32            `parquet:"count"`
		Code  string            `parquet:"code,dict"`
	}
	five, yes, no := int32(-99), true, false
	male, dnk := "male", "dnk"
	rows := []record{
		{1 << 60, nil, 0.5, &yes, &male, "x", 17000, time.Date(2017, 5, 31, 13, 0, 0, 0, time.UTC), 1250, []string{"a"}, struct{ A int32 }{1}, 1 << 31, "007"},
		{2, &five, -1, nil, &dnk, "y", -1, time.Date(1969, 12, 31, 23, 0, 0, 0, time.UTC), -5, nil, struct{ A int32 }{}, 0, "12"},
		{3, nil, 2, &no, nil, "z", 0, time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC), 0, nil, struct{ A int32 }{}, 7, "12"},
	}
	var b bytes.Buffer
	w := library.NewGenericWriter[record](&b)
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func show(t *dataset.Table) map[string]string {
	out := map[string]string{}
	for _, c := range t.Columns {
		s := c.Kind.String() + ":"
		for i := range c.Rows() {
			cell := c.Cell(i)
			if m := c.Missing(i); m != dataset.Present {
				cell = "[" + m.String() + "]"
			}
			s += " " + cell
		}
		out[c.Name] = s
	}
	return out
}

func TestForeign(t *testing.T) {
	l := read(t, foreign(t), parquet.Options{ReadOptions: dataset.ReadOptions{Missing: dataset.MissingCodes{"dnk": dataset.Unknown, "-99": dataset.NotAsked}}})
	want := map[string]string{"id": "number: 1.152921504606847e+18 2 3", "small": "number: [empty] [not_asked] [empty]", "ratio": "number: 0.5 -1 2",
		"yes": "category: true [empty] false", "sex": "category: male [unknown] [empty]", "name": "category: x y z", "day": "date: 2016-07-18 1969-12-31 1970-01-01",
		"at": "date: 2017-05-31 1969-12-31 1970-01-01", "price": "number: 12.5 -0.05 0", "count": "number: 2147483648 0 7", "code": "category: 007 12 12"}
	if diff := cmp.Diff(want, show(l.Table)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var notes []string
	for _, n := range l.Accounts.Notes {
		notes = append(notes, string(n.Code)+" "+n.Place.Field)
	}
	slices.Sort(notes)
	if diff := cmp.Diff([]string{"parquet.large-integer id", "parquet.nested inner", "parquet.nested many", "parquet.time-dropped at"}, notes); diff != "" {
		t.Error(diff)
	}
}

func TestDeclared(t *testing.T) {
	b := foreign(t)
	l := read(t, b, parquet.Options{ReadOptions: dataset.ReadOptions{
		Kinds:   map[string]dataset.Kind{"code": dataset.Number, "sex": dataset.Number, "name": dataset.Text},
		Levels:  map[string][]dataset.Level{"count": {{Code: "7"}}, "ratio": {{Code: "2"}, {Code: "-1"}}},
		Classes: map[string]dataset.Sensitivity{"name": dataset.Strict}, Labels: map[string]dataset.Labels{"name": {"fr": "Nom"}},
		Columns: []string{"code", "sex", "name", "count", "ratio", "gone"}}})
	// Two rows hold a sex, which was declared a number.
	want := map[string]string{"code": "number: 12", "sex": "number: [empty]", "name": "text: z", "count": "category: 7", "ratio": "category: 2"}
	if diff := cmp.Diff(want, show(l.Table)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var issues []string
	for i := range l.Accounts.Rejected() {
		issues = append(issues, i.Error())
	}
	if diff := cmp.Diff([]string{"dataset.not-a-number at row 1, column 5 (sex) column=sex row=1", "dataset.not-a-number at row 2, column 5 (sex) column=sex row=2"}, issues); diff != "" {
		t.Error(diff)
	}
	if a := l.Accounts; a.Read != 3 || a.Loaded != 1 || a.FileRow(0) != 3 {
		t.Errorf("%d read, %d loaded, first is row %d", a.Read, a.Loaded, a.FileRow(0))
	}
	if c := l.Table.Column("name"); c.Class != dataset.Strict || c.Labels["fr"] != "Nom" {
		t.Error("class or label not taken over")
	}
	if n := l.Accounts.Notes; len(n) == 0 || n[len(n)-1].Code != dataset.CodeDeclaredAbsent {
		t.Errorf("notes %v", n)
	}
}

// Only the columns named are read: one whose pages are damaged does not matter to the others.
func TestProjection(t *testing.T) {
	table := sample(t)
	b := write(t, table, parquet.WriteOptions{})
	file, err := library.OpenFile(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	sex := file.Metadata().RowGroups[0].Columns[0].MetaData
	for i := range 20 {
		b[int(sex.DataPageOffset)+i] ^= 0xFF
	}
	if _, err := parquet.Read(bytes.NewReader(b), int64(len(b)), parquet.Options{}); err == nil {
		t.Error("the damage does no harm where it should")
	}
	l, err := parquet.Read(bytes.NewReader(b), int64(len(b)), parquet.Options{ReadOptions: dataset.ReadOptions{Columns: []string{"group/age"}}})
	if err != nil || len(l.Table.Columns) != 1 || !l.Table.Columns[0].Equal(table.Column("group/age")) {
		t.Errorf("%v, %v", l, err)
	}
}

func TestBatches(t *testing.T) {
	table := sample(t)
	var b bytes.Buffer
	w, err := parquet.NewWriter(&b, table.Fields(), parquet.WriteOptions{GroupRows: 3, Companions: []string{"sex", "group/age"}})
	if err != nil {
		t.Fatal(err)
	}
	want := &dataset.Table{}
	var rows []int
	for i := range 5 {
		batch := table.Take([]int{i % 4, 3, 0})
		rows = append(rows, i%4, 3, 0)
		if err := w.Write(batch); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want = table.Take(rows)
	if l := read(t, b.Bytes(), parquet.Options{}); !l.Table.Equal(want) {
		t.Error("batches do not make the table")
	}
	if err := w.Write(&dataset.Table{}); err == nil {
		t.Error("a batch without columns was accepted")
	}
	if _, err := parquet.NewWriter(&b, nil, parquet.WriteOptions{}); err == nil {
		t.Error("a table without columns was accepted")
	}
	narrow, err := parquet.NewWriter(&b, table.Fields(), parquet.WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := narrow.Write(table); err == nil {
		t.Error("a kind of missing was lost without an error")
	}
}

// Levels that only later batches have are described too.
func TestLevelsOfBatches(t *testing.T) {
	var b bytes.Buffer
	w, err := parquet.NewWriter(&b, []dataset.Field{{Name: "c", Kind: dataset.Category, Levels: []dataset.Level{{Code: "z"}}}}, parquet.WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, codes := range [][]string{{"y", "b"}, {"z", "a", "y"}} {
		if err := w.Write(&dataset.Table{Columns: []*dataset.Column{dataset.NewCategory("c", codes, codes...)}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	l := read(t, b.Bytes(), parquet.Options{})
	if want := dataset.NewCategory("c", []string{"y", "b", "z", "a", "y"}, "z", "y", "b", "a"); !l.Table.Columns[0].Equal(want) || len(l.Accounts.Notes) != 0 {
		t.Errorf("levels %v, notes %v", l.Table.Columns[0].Levels, l.Accounts.Notes)
	}
}

func TestNoTable(t *testing.T) {
	whole := write(t, sample(t), parquet.WriteOptions{})
	for name, b := range map[string][]byte{"nothing": nil, "text": []byte("a,b\n1,2\n"), "cut": whole[:len(whole)-20], "marks only": []byte("PAR1PAR1"), "short": []byte("PAR1")} {
		_, err := parquet.Read(bytes.NewReader(b), int64(len(b)), parquet.Options{})
		if issues := fault.Of(err); len(issues) != 1 || !errors.Is(err, fault.Invalid) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// FuzzRead reads any bytes: an issue or a table, never a panic, and what was read is written and read again.
func FuzzRead(f *testing.F) {
	whole := write(f, sample(f), parquet.WriteOptions{})
	f.Add(whole)
	f.Add(write(f, sample(f), parquet.WriteOptions{GroupRows: 1}))
	f.Add([]byte("PAR1"))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := parquet.Read(bytes.NewReader(b), int64(len(b)), parquet.Options{})
		if err != nil {
			if len(fault.Of(err)) == 0 {
				t.Fatalf("an error without an issue: %v", err)
			}
			return
		}
		if l.Accounts.Read != l.Accounts.Loaded+l.Accounts.Listed {
			t.Fatal("rows are lost")
		}
		if len(l.Table.Columns) == 0 {
			return
		}
		again := read(t, write(t, l.Table, parquet.WriteOptions{}), parquet.Options{})
		if !again.Table.Equal(l.Table) {
			t.Fatal("written and read again it is another table")
		}
	})
}
