package csv_test

import (
	"strings"
	"testing"

	"waymark/dataset"
	"waymark/dataset/csv"
)

func TestLines(t *testing.T) {
	var b strings.Builder
	out, err := csv.NewLines(&b, csv.WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range [][]string{{"name", "n"}, {"=1+1", "-5"}, {"a,b", ""}, {"@x\ny", "7"}} {
		out.Cell(line[0], dataset.Text)
		out.Cell(line[1], dataset.Number)
		if err := out.End(); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	want := "name,n\n\"'=1+1\",-5\n\"a,b\",\n\"'@x\ny\",7\n"
	if b.String() != want {
		t.Errorf("have %q, want %q", b.String(), want)
	}
}

// A line whose only cell is empty is not lost.
func TestLinesOfOneCell(t *testing.T) {
	var b strings.Builder
	out, _ := csv.NewLines(&b, csv.WriteOptions{})
	for _, cell := range []string{"a", "", "b"} {
		out.Cell(cell, dataset.Text)
		if err := out.End(); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	if b.String() != "a\n\"\"\nb\n" {
		t.Errorf("have %q", b.String())
	}
	if _, err := csv.NewLines(&b, csv.WriteOptions{Comma: '"'}); err == nil {
		t.Error("a quote was taken as a delimiter")
	}
}
