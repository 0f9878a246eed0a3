package dataset

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"waymark/fault"
)

// WriteRejected writes the list of rows that were not loaded, of all files of a run, as CSV: one line a row
// with file, sheet, row, column, name of the column, code and words. It holds positions, never the content
// of a row. words gives the text of an issue in the reader's language: what is wrong and how to mend it.
// docs/formats/rejected-rows.md describes the file.
func WriteRejected(w io.Writer, accounts []*Accounts, words func(fault.Issue) string) error {
	out := bufio.NewWriter(w)
	_, _ = out.WriteString("file,sheet,row,column,name,code,explanation\n")
	number := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	for _, a := range accounts {
		for issue := range a.Rejected() {
			p := issue.Place
			for i, cell := range []string{p.Document, p.Sheet, number(p.Row), number(p.Column), p.Field, string(issue.Code), words(issue)} {
				if i > 0 {
					_ = out.WriteByte(',')
				}
				_, _ = out.WriteString(quoteCell(cell))
			}
			_ = out.WriteByte('\n')
		}
	}
	if err := out.Flush(); err != nil { // a bufio.Writer keeps its first error
		return fmt.Errorf("write the list of rejected rows: %w", err)
	}
	return nil
}

// quoteCell writes a cell of the list. Names of columns and files come from outside: one that a spreadsheet
// would run as a formula gets an apostrophe.
func quoteCell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		s = "'" + s
	}
	if !strings.ContainsAny(s, ",\"\r\n'") {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}
