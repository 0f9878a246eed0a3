package parquet_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"waymark/dataset"
	"waymark/dataset/parquet"
)

// BenchmarkRead reads ten million rows of fourteen columns of a survey, ten of them categories.
func BenchmarkRead(b *testing.B) {
	for _, rows := range []int{16_524, 10_000_000} {
		file := survey(b, rows)
		info, err := file.Stat()
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(rows), func(b *testing.B) {
			b.SetBytes(info.Size())
			runtime.GC()
			debug.FreeOSMemory()
			before := resident()
			for b.Loop() {
				l, err := parquet.Read(file, info.Size(), parquet.Options{Unhashed: true})
				if err != nil || l.Table.Rows() != rows {
					b.Fatal(err)
				}
				b.ReportMetric(resident()-before, "resident-MB")
			}
		})
	}
}

func survey(b *testing.B, rows int) *os.File {
	file, err := os.Create(filepath.Join(b.TempDir(), "survey.parquet"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { file.Close() })
	r := rand.New(rand.NewPCG(1, 2))
	var fields []dataset.Field
	for k := range 12 {
		f := dataset.Field{Name: fmt.Sprint("category", k), Kind: dataset.Category}
		for i := range 2 + k*k {
			f.Levels = append(f.Levels, dataset.Level{Code: fmt.Sprint("level ", i)})
		}
		fields = append(fields, f)
	}
	fields = append(fields, dataset.Field{Name: "exploited", Kind: dataset.Number}, dataset.Field{Name: "age", Kind: dataset.Number})
	w, err := parquet.NewWriter(file, fields, parquet.WriteOptions{Companions: []string{"category1", "age"}})
	if err != nil {
		b.Fatal(err)
	}
	const batch = 10_000
	for from := 0; from < rows; from += batch {
		t := &dataset.Table{}
		for _, f := range fields {
			c := dataset.NewBuilder(f)
			for range min(batch, rows-from) {
				switch {
				case (f.Name == "category1" || f.Name == "age") && r.IntN(20) == 0:
					c.Missing(dataset.Missing(1 + r.IntN(5)))
				case f.Kind == dataset.Category:
					c.Code(r.IntN(len(f.Levels)))
				case f.Name == "age":
					c.Number(float64(14 + r.IntN(60)))
				default:
					c.Number(float64(r.IntN(2)))
				}
			}
			if err := t.Add(c.Column()); err != nil {
				b.Fatal(err)
			}
		}
		if err := w.Write(t); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return file
}

// resident is the resident size of the process in megabytes, 0 where the system does not tell.
func resident() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		var kb float64
		if n, _ := fmt.Sscanf(line, "VmRSS: %f kB", &kb); n == 1 {
			return kb / 1024
		}
	}
	return 0
}
