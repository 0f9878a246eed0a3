package dataset

import "maps"

// MissingCodes says which cell texts are no values, and why there is none: {"NULL": NotAsked, "dnk": Unknown}.
// A code is compared with the whole cell, without the blanks around it; capitals count. An empty cell needs
// no code: it is Empty.
type MissingCodes map[string]Missing

// DecimalMark says how a file writes numbers.
type DecimalMark uint8

const (
	DecimalFound DecimalMark = iota // found from the first part of the file; a point where nothing tells
	DecimalPoint                    // 1,234.5
	DecimalComma                    // 1.234,5
)

// Presence says whether a row of HXL tags stands below the header.
type Presence uint8

const (
	Sought Presence = iota // taken as tags where every cell that is not empty starts with # and a letter
	Absent                 // never: such a row is data
)

// ReadOptions is what every reader of tables can be told. The zero value reads with what is found: no codes
// for missing values, kinds inferred, HXL tags recognised.
type ReadOptions struct {
	// Document names the file in issues and the table, without its folder.
	Document string
	// Missing holds the codes of all columns.
	Missing MissingCodes
	// ColumnMissing holds further codes of one column; they go before those of all columns. A code of all
	// columns that is a value in one column is taken out there by mapping it to Present.
	ColumnMissing map[string]MissingCodes
	// Kinds declares kinds. A row whose cell is not of the declared kind is listed, not loaded. Columns not
	// named here are inferred: numbers where every value is one, dates likewise, else a category, or text
	// where there are more than MaxLevels distinct values or one is long or has a line break.
	Kinds map[string]Kind
	// Levels declares the levels of categories in order, the reference first, with labels. It makes the
	// column a Category. A value that is not listed is loaded as a further level and reported.
	Levels map[string][]Level
	// Labels and Classes are put into the fields.
	Labels  map[string]Labels
	Classes map[string]Sensitivity
	// Columns names the columns to load; nil loads all. The others are read over.
	Columns []string
	// Decimal is the decimal mark.
	Decimal DecimalMark
	// Dates holds further date forms as Go layouts ("02/01/2006"), tried after ISO dates.
	Dates []string
	// HXL says whether a row of tags may stand below the header.
	HXL Presence
	// MaxLevels is the number of distinct values up to which a column of text is a Category; 0 means 10,000.
	MaxLevels int
	// MaxCell is the size in bytes a cell may have; 0 means 1 MiB. A longer one is listed with its row.
	MaxCell int
}

// Reading defaults, see ReadOptions.
const (
	DefaultMaxLevels = 10_000
	DefaultMaxCell   = 1 << 20
	longText         = 120 // bytes; a value as long as this is free text, not the code of a category
)

// withDefaults fills in what was left open.
func (o ReadOptions) withDefaults() ReadOptions {
	if o.MaxLevels <= 0 {
		o.MaxLevels = DefaultMaxLevels
	}
	if o.MaxCell <= 0 {
		o.MaxCell = DefaultMaxCell
	}
	return o
}

// MissingIn gives the codes that hold for a column: its own before those of all.
func (o ReadOptions) MissingIn(column string) MissingCodes {
	codes := MissingCodes{}
	maps.Copy(codes, o.Missing)
	maps.Copy(codes, o.ColumnMissing[column])
	maps.DeleteFunc(codes, func(_ string, m Missing) bool { return m == Present })
	return codes
}
