package odata

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"

	"waymark/collect"
	"waymark/fault"
	"waymark/form"
	"waymark/serve/problem"
)

// Identifier makes an OData identifier of a name as ODK Central does: a first character that is no letter gets an
// underscore before it, and what is neither letter, digit nor underscore becomes one, a run of them one together.
func Identifier(name string) string {
	letter := func(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }
	var b strings.Builder
	gap := false
	for i := range len(name) {
		c := name[i]
		if i == 0 && !letter(c) {
			b.WriteByte('_')
		}
		if letter(c) || c >= '0' && c <= '9' {
			b.WriteByte(c)
			gap = false
			continue
		}
		if !gap {
			b.WriteByte('_')
		}
		gap = true
	}
	return b.String()
}

func identifiers(p form.Path) []string {
	out := make([]string, len(p))
	for i, name := range p {
		out[i] = Identifier(name)
	}
	return out
}

// tableName is the name of a table's entity set: "Submissions", "Submissions.home.person".
func tableName(t collect.Table) string {
	return strings.Join(append([]string{firstTable}, identifiers(t.Path)...), ".")
}

const firstTable = "Submissions"

// rowID gives the __id of a row from its key. For a row of a repeat it is the SHA-1 that ODK Central makes of the
// way to it, so that joins kept by a client hold after a move; the digest hides nothing and guards nothing.
func rowID(instance, key string) string {
	rest, ok := strings.CutPrefix(key, instance)
	if !ok || rest == "" {
		return key
	}
	var b strings.Builder
	b.WriteString(firstTable + "#" + instance)
	for _, part := range strings.Split(rest[1:], "/") {
		b.WriteString("%%")
		name, index, repeat := strings.Cut(part, "[")
		b.WriteString(name + "#")
		if repeat {
			b.WriteString(decrement(strings.TrimSuffix(index, "]")))
		}
	}
	sum := sha1.Sum([]byte(b.String()))
	return hex.EncodeToString(sum[:])
}

// decrement counts from 0 what a key counts from 1.
func decrement(s string) string {
	n := 0
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return itoa(n - 1)
}

// parentName is the name of the property that joins a row to the one around it: "__Submissions-id",
// "__Submissions-home-person-id".
func parentName(parent collect.Table) string {
	return "__" + strings.Join(append([]string{firstTable}, identifiers(parent.Path)...), "-") + "-id"
}

// place is where a feed goes on: after a row of a record.
type place struct {
	Record int64 `json:"r"`
	Row    int   `json:"n"`
}

// tokenMark begins a $skiptoken and is its version.
const tokenMark = "01"

func (p place) token() string {
	b, _ := json.Marshal(p) // two numbers
	return tokenMark + base64.RawURLEncoding.EncodeToString(b)
}

func parseToken(s string) (place, error) {
	var p place
	rest, ok := strings.CutPrefix(s, tokenMark)
	b, err := base64.RawURLEncoding.DecodeString(rest)
	if !ok || err != nil || json.Unmarshal(b, &p) != nil || p == (place{}) || p.Record < 0 || p.Row < 0 {
		return place{}, problem.New("400.35", codeToken, fault.Invalid)
	}
	return p, nil
}
