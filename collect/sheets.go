package collect

import (
	"bytes"
	"path"
	"strings"

	"waymark/fault"
	"waymark/form/xform"
	"waymark/form/xlsform"
	"waymark/workbook"
)

// compileSheets makes the bytes that phones get of a workbook or of sheets in plain text.
func (v *Version) compileSheets(name string, file []byte) error {
	book, err := bookOf(name, file)
	if err != nil {
		return err
	}
	compiled, issues := xlsform.Compile(book, xlsform.Options{Document: name, Strict: true, Web: true})
	v.Issues, v.Source = issues, file
	if issues.Err() != nil {
		return issues
	}
	var more fault.Issues
	v.XML, more = xform.Encode(compiled)
	v.Issues = append(v.Issues, more...)
	if more.Err() != nil {
		return v.Issues
	}
	v.Itemsets = xform.Itemsets(compiled)
	for _, i := range ProtectedQuestions(compiled) { // here the rows are known
		i.Place.Document, i.Place.Sheet = name, "survey"
		v.Issues = append(v.Issues, i)
	}
	return nil
}

// bookOf opens sheets by the file's first bytes and, where those do not tell, its name.
func bookOf(name string, file []byte) (xlsform.Book, error) {
	if workbook.Sniff(file[:min(len(file), 512)]) {
		w, err := workbook.Open(bytes.NewReader(file), int64(len(file)), workbook.Limits{Document: name, Zipped: 512 << 20, Text: 64 << 20})
		if err != nil {
			return nil, err
		}
		return w.Texts(), nil
	}
	switch strings.ToLower(path.Ext(name)) {
	case ".md", ".markdown":
		return xlsform.ReadMarkdown(bytes.NewReader(file))
	case ".csv", ".txt":
		return xlsform.ReadCSV(bytes.NewReader(file))
	}
	return nil, fault.Issue{Code: CodeNotAForm, Place: fault.Place{Document: name}}
}
