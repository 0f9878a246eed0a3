package lang

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"waymark/fault"
)

// CodeUnknownLanguage says that a language was asked for that has no texts.
const CodeUnknownLanguage fault.Code = "lang.unknown-language"

// Tags are the languages that texts exist in; the first is the source of the others.
func Tags() []string { return []string{"en", "fr"} }

// Printer writes in one language. It is made by New and may be used by several goroutines.
type Printer struct {
	tag string

	mu     sync.Mutex
	loaded map[string]bool // rooms whose file was read
	all    bool
	forms  map[string]i18n.Message // texts as their files have them
	set    map[string]bool         // texts in the bundle
	bundle *i18n.Bundle
	local  *i18n.Localizer
}

// New gives the printer of a language. It takes a BCP 47 tag or a POSIX locale ("fr", "fr-CA", "fr_FR.UTF-8")
// and answers CodeUnknownLanguage for a language without texts. It reads no file.
func New(tag string) (*Printer, error) {
	base := Base(tag)
	if !slices.Contains(Tags(), base) {
		return nil, fault.Issue{Code: CodeUnknownLanguage, Args: map[string]any{"tag": tag, "known": strings.Join(Tags(), ", ")}}
	}
	return &Printer{tag: base}, nil
}

// Base is the language of a tag or locale in lower case, without region or encoding: "fr" of "fr_FR.UTF-8".
// "C" and "POSIX" are English.
func Base(tag string) string {
	base, _, _ := strings.Cut(tag, ".")
	base, _, _ = strings.Cut(strings.ReplaceAll(base, "_", "-"), "-")
	base = strings.ToLower(base)
	if base == "c" || base == "posix" {
		return "en"
	}
	return base
}

// Tag is "en" or "fr".
func (p *Printer) Tag() string { return p.tag }

// Counted is an argument that is written as Text and counted as Count: a number with its own form, or one
// that may not be shown.
type Counted struct {
	Count float64
	Text  string
}

// Text gives the words of a code. Where there is no text the code itself is given: a missing text is a fault
// that our tests find, and no reason to stop.
func (p *Printer) Text(code string, args map[string]any) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	msg, ok := p.message(code)
	if !ok {
		return code
	}
	p.ready(msg)
	conf := &i18n.LocalizeConfig{MessageID: code, TemplateData: p.words(args)}
	if counts(msg) {
		if n, ok := countOf(msg, args); ok {
			conf.PluralCount = n
		}
	}
	text, err := p.local.Localize(conf)
	if text == "" && err != nil {
		return code
	}
	return text
}

// Has says whether the printer's own language has a text for a code.
func (p *Printer) Has(code string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, ok := p.message(code)
	return ok
}

// Issue gives the words of an issue after its place: "plan.yaml, row 12, column 3 (models): ...".
func (p *Printer) Issue(i fault.Issue) string {
	text := p.Text(string(i.Code), i.Args)
	place := p.Place(i.Place)
	if place == "" {
		return text
	}
	return p.Text("lang.issue", map[string]any{"place": place, "text": text})
}

// Place says where an issue is, with what is known of it.
func (p *Printer) Place(at fault.Place) string {
	var parts []string
	if at.Document != "" {
		parts = append(parts, at.Document)
	}
	add := func(code string, value any) {
		parts = append(parts, p.Text(code, map[string]any{"at": fmt.Sprint(value)}))
	}
	if at.Sheet != "" {
		add("lang.sheet", at.Sheet)
	}
	if at.Row > 0 {
		add("lang.row", at.Row)
	}
	if at.Column > 0 {
		add("lang.column", at.Column)
	}
	s := strings.Join(parts, ", ")
	switch {
	case at.Field == "":
		return s
	case s == "":
		return at.Field
	}
	return s + " (" + at.Field + ")"
}

// Error gives the words of every issue in an error, one a line; an error without issues gives its own text.
func (p *Printer) Error(err error) string {
	issues := fault.Of(err)
	if len(issues) == 0 {
		return err.Error()
	}
	lines := make([]string, len(issues))
	for n, i := range issues {
		lines[n] = p.Issue(i)
	}
	return strings.Join(lines, "\n")
}

// Label chooses the words of a label in the printer's language, with its typography, else in English, else in
// the first language by name, so that a label is never empty where it has any words.
func (p *Printer) Label(labels map[string]string) string {
	for _, tag := range []string{p.tag, "en"} {
		if s := labels[tag]; s != "" {
			return Typeset(tag, s)
		}
	}
	first := ""
	for tag, s := range labels {
		if s != "" && (first == "" || tag < first) {
			first = tag
		}
	}
	return labels[first]
}

// words writes every argument as the language does.
func (p *Printer) words(args map[string]any) map[string]any {
	out := make(map[string]any, len(args))
	for name, value := range args {
		out[name] = p.word(value)
	}
	return out
}

func (p *Printer) word(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case Counted:
		return v.Text
	case []string:
		return p.List(v)
	case map[string]string:
		return p.Label(v)
	case time.Time:
		return p.Date(v)
	case fault.Code:
		return string(v)
	case error:
		return v.Error()
	case fmt.Stringer:
		return v.String()
	case float32:
		return p.Real(float64(v))
	case float64:
		return p.Real(v)
	}
	if n, ok := whole(value); ok {
		return p.Number(n, 0)
	}
	return fmt.Sprint(value)
}

// Real writes a number with as many decimals as it needs, up to six figures.
func (p *Printer) Real(x float64) string {
	if x == 0 || math.IsNaN(x) || math.IsInf(x, 0) {
		return p.Number(x, 0)
	}
	whole := int(math.Floor(math.Log10(math.Abs(x)))) + 1
	s := strconv.FormatFloat(x, 'f', min(max(6-whole, 0), 12), 64)
	_, decimals, _ := strings.Cut(s, ".")
	return p.Number(x, len(strings.TrimRight(decimals, "0")))
}

// counts says whether a message has more than one form.
func counts(m i18n.Message) bool { return m.One != "" || m.Many != "" }

// countOf finds the number that chooses a text's form.
func countOf(m i18n.Message, args map[string]any) (any, bool) {
	for _, name := range []string{"count", "n"} {
		if n, ok := quantity(args[name]); ok {
			return n, true
		}
	}
	for _, name := range placeholders(m.Other) {
		if n, ok := quantity(args[name]); ok {
			return n, true
		}
	}
	return nil, false
}

// quantity gives a number in the form that the plural rules take: they tell 1 from 1.0.
func quantity(value any) (any, bool) {
	switch v := value.(type) {
	case Counted:
		return strconv.FormatFloat(math.Abs(v.Count), 'f', -1, 64), !math.IsNaN(v.Count) && !math.IsInf(v.Count, 0)
	case float64:
		return strconv.FormatFloat(math.Abs(v), 'f', -1, 64), !math.IsNaN(v) && !math.IsInf(v, 0)
	}
	if n, ok := whole(value); ok {
		return strconv.FormatFloat(math.Abs(n), 'f', -1, 64), true
	}
	return nil, false
}

// whole reads any integer kind, named types too.
func whole(value any) (float64, bool) {
	v := reflect.ValueOf(value)
	switch {
	case !v.IsValid():
		return 0, false
	case v.CanInt():
		return float64(v.Int()), true
	case v.CanUint():
		return float64(v.Uint()), true
	}
	return 0, false
}

// language tags of the two languages, by name.
func tagOf(name string) language.Tag {
	if name == "fr" {
		return language.French
	}
	return language.English
}
