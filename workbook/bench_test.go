package workbook_test

import (
	"bytes"
	"io"
	"strconv"
	"testing"

	"waymark/workbook"
)

// sheetOf writes rows of two texts, a number and a day.
func sheetOf(b testing.TB, w io.Writer, rows int) {
	b.Helper()
	out := workbook.NewWriter(w)
	if _, err := out.Sheet(workbook.Layout{Name: "data", Header: 1}); err != nil {
		b.Fatal(err)
	}
	for i := range rows {
		if err := out.Row(workbook.TextCell("MW"+strconv.Itoa(i%400)), workbook.TextCell("arrived"), workbook.NumberCell(float64(i)), workbook.DateCell(float64(i%1000))); err != nil {
			b.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkWrite(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		sheetOf(b, io.Discard, 20_000)
	}
}

func BenchmarkRead(b *testing.B) {
	var file bytes.Buffer
	sheetOf(b, &file, 20_000)
	b.ReportAllocs()
	for b.Loop() {
		book, err := workbook.Open(bytes.NewReader(file.Bytes()), int64(file.Len()), workbook.Limits{})
		if err != nil {
			b.Fatal(err)
		}
		for _, err := range book.Rows("data") {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
