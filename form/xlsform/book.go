package xlsform

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"waymark/fault"
)

// Book is a workbook as texts. Rows gives every row of a sheet from its first, rows[0] being row 1; a row
// without cells may be nil. workbook.Texts is one.
type Book interface {
	Sheets() []string
	Rows(sheet string) ([][]string, error)
}

// Tables is a Book of sheets that are at hand: those of a form kept as one CSV file a sheet.
type Tables []Sheet

// Sheet is one sheet of Tables.
type Sheet struct {
	Name string
	Rows [][]string
}

var _ Book = Tables(nil)

// Sheets lists the names.
func (t Tables) Sheets() []string {
	names := make([]string, len(t))
	for i, s := range t {
		names[i] = s.Name
	}
	return names
}

// Rows gives the rows of a sheet by its exact name.
func (t Tables) Rows(sheet string) ([][]string, error) {
	for _, s := range t {
		if s.Name == sheet {
			return s.Rows, nil
		}
	}
	return nil, fault.Issue{Code: CodeNoSurvey, Kind: fault.NotFound, Args: map[string]any{"have": strings.Join(t.Sheets(), ", ")}}
}

// maxText is how much of a form written as text is read.
const maxText = 64 << 20

// ReadCSV reads a form kept as one CSV file in UTF-8: a line with the sheet's name in the first column, then
// the sheet's lines with the first column empty. A file without such lines is the sheet survey.
func ReadCSV(r io.Reader) (Tables, error) {
	text, err := readText(r)
	if err != nil {
		return nil, err
	}
	reader := csv.NewReader(strings.NewReader(text))
	reader.FieldsPerRecord, reader.LazyQuotes = -1, true
	var rows [][]string
	for {
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			line := 0
			var at *csv.ParseError
			if errors.As(err, &at) {
				line = at.Line
			}
			return nil, fault.Issue{Code: CodeBadText, Place: fault.Place{Row: line}}
		}
		rows = append(rows, row)
	}
	if len(rows) > 0 && isSurvey(rows[0]) {
		return Tables{{Name: "survey", Rows: rows}}, nil
	}
	return divide(rows), nil
}

// isSurvey says whether a line is the header of a sheet of questions.
func isSurvey(row []string) bool {
	for _, h := range headings(row, surveyColumns, true) {
		if h.known && h.path[0] == "type" {
			return true
		}
	}
	return false
}

// ReadMarkdown reads a form written as pipe tables, the sheet's name in the first column of a line of its
// own. A literal pipe is written \|.
func ReadMarkdown(r io.Reader) (Tables, error) {
	text, err := readText(r)
	if err != nil {
		return nil, err
	}
	var rows [][]string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			continue
		}
		cells := splitPipes(line)
		if isRule(cells) {
			continue
		}
		rows = append(rows, cells)
	}
	return divide(rows), nil
}

func readText(r io.Reader) (string, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxText+1))
	if err != nil {
		return "", err
	}
	if len(text) > maxText {
		return "", fault.Issue{Code: CodeTooLong, Args: map[string]any{"limit": maxText}}
	}
	if line := unreadableLine(text); line > 0 {
		return "", fault.Issue{Code: CodeNotText, Place: fault.Place{Row: line}}
	}
	return strings.TrimPrefix(string(text), "\ufeff"), nil
}

// unreadableLine gives the first line that is no UTF-8 text, 0 where all is: a picture, a damaged workbook, or a text in an
// older encoding, none of which is to be shown or taken for a form.
func unreadableLine(text []byte) int {
	if utf8.Valid(text) && bytes.IndexByte(text, 0) < 0 {
		return 0
	}
	line := 0
	for part := range bytes.Lines(text) {
		line++
		if !utf8.Valid(part) || bytes.IndexByte(part, 0) >= 0 {
			return line
		}
	}
	return max(line, 1)
}

// divide cuts lines into sheets where the first cell names one.
func divide(rows [][]string) Tables {
	var out Tables
	for _, row := range rows {
		if len(row) == 0 {
			continue
		}
		if name := clean(row[0]); name != "" {
			out = append(out, Sheet{Name: name})
		}
		if len(out) == 0 || blank(row[1:]) {
			continue
		}
		last := &out[len(out)-1]
		last.Rows = append(last.Rows, row[1:])
	}
	return out
}

func splitPipes(line string) []string {
	var (
		cells []string
		cell  strings.Builder
	)
	line = strings.TrimPrefix(line, "|")
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '\\' && i+1 < len(line) && line[i+1] == '|':
			cell.WriteByte('|')
			i++
		case line[i] == '|':
			cells = append(cells, strings.TrimSpace(cell.String()))
			cell.Reset()
		default:
			cell.WriteByte(line[i])
		}
	}
	if rest := strings.TrimSpace(cell.String()); rest != "" && !strings.HasPrefix(rest, "#") { // a remark
		cells = append(cells, rest)
	}
	return cells
}

// isRule knows the line of dashes under a table's head.
func isRule(cells []string) bool {
	dashes := false
	for _, c := range cells {
		if strings.Trim(c, "-:") != "" {
			return false
		}
		dashes = dashes || c != ""
	}
	return dashes
}

func blank(cells []string) bool {
	for _, c := range cells {
		if clean(c) != "" {
			return false
		}
	}
	return true
}
