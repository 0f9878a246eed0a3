package csv

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"unicode/utf8"

	"waymark/dataset"
	"waymark/fault"
)

// The issues raised here; texts stand in lang/messages/csv.*.toml.
const (
	CodeEmptyFile      fault.Code = "csv.empty-file"     // document
	CodeBadQuote       fault.Code = "csv.bad-quote"      // column of the row
	CodeUnclosedQuote  fault.Code = "csv.unclosed-quote" // column of the row
	CodeNulByte        fault.Code = "csv.nul-byte"
	CodeBadEncoding    fault.Code = "csv.bad-encoding"     // encoding
	CodeLongLine       fault.Code = "csv.long-line"        // limit
	CodeTooManyColumns fault.Code = "csv.too-many-columns" // limit
	CodeEncodingName   fault.Code = "csv.encoding-name"    // encoding
)

// Options is what Read can be told; the zero value finds everything.
type Options struct {
	dataset.ReadOptions
	Comma    byte     // the delimiter; 0: found among , ; tab and |
	Encoding Encoding // "": found
}

// maxColumns is the number of columns a table may have: what a spreadsheet holds.
const maxColumns = 1 << 14

// Read reads a whole table in one pass. An error means that there is no table at all (an empty file, a
// broken stream); rows that cannot be loaded are no error, they are listed in the accounts.
func Read(r io.Reader, options Options) (*dataset.Loaded, error) {
	counted := &meter{from: r, hash: sha256.New()}
	stream, encoding, err := decode(counted, options)
	if err != nil {
		return nil, err
	}
	if options.MaxCell <= 0 {
		options.MaxCell = dataset.DefaultMaxCell
	}
	t := newTokens(stream, ',', options.MaxCell)
	t.fillUp()
	t.setComma(options.Comma)
	if options.Decimal == dataset.DecimalFound {
		options.Decimal = decimalOf(t)
	}
	s := reading{options: options, tokens: t, encoding: encoding}
	if err := s.header(); err != nil {
		return nil, err
	}
	if err := s.rows(); err != nil {
		return nil, err
	}
	if _, err := io.Copy(io.Discard, counted); err != nil {
		return nil, fmt.Errorf("read %s: %w", options.Document, err)
	}
	loaded := s.intake.Close()
	a := loaded.Accounts
	a.Format, a.Delimiter, a.Encoding = "csv", string(t.comma), string(s.encoding)
	a.Bytes, a.SHA256 = counted.n, hex.EncodeToString(counted.hash.Sum(nil))
	return loaded, nil
}

// reading is one Read under way.
type reading struct {
	options   Options
	tokens    *tokens
	encoding  Encoding
	multibyte bool // a cell held a character of more than one byte that was good UTF-8
	intake    *dataset.Intake
	decoded   []byte
}

func (s *reading) header() error {
	for {
		cells, blank, wrong, err := s.tokens.next()
		if err == io.EOF {
			return fault.Issue{Code: CodeEmptyFile, Place: fault.Place{Document: s.options.Document},
				Args: map[string]any{"document": s.options.Document}}
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", s.options.Document, err)
		}
		if blank {
			continue
		}
		code := wrong.code
		if code == "" {
			code = s.decodeRow(cells)
		}
		if code != "" {
			return fault.Issue{Code: code, Place: fault.Place{Document: s.options.Document, Row: s.tokens.row, Column: wrong.column},
				Args: map[string]any{"row": s.tokens.row, "column": wrong.column, "limit": s.tokens.limit * longLine}}
		}
		if len(cells) > maxColumns {
			return fault.Issue{Code: CodeTooManyColumns, Place: fault.Place{Document: s.options.Document, Row: s.tokens.row},
				Args: map[string]any{"limit": maxColumns}}
		}
		names := make([]string, len(cells))
		for i, c := range cells {
			names[i] = string(c)
		}
		s.intake = dataset.NewIntake(names, s.tokens.row, s.options.ReadOptions)
		return nil
	}
}

func (s *reading) rows() error {
	for {
		cells, blank, wrong, err := s.tokens.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s after row %d: %w", s.options.Document, s.tokens.row, err)
		}
		row := s.tokens.row
		if blank {
			s.intake.Blank(row)
			continue
		}
		if wrong.code == "" {
			wrong.code = s.decodeRow(cells)
		}
		if wrong.code != "" {
			field := ""
			if names := s.intake.Names(); wrong.column > 0 && wrong.column <= len(names) {
				field = names[wrong.column-1]
			}
			limit := 0
			if wrong.code == CodeLongLine {
				limit = longLine * s.tokens.limit
			}
			s.intake.List(wrong.code, row, wrong.column, field, limit, 0)
			continue
		}
		s.intake.Row(row, cells)
	}
}

// decodeRow checks that the cells are text and turns Windows-1252 into UTF-8. A file is taken for
// Windows-1252 from the first cell that is not UTF-8 on, provided that no cell before had a character that
// only UTF-8 explains: up to there the two agree.
func (s *reading) decodeRow(cells [][]byte) fault.Code {
	if bytes.IndexByte(s.tokens.raw, 0) >= 0 {
		return CodeNulByte
	}
	if isASCII(s.tokens.raw) {
		return ""
	}
	s.decoded = s.decoded[:0]
	for i, c := range cells {
		if isASCII(c) {
			continue
		}
		if s.encoding != Windows1252 {
			if utf8.Valid(c) {
				s.multibyte = true
				continue
			}
			if s.multibyte || s.encoding != UTF8 || s.options.Encoding != "" {
				return CodeBadEncoding
			}
			s.encoding = Windows1252
		}
		from := len(s.decoded)
		s.decoded = appendWindows1252(s.decoded, c)
		cells[i] = s.decoded[from:len(s.decoded):len(s.decoded)]
	}
	return ""
}

func isASCII(b []byte) bool {
	for len(b) >= 8 {
		if binary.LittleEndian.Uint64(b)&0x8080808080808080 != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// meter counts and hashes what goes through.
type meter struct {
	from io.Reader
	hash hash.Hash
	n    int64
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.from.Read(p)
	if n > 0 {
		m.hash.Write(p[:n])
		m.n += int64(n)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return n, err
	}
	return n, err
}
