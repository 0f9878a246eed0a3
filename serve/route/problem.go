package route

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"waymark/fault"
	"waymark/lang"
)

// What can be wrong with a request as such.
const (
	CodeUnknownAddress fault.Code = "route.unknown-address"
	CodeWrongMethod    fault.Code = "route.wrong-method"
	CodeUnknownAsker   fault.Code = "route.unknown-asker"
	CodeBadToken       fault.Code = "route.bad-token"
	CodeNoRight        fault.Code = "route.no-right"
	CodeOtherOrigin    fault.Code = "route.other-origin"
	CodeTooMany        fault.Code = "route.too-many"
	CodeTooLarge       fault.Code = "route.too-large"
)

// textOfKind are the texts for errors whose inside is not told.
const textOfKind = "route.kind."

// errUnknown is nobody we know: 401, where every kind of fault has another status.
var errUnknown = errors.New("unknown asker")

// errMany is too many requests: 429.
var errMany = errors.New("too many requests")

// errMethod is an address that does not take the method: 405.
var errMethod = errors.New("wrong method")

// Status maps an error to the status of its answer; this is the one place that does.
func Status(err error) int {
	var large *http.MaxBytesError
	switch {
	case err == nil:
		return http.StatusOK
	case errors.As(err, &large):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, errUnknown):
		return http.StatusUnauthorized
	case errors.Is(err, errMany):
		return http.StatusTooManyRequests
	case errors.Is(err, errMethod):
		return http.StatusMethodNotAllowed
	case errors.Is(err, fault.NotFound):
		return http.StatusNotFound
	case errors.Is(err, fault.Conflict):
		return http.StatusConflict
	case errors.Is(err, fault.Forbidden):
		return http.StatusForbidden
	case errors.Is(err, fault.Gone):
		return http.StatusGone
	case errors.Is(err, fault.Unavailable), errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable
	case errors.Is(err, fault.Invalid):
		return http.StatusBadRequest
	}
	return http.StatusInternalServerError
}

// issue makes an error that a person can mend.
func issue(code fault.Code, kind error, args map[string]any) error {
	return fault.Issue{Code: code, Kind: kind, Args: args}
}

// problem says what of an error the asker may know (invariant 5).
func problem(r *http.Request, err error) Problem {
	p := Problem{Status: Status(err), Language: Language(r), ID: ID(r), Err: err}
	words := Words(r)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		p.Text = words.Text(string(CodeTooLarge), map[string]any{"megabytes": float64(large.Limit) / 1e6})
	case p.Status < 500 && len(fault.Of(err)) > 0, p.Status == http.StatusServiceUnavailable && len(fault.Of(err)) > 0:
		p.Text = words.Error(err)
	default:
		p.Text = words.Text(textOfKind+strconv.Itoa(p.Status), map[string]any{"id": p.ID})
	}
	return p
}

// Plain shows a problem as text.
func Plain(w http.ResponseWriter, _ *http.Request, p Problem) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Language", p.Language)
	w.WriteHeader(p.Status)
	fmt.Fprintln(w, p.Text)
}

// spoken chooses the language of a request among those we have, by the asker's order of preference.
func spoken(accept, otherwise string) string {
	best, weight := "", 0.0
	for part := range strings.SplitSeq(accept, ",") {
		tag, rest, _ := strings.Cut(strings.TrimSpace(part), ";")
		q := 1.0
		if value, ok := strings.CutPrefix(strings.TrimSpace(rest), "q="); ok {
			n, err := strconv.ParseFloat(value, 64)
			if err != nil {
				continue
			}
			q = n
		}
		base := lang.Base(tag)
		for _, have := range lang.Tags() {
			if base == have && q > weight {
				best, weight = have, q
			}
		}
	}
	if best == "" {
		return otherwise
	}
	return best
}
