package form_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/form"
)

func TestParseReferences(t *testing.T) {
	for _, c := range []struct {
		text  string
		names string
		ok    bool
	}{
		{"", "", true}, {"no reference", "", true}, {"${a}", "a", true}, {"${a} and ${b-1.x}", "a b-1.x", true},
		{"${last-saved#a}", "a!", true}, {"${}", "", true}, {"${ a}", "", false}, {"${a", "", false}, {"${a} ${b", "a", false},
		{"${1a} ${b}", "b", false}, {"${نص}", "نص", true}, {"$${a}}", "a", true}, {"${a:b}", "", false},
	} {
		list, ok := form.ParseReferences(c.text)
		var names []string
		for _, r := range list {
			name := r.Name
			if r.LastSaved {
				name += "!"
			}
			names = append(names, name)
			if !strings.HasPrefix(c.text[r.Start:], "${") || c.text[r.End-1] != '}' {
				t.Errorf("%q: a reference from %d to %d", c.text, r.Start, r.End)
			}
		}
		if have := strings.Join(names, " "); have != c.names || ok != c.ok {
			t.Errorf("%q: %q, %v", c.text, have, ok)
		}
	}
	if !form.IsReference("${a}") || form.IsReference(" ${a}") || form.IsReference("${a}${b}") || form.IsReference("a") {
		t.Error("what is one reference is not known")
	}
}

func TestIsName(t *testing.T) {
	for name, want := range map[string]bool{
		"a": true, "_a": true, "a-1.b_c": true, "âge": true, "العمر": true, "年齢": true, "orx:meta": true,
		"": false, "1a": false, "a b": false, "a:b:c": false, ":a": false, "a:": false, "a\u00a0b": false, "a×b": false, "-a": false,
	} {
		if form.IsName(name) != want {
			t.Errorf("%q: not %v", name, want)
		}
	}
}

// household is a record with a repeat of people, a repeat of jobs within it, and a group.
func household() (*form.Tree, map[string]*form.Node) {
	at := map[string]*form.Node{}
	node := func(kind form.NodeKind, name string, children ...*form.Node) *form.Node {
		n := &form.Node{Kind: kind, Name: name}
		for _, c := range children {
			n.Add(c)
		}
		at[name] = n
		return n
	}
	q := func(name string) *form.Node { return node(form.QuestionNode, name) }
	t := &form.Tree{Root: node(form.RootNode, "data",
		q("size"),
		node(form.GroupNode, "home", q("water")),
		node(form.RepeatNode, "person", q("age"), node(form.GroupNode, "labour", q("paid"), node(form.RepeatNode, "job", q("hours")))),
		node(form.RepeatNode, "child", q("years")),
	)}
	t.Index()
	return t, at
}

func TestResolve(t *testing.T) {
	tree, at := household()
	for _, c := range []struct {
		text, from, want string
		how              form.Resolving
	}{
		{"1 + 1", "age", "1 + 1", form.Resolving{}},
		{"${size} > 1", "water", " /data/size  > 1", form.Resolving{}},
		{"${age}", "paid", " ../../age ", form.Resolving{}},
		{"${hours}", "age", " ../labour/job/hours ", form.Resolving{}},
		{"${paid}", "hours", " ../../paid ", form.Resolving{}},
		{"${age}", "years", " /data/person/age ", form.Resolving{}},
		{"${age}", "", " /data/person/age ", form.Resolving{}},
		{"${paid}", "age", " current()/../labour/paid ", form.Resolving{Current: true}},
		{"instance('x')/root/item[name = ${age}]/label", "paid", "instance('x')/root/item[name =  current()/../../age ]/label", form.Resolving{}},
		{"indexed-repeat(${age}, ${person}, ${hours})", "paid", "indexed-repeat( /data/person/age ,  /data/person ,  ../job/hours )", form.Resolving{}},
		{"${last-saved#age}", "paid", " instance('__last-saved')/data/person/age ", form.Resolving{}},
		{"${nothing}", "paid", "${nothing}", form.Resolving{}},
		{"${age}", "hours", " ../../../../person/age ", form.Resolving{Parent: true}},
	} {
		if have := tree.Resolve(c.text, at[c.from], c.how); have != c.want {
			t.Errorf("%s from %s: %q, want %q", c.text, c.from, have, c.want)
		}
	}
}

func TestFlatPath(t *testing.T) {
	tree, at := household()
	at["home"].Flat = true
	tree.Index()
	if have := at["water"].Path(); have != "/data/water" {
		t.Error(have)
	}
	if tree.Find("water") != at["water"] || tree.Find("none") != nil || at["hours"].Repeat() != at["job"] || at["size"].Repeat() != nil {
		t.Error("nodes are not found")
	}
}

func TestIsExpression(t *testing.T) {
	for _, c := range []struct {
		text, kind string
		want       bool
	}{
		{"", "text", false}, {"foo", "text", false}, {"foo-bar", "text", false}, {"a - b", "text", true}, {"1-2", "text", false}, {"-3", "integer", false},
		{"1 + 2", "integer", true}, {"4 mod 2", "integer", true}, {"${a}", "text", true}, {"now()", "dateTime", true}, {"(1)", "text", false},
		{"2022-03-14", "date", false}, {"2022-03-14T01:02:55-08:00", "dateTime", false}, {"01:02:55", "time", false}, {"12:30 - x", "date", false},
		{"a | b", "text", true}, {"'now()'", "text", false}, {"https://x.org/a-b", "text", false}, {"-34.6 150.1 - 0", "geopoint", false}, {"a*b", "text", true}, {"jr:choice-name(x)", "text", true},
	} {
		if form.IsExpression(c.text, c.kind) != c.want {
			t.Errorf("%q of %s: not %v", c.text, c.kind, c.want)
		}
	}
}

func TestLookups(t *testing.T) {
	for text, want := range map[string][]string{
		"no lookup": nil,
		"Hello instance('c')/root/item[name = ${q} and a = 'b c']/label, you": {"instance('c')/root/item[name = ${q} and a = 'b c']/label,"},
		"instance('c')/root/item[a=1]/x instance('d')/root/item[b=2]/y":       {"instance('c')/root/item[a=1]/x", "instance('d')/root/item[b=2]/y"},
	} {
		var have []string
		for _, l := range form.Lookups(text) {
			have = append(have, text[l[0]:l[1]])
		}
		if d := cmp.Diff(want, have); d != "" {
			t.Errorf("%s: %s", text, d)
		}
	}
}

func TestWording(t *testing.T) {
	w := form.Plain("Age").With("Français (fr)", "Âge", "default")
	if d := cmp.Diff(form.Wording{ByLanguage: true, Texts: []form.Translation{{Language: "default", Text: "Age"}, {Language: "Français (fr)", Text: "Âge"}}}, w); d != "" {
		t.Error(d)
	}
	own := form.Plain("Age").With("English (en)", "How old?", "English (en)")
	if len(own.Texts) != 1 || own.Texts[0].Text != "How old?" || own.Plain() != "" {
		t.Errorf("the language's own text does not hold: %+v", own)
	}
	if kept := own.With("", "Age", "English (en)"); kept.Texts[0].Text != "How old?" {
		t.Errorf("%+v", kept)
	}
	if !form.Plain("").Empty() || form.Plain("${a}").Refers() != true || form.Plain("a").Refers() {
		t.Error("empty texts and references are not known")
	}
	if l := form.Plain("a").Localized("en"); len(l) != 1 || l[0].Language != "en" {
		t.Error(l)
	}
}

func FuzzReferences(f *testing.F) {
	f.Add("instance('c')/root/item[name = ${q}]/label ${last-saved#a} ${")
	f.Add("2022-03-14T01:02:55-08:00 - .5 mod 'x")
	tree, at := household()
	f.Fuzz(func(t *testing.T, text string) {
		end := 0
		for _, r := range form.References(text) {
			if r.Start < end || r.End <= r.Start || !form.IsName(r.Name) {
				t.Errorf("%q: a reference from %d to %d", text, r.Start, r.End)
			}
			end = r.End
		}
		end = 0
		for _, l := range form.Lookups(text) {
			if l[0] < end || l[1] <= l[0] || !strings.HasPrefix(text[l[0]:], "instance(") {
				t.Errorf("%q: a lookup from %d to %d", text, l[0], l[1])
			}
			end = l[1]
		}
		form.IsExpression(text, "date")
		tree.Resolve(text, at["hours"], form.Resolving{Parent: true})
	})
}
