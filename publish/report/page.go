package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strconv"
	"strings"

	"waymark/fault"
	"waymark/lang"
)

//go:embed page.html
var pageHTML string

//go:embed screen.css
var screenCSS string

//go:embed print.css
var printCSS string

// page is the whole page as the template writes it.
type page struct {
	Lang     string
	Policy   string
	Style    template.HTML
	Title    string
	Kicker   template.HTML
	Heading  template.HTML
	Subtitle template.HTML
	Standing []template.HTML
	Figures  []keyView
	Findings []findingView
	Contents []linkView
	Sections []sectionView
	Annex    []tableView
	Colophon []factView
	Feet     []string
	Say      map[string]string // the page's own words, by the part of their key after "report."
}

type keyView struct {
	Number template.HTML
	Held   bool
	Label  template.HTML
}

type findingView struct {
	Number                string
	Say, Sure, Do, Actors template.HTML
	See                   template.HTML
}

type linkView struct{ ID, Number, Name string }

type sectionView struct {
	ID, Number string
	Title      template.HTML
	Body       []template.HTML
}

type factView struct{ Label, Value template.HTML }

// Render writes a document as one self-contained HTML page in the printer's language. The error, where there
// is one, holds a fault.Issue for everything that makes the document unfit; nothing is rendered then.
func Render(doc Document, p *lang.Printer) ([]byte, error) {
	w := &writer{doc: doc, p: p}
	w.check()
	tmpl, err := template.New("page").Parse(pageHTML)
	if err != nil {
		return nil, fmt.Errorf("parse page template: %w", err)
	}
	view := w.page(tmpl)
	if err := once(w.issues).Err(); err != nil {
		return nil, fmt.Errorf("render report %s in %s: %w", doc.ID, p.Tag(), err)
	}
	var out bytes.Buffer
	if err := tmpl.Execute(&out, view); err != nil {
		return nil, fmt.Errorf("render report %s in %s: %w", doc.ID, p.Tag(), err)
	}
	return out.Bytes(), nil
}

// once takes out issues that were found twice: a title is written in the contents as well.
func once(issues fault.Issues) fault.Issues {
	seen := map[string]bool{}
	return slices.DeleteFunc(issues, func(i fault.Issue) bool {
		had := seen[i.Error()]
		seen[i.Error()] = true
		return had
	})
}

func (w *writer) page(tmpl *template.Template) page {
	w.part = "title"
	v := page{Lang: w.p.Tag(), Title: w.line(w.doc.Title), Heading: w.text(w.doc.Title),
		Kicker: w.text(w.doc.Kicker), Subtitle: w.text(w.doc.Subtitle), Say: w.ownWords()}
	w.part = "standing"
	v.Standing, v.Feet = w.standing(), w.feet()
	w.front(&v)
	v.Contents = append(v.Contents, linkView{ID: "glance", Name: v.Say["glance"]})
	b := &body{w: w, tmpl: tmpl, taken: map[string]bool{}}
	for n, s := range w.doc.Sections {
		w.part = "sections[" + strconv.Itoa(n+1) + "]"
		number := strconv.Itoa(n + 1)
		v.Contents = append(v.Contents, linkView{ID: s.ID, Number: number, Name: w.line(s.Title)})
		v.Sections = append(v.Sections, sectionView{ID: s.ID, Number: number, Title: w.text(s.Title), Body: b.blocks(s.Blocks)})
	}
	if v.Annex = b.annex; len(v.Annex) > 0 {
		v.Contents = append(v.Contents, linkView{ID: "annex", Name: v.Say["annex"]})
	}
	w.part = "colophon"
	for _, f := range w.doc.Colophon {
		value, _ := w.arg(f.Value)
		v.Colophon = append(v.Colophon, factView{w.text(f.Label), value})
	}
	v.Contents = append(v.Contents, linkView{ID: "about", Name: v.Say["about"]})
	v.Style, v.Policy = w.style(v)
	return v
}

// front fills page one.
func (w *writer) front(v *page) {
	for n, k := range w.doc.Summary.Figures {
		w.part = "summary.figures[" + strconv.Itoa(n+1) + "]"
		number, _ := w.arg(k.Number)
		v.Figures = append(v.Figures, keyView{Number: number, Held: strings.Contains(string(number), `class="held"`), Label: w.text(k.Label)})
	}
	for n, f := range w.doc.Summary.Findings {
		w.part = "summary.findings[" + strconv.Itoa(n+1) + "]"
		view := findingView{Number: strconv.Itoa(n + 1), Say: w.text(f.Say), Sure: w.text(f.Sure), Do: w.text(f.Do), Actors: w.text(f.Actors)}
		if f.Anchor != "" {
			view.See = w.see(f.Anchor)
		}
		v.Findings = append(v.Findings, view)
	}
}

// ownWords gives the words of the page itself.
func (w *writer) ownWords() map[string]string {
	out := map[string]string{}
	for _, key := range []string{"skip", "contents", "glance", "sure", "do", "actors", "see", "annex", "annex-lead", "about", "languages"} {
		out[key] = w.say(key, nil)
	}
	names := make([]string, 0, len(w.doc.Languages))
	for _, tag := range w.doc.Languages {
		names = append(names, w.say("language-"+tag, nil))
	}
	out["language-list"] = w.p.List(names)
	return out
}

// style gives the page's one style element and the policy that allows it and nothing else.
func (w *writer) style(v page) (template.HTML, string) {
	foot := strings.NewReplacer(
		"{{FOOT}}", cssString(strings.Join(v.Feet, " · ")),
		"{{TITLE}}", cssString(shorten(v.Title, 90)),
		"{{PAGE}}", cssString(w.say("page", nil)+" "),
		"{{OF}}", cssString(" "+w.say("of", nil)+" "),
	)
	css := "\n" + screenCSS + foot.Replace(printCSS)
	sum := sha256.Sum256([]byte(css))
	policy := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
	return template.HTML("<style>" + css + "</style>"), policy
}

// cssString quotes a text for a style sheet; everything but letters, digits and spaces is written as its number.
func cssString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		if r == ' ' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			b.WriteRune(r)
			continue
		}
		fmt.Fprintf(&b, "\\%06x ", r)
	}
	b.WriteByte('"')
	return b.String()
}

// shorten cuts a text at a word.
func shorten(s string, most int) string {
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	cut := string(runes[:most])
	if at := strings.LastIndexByte(cut, ' '); at > 0 {
		cut = cut[:at]
	}
	return cut + "…"
}

// plain takes the entities out of an escaped text.
func plain(h template.HTML) string { return unescape.Replace(string(h)) }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
