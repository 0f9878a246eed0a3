package workbook

import "waymark/fault"

// What can be wrong with a workbook.
const (
	CodeUnknownKind    fault.Code = "workbook.unknown-kind"     // the bytes are of no workbook we read
	CodeIsText         fault.Code = "workbook.is-text"          // a text file (CSV) named as a workbook
	CodeIsHTML         fault.Code = "workbook.is-html"          // a web page saved as .xls
	CodeIsODS          fault.Code = "workbook.is-ods"           // OpenDocument
	CodeIsXLSB         fault.Code = "workbook.is-xlsb"          // binary Office Open XML
	CodeEmptyFile      fault.Code = "workbook.empty-file"       // no bytes
	CodeEncrypted      fault.Code = "workbook.encrypted"        // asks for a password
	CodeTooOld         fault.Code = "workbook.too-old"          // Excel 95 and before
	CodeDamaged        fault.Code = "workbook.damaged"          // part: where reading stopped
	CodeFileTooBig     fault.Code = "workbook.file-too-big"     // bytes, limit
	CodeUnzipsTooBig   fault.Code = "workbook.unzips-too-big"   // limit
	CodeTooManyParts   fault.Code = "workbook.too-many-parts"   // limit
	CodeTooManySheets  fault.Code = "workbook.too-many-sheets"  // limit
	CodeTooMuchText    fault.Code = "workbook.too-much-text"    // limit
	CodeCellTooLong    fault.Code = "workbook.cell-too-long"    // limit
	CodeTooManyRows    fault.Code = "workbook.too-many-rows"    // limit
	CodeTooManyColumns fault.Code = "workbook.too-many-columns" // limit
	CodeTooManyCells   fault.Code = "workbook.too-many-cells"   // limit
	CodeNoSheet        fault.Code = "workbook.no-sheet"         // sheet: name asked for; have: names there are
)

// Limits bound what a file may make the program hold. A zero field takes its default.
type Limits struct {
	Document string // file name without its folder, for the place of issues

	File    int64 // bytes of the file; default 512 MiB
	Parts   int   // files in the archive; default 10,000
	Zipped  int64 // bytes the archive unzips to, all parts; default 2 GiB
	Ratio   int64 // unzipped bytes to a zipped byte, for archives of more than 64 MiB unzipped; default 400
	Sheets  int   // default 1,000
	Text    int64 // bytes of shared strings held in memory; default 256 MiB
	Cell    int   // bytes of one cell; default 256 KiB (a spreadsheet program allows 32,767 characters)
	Rows    int   // default 1,048,576, what a spreadsheet program allows
	Columns int   // default 16,384, what a spreadsheet program allows
	Cells   int   // cells of a sheet held at once, by Texts or of an .xls; default 4,194,304
}

// Checked from here on; smaller archives cannot harm.
const ratioFrom = 64 << 20

func (l Limits) withDefaults() Limits {
	set := func(v *int, to int) {
		if *v <= 0 {
			*v = to
		}
	}
	set64 := func(v *int64, to int64) {
		if *v <= 0 {
			*v = to
		}
	}
	set64(&l.File, 512<<20)
	set(&l.Parts, 10_000)
	set64(&l.Zipped, 2<<30)
	set64(&l.Ratio, 400)
	set(&l.Sheets, 1000)
	set64(&l.Text, 256<<20)
	set(&l.Cell, 256<<10)
	set(&l.Rows, 1<<20)
	set(&l.Columns, 1<<14)
	set(&l.Cells, 1<<22)
	return l
}

// issue makes a hard issue in the document.
func (l Limits) issue(code fault.Code, place fault.Place, args map[string]any) error {
	place.Document = l.Document
	return fault.Issue{Code: code, Place: place, Args: args}
}

func (l Limits) damaged(part string) error {
	return l.issue(CodeDamaged, fault.Place{}, map[string]any{"part": part})
}

func limitArg(n int64) map[string]any { return map[string]any{"limit": n} }
