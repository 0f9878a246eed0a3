package plan

import (
	"fmt"
	"maps"
	"slices"

	"waymark/dataset"
	"waymark/fault"
)

// The small rules that checks are made of. Each reports at the path it is given.

func (r *reader) id(at, id string) {
	if !idForm.MatchString(id) {
		r.add(CodeBadID, at, map[string]any{"id": id})
	}
}

// labels asks for an English and a French text.
func (r *reader) labels(at string, l Labels) {
	for _, tag := range []string{"en", "fr"} {
		if l[tag] == "" {
			r.add(CodeLanguage, at, map[string]any{"language": tag})
		}
	}
	for _, tag := range slices.Sorted(maps.Keys(l)) {
		if tag != "en" && tag != "fr" {
			r.issue(CodeUnusedPart, fault.Soft, at+"."+tag, map[string]any{"part": tag, "kind": "title"})
		}
	}
}

// optional asks for both languages where there is a text at all.
func (r *reader) optional(at string, l Labels) {
	if len(l) > 0 {
		r.labels(at, l)
	}
}

func (r *reader) choice(at, have string, choices ...string) {
	if !slices.Contains(choices, have) {
		r.add(CodeChoice, at, map[string]any{"have": have, "choices": choices})
	}
}

func (r *reader) day(at, day string) {
	if day != "" && !dayForm.MatchString(day) {
		r.add(CodeBadDate, at, map[string]any{"want": "2016-11-30"})
	}
}

func (r *reader) noSuch(at, what, id string) {
	r.add(CodeNoSuch, at, map[string]any{"what": what, "id": id})
}

func (r *reader) unique(at string, ids []string) {
	seen := map[string]bool{}
	for i, id := range ids {
		if id != "" && seen[id] {
			r.add(CodeTwice, fmt.Sprintf("%s[%d]", at, i), map[string]any{"id": id})
		}
		seen[id] = true
	}
}

func (r *reader) oneOf(at string, given map[string]bool) {
	n := 0
	for _, g := range given {
		if g {
			n++
		}
	}
	if n != 1 {
		r.add(CodeOneOf, at, map[string]any{"keys": slices.Sorted(maps.Keys(given))})
	}
}

func (r *reader) filter(at, text string, required bool) {
	if text == "" {
		if required {
			r.add(CodeMissing, at, map[string]any{"key": "keep"})
		}
		return
	}
	if _, err := dataset.ParseFilter(text); err != nil {
		detail := ""
		if is := fault.Of(err); len(is) > 0 {
			detail = fmt.Sprint(is[0].Place.Column)
		}
		r.add(CodeBadFilter, at, map[string]any{"column": detail})
	}
}

func (r *reader) outcomesExist(at string, p *Plan, list []string) {
	for i, id := range list {
		if p.Outcome(id) == nil {
			r.noSuch(fmt.Sprintf("%s[%d]", at, i), "outcome", id)
		}
	}
}

func (r *reader) contrast(at string, p *Plan, c Contrast) {
	x, ok := p.Predictor(c.Predictor)
	if !ok {
		r.noSuch(at+".predictor", "predictor", c.Predictor)
		return
	}
	if !x.Number && !x.has(c.Level) {
		r.noSuch(at+".level", "level", c.Level)
	}
}

func (r *reader) levelsExist(at string, p *Plan, m map[string]string) {
	for _, id := range slices.Sorted(maps.Keys(m)) {
		x, ok := p.Predictor(id)
		if !ok {
			r.noSuch(at+"."+id, "predictor", id)
			continue
		}
		if !x.Number && !x.has(m[id]) {
			r.noSuch(at+"."+id, "level", m[id])
		}
	}
}

func ids[T any](list []T, id func(T) string) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = id(v)
	}
	return out
}
