package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"waymark/dataset"
	"waymark/dataset/csv"
	"waymark/dataset/parquet"
	"waymark/dataset/xlsx"
	"waymark/fault"
	"waymark/form"
	"waymark/form/xlsform"
	"waymark/workbook"
)

// Codes of what can be wrong with a file that is to be opened.
const (
	codeNoFile     fault.Code = "open.no-file"
	codeIsFolder   fault.Code = "open.is-folder"
	codeUnreadable fault.Code = "open.unreadable"
	codeNoForm     fault.Code = "open.no-form"
)

// tableOptions says how a table file is read: what every reader can be told, and what only some can.
type tableOptions struct {
	dataset.ReadOptions
	comma    byte   // delimiter of a CSV file; 0: found
	encoding string // of a CSV file; "": found
	sheet    string // of a workbook; "": the first with rows
	header   int    // row of the header in a workbook; 0: found
	unhashed bool   // leave out the hash of a Parquet file, which reads it once more from end to end
}

// openTable reads a CSV, TSV, XLSX, XLS or Parquet file. The kind is told by the first bytes, not by the name.
func openTable(name string, o tableOptions) (*dataset.Loaded, error) {
	f, err := openFile(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if o.Document == "" {
		o.Document = filepath.Base(name)
	}
	head := make([]byte, 8)
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, unreadable(name, err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, unreadable(name, err)
	}
	return pickReader(f, info.Size(), head[:n], o)
}

// pickReader picks the reader by the first bytes of the file.
func pickReader(f *os.File, size int64, head []byte, o tableOptions) (*dataset.Loaded, error) {
	switch {
	case bytes.HasPrefix(head, []byte("PAR1")):
		return parquet.Read(f, size, parquet.Options{ReadOptions: o.ReadOptions, Unhashed: o.unhashed})
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		return xlsx.Read(f, size, xlsx.Options{ReadOptions: o.ReadOptions, Sheet: o.sheet, Header: o.header})
	}
	options := csv.Options{ReadOptions: o.ReadOptions, Comma: o.comma, Encoding: csv.Encoding(o.encoding)}
	if strings.HasSuffix(strings.ToLower(o.Document), ".tsv") && options.Comma == 0 {
		options.Comma = '\t'
	}
	return csv.Read(f, options)
}

// openForm reads a form written as a workbook, as one CSV file or as Markdown. What a phone would stumble over
// does not matter for its code lists: all of it is soft, unless there is no question at all.
func openForm(name, language string) (*form.Form, fault.Issues, error) {
	f, err := openFile(name)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	book, err := bookOf(f, filepath.Base(name))
	if err != nil {
		return nil, nil, err
	}
	compiled, issues := xlsform.Compile(book, xlsform.Options{Document: filepath.Base(name), Language: language})
	if len(compiled.Questions) == 0 {
		if err := issues.Err(); err != nil {
			return nil, nil, err
		}
		return nil, nil, fault.Issue{Code: codeNoForm, Place: fault.Place{Document: filepath.Base(name)}}
	}
	for i := range issues {
		issues[i].Severity = fault.Soft
	}
	return compiled, issues, nil
}

// bookOf reads the sheets of a form. The kind of file is told by its first bytes; Markdown by its name.
func bookOf(f *os.File, document string) (xlsform.Book, error) {
	head := make([]byte, 8)
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, unreadable(document, err)
	}
	switch {
	case workbook.Sniff(head[:n]):
		info, err := f.Stat()
		if err != nil {
			return nil, unreadable(document, err)
		}
		book, err := workbook.Open(f, info.Size(), workbook.Limits{Document: document})
		if err != nil {
			return nil, err
		}
		return book.Texts(), nil
	case strings.EqualFold(filepath.Ext(document), ".md"):
		sheets, err := xlsform.ReadMarkdown(f)
		return sheets, placed(err, document)
	}
	sheets, err := xlsform.ReadCSV(f)
	return sheets, placed(err, document)
}

// placed names the file in what is wrong with a form written as text.
func placed(err error, document string) error {
	issues := fault.Of(err)
	if len(issues) == 0 {
		return err
	}
	for i := range issues {
		issues[i].Place.Document = document
	}
	return issues
}

// openFile opens a file for reading; the errors name it and say what to do.
func openFile(name string) (*os.File, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, unreadable(name, err)
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		return nil, fault.Issue{Code: codeIsFolder, Args: map[string]any{"file": name}}
	}
	return f, nil
}

// unreadable says that a file is not there or that the system refused; its own words name no cell of the file.
func unreadable(name string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fault.Issue{Code: codeNoFile, Args: map[string]any{"file": name}, Kind: fault.NotFound}
	}
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return fault.Issue{Code: codeUnreadable, Args: map[string]any{"file": name, "why": fmt.Sprint(err)}}
}
