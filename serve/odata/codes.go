package odata

import (
	"waymark/fault"
	"waymark/serve/problem"
)

// The issues raised here; texts stand in lang/messages/odata.*.toml.
const (
	codeFilterSyntax fault.Code = "odata.filter-syntax" // at
	codeFilterField  fault.Code = "odata.filter-field"  // field
	codeFilterSealed fault.Code = "odata.filter-sealed" // field
	codeFilterStrict fault.Code = "odata.filter-strict" // field
	codeSelectField  fault.Code = "odata.select-field"  // field
	codeSelectExpand fault.Code = "odata.select-expand"
	codeExpand       fault.Code = "odata.expand"
	codeOption       fault.Code = "odata.option"      // option
	codeOrder        fault.Code = "odata.order"       // field
	codeOrderLarge   fault.Code = "odata.order-large" // limit
	codeOrderToken   fault.Code = "odata.order-token"
	codeToken        fault.Code = "odata.skip-token"
	codeNumber       fault.Code = "odata.number" // option
	codeNoTable      fault.Code = "odata.no-table"

	codeNoList fault.Code = "odata.no-list"
)

func badFilter(at int) error {
	return problem.New("400.18", codeFilterSyntax, fault.Invalid, "at", at)
}
