package collect

import (
	_ "embed"
	"encoding/csv"
	"strings"
	"sync"

	"waymark/dataset"
	"waymark/fault"
	"waymark/form"
	"waymark/names"
)

// CodeProtected says that a question was classed strict for its words: about (a code), question. It is soft.
const CodeProtected fault.Code = "collect.protected"

// protectedWords are the words of protected/words.csv; protected/SOURCE says where they are from.
//
//go:embed protected/words.csv
var protectedWords string

// phrase is a row of the list: words one after another, the last of which may be open at its end.
type phrase struct {
	about string
	words []string
}

var phrases = sync.OnceValue(func() map[string][]phrase {
	rows, err := csv.NewReader(strings.NewReader(protectedWords)).ReadAll()
	if err != nil {
		panic("collect: protected/words.csv: " + err.Error())
	}
	out := map[string][]phrase{}
	for _, row := range rows[1:] {
		p := phrase{about: row[0], words: strings.Fields(row[2])}
		key := p.words[0]
		if strings.HasSuffix(key, "*") {
			key = key[:3] // open words are looked up by how they begin
		}
		out[key] = append(out[key], p)
	}
	return out
})

// about says what a text that names a question marks it as; "" nothing that is protected.
func about(text string) string {
	words := strings.Fields(names.Fold(text))
	all := phrases()
	for i, w := range words {
		for _, p := range all[w] {
			if p.at(words[i:]) {
				return p.about
			}
		}
		if len(w) < 3 {
			continue
		}
		for _, p := range all[w[:3]] {
			if p.at(words[i:]) {
				return p.about
			}
		}
	}
	return ""
}

// at says whether the words begin with the phrase.
func (p phrase) at(words []string) bool {
	if len(p.words) > len(words) {
		return false
	}
	for i, w := range p.words {
		stem, open := strings.CutSuffix(w, "*")
		if open && !strings.HasPrefix(words[i], stem) || !open && words[i] != w {
			return false
		}
	}
	return true
}

// ProtectedQuestions reports each question whose name or label marks it as being about trafficking, violence,
// detention, contacts or a person's story, unless the form's author gave a class: these are strict once the form is
// uploaded. The form stays as it is.
func ProtectedQuestions(f *form.Form) fault.Issues {
	var issues fault.Issues
	for i := range f.Questions {
		if found := protectedFor(&f.Questions[i]); found != "" {
			issues = append(issues, protectedIssue(&f.Questions[i], found))
		}
	}
	return issues
}

// protect raises the questions that ProtectedQuestions reports to strict. It reports each, so that the author sees it
// and can give another class.
func protect(f *form.Form) fault.Issues {
	var issues fault.Issues
	for i := range f.Questions {
		q := &f.Questions[i]
		if found := protectedFor(q); found != "" {
			q.Class = dataset.Strict.String()
			issues = append(issues, protectedIssue(q, found))
		}
	}
	return issues
}

// protectedFor says what a question without a class of its author's is about that is protected; "" nothing.
func protectedFor(q *form.Question) string {
	if _, said := dataset.ParseSensitivity(q.Class); said && q.Class != "" {
		return ""
	}
	if !q.Type.Answered() || q.Type == form.Metadata {
		return ""
	}
	found := about(q.Name())
	for _, label := range q.Labels {
		if found == "" && q.Type.Asked() {
			found = about(label)
		}
	}
	return found
}

func protectedIssue(q *form.Question, found string) fault.Issue {
	return fault.Issue{Code: CodeProtected, Severity: fault.Soft, Place: fault.Place{Row: q.Row, Field: q.Path.String()},
		Args: map[string]any{"question": q.Path.String(), "about": found}}
}
