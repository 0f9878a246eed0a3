package workbook

import (
	"errors"
	"io"
	"path"
	"strconv"
	"strings"
	"unicode/utf16"

	"waymark/fault"
)

// xlsx reads Office Open XML (ECMA-376, transitional and strict): the parts by their relationships, cells
// from the sheet parts as they stream by.
type xlsx struct {
	*archive
	list     []Sheet
	paths    []string // part of each sheet
	from1904 bool
	formats  []formatKind // by cell style
	strings  string       // path of the shared strings; "" where there are none
	shared   []string
	loaded   bool
}

// Relationship types end in these words, under one address in transitional files and another in strict ones.
const (
	relDocument = "/officeDocument"
	relSheet    = "/worksheet"
	relStyles   = "/styles"
	relStrings  = "/sharedStrings"
)

type relation struct{ id, kind, target string }

func openXLSX(r io.ReaderAt, size int64, limits Limits) (source, error) {
	a, err := openArchive(r, size, limits)
	if err != nil {
		return nil, err
	}
	x := &xlsx{archive: a}
	document, err := x.document()
	if err != nil {
		return nil, err
	}
	relations, err := x.relations(document)
	if err != nil {
		return nil, err
	}
	styles := ""
	sheets := map[string]string{}
	for _, rel := range relations {
		switch {
		case strings.HasSuffix(rel.kind, relSheet):
			sheets[rel.id] = rel.target
		case strings.HasSuffix(rel.kind, relStyles):
			styles = rel.target
		case strings.HasSuffix(rel.kind, relStrings):
			x.strings = rel.target
		}
	}
	if err := x.readDocument(document, sheets); err != nil {
		return nil, err
	}
	if styles != "" && x.has(styles) {
		if err := x.readStyles(styles); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// document finds the workbook part, and says what else the archive is where it has none.
func (x *xlsx) document() (string, error) {
	switch {
	case x.has("mimetype") && x.has("content.xml"):
		return "", x.limits.issue(CodeIsODS, fault.Place{}, nil)
	case x.has("xl/workbook.bin"):
		return "", x.limits.issue(CodeIsXLSB, fault.Place{}, nil)
	}
	if x.has("_rels/.rels") {
		relations, err := x.relations("")
		if err != nil {
			return "", err
		}
		for _, rel := range relations {
			if strings.HasSuffix(rel.kind, relDocument) && x.has(rel.target) {
				return rel.target, nil
			}
		}
	}
	if x.has("xl/workbook.xml") {
		return "xl/workbook.xml", nil
	}
	return "", x.limits.issue(CodeUnknownKind, fault.Place{}, nil)
}

// relations reads the relationships of a part, the targets made paths from the archive's root.
func (x *xlsx) relations(of string) ([]relation, error) {
	folder, name := path.Split(of)
	rels := path.Join(folder, "_rels", name+".rels")
	if !x.has(rels) {
		return nil, nil
	}
	var out []relation
	err := x.scan(rels, func(s *scanner) error {
		for {
			t, err := s.next()
			if err != nil {
				return err
			}
			if t != startToken || string(s.name) != "Relationship" || string(s.attr("TargetMode")) == "External" {
				continue
			}
			target := strings.ReplaceAll(string(s.attr("Target")), `\`, "/")
			if !strings.HasPrefix(target, "/") {
				target = path.Join(folder, target)
			}
			if len(out) >= x.limits.Parts {
				return x.limits.issue(CodeTooManyParts, fault.Place{}, limitArg(int64(x.limits.Parts)))
			}
			out = append(out, relation{string(s.attr("Id")), string(s.attr("Type")), strings.TrimLeft(target, "/")})
		}
	})
	return out, err
}

// readDocument reads the list of sheets and the calendar.
func (x *xlsx) readDocument(part string, sheets map[string]string) error {
	err := x.scan(part, func(s *scanner) error {
		for {
			t, err := s.next()
			if err != nil {
				return err
			}
			if t != startToken {
				continue
			}
			switch string(s.name) {
			case "workbookPr":
				v := string(s.attr("date1904"))
				x.from1904 = v == "1" || v == "true"
			case "sheet":
				target, ok := sheets[string(s.prefixed("id"))]
				if !ok { // a chart, dialog or macro sheet
					continue
				}
				if len(x.list) >= x.limits.Sheets {
					return x.limits.issue(CodeTooManySheets, fault.Place{}, limitArg(int64(x.limits.Sheets)))
				}
				state := string(s.attr("state"))
				x.list = append(x.list, Sheet{Name: string(s.attr("name")), Hidden: state == "hidden" || state == "veryHidden"})
				x.paths = append(x.paths, target)
			}
		}
	})
	if err == nil && len(x.list) == 0 {
		return x.limits.damaged(part)
	}
	return err
}

// readStyles learns of each cell style whether it shows a date.
func (x *xlsx) readStyles(part string) error {
	custom := map[int]formatKind{}
	inCells := false
	return x.scan(part, func(s *scanner) error {
		for {
			t, err := s.next()
			if err != nil {
				return err
			}
			name := string(s.name)
			switch {
			case t == textToken:
			case name == "cellXfs":
				inCells = t == startToken
			case t == startToken && name == "numFmt":
				if id, err := strconv.Atoi(string(s.attr("numFmtId"))); err == nil && len(custom) < 1<<16 {
					custom[id] = formatOf(string(s.attr("formatCode")))
				}
			case t == startToken && name == "xf" && inCells && len(x.formats) < 1<<16:
				id, _ := strconv.Atoi(string(s.attr("numFmtId")))
				kind, ok := custom[id]
				if !ok {
					kind = builtinFormat(id)
				}
				x.formats = append(x.formats, kind)
			}
		}
	})
}

// loadStrings reads the shared strings once: one block of memory, cut into strings.
func (x *xlsx) loadStrings() error {
	if x.loaded || x.strings == "" || !x.has(x.strings) {
		x.loaded = true
		return nil
	}
	var (
		block []byte
		ends  []int
	)
	err := x.scan(x.strings, func(s *scanner) error {
		for {
			t, err := s.next()
			if err != nil {
				return err
			}
			if t != startToken || string(s.name) != "si" {
				continue
			}
			start := len(block)
			if block, err = richText(s, block, x.limits.Cell); err != nil {
				return err
			}
			block = append(block[:start], unescapeControls(block[start:])...)
			ends = append(ends, len(block))
			if int64(len(block))+int64(len(ends))*16 > x.limits.Text {
				return x.limits.issue(CodeTooMuchText, fault.Place{}, limitArg(x.limits.Text))
			}
		}
	})
	if err != nil {
		return err
	}
	all, from := string(block), 0
	x.shared = make([]string, len(ends))
	for i, end := range ends {
		x.shared[i] = all[from:end]
		from = end
	}
	x.loaded = true
	return nil
}

// richText appends the text of the element just begun: its runs, without the readings of East Asian text.
func richText(s *scanner, to []byte, limit int) ([]byte, error) {
	start, inText := len(to), false
	for depth := 1; depth > 0; {
		t, err := s.next()
		if err != nil {
			return to, unexpected(err)
		}
		switch t {
		case startToken:
			switch string(s.name) {
			case "rPh", "phoneticPr":
				if err := s.skip(); err != nil {
					return to, err
				}
				continue
			case "t":
				inText = true
			}
			depth++
		case endToken:
			depth--
			inText = false
		case textToken:
			if !inText {
				continue
			}
			if to = append(to, s.text...); len(to)-start > limit {
				return to, errTooLong
			}
		}
	}
	return to, nil
}

// unescapeControls turns _x000D_ into the character it names, and _x005F_ into the underscore that keeps
// such text as it is (ECMA-376 part 1, 22.9.2.19).
func unescapeControls(b []byte) []byte {
	if !strings.Contains(string(b), "_x") {
		return b
	}
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if r, ok := escapedControl(b[i:]); ok {
			out = append(out, string(r)...)
			i += len("_x000D_") - 1
			continue
		}
		out = append(out, b[i])
	}
	return out
}

func escapedControl(b []byte) (rune, bool) {
	if len(b) < 7 || b[0] != '_' || b[1] != 'x' || b[6] != '_' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	if err != nil || utf16.IsSurrogate(rune(n)) {
		return 0, false
	}
	return rune(n), true
}

// maxMerges is how many blocks of merged cells are kept; they are wanted for headers only.
const maxMerges = 1 << 20

func (x *xlsx) sheets() []Sheet { return x.list }

// rows streams a sheet's cells.
func (x *xlsx) rows(sheet int, yield func(Row) bool) error {
	if err := x.loadStrings(); err != nil {
		return err
	}
	reader := &sheetReader{x: x, name: x.list[sheet].Name, yield: yield}
	err := x.scan(x.paths[sheet], func(s *scanner) error {
		err := reader.read(s)
		if errors.Is(err, errTooLong) {
			return reader.issue(CodeCellTooLong, int64(x.limits.Cell))
		}
		return err
	})
	return err
}

// merges reads the blocks of merged cells, which stand after the cells.
func (x *xlsx) merges(sheet int) ([]Range, error) {
	var out []Range
	err := x.scan(x.paths[sheet], func(s *scanner) error {
		for {
			t, err := s.next()
			if err != nil {
				return err
			}
			if t == startToken && string(s.name) == "mergeCell" && len(out) < maxMerges {
				if r, ok := parseRange(string(s.attr("ref"))); ok {
					out = append(out, r)
				}
			}
		}
	})
	return out, err
}
