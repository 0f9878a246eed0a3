package xpath_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"waymark/form/xpath"
)

// tree makes nodes of lines: two spaces a level, name, "=" and text.
func tree(lines string) *xpath.Node {
	var path []*xpath.Node
	for _, line := range strings.Split(strings.Trim(lines, "\n"), "\n") {
		depth := (len(line) - len(strings.TrimLeft(line, " "))) / 2
		name, text, _ := strings.Cut(strings.TrimSpace(line), "=")
		n := &xpath.Node{Name: name, Text: text}
		if depth > 0 {
			n.Parent = path[depth-1]
			n.Parent.Children = append(n.Parent.Children, n)
		}
		path = append(path[:depth], n)
	}
	return path[0]
}

func household() *xpath.Node {
	root := tree(`
data
  rooms=3
  empty=
  day=2024-02-29
  stamp=2024-02-29T06:00:00.000+02:00
  code=b
  several=a c
  zero=007
  person
    name=Ann
    age=40
    toy
      what=ball
    toy
      what=kite
  person
    name=Bo
    age=7
  person
    name=
    age=`)
	root.Attributes = []xpath.Attribute{{Name: "version", Value: "7"}}
	return root
}

// context evaluates at a node of the household.
func context(at func(root *xpath.Node) *xpath.Node) *xpath.Context {
	root := household()
	paths := map[string][]string{"rooms": {"data", "rooms"}, "person": {"data", "person"}, "age": {"data", "person", "age"}, "name": {"data", "person", "name"},
		"toy": {"data", "person", "toy"}, "what": {"data", "person", "toy", "what"}}
	list := tree(`
instance
  root
    item
      name=a
      label=Ä
      part=1
    item
      name=b
      label=B
      part=2`)
	return &xpath.Context{Node: at(root), Now: time.Date(2026, 3, 1, 12, 30, 0, 0, time.FixedZone("", 7200)),
		Find: func(name string) ([]string, bool) { p, ok := paths[name]; return p, ok },
		Instance: func(id string) *xpath.Node {
			if id == "list" {
				return list
			}
			return nil
		},
		ChoiceName: func(path, code string) (string, bool) { return path + ":" + code, path == "/data/code" },
		Text:       func(id string) (string, bool) { return "text " + id, id == "t" },
		Property:   func(name string) (string, bool) { return "d", name == "deviceid" },
		Random:     func() float64 { return 0.25 }, UUID: func() string { return "u" }, Version: "7"}
}

func text(t testing.TB, c *xpath.Context, expression string) string {
	t.Helper()
	v, err := parse(t, expression).Evaluate(c)
	if errors.Is(err, xpath.ErrUnknown) {
		return "?"
	}
	if err != nil {
		t.Fatal(err)
	}
	if nodes := v.Nodes(); nodes != nil {
		var parts []string
		for _, n := range nodes {
			parts = append(parts, n.Value())
		}
		return strings.Join(parts, "|")
	}
	return v.Text()
}

func TestEvaluate(t *testing.T) {
	atRoot := func(root *xpath.Node) *xpath.Node { return root.Child("rooms") }
	for _, c := range []struct{ expression, want string }{
		// values and operators
		{"1", "1"}, {"1.50", "1.5"}, {".5", "0.5"}, {"-1", "-1"}, {"--1", "1"}, {"'a'", "a"}, {"1 div 0", "Infinity"}, {"-1 div 0", "-Infinity"}, {"0 div 0", "NaN"},
		{"1 + 2 * 3", "7"}, {"(1 + 2) * 3", "9"}, {"7 mod 3", "1"}, {"-7 mod 3", "-1"}, {"5 - 3 - 1", "1"}, {"8 div 2 div 2", "2"}, {"0.1 + 0.2", "0.30000000000000004"},
		{"100000000000000000000", "100000000000000000000"}, {"1 = 1.0", "true"}, {"'1' = 1", "true"}, {"'01' = '1'", "false"}, {"'a' != 'b'", "true"},
		{"1 < 2", "true"}, {"2 <= 2", "true"}, {"'a' < 'b'", "false"}, {"1 > 'x'", "false"}, {"true() and false()", "false"}, {"true() or false()", "true"},
		{"1 and 'a'", "true"}, {"0 or ''", "false"}, {"true() = 'x'", "true"}, {"1 = 1 = 1", "true"}, {"3 > 2 > 1", "false"},
		// paths
		{".", "3"}, {"../code", "b"}, {"/data/code", "b"}, {"/data/person/age", "40|7|"}, {"//what", "ball|kite"}, {"/data/person[2]/name", "Bo"},
		{"/data/person[age > 10]/name", "Ann"}, {"/data/person[last()]/age", ""}, {"/data/person[position() = 1]/toy[2]/what", "kite"}, {"../person[name = 'Bo']/age", "7"},
		{"/data/@version", "7"}, {"/data/person/toy/..", "Ann40ballkite"}, {"/other/code", ""}, {"../../..", ""}, {"count(/data/*)", "10"},
		{"count(/data/person | /data/person[1])", "3"}, {"(../code | ../rooms)", "3|b"}, {"../rooms/following-sibling::code", "b"}, {"count(../code/preceding-sibling::*)", "4"},
		{"count(../person[1]/descendant::what)", "2"}, {"../person[1]/toy[1]/what/ancestor::person/name", "Ann"}, {"../rooms/text()", "3"}, {"name(.)", "?"},
		{"${rooms} + 1", "4"}, {"${age}", "40|7|"}, {"${gone}", "?"}, {"${last-saved#rooms}", "?"}, {"${person}[2]/name", "Bo"},
		// what was not sent is empty
		{"../nothing = ''", "true"}, {"../nothing != ''", "false"}, {"../nothing > 1", "false"}, {"boolean(../empty)", "false"}, {"boolean(../code)", "true"}, {"not(../nothing)", "true"},
		{"../person/age > 30", "true"}, {"../person/age = 7", "true"}, {"../person/age != 7", "true"},
		// texts
		{"string(3.0)", "3"}, {"string()", "3"}, {"concat('a', 1, ../several)", "a1a c"}, {"concat(../person/name)", "AnnBo"}, {"join('-', 'a', ../person/name)", "a-Ann-Bo-"},
		{"substr('étage', 1, 3)", "ta"}, {"substr('étage', 1)", "tage"}, {"substr('étage', -2)", "ge"}, {"substr('étage', 3, 1)", ""}, {"substr('a', 5)", ""},
		{"substring-before('a-b-c', '-')", "a"}, {"substring-before('abc', '-')", ""}, {"substring-after('a-b-c', '-')", "b-c"}, {"substring-after('abc', '-')", ""},
		{"translate('aabbcc', 'abb', 'xy')", "xxyycc"}, {"translate('abc', 'b', '')", "ac"}, {"string-length('été')", "3"}, {"string-length()", "1"},
		{"normalize-space('  a \n b ')", "a b"}, {"contains('abc', 'bc')", "true"}, {"contains('abc', '')", "true"}, {"starts-with('abc', 'ab')", "true"}, {"ends-with('abc', 'ab')", "false"},
		{"uuid()", "u"}, {"uuid(8)", "?"}, {"digest('abc', 'MD5', 'hex')", "900150983cd24fb0d6963f7d28e17f72"}, {"digest('abc', 'SHA-1', 'hex')", "a9993e364706816aba3e25717850c26c9cd0d89d"},
		{"digest('abc', 'SHA-256')", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="}, {"digest('abc', 'CRC')", "?"}, {"base64-decode('w6l0w6k=')", "été"}, {"base64-decode('!')", ""},
		{"string-length(digest('', 'SHA-384', 'hex'))", "96"}, {"string-length(digest('', 'SHA-512', 'hex'))", "128"},
		// truth
		{"if(../rooms > 2, 'many', 'few')", "many"}, {"if(false(), pulldata('x', 'a', 'b', 'c'), 1)", "1"}, {"coalesce(../empty, ../code)", "b"}, {"coalesce(../empty, '', 'z')", "z"}, {"coalesce(number('x'), 2)", "2"},
		{"once('x')", "3"}, {"boolean-from-string('TRUE')", "true"}, {"boolean-from-string('yes')", "false"}, {"boolean('false')", "true"}, {"boolean(0)", "false"},
		{"regex('+22507', '\\+?[0-9]{5}')", "true"}, {"regex('225071', '[0-9]{5}')", "false"}, {"regex('a', '(?=a)a')", "?"}, {"regex('a|b', 'a|b')", "false"},
		{"checklist(1, 2, true(), false(), 1)", "true"}, {"checklist(-1, 1, true(), true())", "false"}, {"checklist(2, -1, true(), '0')", "false"},
		{"weighted-checklist(5, -1, true(), 3, true(), 2)", "true"}, {"weighted-checklist(-1, 2, true(), 3)", "false"},
		{"true() or pulldata('x', 'a', 'b', 'c')", "true"}, {"pulldata('x', 'a', 'b', 'c') or true()", "true"}, {"pulldata('x', 'a', 'b', 'c') and false()", "false"}, {"pulldata('x', 'a', 'b', 'c') and true()", "?"},
		// numbers
		{"number('12.5')", "12.5"}, {"number('')", "NaN"}, {"number(true())", "1"}, {"number(../zero)", "7"}, {"number('1.0E3')", "1000"}, {"number('0x1')", "NaN"}, {"number('Inf')", "NaN"},
		{"int(-2.9)", "-2"}, {"int('x')", "NaN"}, {"sum(../person[position() < 3]/age)", "47"}, {"sum(../person/age)", "NaN"}, {"sum(../none)", "0"},
		{"max(1, 3, 2)", "3"}, {"min(../person[age != '']/age)", "7"}, {"max(../none)", "NaN"}, {"round(2.5)", "3"}, {"round(-2.5)", "-3"}, {"round(1.005, 2)", "1.01"}, {"round(-1.25, 1)", "-1.3"}, {"round(1250, -2)", "1300"},
		{"pow(2, 10)", "1024"}, {"log10(1000)", "3"}, {"exp10(2)", "100"}, {"log(exp(1))", "1"}, {"abs(-3)", "3"}, {"sqrt(9)", "3"}, {"sin(0)", "0"}, {"cos(0)", "1"}, {"tan(0)", "0"},
		{"asin(0) + acos(1) + atan(0) + atan2(0, 1)", "0"}, {"round(pi(), 4)", "3.1416"}, {"random()", "0.25"},
		// nodes
		{"count(../person)", "3"}, {"count('a')", "?"}, {"count-non-empty(../person/name)", "2"}, {"position(../person[2])", "2"}, {"position(../person[9])", "NaN"},
		{"instance('list')/root/item[name = current()/../code]/label", "B"}, {"instance('list')/root/item[part > 1]/name", "b"}, {"instance('none')/root", "?"}, {"current()/../code", "b"},
		{"indexed-repeat(${age}, ${person}, 2)", "7"}, {"indexed-repeat(/data/person/age, /data/person, 9)", ""}, {"indexed-repeat(${what}, ${person}, 1, ${toy}, 2)", "kite"}, {"indexed-repeat(../person/name, ../person, 1)", "Ann"},
		// time
		{"today()", "2026-03-01"}, {"today() - 1", "20512"}, {"date(today() + 1)", "2026-03-02"}, {"now() > today()", "?"}, {"now() >= today()", "true"}, {"now() > today() - 1", "true"}, {"../stamp > '2024-02-29T05:00:00'", "?"}, {"../stamp > '2024-02-28T23:00:00'", "true"}, {"../stamp > '2024-02-29T07:00:00'", "false"}, {"decimal-date-time(now()) - decimal-date-time(today())", "0.5208333333321207"},
		{"../day < today()", "true"}, {"../day = '2024-02-29'", "true"}, {"../day + 1 = date('2024-03-01')", "true"}, {"../stamp >= '2024-02-29'", "true"}, {"number('1970-01-02')", "1"}, {"number('1969-12-31')", "-1"},
		{"date('2023-02-29')", ""}, {"date('x')", ""}, {"date(0)", "1970-01-01"}, {"date-time('2024-01-01T10:00:00Z')", "2024-01-01T10:00:00.000+00:00"}, {"decimal-date-time('1970-01-01T12:00:00+03:00')", "0.5"},
		{"decimal-time('06:00:00.000+01:00')", "0.25"}, {"decimal-time('18:00')", "0.75"}, {"decimal-time('x')", "NaN"},
		{"format-date(../day, '%e/%n/%y %d.%m.%Y %%')", "29/2/24 29.02.2024 %"}, {"format-date-time(../stamp, '%H:%M:%S.%3 %h')", "06:00:00.000 6"}, {"format-date(../day, '%b')", "?"}, {"format-date('', '%Y')", ""},
		// choices
		{"selected(../several, 'c')", "true"}, {"selected('ab', 'a')", "false"}, {"selected('', '')", "true"}, {"selected('a', '')", "false"}, {"selected-at(../several, 1)", "c"}, {"selected-at(../several, 2)", ""}, {"selected-at('a', -1)", ""},
		{"count-selected(../several)", "2"}, {"count-selected('')", "0"}, {"jr:choice-name(../code, '/data/code')", "/data/code:b"}, {"jr:choice-name('b', '/x')", "?"}, {"jr:itext('t')", "text t"},
		// places
		{"round(distance('0 0', '0 1'))", "111319"}, {"distance('0 0 0 0')", "0"}, {"round(distance('0 0;0 1;0 2'))", "222638"}, {"distance('91 0', '0 0')", "?"},
		{"round(area('0 0;0 1;1 1;1 0;0 0') div 1000000)", "12391"}, {"area('0 0;1 1')", "0"}, {"geofence('0.5 0.5', '0 0;0 1;1 1;1 0;0 0')", "true"}, {"geofence('2 2', '0 0;0 1;1 1;1 0;0 0')", "false"},
		{"intersects('0 0;1 1;0 1;1 0')", "true"}, {"intersects('0 0;0 1;1 1;1 0;0 0')", "false"},
		// the device
		{"property('deviceid')", "d"}, {"property('email')", "?"}, {"version()", "7"}, {"search('x')", "?"}, {"unheard()", "?"},
	} {
		if have := text(t, context(atRoot), c.expression); have != c.want {
			t.Errorf("%s: %q, want %q", c.expression, have, c.want)
		}
	}
}

// Within a repeat a path stays in the same instance of it, but where the instances themselves are asked for.
func TestEvaluateInRepeat(t *testing.T) {
	second := func(root *xpath.Node) *xpath.Node { return root.Children[8].Child("age") }
	toy := func(root *xpath.Node) *xpath.Node { return root.Children[7].Children[3].Child("what") }
	for _, c := range []struct {
		at               func(*xpath.Node) *xpath.Node
		expression, want string
	}{
		{second, "/data/person/name", "Bo"}, {second, "${name}", "Bo"}, {second, "../name", "Bo"}, {second, "position(..)", "2"}, {second, "count(/data/person)", "3"},
		{second, "count(${person})", "3"}, {second, "/data/person[1]/name", "Ann"}, {second, "/data/person[position() = position(current()/..) - 1]/age", "40"},
		{second, "indexed-repeat(${age}, ${person}, position(..) - 1) + .", "47"}, {second, "sum(../../person[age != '']/age)", "47"},
		{toy, "${what}", "kite"}, {toy, "position(..)", "2"}, {toy, "/data/person/toy[1]/what", "ball"}, {toy, "${name}", "Ann"}, {toy, "count(${toy})", "2"},
	} {
		if have := text(t, context(c.at), c.expression); have != c.want {
			t.Errorf("%s: %q, want %q", c.expression, have, c.want)
		}
	}
}

// Without a clock, names and tables nothing is made up.
func TestEvaluateUnknown(t *testing.T) {
	c := &xpath.Context{Node: household()}
	for _, s := range []string{"today()", "now()", "random()", "uuid()", "${rooms}", "instance('list')/root", "jr:itext('t')", "version()", "property('x')", "randomize(/data/person)", "1 + today()"} {
		if have := text(t, c, s); have != "?" {
			t.Errorf("%s: %q", s, have)
		}
	}
}

// The order of a shuffle by seed is that of the generator's paper: its first numbers from 1 are 16807,
// 282475249, 1622650073.
func TestRandomize(t *testing.T) {
	c := context(func(root *xpath.Node) *xpath.Node { return root })
	if have := text(t, c, "randomize(/data/person/age, 1)"); have != "7||40" {
		t.Errorf("%q", have)
	}
	if text(t, c, "randomize(/data/person/age, 'x')") != "?" {
		t.Error("a seed of words")
	}
	if have := text(t, c, "count(randomize(/data/person))"); have != "3" {
		t.Errorf("%q", have)
	}
}

func TestExtractSigned(t *testing.T) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	signed := base64.StdEncoding.EncodeToString(append(ed25519.Sign(key, []byte("card")), "card"...))
	public := base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
	c := &xpath.Context{Node: household()}
	if have := text(t, c, fmt.Sprintf("extract-signed('%s', '%s')", signed, public)); have != "card" {
		t.Errorf("%q", have)
	}
	if have := text(t, c, fmt.Sprintf("extract-signed('%s', '%s')", strings.Replace(signed, "A", "B", 1), public)); have != "" {
		t.Errorf("a signature that does not hold gives %q", have)
	}
}

// An expression that would look at too much is not known, and does not take long.
func TestEvaluateIsBounded(t *testing.T) {
	root := &xpath.Node{Name: "data"}
	for range 3000 {
		root.Children = append(root.Children, &xpath.Node{Name: "q", Text: "1", Parent: root})
	}
	c := &xpath.Context{Node: root}
	for _, s := range []string{"count(/data/q[count(/data/q[. = 1]) > 1])", "/data/q != /data/q"} {
		if have := text(t, c, s); have != "?" {
			t.Errorf("%s: %.20q", s, have)
		}
	}
}

// Expressions share the work that is allowed for them together.
func TestEvaluateSharesWork(t *testing.T) {
	work := 50
	c := context(func(root *xpath.Node) *xpath.Node { return root })
	c.Work = &work
	first, last := text(t, c, "count(/data/*)"), ""
	for range 10 {
		last = text(t, c, "count(/data/*)")
	}
	if first != "10" || last != "?" || work != 0 {
		t.Errorf("first %q, last %q, %d left", first, last, work)
	}
}

func TestValueIsSealed(t *testing.T) {
	v, _ := parse(t, "'the secret'").Evaluate(&xpath.Context{Node: household()})
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if strings.Contains(fmt.Sprintf(verb, v), "secret") {
			t.Errorf("%s shows the value", verb)
		}
	}
}

// A number written as text is the same number again, and so is a sum of parts.
func TestProperties(t *testing.T) {
	c := &xpath.Context{Node: household()}
	rapid.Check(t, func(r *rapid.T) {
		x := rapid.Float64Range(-1e12, 1e12).Draw(r, "x")
		v, err := parse(t, fmt.Sprintf("number(string(%s))", strconv.FormatFloat(x, 'f', -1, 64))).Evaluate(c)
		if err != nil || v.Number() != x {
			r.Fatalf("%g came back as %g, %v", x, v.Number(), err)
		}
		a, b := rapid.IntRange(-1000, 1000).Draw(r, "a"), rapid.IntRange(1, 1000).Draw(r, "b")
		v, err = parse(t, fmt.Sprintf("(%d - %d mod %d) div %d", a, a, b, b)).Evaluate(c)
		if err != nil || v.Number() != math.Trunc(float64(a)/float64(b)) {
			r.Fatalf("%d and %d: %g, %v", a, b, v.Number(), err)
		}
		list := rapid.SliceOf(rapid.SampledFrom([]string{"a", "b", "ab"})).Draw(r, "list")
		v, _ = parse(t, fmt.Sprintf("count-selected('%s')", strings.Join(list, " "))).Evaluate(c)
		if v.Number() != float64(len(list)) {
			r.Fatalf("%v: %g", list, v.Number())
		}
	})
}

func BenchmarkParseExpression(b *testing.B) {
	for b.Loop() {
		if _, err := xpath.Parse("selected(/data/g/several, 'a') and /data/rooms > 2 or ../name != ''"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEvaluate(b *testing.B) {
	e := parse(b, "selected(/data/several, 'a') and /data/rooms > 2 and . != ''")
	c := context(func(root *xpath.Node) *xpath.Node { return root.Child("rooms") })
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Evaluate(c); err != nil {
			b.Fatal(err)
		}
	}
}
