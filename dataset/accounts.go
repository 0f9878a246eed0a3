package dataset

import (
	"iter"
	"sort"

	"waymark/fault"
)

// Loaded is what a reader gives: the table, and where every row went.
type Loaded struct {
	Table    *Table
	Accounts *Accounts
	Selects  []MultiSelect // questions with several answers that were recognised
}

// Accounts says what was read and where every row went: Read = Loaded + Listed.
type Accounts struct {
	Document  string
	Sheet     string
	Format    string // csv, xlsx, parquet
	SHA256    string // of the bytes read, in hexadecimal
	Bytes     int64
	Encoding  string // utf-8, utf-8-bom, utf-16le, utf-16be, windows-1252; "" where it does not apply
	Delimiter string // of a CSV file
	Decimal   DecimalMark
	Header    int  // row of the header, 1-based; 0: none
	HXL       bool // a row of HXL tags was found
	Read      int  // rows of data met: not the header, tags, or rows without any content
	Loaded    int
	Listed    int // rows not loaded, one issue each
	Blank     int // rows without any content, passed over
	// ColumnsBefore is how many columns of the sheet stand left of the table; places of issues count them.
	ColumnsBefore int
	Notes         fault.Issues
	Suspects      []Suspect

	skipped  []int // rows of the file between the first and last row of data that are not in the table, ascending
	first    int   // row in the file of the first row of data
	rejected []rejection
}

// rejection is a listed row in little space: a wrong delimiter may list every row of a large file.
type rejection struct {
	row, column int32
	a, b        int32 // numbers for the text: have and want, or a limit
	field       string
	code        fault.Code
}

// Rejected gives one issue for every row that was not loaded, in the order of the file.
func (a *Accounts) Rejected() iter.Seq[fault.Issue] {
	return func(yield func(fault.Issue) bool) {
		for _, r := range a.rejected {
			if !yield(a.issue(r)) {
				return
			}
		}
	}
}

func (a *Accounts) issue(r rejection) fault.Issue {
	i := fault.Issue{Code: r.code, Severity: fault.Hard,
		Place: fault.Place{Document: a.Document, Sheet: a.Sheet, Row: int(r.row), Column: int(r.column), Field: r.field},
		Args:  map[string]any{"row": int(r.row)}}
	if r.column != 0 {
		i.Place.Column += a.ColumnsBefore
	}
	if r.field != "" {
		i.Args["column"] = r.field
	}
	switch r.code {
	case CodeRaggedRow:
		i.Args["have"], i.Args["want"] = int(r.a), int(r.b)
	default:
		if r.a > 0 {
			i.Args["limit"] = int(r.a)
		}
	}
	return i
}

// List notes a row that is not loaded. field and column say where in the row, as far as known.
func (a *Accounts) List(code fault.Code, row, column int, field string, have, want int) {
	a.Read++
	a.Listed++
	a.rejected = append(a.rejected, rejection{row: int32(row), column: int32(column), a: int32(have), b: int32(want), field: field, code: code})
	a.skipped = append(a.skipped, row)
}

// Line gives the run's one line on this file: rows read, loaded and listed.
func (a *Accounts) Line() fault.Issue {
	return fault.Issue{Code: CodeAccounts, Severity: fault.Soft, Place: fault.Place{Document: a.Document, Sheet: a.Sheet},
		Args: map[string]any{"document": a.Document, "count": a.Read, "read": a.Read, "loaded": a.Loaded, "listed": a.Listed}}
}

// FileRow gives the row in the file, 1-based with the header counted, of row i of the table.
func (a *Accounts) FileRow(i int) int {
	// The row sought is first+i plus the number of skipped rows before it.
	n := sort.Search(len(a.skipped), func(k int) bool { return a.skipped[k]-k > a.first+i })
	return a.first + i + n
}

// note adds a soft issue about a column.
func (a *Accounts) note(code fault.Code, column int, field string, args map[string]any) {
	if args == nil {
		args = map[string]any{}
	}
	if field != "" {
		args["column"] = field
	}
	a.Notes = append(a.Notes, fault.Issue{Code: code, Severity: fault.Soft, Args: args,
		Place: fault.Place{Document: a.Document, Sheet: a.Sheet, Column: column, Field: field}})
}

// Load notes that a row of the file is in the table, in order.
func (a *Accounts) Load(row int) {
	if a.Loaded == 0 {
		a.skipped = a.skipped[:0]
		a.first = row
	}
	a.Read++
	a.Loaded++
}

// LoadAll notes that rows 1 to n of a file without a header are all in the table.
func (a *Accounts) LoadAll(n int) { a.Read, a.Loaded, a.first = n, n, 1 }
