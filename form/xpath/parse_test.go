package xpath_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/fault"
	"waymark/form/xpath"
)

func parse(t testing.TB, s string) *xpath.Expr {
	t.Helper()
	e, err := xpath.Parse(s)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return e
}

func TestParseTakes(t *testing.T) {
	for _, s := range []string{
		"1", ".5", "1.", "- - 1", "'a'", `"a'b"`, ".", "..", "../a", "./a", "/", "/data", "/data/a", "//a", "/data//a", "*", "@id", "/data/@id", "../*",
		"a-b", "a - b", "a -b", "a.b", "div div div", "or or and", "mod mod mod", "and", "* * *", "jr:a", "jr:*", "été",
		"${a}", "${last-saved#a} + 1", "${ a } > 1", "a[1]", "a[b = 'c'][2]/d", "instance('x')/root/item[name = current()/../a]/label",
		"(a | b)[1]/c", "f()", "f (1, 2)", "jr:choice-name(${a}, '${a}')", "child::a", "parent::node()/a", "self::node()", "text()", "a/text()",
		"ancestor::a", "not(true())", "if(a > 1 and b <= 2 or c != 3, 'x', 'y')", "2020-01-01", "a\u00a0= 1", " \n a = 1 ",
		"current()/../a", "position(..)", "a=-1", "1 - -1", "concat('(', a, ')')",
	} {
		if e, err := xpath.Parse(s); err != nil {
			t.Errorf("%s: %v", s, err)
		} else if e.String() != s {
			t.Errorf("%q came back as %q", s, e)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct {
		expression string
		code       fault.Code
		column     int // 0: none
	}{
		{"", xpath.CodeEmpty, 0}, {" \t", xpath.CodeEmpty, 0},
		{"1 +", xpath.CodeSyntax, 4}, {"(1", xpath.CodeSyntax, 3}, {"1)", xpath.CodeSyntax, 2}, {"a b", xpath.CodeSyntax, 3},
		{"'a", xpath.CodeSyntax, 1}, {"été = 'a", xpath.CodeSyntax, 7}, {"f(1,)", xpath.CodeSyntax, 5}, {"f(", xpath.CodeSyntax, 3},
		{"a[", xpath.CodeSyntax, 3}, {"a[]", xpath.CodeSyntax, 3}, {"a[1", xpath.CodeSyntax, 4}, {"a/", xpath.CodeSyntax, 3}, {"/a//", xpath.CodeSyntax, 5},
		{"= 1", xpath.CodeSyntax, 1}, {"a == 1", xpath.CodeSyntax, 4}, {"a && b", xpath.CodeSyntax, 3}, {"a !", xpath.CodeSyntax, 3},
		{"$a", xpath.CodeSyntax, 1}, {"${a", xpath.CodeSyntax, 1}, {"${}", xpath.CodeSyntax, 1}, {"${a b}", xpath.CodeSyntax, 1}, {"${a}${b}", xpath.CodeSyntax, 5},
		{"a ${b}", xpath.CodeSyntax, 3}, {"“a”", xpath.CodeSyntax, 1}, {"side::a", xpath.CodeUnknownAxis, 1}, {"a and", xpath.CodeSyntax, 6},
		{strings.Repeat("(", 300) + "1" + strings.Repeat(")", 300), xpath.CodeTooDeep, 201},
		{strings.Repeat("-", 300) + "1", xpath.CodeTooDeep, 200},
		{strings.Repeat("a", 1<<17), xpath.CodeTooLong, 0},
	} {
		_, err := xpath.Parse(c.expression)
		issues := fault.Of(err)
		if len(issues) != 1 || issues[0].Code != c.code {
			t.Errorf("%.40q: %v, want %s", c.expression, err, c.code)
			continue
		}
		if have, _ := issues[0].Args["column"].(int); have != c.column {
			t.Errorf("%.40q: column %d, want %d", c.expression, have, c.column)
		}
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct{ expression, want string }{
		{"if(selected(${a}, 'b'), today(), now())", ""},
		{"jr:choice-name(../a, '../a')", ""},
		{"indexed-repeat(${a}, ${r}, 1) + round(1.25, 1) + round(2)", ""},
		{"iff(1, 2, 3)", "xpath.unknown-function column=1 function=iff"},
		{"1 + substring('a', 1)", "xpath.unknown-function column=5 function=substring"},
		{"if(true(), 1)", "xpath.too-few column=1 function=if have=2 least=3"},
		{"a[count() > today(1)]", "xpath.too-few column=3 function=count have=0 least=1\nxpath.too-many column=13 function=today have=1 most=0"},
	} {
		if have := parse(t, c.expression).Check().Error(); have != c.want {
			t.Errorf("%s: %s, want %s", c.expression, have, c.want)
		}
	}
}

func TestFunctions(t *testing.T) {
	want := []xpath.Function{{"concat", 2, 1}, {"f", 0, 8}, {"g", 1, 15}}
	if d := cmp.Diff(want, parse(t, "concat(f(), a[g(1)])").Functions()); d != "" {
		t.Error(d)
	}
}

func TestPaths(t *testing.T) {
	for _, c := range []struct{ expression, want string }{
		{"/data/a + ../b", "/data/a@1 ../b@11"},
		{"a[b = current()/../c]", "a@1 b@3in current()/../c@7in"},
		{"instance('x')/root/item[name = ${q}]/label", "instance('x')/root/item/label@1 name@25in ${q}@32in"},
		{"${a} > count(${r})", "${a}@1 ${r}@14"},
		{"string(.)", ".@8"},
		{"@id", "@id@1"},
		{"current()", "current()/.@1"},
	} {
		var have []string
		for _, p := range parse(t, c.expression).Paths() {
			s := fmt.Sprintf("%s@%d", p, p.Column)
			if p.Inside {
				s += "in"
			}
			have = append(have, s)
		}
		if s := strings.Join(have, " "); s != c.want {
			t.Errorf("%s: %s, want %s", c.expression, s, c.want)
		}
	}
}

func find(name string) ([]string, bool) {
	all := map[string][]string{"a": {"data", "a"}, "b": {"data", "g", "b"}, "r": {"data", "r"}, "x": {"data", "r", "x"}}
	to, ok := all[name]
	return to, ok
}

func TestReferences(t *testing.T) {
	for _, c := range []struct{ expression, want string }{
		{". > ../y", "data/r/x data/r/y"},
		{"/data/a and ${b}", "data/a data/g/b"},
		{"../../r[x = current()/../y]/z", "data/r/z data/r/x data/r/y"},
		{"instance('i')/root/item[name = ${a}]/label", "data/a"},
		{"${gone} + ${last-saved#a}", ""},
		{"../../../../up", ""},
		{"/data/*/b", ""},
		{"position(..)", "data/r"},
		{"current()/../q[. = ../p]", "data/r/q data/r/q data/r/p"},
		{"(../a | ../b)[c]", "data/r/a data/r/b"},
	} {
		var have []string
		for _, to := range parse(t, c.expression).References([]string{"data", "r", "x"}, find) {
			have = append(have, strings.Join(to, "/"))
		}
		if s := strings.Join(have, " "); s != c.want {
			t.Errorf("%s: %q, want %q", c.expression, s, c.want)
		}
	}
}

func TestCycle(t *testing.T) {
	calculate := func(s string) xpath.Logic { return xpath.Logic{Calculation: parse(t, s)} }
	relevant := func(s string) xpath.Logic { return xpath.Logic{Relevant: parse(t, s)} }
	for _, c := range []struct {
		name  string
		nodes map[string]xpath.Logic
		want  string
	}{
		{"none", map[string]xpath.Logic{"/data/a": calculate("/data/g/b"), "/data/g/b": calculate("1")}, ""},
		{"two", map[string]xpath.Logic{"/data/a": calculate("/data/g/b"), "/data/g/b": calculate("../../a + 1")}, "/data/a /data/g/b"},
		{"itself", map[string]xpath.Logic{"/data/a": calculate(". + 1")}, "/data/a"},
		{"by name", map[string]xpath.Logic{"/data/a": calculate("${b}"), "/data/g/b": relevant("${a} = 1")}, "/data/a /data/g/b"},
		{"a group that asks for what is in it", map[string]xpath.Logic{"/data/g": relevant("/data/g/b = 1"), "/data/g/b": calculate("1")}, "/data/g /data/g/b"},
		{"a question in a group asked on it", map[string]xpath.Logic{"/data/g": relevant("/data/a = 1"), "/data/g/b": calculate("1"), "/data/a": calculate("${b}")}, "/data/a /data/g/b /data/g"},
		{"another instance", map[string]xpath.Logic{"/data/r/x": calculate("../../r[position() = 1]/x + 1")}, "/data/r/x"},
		{"another instance by index", map[string]xpath.Logic{"/data/r/x": calculate("indexed-repeat(${x}, ${r}, position(..) - 1) + 1")}, "/data/r/x"},
		{"required by its own answer", map[string]xpath.Logic{"/data/a": {Required: parse(t, ". = ''")}}, "/data/a"},
		{"a group that may be changed by what is in it", map[string]xpath.Logic{"/data/g": {ReadOnly: parse(t, "/data/g/b = 1")}, "/data/g/b": calculate("1")}, "/data/g /data/g/b"},
		{"its own place", map[string]xpath.Logic{"/data/r": relevant("/data/a = 1"), "/data/r/x": calculate("position(..)")}, ""},
		{"a condition within", map[string]xpath.Logic{"/data/a": calculate("/data/r[y = ../a]/z")}, "/data/a"},
	} {
		if have := strings.Join(xpath.Cycle(c.nodes, find), " "); have != c.want {
			t.Errorf("%s: %q, want %q", c.name, have, c.want)
		}
	}
	chain := map[string]xpath.Logic{}
	for i := range 5000 {
		chain[fmt.Sprintf("/data/q%d", i)] = calculate(fmt.Sprintf("/data/q%d", i+1))
	}
	if have := xpath.Cycle(chain, nil); have != nil {
		t.Errorf("a chain is no cycle: %d nodes", len(have))
	}
	chain["/data/q5000"] = calculate("/data/q0")
	if have := xpath.Cycle(chain, nil); len(have) != 5001 {
		t.Errorf("a long cycle: %d nodes", len(have))
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"a[b=1]/c", "${a} > 1", "-(1)", "'", "//", "f(", "a::b", "instance('x')/root/item[name = current()/../a]/label"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, err := xpath.Parse(s)
		if err != nil {
			if len(fault.Of(err)) != 1 {
				t.Errorf("not an issue: %v", err)
			}
			return
		}
		e.Check()
		if _, err := e.Evaluate(context(func(root *xpath.Node) *xpath.Node { return root.Child("rooms") })); err != nil && !errors.Is(err, xpath.ErrUnknown) {
			t.Errorf("%v", err)
		}
		e.Paths()
		e.References([]string{"data", "q"}, find)
		xpath.Cycle(map[string]xpath.Logic{"/data/q": {Calculation: e, Relevant: e}}, find)
	})
}
