package xlsform_test

import (
	"testing"

	"waymark/form/xlsform"
)

// A clash with the table of the record saved before names the row that can be mended.
func TestLastSavedClashNamesARow(t *testing.T) {
	_, issues := compile(t, `
| survey |
| | type | name | label | calculation |
| | xml-external | __last-saved | | |
| | calculate | before | | ${last-saved#before} |
| settings |
| | form_id |
| | f |
`)
	for _, i := range issues {
		if i.Code == xlsform.CodeInstanceSources && i.Place.Row == 2 && i.Place.Sheet == "survey" {
			return
		}
	}
	t.Errorf("no row is named: %v", issues)
}
