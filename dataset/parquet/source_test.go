package parquet_test

import (
	"bytes"
	"testing"

	"waymark/dataset"
	"waymark/dataset/parquet"
	"waymark/dataset/sourcetest"
)

func TestSource(t *testing.T) {
	for name, options := range map[string]parquet.Options{
		"described by its metadata": {},
		"read for its schema":       {ReadOptions: dataset.ReadOptions{Classes: map[string]dataset.Sensitivity{"a note": dataset.Restricted}}},
	} {
		t.Run(name, func(t *testing.T) {
			sourcetest.Run(t, func(t *testing.T, table *dataset.Table) dataset.Source {
				b := write(t, table, parquet.WriteOptions{GroupRows: 5})
				s, err := parquet.Open(bytes.NewReader(b), int64(len(b)), options)
				if err != nil {
					t.Fatal(err)
				}
				return s
			})
		})
	}
	if _, err := parquet.Open(bytes.NewReader([]byte("PAR1")), 4, parquet.Options{}); err == nil {
		t.Error("opened what is no Parquet file")
	}
}
