package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"waymark/fault"
)

// Codes of what can be wrong with the writing of a plan.
const (
	CodeSyntax     fault.Code = "plan.syntax"
	CodeTooLarge   fault.Code = "plan.too-large"
	CodeEmpty      fault.Code = "plan.empty"
	CodeUnknownKey fault.Code = "plan.unknown-key"
	CodeWrongType  fault.Code = "plan.wrong-type"
)

// maxText and maxNodes are far above any plan written by people; they stop a file given by mistake, and
// aliases that repeat each other without end.
const (
	maxText  = 1 << 20
	maxNodes = 100_000
)

// Parse reads a plan. With hard issues the plan may be nil or in part empty; soft issues leave it usable.
// name is the document's name in the issues.
func Parse(name string, text []byte) (*Plan, fault.Issues) {
	r := &reader{name: name, at: map[string]token.Position{}, anchors: map[string]ast.Node{}}
	if len(text) > maxText {
		r.add(CodeTooLarge, "", map[string]any{"bytes": len(text), "most": maxText})
		return nil, r.issues
	}
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		r.syntax(err)
		return nil, r.issues
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		r.add(CodeEmpty, "", nil)
		return nil, r.issues
	}
	p := &Plan{}
	r.walk(file.Docs[0].Body, reflect.TypeFor[Plan](), "")
	if r.issues.Err() != nil {
		return nil, r.issues
	}
	if err := yaml.NodeToValue(file.Docs[0].Body, p); err != nil {
		r.syntax(err)
		return nil, r.issues
	}
	sum := sha256.Sum256(text)
	p.Text, p.Hash = slices.Clone(text), hex.EncodeToString(sum[:])
	r.check(p)
	return p, r.issues
}

// reader collects where each key stands and what is wrong.
type reader struct {
	name    string
	at      map[string]token.Position // dotted path -> position
	anchors map[string]ast.Node
	visits  int
	issues  fault.Issues
}

// add reports an issue at a path, or at the nearest key above it that the file has.
func (r *reader) add(code fault.Code, path string, args map[string]any) {
	r.issue(code, fault.Hard, path, args)
}

func (r *reader) issue(code fault.Code, severity fault.Severity, path string, args map[string]any) {
	place := fault.Place{Document: r.name, Field: path}
	for p := path; ; p = parent(p) {
		if pos, ok := r.at[p]; ok {
			place.Row, place.Column = pos.Line, pos.Column
			break
		}
		if p == "" {
			break
		}
	}
	r.issues = append(r.issues, fault.Issue{Code: code, Severity: severity, Place: place, Args: args})
}

func parent(path string) string {
	if i := strings.LastIndexAny(path, ".["); i >= 0 {
		return path[:i]
	}
	return ""
}

// syntax reports an error of the YAML library at its position, in the library's short words.
func (r *reader) syntax(err error) {
	place := fault.Place{Document: r.name}
	detail := err.Error()
	var y yaml.Error
	if errors.As(err, &y) {
		detail = y.GetMessage()
		if t := y.GetToken(); t != nil && t.Position != nil {
			place.Row, place.Column = t.Position.Line, t.Position.Column
		}
	}
	detail, _, _ = strings.Cut(detail, "\n")
	r.issues = append(r.issues, fault.Issue{Code: CodeSyntax, Place: place, Args: map[string]any{"detail": detail}})
}

// walk checks a node against the Go type it will be decoded into and remembers where each key stands, so
// that every unknown key and every wrong type is told at once.
func (r *reader) walk(node ast.Node, t reflect.Type, path string) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	r.visits++
	if r.visits > maxNodes {
		if r.visits == maxNodes+1 {
			r.add(CodeTooLarge, path, map[string]any{"bytes": r.visits, "most": maxNodes})
		}
		return
	}
	switch n := node.(type) {
	case nil:
		return
	case *ast.AnchorNode:
		r.anchors[n.Name.GetToken().Value] = n.Value
		r.walk(n.Value, t, path)
		return
	case *ast.AliasNode:
		to, ok := r.anchors[n.Value.GetToken().Value]
		if !ok {
			r.add(CodeNoSuch, path, map[string]any{"what": "anchor", "id": n.Value.GetToken().Value})
			return
		}
		r.walk(to, t, path)
		return
	}
	if tok := beginning(node); tok != nil && tok.Position != nil {
		if _, known := r.at[path]; !known {
			r.at[path] = *tok.Position
		}
	}
	if _, null := node.(*ast.NullNode); null {
		return
	}
	switch t.Kind() {
	case reflect.Struct:
		r.walkMapping(node, path, func(key string) (reflect.Type, bool) { return fieldType(t, key) }, keysOf(t))
	case reflect.Map:
		r.walkMapping(node, path, func(string) (reflect.Type, bool) { return t.Elem(), true }, nil)
	case reflect.Slice:
		seq, ok := node.(*ast.SequenceNode)
		if !ok {
			r.add(CodeWrongType, path, map[string]any{"want": "list"})
			return
		}
		for i, v := range seq.Values {
			if t.Elem().Kind() == reflect.String {
				seq.Values[i] = asText(v)
			}
			r.walk(seq.Values[i], t.Elem(), fmt.Sprintf("%s[%d]", path, i))
		}
	default:
		r.walkScalar(node, t, path)
	}
}

// beginning gives the token that a person sees a value begin at: of keys in lines of their own the first key,
// where the library gives the colon behind it.
func beginning(node ast.Node) *token.Token {
	switch n := node.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return n.Values[0].Key.GetToken()
		}
	case *ast.MappingValueNode:
		return n.Key.GetToken()
	}
	return node.GetToken()
}

func (r *reader) walkMapping(node ast.Node, path string, typeOf func(string) (reflect.Type, bool), keys []string) {
	var values []*ast.MappingValueNode
	switch m := node.(type) {
	case *ast.MappingNode:
		values = m.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{m}
	default:
		r.add(CodeWrongType, path, map[string]any{"want": "mapping"})
		return
	}
	for _, v := range values {
		key := v.Key.GetToken().Value
		below := key
		if path != "" {
			below = path + "." + key
		}
		if pos := v.Key.GetToken().Position; pos != nil {
			r.at[below] = *pos
		}
		t, ok := typeOf(key)
		if !ok {
			r.add(CodeUnknownKey, below, map[string]any{"key": key, "near": nearest(key, keys)})
			continue
		}
		r.walk(v.Value, t, below)
	}
}

func (r *reader) walkScalar(node ast.Node, t reflect.Type, path string) {
	value := node.GetToken().Value
	switch node.(type) {
	case *ast.MappingNode, *ast.MappingValueNode, *ast.SequenceNode:
		r.add(CodeWrongType, path, map[string]any{"want": "single"})
		return
	}
	var err error
	want := ""
	switch t.Kind() {
	case reflect.Int:
		want = "integer"
		_, err = strconv.Atoi(value)
	case reflect.Float64:
		want = "number"
		_, err = strconv.ParseFloat(value, 64)
	case reflect.Bool:
		want = "boolean"
		_, err = strconv.ParseBool(value)
	}
	if err != nil {
		r.add(CodeWrongType, path, map[string]any{"want": want})
	}
}

// asText keeps what was written where a text is wanted: in a list of codes NULL, ~, -99, 1.0 and true are
// codes, not YAML's null, numbers and truth.
func asText(node ast.Node) ast.Node {
	switch node.(type) {
	case *ast.NullNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		t := node.GetToken()
		return ast.String(token.String(t.Value, t.Value, t.Position))
	}
	return node
}

func fieldType(t reflect.Type, key string) (reflect.Type, bool) {
	for i := range t.NumField() {
		if f := t.Field(i); tagName(f) == key {
			return f.Type, true
		}
	}
	return nil, false
}

func keysOf(t reflect.Type) []string {
	var keys []string
	for i := range t.NumField() {
		if n := tagName(t.Field(i)); n != "" {
			keys = append(keys, n)
		}
	}
	return keys
}

func tagName(f reflect.StructField) string {
	n, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	if n == "-" {
		return ""
	}
	return n
}

// nearest gives the known key that differs least from the one written, "" where none is near.
func nearest(key string, keys []string) string {
	best, least := "", 3
	for _, k := range keys {
		if d := distance(strings.ToLower(key), k); d < least {
			best, least = k, d
		}
	}
	return best
}

// distance is the number of letters to add, drop or change (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := last
			if a[i] != b[j] {
				cost = 1 + min(last, row[j], row[j+1])
			}
			last, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
