// Package xlsform knows how forms are written in spreadsheets (XLSForm, xlsform.org): the sheets survey,
// choices, settings and external_choices, the names their columns go by, and the words for types. It must
// not know files of spreadsheets, how a phone shows a form, nor answers.
//
// It reads a Book, compiles what it can and reports everything else, each with sheet, row and column:
//
//	form, issues := xlsform.Compile(book.Texts(), xlsform.Options{})
//
// Hard issues are those that a phone would stumble over; the form is given all the same, as far as it goes,
// for whoever only wants its code lists.
//
// What this reader does not do yet: expressions (relevance, constraints, calculations) are kept or passed
// unread; "begin loop over" is read as a repeat.
package xlsform
