// Package xlsx knows how tables stand in the sheets of workbooks: below a title, some columns to the right,
// under headers of several rows with merged cells, with HXL tags. It must not know what a column means, nor
// any path of a file: it reads an io.ReaderAt and writes an io.Writer.
//
// Read feeds the same dataset.Intake as package csv, so kinds, codes for missing values and the account of
// every row are the same. A number stays a number whatever its format, a day is read where a date format
// lies over the number, TRUE and FALSE are categories. Blanks around a text do not count, as in CSV.
//
// Old .xls workbooks are read as well; the kind is found from the bytes.
package xlsx
