package web

import (
	"fmt"
	"html/template"
	"math"
	"strings"
	"time"

	"waymark/fault"
	"waymark/lang"
)

// voice says what a page says, in one language.
type voice struct {
	*lang.Printer
	zone *time.Location
	now  func() time.Time

	turn func(string) string // in tests: what a language written from right to left makes of a text
}

// Lang is the tag of the page's language.
func (v *voice) Lang() string {
	if v.turn != nil {
		return "ar"
	}
	return v.Tag()
}

// Dir is the direction that the page's language is written in.
func (v *voice) Dir() string {
	if v.turn != nil {
		return "rtl"
	}
	return "ltr"
}

// say gives the text of a code of this room, with arguments as name and value in turn.
func (v *voice) say(code string, args ...any) (string, error) {
	named := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		named[fmt.Sprint(args[i])] = args[i+1]
	}
	return v.text("web."+code, named), nil
}

func (v *voice) text(code string, args map[string]any) string {
	s := v.Text(code, args)
	if v.turn != nil {
		s = v.turn(s)
	}
	return s
}

// code gives the text of a code of another room, as flags and quarantine carry it.
func (v *voice) code(code fault.Code, args map[string]any) string { return v.text(string(code), args) }

func (v *voice) count(n int) string { return v.Number(float64(n), 0) }

// share writes a share in per cent; one that nobody could compute is a dash with words.
func (v *voice) share(x float64) string {
	if math.IsNaN(x) {
		return v.text("web.none", nil)
	}
	return v.Percent(x, 0)
}

func (v *voice) minutes(x float64) string {
	if math.IsNaN(x) {
		return v.text("web.none", nil)
	}
	return v.Number(x, 1)
}

// when writes a moment with its time of day, and for machines.
func (v *voice) when(t time.Time) template.HTML {
	if t.IsZero() {
		return ""
	}
	local := t.In(v.zone)
	text := v.text("web.when", map[string]any{"date": v.Date(local), "time": local.Format("15:04")})
	return template.HTML(`<time datetime="` + t.UTC().Format(time.RFC3339) + `">` + template.HTMLEscapeString(text) + `</time>`)
}

// stamp writes a moment in a table: short, the same in every language, and in order when it is sorted.
func (v *voice) stamp(t time.Time) template.HTML {
	if t.IsZero() {
		return ""
	}
	local := t.In(v.zone)
	return template.HTML(`<time class="stamp" datetime="` + t.UTC().Format(time.RFC3339) + `"><span class="keep">` + local.Format(time.DateOnly) + `</span> ` + local.Format("15:04") + `</time>`)
}

// day writes a moment as its day.
func (v *voice) day(t time.Time) template.HTML {
	if t.IsZero() {
		return ""
	}
	local := t.In(v.zone)
	return template.HTML(`<time datetime="` + local.Format(time.DateOnly) + `">` + template.HTMLEscapeString(v.Date(local)) + `</time>`)
}

// size writes a number of bytes in the unit that a reader can use.
func (v *voice) size(bytes int64) string {
	switch {
	case bytes >= 1<<20:
		return v.text("web.megabytes", map[string]any{"size": v.Number(float64(bytes)/(1<<20), 1)})
	case bytes >= 1<<10:
		return v.text("web.kilobytes", map[string]any{"size": v.Number(float64(bytes)/(1<<10), 0)})
	}
	return v.text("web.bytes", map[string]any{"count": bytes})
}

// label chooses the words of a label in the page's language, else in another, else what stands in for it.
func (v *voice) label(labels map[string]string, otherwise string) string {
	if s := strings.TrimSpace(v.Label(labels)); s != "" {
		return s
	}
	return otherwise
}

// problem is an issue as a page shows it: its words, and the field that it is about.
type problem struct {
	Field string
	Text  string
	Soft  bool
}

// problems gives the words of every issue in an error. An error that carries none is said by its kind.
func (v *voice) problems(err error) []problem {
	if err == nil {
		return nil
	}
	var out []problem
	for _, i := range fault.Of(err) {
		out = append(out, problem{Field: i.Place.Field, Text: v.code(i.Code, i.Args), Soft: i.Severity == fault.Soft})
	}
	if out == nil {
		out = append(out, problem{Text: v.text("web.fault."+kindOf(err).name, nil)})
	}
	return out
}
