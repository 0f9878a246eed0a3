package flatten

import (
	"slices"
	"strings"

	"waymark/dataset"
	"waymark/form"
	"waymark/form/xpath"
)

// classes gives the class of each question of a form, by its place among them: what the form says, else the
// higher of that of its type and of the answers that it is made of. A calculation that puts a name and a place
// together is as sensitive as they are; one that looks into a file, an entity or the phone, or at answers it
// does not name, is restricted at least.
func classes(f *form.Form) []dataset.Sensitivity {
	out := make([]dataset.Sensitivity, len(f.Questions))
	byName, byPath := map[string][]int{}, map[string]int{}
	for i, q := range f.Questions {
		out[i] = classOf(q)
		byName[q.Name()] = append(byName[q.Name()], i)
		if _, twice := byPath[q.Path.String()]; !twice {
			byPath[q.Path.String()] = i
		}
	}
	from := make([][]int, len(f.Questions))
	for i, q := range f.Questions {
		if said(q) {
			continue
		}
		s := sources(q)
		if s.opaque {
			out[i] = max(out[i], dataset.Restricted)
		}
		for _, name := range s.names {
			from[i] = append(from[i], byName[name]...)
		}
		for _, path := range s.paths {
			if k, ok := byPath[path]; ok {
				from[i] = append(from[i], k)
			}
		}
	}
	for changed := true; changed; { // classes only rise, so this ends
		changed = false
		for i := range out {
			for _, k := range from[i] {
				if out[k] > out[i] {
					out[i], changed = out[k], true
				}
			}
		}
	}
	return out
}

func said(q form.Question) bool {
	_, ok := dataset.ParseSensitivity(q.Class)
	return ok && q.Class != ""
}

// source is what an answer is made of.
type source struct {
	names  []string // of questions
	paths  []string // of questions, from below the root element
	opaque bool     // of something that is not among the answers
}

// sources reads what fills in an answer by itself: its calculation, the default it starts with, and of a choice
// among answers those answers.
func sources(q form.Question) source {
	var s source
	s.read(q, q.Calculation)
	if strings.ContainsAny(q.Default, "$(/") {
		s.read(q, q.Default)
	}
	if q.Type.Select() && q.List == "" && q.File == "" {
		if _, of, ok := strings.Cut(q.Written, " "); ok && strings.ContainsAny(of, "$/") {
			s.read(q, of)
			s.opaque = true // what the path names is a repeat; the answers shown are in it
		}
	}
	return s
}

// lookingOut are the functions that give what is not among the answers.
var lookingOut = []string{"pulldata", "property", "search", "extract-signed", "newer"}

func (s *source) read(q form.Question, text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	e, err := xpath.Parse(text)
	if err != nil {
		return // words, or what phones refuse
	}
	for _, f := range e.Functions() {
		s.opaque = s.opaque || slices.Contains(lookingOut, f.Name)
	}
	for _, p := range e.Paths() {
		if p.Instance == form.LastSavedInstance && len(p.Steps) > 1 { // the same questions, of the record saved before
			s.paths = append(s.paths, form.Path(p.Steps[1:]).String())
			continue
		}
		s.opaque = s.opaque || p.Instance != "" || slices.Contains(p.Steps, "//") || slices.Contains(p.Steps, "*")
		if p.Reference != "" {
			s.names = append(s.names, p.Reference)
		}
	}
	context := append([]string{"/"}, q.Path...)
	for _, to := range e.References(context, nil) {
		if len(to) > 1 {
			s.paths = append(s.paths, form.Path(to[1:]).String())
		}
	}
}
