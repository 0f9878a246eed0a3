package dataset

import "waymark/fault"

// The issues raised here; texts stand in lang/messages/dataset.*.toml.
const (
	CodeNoColumn       fault.Code = "dataset.no-column"        // column
	CodeAccounts       fault.Code = "dataset.accounts"         // read, loaded, listed
	CodeHeaderBlank    fault.Code = "dataset.header-blank"     // name
	CodeHeaderRepeated fault.Code = "dataset.header-repeated"  // name, other
	CodeNotANumber     fault.Code = "dataset.not-a-number"     // column
	CodeNotADate       fault.Code = "dataset.not-a-date"       // column
	CodeCellTooLong    fault.Code = "dataset.cell-too-long"    // column, limit
	CodeRaggedRow      fault.Code = "dataset.ragged-row"       // have, want
	CodeCompanionCode  fault.Code = "dataset.companion-code"   // column
	CodeCompanionValue fault.Code = "dataset.companion-value"  // column
	CodeLevelNotListed fault.Code = "dataset.level-not-listed" // column, count
	CodeNoRows         fault.Code = "dataset.no-rows"          //
	CodeSelectDiffers  fault.Code = "dataset.select-differs"   // column, option, count, first
	CodeSuspectCode    fault.Code = "dataset.suspect-code"     // column, code, count
	CodeDeclaredAbsent fault.Code = "dataset.declared-absent"  // column
	CodeFilterSyntax   fault.Code = "dataset.filter-syntax"    // at, near
	CodeFilterType     fault.Code = "dataset.filter-type"      // column, kind
	CodeTallyText      fault.Code = "dataset.tally-text"       // column
	CodeTallyMeasure   fault.Code = "dataset.tally-measure"    // column, kind
	CodeNoLink         fault.Code = "dataset.no-link"          // parent, child
	CodeOrphans        fault.Code = "dataset.orphans"          // child, parent, count
)
