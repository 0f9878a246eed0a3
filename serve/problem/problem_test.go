package problem_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"testing"

	"waymark/fault"
	"waymark/serve/problem"
	"waymark/serve/route"
)

func TestFail(t *testing.T) {
	fail := problem.Fail(map[fault.Code]string{"csv.ragged-row": "409.6"})
	for _, c := range []struct {
		name   string
		err    error
		status int // as package route has it
		want   int
		code   string
	}{
		{"a kind", fmt.Errorf("find form: %w", fault.NotFound), 404, 404, "404.1"},
		{"a number of its own", problem.New("409.15", "csv.ragged-row", fault.Conflict, "have", 1), 409, 409, "409.15"},
		{"another status than its kind's", problem.New("501.4", "csv.ragged-row", fault.Invalid), 400, 501, "501.4"},
		{"a code with a number", fault.Issue{Code: "csv.ragged-row", Kind: fault.Conflict}, 409, 409, "409.6"},
		{"nobody known", errors.New("unknown"), 401, 401, "401.2"},
		{"too large", errors.New("large"), 413, 413, "400.36"},
		{"a status without a number", errors.New("many"), 429, 429, "429.1"},
		{"what nobody foresaw", errors.New("disk image is malformed"), 500, 500, "500.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			fail(w, httptest.NewRequest("GET", "/v1/projects", nil), route.Problem{Status: c.status, Text: "Words.", Language: "en", Err: c.err})
			var body struct {
				Message string
				Code    json.Number
			}
			if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
				t.Fatal(err)
			}
			if w.Code != c.want || body.Code.String() != c.code || body.Message != "Words." {
				t.Errorf("%d %s %q, want %d %s", w.Code, body.Code, body.Message, c.want, c.code)
			}
		})
	}
}
