// Package workbook knows the typed cells of spreadsheet files: .xlsx (Office Open XML) and the older .xls
// (BIFF8 in a compound file). It must not know tables, forms, headers, or what a sheet is for.
//
// The kind of file is read from its bytes, never from its name: workbooks of the one kind are often named
// as the other. A cell keeps its type, so that the text "001", the number 1 and TRUE stay three things:
//
//	book, err := workbook.Open(file, size, workbook.Limits{Document: "arrivals.xlsx"})
//	for row, err := range book.Rows("Round 54") {
//		...
//		for column, cell := range row.Cells { ... }
//	}
//
// Of an .xlsx, rows stream: one is given when its end is read, so memory is that of a row, the shared strings
// and the style table, whatever the sheet's length. Of an .xls, the file and the cells of one sheet are held.
// Nothing is written to disk while reading or writing: cells may hold what people said.
//
// The libraries for these files, excelize and mscfb, serve the tests as a second opinion. Reading with
// excelize gives either texts without types or the whole sheet in memory, and large sheets lie in temporary
// files, read or written; mscfb believes the counts of a file's header.
//
// Invariants:
//
//  1. No file, however made, makes a reader hold more than Limits allow; a file beyond them is an issue
//     with a place and a way to mend it. What an archive says of its sizes is checked, and then what it
//     gives is counted.
//  2. A cell that a Writer is given as text is text in the file: no text becomes a formula, a number or a
//     date when the file is opened.
//  3. The same cells written give the same bytes.
//
// Formulas are not computed: the value that the writing program left in the cell is read.
package workbook
