package main

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"

	"waymark/collect"
	"waymark/dataset"
	"waymark/dataset/csv"
	"waymark/fault"
	"waymark/study"
	"waymark/study/plan"
	"waymark/trust/access"
)

// Codes of what can be wrong with records as the data of a study.
const (
	codeProjectSyntax fault.Code = "server.project-syntax" // have
	codeNeedsDir      fault.Code = "server.needs-dir"      //
	codeSealedColumns fault.Code = "server.sealed-columns" // count, form
)

// projectPrefix begins the data of a study that are records: project:1/arrivals, project:1/arrivals/person for a repeat.
const projectPrefix = "project:"

// records says which records of a project a study reads.
type records struct {
	project     int64
	form, table string
	opening     string // leave of two people to read strict answers; "" none
}

// parseRecords reads project:ID/FORM or project:ID/FORM/REPEAT.
func parseRecords(s string) (records, bool, error) {
	rest, ok := strings.CutPrefix(s, projectPrefix)
	if !ok {
		return records{}, false, nil
	}
	number, form, _ := strings.Cut(rest, "/")
	form, table, _ := strings.Cut(form, "/")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil || id < 1 || form == "" {
		return records{}, true, misused(codeProjectSyntax, map[string]any{"have": s})
	}
	if table != "" {
		table = "Submissions." + strings.ReplaceAll(table, "/", ".")
	}
	return records{project: id, form: form, table: table}, true, nil
}

// load reads the records of a live project as the plan says its data are to be read, as if they came from a file: the
// same intake types the columns and accounts for every row. The answers pass through memory and touch no disk.
func (s records) load(ctx context.Context, desk *collect.Desk, by access.Actor, d plan.Data) (study.Input, fault.Issues, error) {
	tables, err := desk.Tables(ctx, by, s.project, s.form, collect.Published)
	if err != nil {
		return study.Input{}, nil, err
	}
	at := 0
	if s.table != "" {
		at = slices.IndexFunc(tables, func(t collect.Table) bool { return t.Name == s.table })
	}
	if at < 0 || at >= len(tables) {
		return study.Input{}, nil, fault.Issue{Code: codeProjectSyntax, Kind: fault.NotFound, Args: map[string]any{"have": s.form + "/" + s.table}}
	}
	fields := tables[at].Fields
	sealed := make([]bool, len(fields))
	from, to := io.Pipe()
	go func() { to.CloseWithError(s.write(ctx, desk, by, fields, sealed, to)) }()
	o := readOptionsOf(d, s.form)
	loaded, err := csv.Read(from, csv.Options{ReadOptions: o.ReadOptions, Comma: ','})
	from.CloseWithError(err) // the writer stops where the reader did
	if err != nil {
		return study.Input{}, nil, err
	}
	var notes fault.Issues
	if n := count(sealed); n > 0 {
		notes = append(notes, fault.Issue{Code: codeSealedColumns, Severity: fault.Soft, Args: map[string]any{"count": n, "form": s.form}})
	}
	return study.Input{File: s.form, Loaded: loaded}, notes, nil
}

// write gives the rows as a table; sealed says which columns the actor could not read.
func (s records) write(ctx context.Context, desk *collect.Desk, by access.Actor, fields []collect.Field, sealed []bool, w io.Writer) error {
	lines, err := csv.NewLines(w, csv.WriteOptions{})
	if err != nil {
		return err
	}
	for _, f := range fields {
		lines.Cell(f.Name, dataset.Number) // as it is: nothing here is for a spreadsheet
	}
	if err := lines.End(); err != nil {
		return err
	}
	q := collect.Query{Project: s.project, Form: s.form, Table: s.table, Restricted: s.opening != "", Opening: s.opening}
	for row, err := range desk.Rows(ctx, by, q) {
		if err != nil {
			return err
		}
		for i, c := range row.Cells {
			lines.Cell(c.Text, dataset.Number)
			sealed[i] = sealed[i] || c.Sealed
		}
		if err := lines.End(); err != nil {
			return err
		}
	}
	return lines.Close()
}

func count(list []bool) int {
	n := 0
	for _, b := range list {
		if b {
			n++
		}
	}
	return n
}
