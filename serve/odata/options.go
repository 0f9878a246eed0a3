package odata

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"waymark/collect"
	"waymark/fault"
	"waymark/serve/problem"
)

// asked is what the address of a feed asks for.
type asked struct {
	project    int64
	form       string
	stage      collect.Stage
	service    string // path of the service: "/v1/projects/1/forms/arrivals.svc"
	top        int    // -1: all
	skip       int
	count      bool
	wkt        bool
	expand     bool
	filter     string
	order      string
	selects    string
	token      string
	restricted bool
	opening    string
}

// HeaderOpening names the opening of strict answers that a request uses, and HeaderRestricted, "true", asks for
// restricted ones. Neither is a secret: the Desk looks at who asks.
const (
	HeaderOpening    = "X-Waymark-Opening"
	HeaderRestricted = "X-Waymark-Restricted"
	HeaderSealed     = "X-Waymark-Sealed"
)

// options are the query options that are answered. Others are refused: a client that asks for groups or computed columns
// and is given plain rows would take them for totals.
var options = []string{"$filter", "$orderby", "$select", "$skiptoken", "$count", "$wkt", "$top", "$skip", "$expand", "$format"}

// parseAsked reads the query options. One that is not known gives fault.Invalid.
func parseAsked(r *http.Request) (asked, error) {
	q := r.URL.Query()
	for name := range q {
		if strings.HasPrefix(name, "$") && !slices.Contains(options, name) {
			return asked{}, problem.New("501.6", codeOption, fault.Invalid, "option", name)
		}
	}
	a := asked{top: -1, filter: q.Get("$filter"), order: q.Get("$orderby"), selects: q.Get("$select"), token: q.Get("$skiptoken"),
		opening: r.Header.Get(HeaderOpening), restricted: r.Header.Get(HeaderRestricted) == "true" || q.Get("restricted") == "true"}
	a.count, a.wkt = isTrue(q.Get("$count")), isTrue(q.Get("$wkt"))
	for _, n := range []struct {
		option string
		to     *int
	}{{"$top", &a.top}, {"$skip", &a.skip}} {
		s := q.Get(n.option)
		if s == "" {
			continue
		}
		x, err := strconv.Atoi(s)
		if err != nil || x < 0 {
			return a, problem.New("400.8", codeNumber, fault.Invalid, "option", n.option)
		}
		*n.to = x
	}
	switch e := q.Get("$expand"); e {
	case "":
	case "*":
		if a.expand = true; a.selects != "" && a.selects != "*" {
			return a, problem.New("501.11", codeSelectExpand, fault.Invalid)
		}
	default:
		return a, problem.New("501.6", codeExpand, fault.Invalid)
	}
	if a.token != "" {
		if a.skip = 0; a.order != "" {
			return a, problem.New("501.1", codeOrderToken, fault.Invalid)
		}
	}
	return a, nil
}

func isTrue(s string) bool { return strings.EqualFold(s, "true") }

// query is what the Desk is asked for.
func (a asked) query(table string) collect.Query {
	return collect.Query{Project: a.project, Form: a.form, Table: table, Drafts: bool(a.stage), Restricted: a.restricted, Opening: a.opening}
}
