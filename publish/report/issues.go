package report

import "waymark/fault"

// What makes a document unfit to be rendered. Places name the document and, as Field, the part of it.
const (
	CodeNotCleared    fault.Code = "report.not-cleared"    // a table that no release cleared
	CodeNoText        fault.Code = "report.no-text"        // a text key without words in the language
	CodeNoCell        fault.Code = "report.no-cell"        // a reference beyond the rows or measures of its table
	CodeNoInterval    fault.Code = "report.no-interval"    // an interval asked of a measure that has none
	CodeAnchorTwice   fault.Code = "report.anchor-twice"   // two sections or figures of one ID
	CodeAnchorMissing fault.Code = "report.anchor-missing" // a link to a section or figure that is not there
	CodeAnchorName    fault.Code = "report.anchor-name"    // an ID that cannot be one
	CodeNoFinding     fault.Code = "report.no-finding"     // no headline finding, or more than three
	CodeFindingPart   fault.Code = "report.finding-part"   // a finding without how sure, what to do or who should act
	CodeAdviceUnbound fault.Code = "report.advice-unbound" // a recommendation that names no finding
	CodeNoTitle       fault.Code = "report.no-title"       // a document, section or figure without its title or summary
	CodeDrawing       fault.Code = "report.drawing"        // a drawing that failed
	CodeDrawingUnsafe fault.Code = "report.drawing-unsafe" // a drawing with script, style or an outside reference
	CodeNumbersDiffer fault.Code = "report.numbers-differ" // two languages of a document show different numbers
	CodeCaveatUnknown fault.Code = "report.caveat-unknown" // a caveat that there are no words for
)
