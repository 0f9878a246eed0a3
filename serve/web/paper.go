package web

import (
	"regexp"
	"slices"
	"strings"

	"waymark/form"
	"waymark/lang"
	"waymark/serve/route"
	"waymark/trust/access"
)

func (s *site) paperRoutes() []route.Route {
	return []route.Route{s.get("/projects/{project}/forms/{form}/paper", access.ReadForms, s.paper)}
}

// paperView is a form as it is printed: in the form's language, whatever the page's own.
type paperView struct {
	Title, Version string
	Tag, Dir       string
	Languages      []languageLink
	Parts          []paperPart
	say            *voice // instructions: in the form's language where we have it
}

// T gives an instruction in the language of the paper where we have it, else in the page's.
func (p paperView) T(code string) string {
	if p.say == nil {
		return ""
	}
	return p.say.text("web."+code, nil)
}

// SayLang and SayDir are the language of instructions.
func (p paperView) SayLang() string { return p.say.Lang() }
func (p paperView) SayDir() string  { return p.say.Dir() }

// paperPart is a group with its questions; the form itself is the first.
type paperPart struct {
	Title  string
	Depth  int
	Repeat bool
	When   []string // under which it is asked, in words; empty: always
	Items  []paperItem
}

type paperItem struct {
	Number   int // 0: a note
	Name     string
	Label    string
	Hint     string
	Kind     string // "one", "many", "rank", "number", "text", "long", "date", "time", "place", "picture", "note", "tick"
	Choices  []string
	Codes    []string
	When     []string
	Required bool
	Filtered bool // choices depend on an earlier answer
	Long     bool // too many choices to print
}

// mostChoices is how many choices are printed; of longer lists a line is left for the answer.
const mostChoices = 60

func (s *site) paper(a *ask) error {
	name := a.value("version")
	if name == "" && a.form.Current == nil {
		name = draftName
	}
	version, err := s.version(a, name)
	if err != nil {
		return err
	}
	f, err := s.desk.Compiled(a.ctx, version)
	if err != nil {
		return err
	}
	v := s.paperOf(a.voice, f, a.value("in"))
	v.Title, v.Version = a.form.Title, version.Version
	return a.show("paper", "forms", a.title("paper", "form", a.form.Title), v)
}

// rightToLeft are languages that DTM's forms come in and that are written from right to left.
var rightToLeft = []string{"ar", "fa", "he", "ur", "ps", "ckb", "dv", "yi", "sd", "ug"}

func direction(tag string) string {
	base, _, _ := strings.Cut(tag, "-")
	if slices.Contains(rightToLeft, strings.ToLower(base)) {
		return "rtl"
	}
	return "ltr"
}

// paperOf lays a form out for a language that it has texts in.
func (s *site) paperOf(v *voice, f *form.Form, tag string) paperView {
	out := paperView{Tag: tag}
	known := false
	for _, l := range f.Texts {
		out.Languages = append(out.Languages, languageLink{l.Tag, v.language(l.Tag, l.Name)})
		known = known || l.Tag == tag
	}
	if !known {
		out.Tag = f.Language
		if len(f.Texts) > 0 && !slices.ContainsFunc(f.Texts, func(l form.Language) bool { return l.Tag == f.Language }) {
			out.Tag = f.Texts[0].Tag
		}
	}
	out.Dir = direction(out.Tag)
	out.say = v
	if own := s.voices[lang.Base(out.Tag)]; own != nil && v.turn == nil {
		out.say = own
	}
	p := printer{voice: out.say, form: f, tag: out.Tag, number: map[string]int{}}
	out.Parts = p.parts()
	return out
}

// printer writes one form in one of its languages.
type printer struct {
	*voice
	form   *form.Form
	tag    string
	number map[string]int // of a question by its name
}

func (p *printer) text(labels form.Labels, otherwise string) string {
	for _, tag := range []string{p.tag, p.form.Language, "und"} {
		if s := strings.TrimSpace(labels[tag]); s != "" {
			return p.plain(s)
		}
	}
	return p.label(labels, otherwise)
}

var (
	marks      = regexp.MustCompile(`\*\*|__|</?[a-zA-Z][^>]*>|^#+ *`)
	links      = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	answers    = regexp.MustCompile(`\$\{[^}]*\}|<output[^>]*/>`)
	references = regexp.MustCompile(`\$\{ *([^}]*?) *\}|(?:\.\./|/)[\pL_][\pL\pN_./-]*`)
)

// plain takes out marks that a phone would draw, and leaves a line where it would put an earlier answer.
func (p *printer) plain(s string) string {
	return answers.ReplaceAllString(marks.ReplaceAllString(links.ReplaceAllString(s, "$1"), ""), "______")
}

func (p *printer) parts() []paperPart {
	n := 0
	for _, q := range p.form.Questions {
		if q.Type.Asked() && q.Type != form.Note {
			n++
			p.number[q.Name()] = n
		}
	}
	parts := []paperPart{{}}
	at := map[string]int{"": 0}
	for _, g := range p.form.Groups {
		at[g.Path.String()] = len(parts)
		parts = append(parts, paperPart{Title: p.text(g.Labels, ""), Depth: len(g.Path), Repeat: g.Repeat, When: p.when(g.Relevant)})
	}
	// A group goes on after the groups within it: a part without a title takes what follows them.
	order := []paperPart{}
	last := -1
	for _, q := range p.form.Questions {
		item, ok := p.item(q)
		if !ok {
			continue
		}
		around := at[form.Path(q.Path[:len(q.Path)-1]).String()]
		if around != last {
			part := parts[around]
			for _, earlier := range order {
				if part.Title != "" && earlier.Title == part.Title && earlier.Depth == part.Depth {
					part.When, part.Repeat = nil, false
				}
			}
			order = append(order, part)
			last = around
		}
		order[len(order)-1].Items = append(order[len(order)-1].Items, item)
	}
	return order
}

func (p *printer) item(q form.Question) (paperItem, bool) {
	if !q.Type.Asked() || q.Calculation != "" {
		return paperItem{}, false
	}
	item := paperItem{Number: p.number[q.Name()], Name: q.Name(), Label: p.text(q.Labels, q.Name()), Hint: p.text(q.Hints, ""),
		When: p.when(q.Relevant), Required: q.Required != "" && q.Required != "false()", Filtered: q.ChoiceFilter != ""}
	switch q.Type {
	case form.Note:
		item.Kind = "note"
	case form.SelectOne:
		item.Kind = "one"
	case form.SelectMultiple:
		item.Kind = "many"
	case form.Rank:
		item.Kind = "rank"
	case form.Integer, form.Decimal, form.Range:
		item.Kind = "number"
	case form.Date, form.DateTime:
		item.Kind = "date"
	case form.Time:
		item.Kind = "time"
	case form.Geopoint, form.Geotrace, form.Geoshape:
		item.Kind = "place"
	case form.Image, form.Audio, form.Video, form.File:
		item.Kind = "picture"
	case form.Acknowledge:
		item.Kind = "tick"
	default:
		item.Kind = "text"
		if strings.Contains(q.Appearance, "multiline") {
			item.Kind = "long"
		}
	}
	if list := p.form.List(q.List); list != nil && q.Type.Select() {
		item.Long = len(list.Choices) > mostChoices
		if !item.Long {
			for _, c := range list.Choices {
				item.Choices = append(item.Choices, p.text(c.Labels, c.Name))
				item.Codes = append(item.Codes, c.Name)
			}
		}
	}
	item.Long = item.Long || q.File != "" || q.Type.Select() && len(item.Choices) == 0
	return item, true
}
