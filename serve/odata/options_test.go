package odata

import (
	"net/http/httptest"
	"testing"

	"waymark/fault"
)

// TestUnknownOptions refuses what would be passed over: plain rows are no groups and no computed columns.
func TestUnknownOptions(t *testing.T) {
	for _, query := range []string{"$apply=groupby((sex))", "$compute=age%20mul%202", "$search=x", "$count=true&$TOP=1", "$levels=2"} {
		_, err := parseAsked(httptest.NewRequest("GET", "/Submissions?"+query, nil))
		if issues := fault.Of(err); len(issues) != 1 || issues[0].Code != codeOption {
			t.Errorf("%s: %v", query, err)
		}
	}
	for _, query := range []string{"", "$top=1&$count=true&$format=json", "restricted=true&deviceID=x", "$skip=2&$orderby=__system/submissionDate"} {
		if _, err := parseAsked(httptest.NewRequest("GET", "/Submissions?"+query, nil)); err != nil {
			t.Errorf("%s: %v", query, err)
		}
	}
}
