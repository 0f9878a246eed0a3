package parquet_test

import (
	"bytes"
	"testing"

	"waymark/dataset"
	"waymark/dataset/parquet"
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
