package parquet

import (
	"context"
	"io"
	"slices"

	"waymark/dataset"
)

// Source answers dataset.Source from a file: it reads the columns that a question names and no others, each
// time anew, so that a table larger than memory can be tallied. A row that Read would list is an error here:
// which rows there are must not depend on the columns asked for.
type Source struct {
	from    io.ReaderAt
	size    int64
	options Options
	schema  dataset.Schema
}

var _ dataset.Source = (*Source)(nil)

// Open reads what there is to know of a file. One of ours says it in its metadata; a file of another program
// is read once from end to end, column by column. The reader must stay open while the source is used.
func Open(r io.ReaderAt, size int64, options Options) (*Source, error) {
	options.Unhashed, options.Columns = true, nil
	s := &Source{from: r, size: size, options: options}
	names, described, err := describe(r, size, options.Document)
	if err != nil {
		return nil, err
	}
	s.schema.Name = options.Document
	if described != nil && len(options.Kinds)+len(options.Levels)+len(options.Labels)+len(options.Classes) == 0 {
		s.schema.Fields, s.schema.Rows = described, -1
		return s, nil
	}
	for _, name := range names {
		t, err := s.load([]string{name})
		if err != nil {
			return nil, err
		}
		s.schema.Fields = append(s.schema.Fields, t.Columns[0].Field)
		s.schema.Rows = t.Rows()
	}
	return s, nil
}

// Schema gives the fields; the number of rows is not known of a file that was not read.
func (s *Source) Schema(context.Context) (dataset.Schema, error) { return s.schema, nil }

// Columns reads the named columns and those of the filter.
func (s *Source) Columns(_ context.Context, names []string, where dataset.Filter) (*dataset.Table, error) {
	t, err := s.load(union(names, where.Columns()))
	if err != nil {
		return nil, err
	}
	rows, err := t.Filtered(where)
	if err != nil {
		return nil, err
	}
	return rows.Select(names...)
}

// Tally reads the columns it needs and counts.
func (s *Source) Tally(_ context.Context, by, measures []string, where dataset.Filter) (*dataset.Tally, error) {
	need := union(by, measures, where.Columns())
	if len(need) == 0 && len(s.schema.Fields) > 0 {
		need = []string{s.schema.Fields[0].Name} // to count the rows
	}
	t, err := s.load(need)
	if err != nil {
		return nil, err
	}
	return t.Tally(by, measures, where)
}

func (s *Source) load(names []string) (*dataset.Table, error) {
	o := s.options
	o.Columns = names
	l, err := Read(s.from, s.size, o)
	if err != nil {
		return nil, err
	}
	for issue := range l.Accounts.Rejected() {
		return nil, issue
	}
	return l.Table, nil
}

func union(lists ...[]string) []string {
	out := []string{}
	for _, list := range lists {
		for _, n := range list {
			if !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	return out
}
