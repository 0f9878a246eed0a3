package records

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"waymark/collect"
	"waymark/fault"
	"waymark/trust/audit"
)

// tx is a store within a transaction.
type tx struct {
	ctx     context.Context
	session *session
	store   *Store
	writes  bool
	over    bool

	chain   *audit.Chain       // nil before the first entry of a transaction
	numbers map[tableKey]int64 // of tables of rows that are committed; not to be changed
	made    map[tableKey]int64 // of tables of rows found or made in this transaction
	fresh   map[int64]tableKey // records added in this transaction, which have no rows yet, with their form
	counts  map[tableKey]int64 // changes of how many records a form has, not written yet
}

var _ collect.Tx = (*tx)(nil)

// What is broken when a Tx is used against its contract: a mistake of ours, never of data.
var (
	errOver     = errors.New("store: the transaction is over")
	errReadOnly = errors.New("store: a write within Read")
)

func (t *tx) statement(query string) (*sql.Stmt, error) {
	if t.over {
		return nil, errOver
	}
	return t.session.prepare(t.ctx, query)
}

// exec runs a statement and gives how many rows it touched.
func (t *tx) exec(query string, args ...any) (int64, error) {
	if !t.writes {
		return 0, errReadOnly
	}
	st, err := t.statement(query)
	if err != nil {
		return 0, err
	}
	res, err := st.ExecContext(t.ctx, mended(args)...)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", verb(query), err)
	}
	return res.RowsAffected()
}

// must runs a statement that touches one row, or says that there is none of what.
func (t *tx) must(what, query string, args ...any) error {
	n, err := t.exec(query, args...)
	if err == nil && n == 0 {
		err = none(what)
	}
	return err
}

// insert runs a statement that ends with "ON CONFLICT DO NOTHING RETURNING id": taken keys give fault.Conflict, and
// leave the transaction usable in both databases.
func (t *tx) insert(what, query string, args ...any) (id int64, err error) {
	if !t.writes {
		return 0, errReadOnly
	}
	st, err := t.statement(query)
	if err != nil {
		return 0, err
	}
	switch err := st.QueryRowContext(t.ctx, mended(args)...).Scan(&id); {
	case errors.Is(err, sql.ErrNoRows):
		return 0, fmt.Errorf("%s: %w", what, fault.Conflict)
	case err != nil:
		return 0, fmt.Errorf("%s: %w", verb(query), err)
	}
	return id, nil
}

// one reads one row, or says that there is none of what.
func (t *tx) one(what string, to []any, query string, args ...any) error {
	st, err := t.statement(query)
	if err != nil {
		return err
	}
	switch err := st.QueryRowContext(t.ctx, mended(args)...).Scan(to...); {
	case errors.Is(err, sql.ErrNoRows):
		return none(what)
	case err != nil:
		return fmt.Errorf("%s: %w", verb(query), err)
	}
	return nil
}

// each reads rows; scan is called once a row.
func (t *tx) each(query string, args []any, scan func(rows *sql.Rows) error) (err error) {
	st, err := t.statement(query)
	if err != nil {
		return err
	}
	rows, err := st.QueryContext(t.ctx, mended(args)...)
	if err != nil {
		return fmt.Errorf("%s: %w", verb(query), err)
	}
	defer func() {
		if e := rows.Close(); e != nil && err == nil {
			err = fmt.Errorf("%s: %w", verb(query), e)
		}
	}()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("%s: %w", verb(query), err)
	}
	return nil
}

// list collects what scan reads.
func list[T any](t *tx, query string, args []any, scan func(rows *sql.Rows) (T, error)) ([]T, error) {
	var out []T
	err := t.each(query, args, func(rows *sql.Rows) error {
		v, err := scan(rows)
		out = append(out, v)
		return err
	})
	return out, err
}

// mended gives arguments whose texts both databases take. PostgreSQL refuses bytes that are no UTF-8, and the zero
// byte; a phone may send either in the name of a file, and what it sends must not be lost for that.
func mended(args []any) []any {
	for i, a := range args {
		if s, ok := a.(string); ok && (strings.IndexByte(s, 0) >= 0 || !utf8.ValidString(s)) {
			args[i] = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
		}
	}
	return args
}

func none(what string) error { return fmt.Errorf("%s: %w", what, fault.NotFound) }

// verb names a statement in errors by its first words: no value stands in them.
func verb(query string) string {
	words := strings.Fields(query)
	return strings.ToLower(strings.Join(words[:min(3, len(words))], " "))
}

// stamp is a time as it is kept (invariant 4).
func stamp(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// clock reads a kept time into a time.Time.
type clock struct{ to *time.Time }

func (c clock) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("time is kept as %T", v)
	}
	if *c.to = (time.Time{}); n != 0 {
		*c.to = time.UnixMicro(n).UTC()
	}
	return nil
}

// pack writes a small structure as JSON.
func pack(v any) string {
	b, err := json.Marshal(v)
	if err != nil { // of types of our own that always marshal
		panic(fmt.Sprintf("store: %v", err))
	}
	return string(b)
}

// packed reads JSON into a value.
type packed struct{ to any }

func (p packed) Scan(v any) error {
	switch v := v.(type) {
	case string:
		return json.Unmarshal([]byte(v), p.to)
	case []byte:
		return json.Unmarshal(v, p.to)
	}
	return fmt.Errorf("structure is kept as %T", v)
}

// packArgs writes arguments of an issue: numbers, words, and lists of them.
func packArgs(args map[string]any) string {
	if len(args) == 0 {
		return "{}"
	}
	b, err := json.Marshal(args)
	if err != nil { // an argument that is no number or word is written as it prints
		plain := map[string]any{}
		for k, v := range args {
			plain[k] = fmt.Sprint(v)
		}
		return pack(plain)
	}
	return string(b)
}

// unpackArgs reads arguments. Whole numbers come back as int64.
func unpackArgs(s string) (map[string]any, error) {
	var out map[string]any
	if err := json.Unmarshal([]byte(s), &out); err != nil {
		return nil, fmt.Errorf("read arguments: %w", err)
	}
	if len(out) == 0 {
		return nil, nil
	}
	for k, v := range out {
		out[k] = whole(v)
	}
	return out, nil
}

func whole(v any) any {
	switch v := v.(type) {
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return int64(v)
		}
	case []any:
		for i := range v {
			v[i] = whole(v[i])
		}
	}
	return v
}

// issueKept is an issue as it is kept.
type issueKept struct {
	Code     string          `json:"code"`
	Severity uint8           `json:"severity,omitempty"`
	Document string          `json:"document,omitempty"`
	Sheet    string          `json:"sheet,omitempty"`
	Row      int             `json:"row,omitempty"`
	Column   int             `json:"column,omitempty"`
	Field    string          `json:"field,omitempty"`
	Kind     string          `json:"kind,omitempty"`
	Args     json.RawMessage `json:"args,omitempty"`
}

// kinds are the kinds of fault by their words.
func kinds() []error {
	return []error{fault.Invalid, fault.NotFound, fault.Conflict, fault.Forbidden, fault.Gone, fault.Unavailable}
}

func packIssues(list fault.Issues) string {
	if len(list) == 0 {
		return ""
	}
	out := make([]issueKept, len(list))
	for n, i := range list {
		out[n] = issueKept{Code: string(i.Code), Severity: uint8(i.Severity), Document: i.Place.Document, Sheet: i.Place.Sheet, Row: i.Place.Row, Column: i.Place.Column, Field: i.Place.Field}
		if i.Kind != nil {
			out[n].Kind = i.Kind.Error()
		}
		if len(i.Args) > 0 {
			out[n].Args = json.RawMessage(packArgs(i.Args))
		}
	}
	return pack(out)
}

func unpackIssues(s string) (fault.Issues, error) {
	if s == "" {
		return nil, nil
	}
	var kept []issueKept
	if err := json.Unmarshal([]byte(s), &kept); err != nil {
		return nil, fmt.Errorf("read issues: %w", err)
	}
	out := make(fault.Issues, len(kept))
	for n, k := range kept {
		out[n] = fault.Issue{Code: fault.Code(k.Code), Severity: fault.Severity(k.Severity), Place: fault.Place{Document: k.Document, Sheet: k.Sheet, Row: k.Row, Column: k.Column, Field: k.Field}}
		for _, kind := range kinds() {
			if kind.Error() == k.Kind {
				out[n].Kind = kind
			}
		}
		if len(k.Args) > 0 {
			args, err := unpackArgs(string(k.Args))
			if err != nil {
				return nil, err
			}
			out[n].Args = args
		}
	}
	return out, nil
}

// issuesOf reads kept issues.
type issuesOf struct{ to *fault.Issues }

func (i issuesOf) Scan(v any) (err error) {
	*i.to, err = unpackIssues(text(v))
	return err
}

// argsOf reads kept arguments.
type argsOf struct{ to *map[string]any }

func (a argsOf) Scan(v any) (err error) {
	*a.to, err = unpackArgs(text(v))
	return err
}

func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	}
	return ""
}
