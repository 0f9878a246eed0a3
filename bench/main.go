// Command bench knows how fast the program is: it draws survey files of invented people, fits the main multilevel
// model to them by Waymark and by peers in the same run on the same files, and writes docs/benchmarks.md. It must not
// know how a model is fitted: it starts programs and reads what they print and what the system says they used.
//
//	go run ./bench generate ROWS SEED FILE     a survey, .csv or .parquet by its ending
//	go run ./bench fit FILE                    Waymark's fit alone, in a process of its own; one line of JSON
//	go run ./bench run --waymark BINARY        the whole comparison; see --help
//
// Ratios are of user CPU seconds, which a busy machine disturbs less than wall time. Peak memory is the largest
// resident set of the whole process, R's included.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"waymark/dataset"
	"waymark/dataset/csv"
	"waymark/dataset/parquet"
)

func main() {
	if err := command(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func command(args []string) error {
	switch {
	case len(args) == 4 && args[0] == "generate":
		rows, err := strconv.Atoi(args[1])
		if err != nil {
			return err
		}
		seed, err := strconv.ParseUint(args[2], 10, 64)
		if err != nil {
			return err
		}
		return generate(rows, seed, args[3])
	case len(args) == 2 && args[0] == "fit":
		return fit(args[1])
	case len(args) > 0 && args[0] == "run":
		return compare(args[1:])
	}
	return errors.New("usage: bench generate ROWS SEED FILE | bench fit FILE | bench run [OPTION...]")
}

// batch is the number of rows held at a time while a file is written.
const batch = 1 << 16

// writer is what both formats' writers do.
type writer interface {
	Write(*dataset.Table) error
	Close() error
}

// generate draws a survey into a file.
func generate(rows int, seed uint64, name string) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(file, 1<<20)
	s := newSurvey(seed)
	fields := fieldsOf()
	var w writer
	switch filepath.Ext(name) {
	case ".csv":
		w, err = csv.NewWriter(buffered, fields, csv.WriteOptions{Companions: []string{}})
	case ".parquet":
		w, err = parquet.NewWriter(buffered, fields, parquet.WriteOptions{Table: "survey", Companions: []string{}})
	default:
		err = fmt.Errorf("%s ends neither in .csv nor in .parquet", name)
	}
	if err != nil {
		return err
	}
	for done := 0; done < rows; done += batch {
		if err := w.Write(s.table(fields, min(batch, rows-done))); err != nil {
			return err
		}
	}
	if err := errors.Join(w.Close(), buffered.Flush(), file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// fieldsOf lists the columns: outcome, factors, groups, age in years.
func fieldsOf() []dataset.Field {
	fields := []dataset.Field{{Name: "exploited", Kind: dataset.Number}}
	category := func(name string, levels []string) {
		f := dataset.Field{Name: name, Kind: dataset.Category}
		for _, l := range levels {
			f.Levels = append(f.Levels, dataset.Level{Code: l})
		}
		fields = append(fields, f)
	}
	for _, f := range factors {
		category(f.name, f.levels)
	}
	category("nationality", numbered("N", nationalities))
	category("location", numbered("L", locations))
	return append(fields, dataset.Field{Name: "age", Kind: dataset.Number})
}

func numbered(letter string, n int) []string {
	out := make([]string, n)
	for k := range out {
		out[k] = fmt.Sprintf("%s%02d", letter, k+1)
	}
	return out
}

// table draws some rows.
func (s *survey) table(fields []dataset.Field, rows int) *dataset.Table {
	builders := make([]*dataset.Builder, len(fields))
	for k, f := range fields {
		builders[k] = dataset.NewBuilder(f)
	}
	last := len(fields) - 1
	for range rows {
		v := s.draw()
		outcome := 0.0
		if v.exploited {
			outcome = 1
		}
		builders[0].Number(outcome)
		for k := range factors {
			builders[1+k].Code(int(v.factors[k]))
		}
		builders[last-2].Code(v.nationality)
		builders[last-1].Code(v.location)
		builders[last].Number(float64(v.age))
	}
	t := &dataset.Table{Name: "survey"}
	for _, b := range builders {
		t.Columns = append(t.Columns, b.Column())
	}
	return t
}

// ending says what kind of file a name is.
func ending(name string) string { return strings.TrimPrefix(filepath.Ext(name), ".") }
