// Package problem knows how a failure is told to a program that was written for ODK Central: a message in the
// asker's language, and a number with a decimal that such programs look for. It must not know what failed, nor any
// answer: a message is made of codes, names of columns and numbers.
//
//	{"message": "There is nothing under this address.", "code": 404.1, "details": {"codes": ["api.no-entity"]}}
package problem

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"waymark/fault"
	"waymark/serve/route"
)

// Problem is an error with the number that Central's programs know it by.
type Problem struct {
	Err    error
	Number string // "409.15": the status before the point
}

// Error is the error's own.
func (p Problem) Error() string { return p.Err.Error() }

// Unwrap gives the error, so that fault.Of finds its issues.
func (p Problem) Unwrap() error { return p.Err }

// New makes a problem of an issue. args come in pairs, name and value: codes, names of columns and numbers only.
func New(number string, code fault.Code, kind error, args ...any) error {
	i := fault.Issue{Code: code, Kind: kind}
	if len(args) > 0 {
		i.Args = make(map[string]any, len(args)/2)
		for k := 0; k+1 < len(args); k += 2 {
			i.Args[args[k].(string)] = args[k+1]
		}
	}
	return Problem{Err: i, Number: number}
}

// numbers are the statuses' numbers where an issue has none of its own.
var numbers = map[int]string{
	http.StatusBadRequest: "400.8", http.StatusUnauthorized: "401.2", http.StatusForbidden: "403.1", http.StatusNotFound: "404.1",
	http.StatusConflict: "409.3", http.StatusRequestEntityTooLarge: "400.36", http.StatusInternalServerError: "500.1",
}

// answer is what a program reads.
type answer struct {
	Message string          `json:"message"`
	Code    json.RawMessage `json:"code"`
	Details map[string]any  `json:"details,omitempty"`
}

// Fail gives the route.Fail of addresses for programs. known gives codes of issues the numbers that programs know
// them by.
func Fail(known map[fault.Code]string) route.Fail {
	return func(w http.ResponseWriter, r *http.Request, p route.Problem) {
		status, number := p.Status, numbers[p.Status]
		if number == "" {
			number = strconv.Itoa(status) + ".1"
		}
		issues := fault.Of(p.Err)
		var own Problem
		switch {
		case errors.As(p.Err, &own):
			number = own.Number
		case len(issues) > 0 && known[issues[0].Code] != "":
			number = known[issues[0].Code]
		}
		if whole, _, _ := strings.Cut(number, "."); number != numbers[p.Status] {
			if s, err := strconv.Atoi(whole); err == nil {
				status = s
			}
		}
		if status == http.StatusBadRequest && p.Status == http.StatusRequestEntityTooLarge {
			status = p.Status
		}
		body, err := json.Marshal(answer{Message: p.Text, Code: json.RawMessage(number), Details: details(issues)})
		if err != nil { // a number that is none: a fault of ours
			body = []byte(`{"message":"","code":500.1}`)
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("Content-Language", p.Language)
		w.WriteHeader(status)
		w.Write(append(body, '\n'))
	}
}

// details gives the codes of the issues and the arguments of the first.
func details(issues fault.Issues) map[string]any {
	if len(issues) == 0 {
		return nil
	}
	out := map[string]any{}
	for k, v := range issues[0].Args {
		out[k] = v
	}
	codes := make([]string, len(issues))
	for k, i := range issues {
		codes[k] = string(i.Code)
	}
	out["codes"] = codes
	return out
}
