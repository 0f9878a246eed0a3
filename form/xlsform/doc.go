// Package xlsform knows how forms are written in spreadsheets (XLSForm, xlsform.org): the sheets survey,
// choices, settings, external_choices, entities and osm, the names their columns go by, the words for types,
// and what can be wrong with all of it. It must not know files of spreadsheets, the XML that phones read, nor
// answers.
//
// It reads a Book, compiles what it can and reports everything else, each with sheet, row and column:
//
//	form, issues := xlsform.Compile(book.Texts(), xlsform.Options{})
//
// Hard issues are those that a phone would stumble over; the form is given all the same, as far as it goes,
// for whoever only wants its code lists.
//
// A form is compiled in steps, each in a file of its own: sheets are read and their headers understood
// (sheet.go, columns.go, entry.go); the settings, choices and entities are taken in; the rows of the survey
// become the nodes of form.Tree (survey.go, question.go, selects.go); entities find their places (placing.go);
// then the whole is checked (check_*.go, instances.go) and summed up as form.Form (summary.go).
//
// What comes out agrees with pyxform, the reference compiler, but where docs/formats/xlsform.md says otherwise:
// its form, names and order of nodes are what phones and the people who write forms rely on.
package xlsform
