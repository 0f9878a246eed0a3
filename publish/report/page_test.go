package report_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"waymark/fault"
	"waymark/lang"
	"waymark/publish/chart"
	"waymark/publish/report"
	"waymark/release"
	"waymark/release/releasetest"
)

func render(t testing.TB, doc report.Document, tag string) string {
	t.Helper()
	page, err := report.Render(doc, printer(t, tag))
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// element is a start tag of a rendered page.
type element struct {
	name  string
	attrs map[string]string
}

// elements reads the start tags of a page, and fails where tags are not nested.
func elements(t testing.TB, page string) []element {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var out []element
	var open []string
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			e := element{tok.Name.Local, map[string]string{}}
			for _, a := range tok.Attr {
				e.attrs[a.Name.Local] = a.Value
			}
			out, open = append(out, e), append(open, e.name)
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1] != tok.Name.Local {
				t.Fatalf("</%s> closes %v", tok.Name.Local, open)
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Fatalf("not closed: %v", open)
	}
	return out
}

// TestSample leaves the sample pages where WAYMARK_SAMPLE says, for the eyes of whoever changes the page.
func TestSample(t *testing.T) {
	for _, tag := range lang.Tags() {
		page := render(t, sample(t), tag)
		for _, want := range []string{`<html lang="` + tag + `"`, `id="fig-route"`, `id="table-any-by-route"`} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: the page lacks %s", tag, want)
			}
		}
		if dir := os.Getenv("WAYMARK_SAMPLE"); dir != "" {
			if err := os.WriteFile(filepath.Join(dir, "sample."+tag+".html"), []byte(page), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestStructure(t *testing.T) {
	for _, tag := range lang.Tags() {
		all := elements(t, render(t, sample(t), tag))
		ids, count := map[string]bool{}, map[string]int{}
		level := 0
		for _, e := range all {
			count[e.name]++
			if id := e.attrs["id"]; id != "" {
				if ids[id] {
					t.Errorf("id %s stands twice", id)
				}
				ids[id] = true
			}
			if len(e.name) == 2 && e.name[0] == 'h' && e.name[1] >= '1' && e.name[1] <= '6' {
				next := int(e.name[1] - '0')
				if next > level+1 {
					t.Errorf("heading %s after level %d", e.name, level)
				}
				level = next
			}
			if e.name == "th" && e.attrs["scope"] == "" {
				t.Error("a heading cell without scope")
			}
		}
		for _, e := range all {
			for _, name := range []string{"href", "aria-labelledby", "aria-describedby"} {
				for _, ref := range strings.Fields(strings.TrimPrefix(e.attrs[name], "#")) {
					if !ids[ref] {
						t.Errorf("%s of %s leads to %s, which is not there", name, e.name, ref)
					}
				}
			}
		}
		for name, want := range map[string]int{"h1": 1, "main": 1, "nav": 1, "header": 1, "footer": 1, "style": 1, "script": 0, "img": 0, "link": 0} {
			if count[name] != want {
				t.Errorf("%s: %d of %s, want %d", tag, count[name], name, want)
			}
		}
		if count["title"] != 1+count["svg"] || count["svg"] < 2 {
			t.Errorf("%d titles for the page and %d drawings", count["title"], count["svg"])
		}
		if count["caption"] != count["table"] || count["table"] < 3 {
			t.Errorf("%d captions for %d tables", count["caption"], count["table"])
		}
	}
}

func TestPageIsSealed(t *testing.T) {
	page := render(t, sample(t), "fr")
	style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(page)[1]
	sum := sha256.Sum256([]byte(style))
	want := `content="default-src &#39;none&#39;; style-src &#39;sha256-` + strings.ReplaceAll(base64.StdEncoding.EncodeToString(sum[:]), "+", "&#43;") + `&#39;`
	if !strings.Contains(page, want) {
		t.Errorf("the policy does not name the style it allows: %s", want)
	}
	for _, e := range elements(t, page) {
		for name, value := range e.attrs {
			if strings.HasPrefix(name, "on") || name == "style" || name == "src" || name == "href" && !strings.HasPrefix(value, "#") {
				t.Errorf("%s has %s=%q", e.name, name, value)
			}
		}
	}
	if strings.Contains(style, "url(") || strings.Contains(style, "@import") {
		t.Error("the style sheet refers outside")
	}
}

func TestStandingStatementsCannotBeTurnedOff(t *testing.T) {
	doc := sample(t)
	doc.Standing, doc.Colophon, doc.Languages = nil, nil, nil
	for _, c := range []struct{ tag, victims, random string }{
		{"en", "Indicators, not identified victims", "The sample is not random"},
		{"fr", "Des indicateurs, et non des victimes identifiées", "L’échantillon n’est pas aléatoire"},
	} {
		page := render(t, doc, c.tag)
		front := page[strings.Index(page, `id="glance"`):strings.Index(page, `class="keys"`)]
		about := page[strings.Index(page, `id="about"`):]
		foot := regexp.MustCompile(`@bottom-left \{ content: "([^"]*)"`).FindStringSubmatch(page)[1]
		foot = regexp.MustCompile(`\\([0-9a-f]{6}) `).ReplaceAllStringFunc(foot, func(s string) string {
			n, _ := strconv.ParseInt(s[1:7], 16, 32)
			return string(rune(n))
		})
		for where, text := range map[string]string{"page one": front, "the closing part": about, "the foot of printed pages": foot} {
			for _, want := range []string{c.victims, c.random} {
				if !strings.Contains(text, want) {
					t.Errorf("%s: %s lacks %q", c.tag, where, want)
				}
			}
		}
	}
}

// A caveat counts wherever a table comes from: a single number in a sentence is enough.
func TestCaveatsOfEveryTable(t *testing.T) {
	plain := byRoute()
	plain.Key, plain.Caveats = "plain", nil
	tables := releasetest.MustClear(t, plain, byRoute())
	number := report.Number{Table: tables[1]}
	for name, change := range map[string]func(*report.Document){
		"kicker": func(d *report.Document) { d.Kicker = own("{{.x}}", "{{.x}}", "x", number) },
		"key figure": func(d *report.Document) {
			d.Summary.Figures = []report.KeyFigure{{Number: number, Label: own("a", "b")}}
		},
		"nested": func(d *report.Document) {
			d.Summary.Findings[0].Sure = own("{{.x}}", "{{.x}}", "x", report.List{report.Nested(own("{{.y}}", "{{.y}}", "y", number))})
		},
		"interval": func(d *report.Document) {
			d.Sections[0].Blocks = []report.Block{report.Note{Text: own("{{.x}}", "{{.x}}", "x", report.Interval{Table: tables[1]})}}
		},
		"colophon": func(d *report.Document) { d.Colophon = []report.Fact{{Label: own("a", "b"), Value: number}} },
		"advice": func(d *report.Document) {
			d.Sections[0].Blocks = []report.Block{report.Advice{Finding: own("{{.x}}", "{{.x}}", "x", number), Do: own("a", "b"), Actors: own("a", "b")}}
		},
	} {
		doc := small(tables[0])
		if got := render(t, doc, "en"); strings.Contains(got, "not random") {
			t.Fatal("the plain document carries a statement already")
		}
		change(&doc)
		if got := render(t, doc, "en"); strings.Count(got, "The sample is not random: the results describe") != 2 {
			t.Errorf("%s: the statement does not stand on page one and in the closing part", name)
		}
	}
}

// small is the least document that renders.
func small(t release.Cleared) report.Document {
	return report.Document{ID: "small", Title: own("Title", "Titre"),
		Summary:  report.FrontPage{Findings: []report.Finding{{Say: own("a", "b"), Sure: own("a", "b"), Do: own("a", "b"), Actors: own("a", "b"), Anchor: "one"}}},
		Sections: []report.Section{{ID: "one", Title: own("One", "Un"), Blocks: []report.Block{report.TableBlock{Table: t}}}}}
}

func TestSuppressedNumbersAreNowhere(t *testing.T) {
	doc := sample(t)
	draft := byRoute()
	planted := []string{}
	for n := range draft.Rows {
		value := 1213 + 1111*n // four digits that nothing else on the page has
		draft.Rows[n].Cells[1] = release.DraftCell{Value: float64(value), Base: release.Persons(value), Events: release.Persons(value)}
		draft.Rows[n].Cells[0] = release.DraftCell{Value: 0.31417, Low: 0.31317, High: 0.31517, Base: release.Persons(value), Events: release.Persons(float64(value) * 0.31417)}
		planted = append(planted, strconv.Itoa(value))
	}
	draft.Measures[0].Digits = 3 // more figures than a drawing has in its coordinates
	planted = append(planted, "31.417", "31.317", "31.517", "0.314")
	hidden := releasetest.MustClearAt(t, 10000, draft)[0]
	doc.Sections[0].Blocks[1] = report.TableBlock{Table: hidden}
	doc.Sections[0].Blocks[2] = report.Figure{ID: "fig-route", Title: own("a", "b"), Summary: own("a", "b"), Table: hidden, Draw: bars(hidden)}
	doc.Sections[0].Blocks = append(doc.Sections[0].Blocks, report.Paragraph{Text: own("{{.n}} {{.s}} {{.i}}", "{{.n}} {{.s}} {{.i}}",
		"n", report.Number{Table: hidden, Row: 1, Column: 1}, "s", report.Number{Table: hidden, Row: 1}, "i", report.Interval{Table: hidden, Row: 1})})
	for _, tag := range lang.Tags() {
		page := render(t, doc, tag)
		plain := strings.NewReplacer("\u202f", "", "\u00a0", "", ",", "").Replace(page)
		for _, secret := range planted {
			if strings.Contains(plain, secret) || strings.Contains(page, strings.Replace(secret, ".", ",", 1)) {
				t.Errorf("%s: %s is on the page", tag, secret)
			}
		}
		word := map[string]string{"en": "[withheld]", "fr": "[non communiqué]"}[tag]
		if n := strings.Count(page, word); n < 4 {
			t.Errorf("%s: %q stands %d times", tag, word, n)
		}
		if strings.Count(page, `>[c]</abbr>`) < 16 {
			t.Errorf("%s: cells without their mark", tag)
		}
	}
}

func TestBothLanguagesShowTheSameNumbers(t *testing.T) {
	pages := map[string][]byte{}
	for _, tag := range lang.Tags() {
		pages[tag] = []byte(render(t, sample(t), tag))
	}
	for _, issue := range report.Agree("sample", pages) {
		t.Error(printer(t, "en").Issue(issue), issue.Args)
	}
	for name, change := range map[string][2]string{
		"another number":  {"6\u202f426", "6\u202f427"},
		"fewer decimals":  {"72,7\u202f%", "73\u202f%"},
		"a number missed": {"1\u202f302", ""},
	} {
		if !strings.Contains(string(pages["fr"]), change[0]) {
			t.Fatalf("the French page does not show %q", change[0])
		}
		wrong := strings.Replace(string(pages["fr"]), change[0], change[1], 1)
		if issues := report.Agree("sample", map[string][]byte{"en": pages["en"], "fr": []byte(wrong)}); len(issues) != 1 {
			t.Errorf("%s: %d issues, want one", name, len(issues))
		}
	}
}

func TestWordsAreEscaped(t *testing.T) {
	doc := sample(t)
	evil := release.Labels{"en": `</style><script>alert("x")</script>&amp;` + "\ue0000\ue001", "fr": `<img src=x onerror=alert(1)>`}
	doc.Title = report.Text{Own: evil}
	doc.Kicker = report.Text{Own: release.Labels{"en": "{{.w}} {{.p}}"}, Args: map[string]report.Arg{"w": report.Words(evil), "p": report.Plain(`"><b>`)}}
	draft := byRoute()
	draft.Title, draft.Source, draft.Rows[0].Heads[0].Labels = evil, evil, evil
	doc.Sections[1].Blocks = append(doc.Sections[1].Blocks, report.TableBlock{Table: releasetest.MustClear(t, func() release.Draft { draft.Key = "evil"; return draft }())[0]})
	for _, tag := range lang.Tags() {
		for _, e := range elements(t, render(t, doc, tag)) {
			if e.name == "script" || e.name == "img" || e.name == "b" {
				t.Errorf("%s: the page has an element %s", tag, e.name)
			}
		}
	}
}

// Headings that come in runs stand once over their rows; a heading without words leaves no empty heading cell.
func TestHeadingsOverRows(t *testing.T) {
	draft := func(rows ...[]string) release.Draft {
		d := release.Draft{Key: "one", Title: both("t", "t"), Measures: []release.Measure{{Name: "n", Labels: both("N", "N")}}}
		for n := range rows[0] {
			d.Dims = append(d.Dims, release.Dim{Name: fmt.Sprint(n), Labels: both(fmt.Sprint("D", n), fmt.Sprint("D", n))})
		}
		for _, r := range rows {
			var heads []release.Head
			for _, h := range r {
				heads = append(heads, head("c"+h, h, h))
			}
			d.Rows = append(d.Rows, release.DraftRow{Heads: heads, Cells: []release.DraftCell{{Value: 50, Base: 50}}})
		}
		return d
	}
	for _, c := range []struct {
		name string
		rows [][]string
		want string // headings of the body, a line a row; [x] stands over its rows
	}{
		{"one heading", [][]string{{"a"}, {"b"}, {"c"}}, "D0\na\nb\nc"},
		{"one row a heading", [][]string{{"a", "x"}, {"b", "x"}, {"c", "x"}}, "D0|D1\na|x\nb|x\nc|x"},
		{"runs", [][]string{{"a", "x"}, {"a", "y"}, {"b", "x"}, {"b", "y"}}, "D0 / D1\n[a]\nx\ny\n[b]\nx\ny"},
		{"runs that come back", [][]string{{"a", "x"}, {"a", "y"}, {"b", "x"}, {"a", "z"}}, "D0|D1\na|x\na|y\nb|x\na|z"},
		{"a total without words", [][]string{{"a", "x"}, {"a", "y"}, {"a", "z"}, {"all", ""}}, "D0 / D1\n[a]\nx\ny\nz\nall"},
		{"two over the rows", [][]string{{"a", "x", "1"}, {"a", "x", "2"}, {"a", "y", "1"}, {"a", "y", "2"}, {"b", "z", ""}}, "D0 / D1 / D2\n[a]\n[x]\n1\n2\n[y]\n1\n2\n[b]\nz"},
		{"nothing below", [][]string{{"a", "x", "1"}, {"a", "x", "2"}, {"a", "y", "1"}, {"a", "y", "2"}, {"b", "", ""}}, "D0 / D1 / D2\n[a]\n[x]\n1\n2\n[y]\n1\n2\nb"},
		{"words end early", [][]string{{"a", "x"}, {"b", ""}, {"c", "y"}}, "D0|D1\na|x\nb2\nc|y"},
	} {
		page := render(t, small(releasetest.MustClear(t, draft(c.rows...))[0]), "en")
		table := page[strings.Index(page, "<table>"):strings.Index(page, "</table>")]
		var lines []string
		for _, row := range regexp.MustCompile(`(?s)<tr.*?</tr>`).FindAllString(table, -1) {
			var cells []string
			for _, m := range regexp.MustCompile(`<th scope="(col|row|rowgroup)"([^>]*)>([^<]*)</th>`).FindAllStringSubmatch(row, -1) {
				switch {
				case m[1] == "rowgroup":
					m[3] = "[" + m[3] + "]"
				case strings.Contains(m[2], "colspan"):
					m[3] += "2"
				case m[3] == "N":
					continue
				}
				cells = append(cells, m[3])
			}
			lines = append(lines, strings.Join(cells, "|"))
		}
		if got := strings.Join(lines, "\n"); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

// A table may have the key of a section; what the text says of its figure leads to the table all the same.
func TestTableKeyLikeSection(t *testing.T) {
	table := releasetest.MustClear(t, byRoute())[0]
	doc := small(table)
	doc.Sections[0].ID, doc.Summary.Findings[0].Anchor = "any-by-route", "any-by-route"
	doc.Sections[0].Blocks = append(doc.Sections[0].Blocks, report.Figure{ID: "f", Title: own("a", "b"), Summary: own("a", "b"), Table: table, Draw: bars(table)})
	page := render(t, doc, "en")
	for _, want := range []string{`see <a href="#table-any-by-route">Table 1</a>`, `See: <a href="#any-by-route">One</a>`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

func TestCountedNumbersChooseTheForm(t *testing.T) {
	draft := countries()
	for n, value := range []float64{1, 2} {
		draft.Rows[n].Cells[0] = release.DraftCell{Value: value, Base: release.Persons(value), Events: release.Persons(value)}
	}
	table := releasetest.MustClear(t, draft)[0]
	for row, want := range []string{"person.", "people."} {
		doc := small(table)
		doc.Kicker = report.Text{Key: "report.held-note", Args: map[string]report.Arg{"count": report.Number{Table: table, Row: row}}}
		page := render(t, doc, "en")
		if !strings.Contains(page, fmt.Sprintf(`"by-country/%d/n">%d</span> %s`, row+1, row+1, want)) {
			t.Errorf("row %d does not end in %q", row, want)
		}
	}
}

func TestUnfitDocuments(t *testing.T) {
	table := releasetest.MustClear(t, byRoute())[0]
	odd := byRoute()
	odd.Key, odd.Caveats = "odd", []string{"nobody-knows-this"}
	unknown := releasetest.MustClear(t, odd)[0]
	figure := func(body string) report.Figure {
		return report.Figure{ID: "f", Title: own("a", "b"), Summary: own("a", "b"), Table: table,
			Draw: func(*lang.Printer, string, string) (chart.SVG, error) { return chart.SVG{Body: []byte(body)}, nil }}
	}
	block := func(b report.Block) func(*report.Document) {
		return func(d *report.Document) { d.Sections[0].Blocks = []report.Block{b} }
	}
	say := func(arg report.Arg) func(*report.Document) {
		return block(report.Paragraph{Text: own("{{.x}}", "{{.x}}", "x", arg)})
	}
	for _, c := range []struct {
		name   string
		code   fault.Code
		change func(*report.Document)
	}{
		{"table not cleared", report.CodeNotCleared, block(report.TableBlock{})},
		{"figure not cleared", report.CodeNotCleared, func(d *report.Document) { f := figure("<svg/>"); f.Table = release.Cleared{}; block(f)(d) }},
		{"number not cleared", report.CodeNotCleared, say(report.Number{})},
		{"no such text", report.CodeNoText, block(report.Paragraph{Text: report.T("report.no-such-text")})},
		{"argument not given", report.CodeNoText, block(report.Paragraph{Text: report.Text{Own: both("{{.x}}", "{{.x}}")}})},
		{"no such row", report.CodeNoCell, say(report.Number{Table: table, Row: 8})},
		{"no such measure", report.CodeNoCell, say(report.Interval{Table: table, Column: -1})},
		{"no interval", report.CodeNoInterval, say(report.Interval{Table: table, Column: 1})},
		{"anchor twice", report.CodeAnchorTwice, func(d *report.Document) { d.Sections = append(d.Sections, d.Sections[0]) }},
		{"anchor missing", report.CodeAnchorMissing, say(report.See("nowhere"))},
		{"finding leads nowhere", report.CodeAnchorMissing, func(d *report.Document) { d.Summary.Findings[0].Anchor = "nowhere" }},
		{"anchor of the page", report.CodeAnchorName, func(d *report.Document) { d.Sections[0].ID, d.Summary.Findings[0].Anchor = "main", "" }},
		{"anchor with a space", report.CodeAnchorName, func(d *report.Document) { d.Sections[0].ID, d.Summary.Findings[0].Anchor = "a b", "" }},
		{"no finding", report.CodeNoFinding, func(d *report.Document) { d.Summary.Findings = nil }},
		{"four findings", report.CodeNoFinding, func(d *report.Document) {
			d.Summary.Findings = slices.Repeat(d.Summary.Findings, 4)
		}},
		{"finding without advice", report.CodeFindingPart, func(d *report.Document) { d.Summary.Findings[0].Do = report.Text{} }},
		{"advice without finding", report.CodeAdviceUnbound, block(report.Advice{Do: own("a", "b"), Actors: own("a", "b")})},
		{"no title", report.CodeNoTitle, func(d *report.Document) { d.Title = report.Text{} }},
		{"section without title", report.CodeNoTitle, func(d *report.Document) { d.Sections[0].Title = report.Text{} }},
		{"figure without summary", report.CodeNoTitle, func(d *report.Document) { f := figure(svg("")); f.Summary = report.Text{}; block(f)(d) }},
		{"drawing fails", report.CodeDrawing, func(d *report.Document) {
			f := figure("")
			f.Draw = func(*lang.Printer, string, string) (chart.SVG, error) { return chart.SVG{}, errors.New("no room") }
			block(f)(d)
		}},
		{"nothing to draw", report.CodeDrawing, func(d *report.Document) { f := figure(""); f.Draw = nil; block(f)(d) }},
		{"empty drawing", report.CodeDrawingUnsafe, block(figure(""))},
		{"drawing without title", report.CodeDrawingUnsafe, block(figure("<svg><g/></svg>"))},
		{"drawing not closed", report.CodeDrawingUnsafe, block(figure("<svg><title>a</title>"))},
		{"two drawings", report.CodeDrawingUnsafe, block(figure(svg("") + svg("")))},
		{"script", report.CodeDrawingUnsafe, block(figure(svg("<script>1</script>")))},
		{"handler", report.CodeDrawingUnsafe, block(figure(svg(`<g onclick="a()"/>`)))},
		{"style", report.CodeDrawingUnsafe, block(figure(svg(`<g style="fill:red"/>`)))},
		{"style sheet", report.CodeDrawingUnsafe, block(figure(svg(`<style>g{}</style>`)))},
		{"foreign content", report.CodeDrawingUnsafe, block(figure(svg(`<foreignObject/>`)))},
		{"image", report.CodeDrawingUnsafe, block(figure(svg(`<image href="#a"/>`)))},
		{"outside link", report.CodeDrawingUnsafe, block(figure(svg(`<a href="https://example.org"/>`)))},
		{"outside fill", report.CodeDrawingUnsafe, block(figure(svg(`<g fill="url( 'https://example.org/a#b')"/>`)))},
		{"one id twice", report.CodeDrawingUnsafe, block(figure(svg(`<g id="a"/><g id="a"/>`)))},
		{"id of another drawing", report.CodeDrawingUnsafe, func(d *report.Document) {
			one, two := figure(svg(`<g id="a"/>`)), figure(svg(`<g id="a"/>`))
			two.ID = "g"
			d.Sections[0].Blocks = []report.Block{one, two}
		}},
		{"caveat without words", report.CodeCaveatUnknown, block(report.TableBlock{Table: unknown})},
	} {
		doc := small(table)
		c.change(&doc)
		page, err := report.Render(doc, printer(t, "fr"))
		if page != nil || !slices.ContainsFunc(fault.Of(err), func(i fault.Issue) bool { return i.Code == c.code }) {
			t.Errorf("%s: got %v, want %s", c.name, err, c.code)
		}
	}
	if _, err := report.Render(small(table), printer(t, "fr")); err != nil {
		t.Errorf("the document is unfit as it is: %v", err)
	}
	ok := small(table)
	block(figure(svg(`<defs><pattern id="p"/></defs><rect fill="url(#p)"/><use href="#p"/>`)))(&ok)
	if _, err := report.Render(ok, printer(t, "fr")); err != nil {
		t.Errorf("a plain drawing is refused: %v", err)
	}
}

func svg(inside string) string {
	return `<svg xmlns="http://www.w3.org/2000/svg"><title>a</title>` + inside + `</svg>`
}

func TestSameBytesEveryTime(t *testing.T) {
	if first, again := render(t, sample(t), "fr"), render(t, sample(t), "fr"); first != again {
		t.Error("a document rendered twice gives two pages")
	}
}

func BenchmarkRender(b *testing.B) {
	doc, p := sample(b), printer(b, "fr")
	for b.Loop() {
		if _, err := report.Render(doc, p); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzAgree(f *testing.F) {
	f.Add([]byte("<p>1,234.5</p>"), []byte("<p>1\u202f234,5</p>"))
	f.Add([]byte("<section id=a>1<span translate=no>2"), []byte("</section><p>"))
	f.Fuzz(func(t *testing.T, en, fr []byte) {
		report.Agree("f", map[string][]byte{"en": en, "fr": fr})
		if issues := report.Agree("f", map[string][]byte{"en": en, "en-GB": en}); len(issues) > 0 && issues[0].Place.Field != "unreadable" {
			t.Errorf("a page differs from itself: %v", issues)
		}
	})
}
