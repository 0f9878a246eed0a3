package main

import (
	"context"
	"errors"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

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

// recordSet says which records of a project a study reads.
type recordSet struct {
	project     int64
	form, table string
	opening     string // leave of two people to read strict answers; "" none
}

// parseRecords reads project:ID/FORM or project:ID/FORM/REPEAT.
func parseRecords(s string) (recordSet, bool, error) {
	rest, ok := strings.CutPrefix(s, projectPrefix)
	if !ok {
		return recordSet{}, false, nil
	}
	number, form, _ := strings.Cut(rest, "/")
	form, table, _ := strings.Cut(form, "/")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil || id < 1 || form == "" {
		return recordSet{}, true, misused(codeProjectSyntax, map[string]any{"have": s})
	}
	if table != "" {
		table = "Submissions." + strings.ReplaceAll(table, "/", ".")
	}
	return recordSet{project: id, form: form, table: table}, true, nil
}

// recordsFlags say where the records are that a study reads, and who reads them.
type recordsFlags struct {
	folderFlags
	as string
}

func (f *recordsFlags) add(c *cobra.Command) {
	f.folderFlags.add(c)
	c.Flags().Lookup("dir").Usage = "server.flag.records-dir"
	c.Flags().StringVar(&f.as, "as", "", "server.flag.as")
}

// live is a folder of records that a study reads from, or none where all data are files.
type live struct {
	*opened
	by access.Actor
}

// openFor opens the folder where any of the data are records.
func (f *recordsFlags) openFor(ctx context.Context, r *room, files map[string]string) (live, error) {
	for _, file := range files {
		if !strings.HasPrefix(file, projectPrefix) {
			continue
		}
		if f.dir == "" {
			return live{}, misused(codeNeedsDir, nil)
		}
		o, err := f.open(ctx, r, mustExist)
		if err != nil {
			return live{}, err
		}
		by, err := f.reader(ctx, r, o.desk)
		if err != nil {
			return live{}, errors.Join(err, o.close())
		}
		return live{o, by}, nil
	}
	return live{}, nil
}

// reader is who reads the records: the member of staff of --as, by their password, or the machine, which reads what is
// neither restricted nor strict.
func (f *recordsFlags) reader(ctx context.Context, r *room, desk *collect.Desk) (access.Actor, error) {
	if f.as == "" {
		return system(), nil
	}
	password, err := r.secret(passwordName, "server.ask-password")
	if err != nil {
		return access.Actor{}, err
	}
	token, _, by, err := desk.SignIn(ctx, f.as, password, "")
	if err != nil {
		return access.Actor{}, err
	}
	return by, desk.SignOut(ctx, token)
}

func (l live) close() {
	if l.opened != nil {
		_ = l.opened.close() // it was only read
	}
}

// input opens one data set: records, or a file.
func (l live) input(ctx context.Context, p *plan.Plan, d plan.Data, file string) (study.Input, fault.Issues, error) {
	from, isRecords, err := parseRecords(file)
	switch {
	case err != nil:
		return study.Input{}, nil, err
	case !isRecords:
		return openInput(p, d, file)
	}
	from.opening = openingOf(ctx, l.desk, l.by, from.project, from.form)
	return from.load(ctx, l.desk, l.by, d)
}

// load reads the records of a live project as the plan says its data are to be read, as if they came from a file: the
// same intake types the columns and accounts for every row. The answers pass through memory and touch no disk.
func (s recordSet) load(ctx context.Context, desk *collect.Desk, by access.Actor, d plan.Data) (study.Input, fault.Issues, error) {
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
	shown, sealed := s.columns(tables[at].Fields)
	from, to := io.Pipe()
	go func() { to.CloseWithError(s.write(ctx, desk, by, shown, to)) }()
	o := readOptionsOf(d, s.form)
	loaded, err := csv.Read(from, csv.Options{ReadOptions: o.ReadOptions, Comma: ','})
	from.CloseWithError(err) // the writer stops where the reader did
	if err != nil {
		return study.Input{}, nil, err
	}
	var notes fault.Issues
	if sealed > 0 {
		notes = append(notes, fault.Issue{Code: codeSealedColumns, Severity: fault.Soft, Args: map[string]any{"count": sealed, "form": s.form}})
	}
	return study.Input{File: s.form, Loaded: loaded}, notes, nil
}

// column is one that a study reads: a question by its own name where no other question has it, else by its path.
type column struct{ name, path string }

// columns are those that may be read: without an opening what is restricted or strict stays sealed and is left out.
func (s recordSet) columns(fields []collect.Field) (shown []column, sealed int) {
	met := map[string]int{}
	for _, f := range fields {
		met[path.Base(f.Name)]++
	}
	for _, f := range fields {
		if f.Class >= dataset.Restricted && s.opening == "" {
			sealed++
			continue
		}
		c := column{name: path.Base(f.Name), path: f.Name}
		if met[c.name] > 1 {
			c.name = f.Name
		}
		shown = append(shown, c)
	}
	return shown, sealed
}

// write gives the rows as a table.
func (s recordSet) write(ctx context.Context, desk *collect.Desk, by access.Actor, shown []column, w io.Writer) error {
	lines, err := csv.NewLines(w, csv.WriteOptions{})
	if err != nil {
		return err
	}
	q := collect.Query{Project: s.project, Form: s.form, Table: s.table, Restricted: s.opening != "", Opening: s.opening}
	for _, c := range shown {
		q.Columns = append(q.Columns, c.path)
		lines.Cell(c.name, dataset.Number) // as it is: nothing here is for a spreadsheet
	}
	if err := lines.End(); err != nil {
		return err
	}
	for row, err := range desk.Rows(ctx, by, q) {
		if err != nil {
			return err
		}
		for _, c := range row.Cells {
			lines.Cell(c.Text, dataset.Number)
		}
		if err := lines.End(); err != nil {
			return err
		}
	}
	return lines.Close()
}

// withSealed puts before what stopped a study that columns were left out because they are sealed: the likeliest reason.
func withSealed(err error, notes fault.Issues) error {
	issues := fault.Of(err)
	if len(issues) == 0 {
		return err
	}
	var sealed fault.Issues
	for _, n := range notes {
		if n.Code == codeSealedColumns {
			sealed = append(sealed, n)
		}
	}
	return append(sealed, issues...)
}

// openingOf finds the leave that an actor holds to read the strict answers of a form, "" where there is none.
func openingOf(ctx context.Context, desk *collect.Desk, by access.Actor, project int64, form string) string {
	list, err := desk.Openings(ctx, by, project)
	if err != nil {
		return ""
	}
	now := time.Now()
	for _, o := range list {
		if o.Form == form && o.Instance == "" && o.AskedBy == by.ID && by.Kind == access.User && !o.Refused && !o.Granted.IsZero() && now.Before(o.Ends) {
			return o.ID
		}
	}
	return ""
}
