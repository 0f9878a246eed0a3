package web

import (
	"bytes"
	"slices"
	"strings"

	"waymark/collect"
	"waymark/fault"
	"waymark/form"
	"waymark/serve/route"
	"waymark/trust/access"
)

func (s *site) versionRoutes() []route.Route {
	return []route.Route{
		s.get("/projects/{project}/forms/{form}/changes", access.ReadForms, s.changes),
		s.get("/projects/{project}/forms/{form}/source", access.ReadForms, s.source),
		s.get("/projects/{project}/forms/{form}/test", access.ManageForms, s.testPage),
		s.post("/projects/{project}/forms/{form}/test", access.ManageForms, s.testDone),
	}
}

// draftName stands for the draft where an address names a version.
const draftName = "draft"

// version finds a version by what an address says.
func (s *site) version(a *ask, name string) (collect.Version, error) {
	if name == draftName && a.form.Draft != nil {
		return s.desk.Version(a.ctx, a.by, a.project.ID, a.form.ID, "", collect.Draft)
	}
	return s.desk.Version(a.ctx, a.by, a.project.ID, a.form.ID, name, collect.Published)
}

// source sends what a version was compiled from, or what phones get of it.
func (s *site) source(a *ask) error {
	v, err := s.version(a, a.value("version"))
	if err != nil {
		return err
	}
	if a.ticked("xml") || v.Source == nil {
		return a.download(a.form.ID+".xml", "text/xml", bytes.NewReader(v.XML))
	}
	return a.download(v.SourceName, "", bytes.NewReader(v.Source))
}

// changesView is what differs between two versions of a form.
type changesView struct {
	From, To string
	Names    []string // versions to choose from, the draft among them
	Changes  []changeView
	Same     bool
}

// changeView is one question, group or choice that differs.
type changeView struct {
	What   string // "added", "removed", "changed"
	Kind   string // "question", "group", "choice"
	Name   string
	Label  string
	Fields []fieldChange
}

type fieldChange struct{ Field, Tag, Before, After string }

func (s *site) changes(a *ask) error {
	versions, err := s.desk.Versions(a.ctx, a.by, a.project.ID, a.form.ID)
	if err != nil {
		return err
	}
	v := changesView{From: a.value("from"), To: a.value("to")}
	if a.form.Draft != nil && a.may(access.ManageForms) {
		v.Names = append(v.Names, draftName)
	}
	for _, one := range versions {
		v.Names = append(v.Names, one.Version)
	}
	if len(v.Names) < 2 {
		return a.show("changes", "forms", a.title("changes", "form", a.form.Title), v)
	}
	if !slices.Contains(v.Names, v.To) {
		v.To = v.Names[0]
	}
	if !slices.Contains(v.Names, v.From) {
		v.From = v.Names[1]
	}
	var compiled [2]*form.Form
	for n, name := range []string{v.From, v.To} {
		version, err := s.version(a, name)
		if err != nil {
			return err
		}
		if compiled[n], err = s.desk.Compiled(a.ctx, version); err != nil {
			return err
		}
	}
	v.Changes = a.compare(compiled[0], compiled[1])
	v.Same = len(v.Changes) == 0
	return a.show("changes", "forms", a.title("changes", "form", a.form.Title), v)
}

// compare lists what differs between two questionnaires: questions in the order of the new one, then those that
// are gone, then choices.
func (v *voice) compare(before, after *form.Form) []changeView {
	var out []changeView
	if before == nil || after == nil {
		return nil
	}
	was, is := questionsOf(before), questionsOf(after)
	for _, q := range after.Questions {
		path := q.Path.String()
		old, ok := was[path]
		switch {
		case !ok:
			out = append(out, changeView{What: "added", Kind: "question", Name: path, Label: v.label(q.Labels, "")})
		default:
			if fields := questionChanges(old, q); len(fields) > 0 {
				out = append(out, changeView{What: "changed", Kind: "question", Name: path, Label: v.label(q.Labels, ""), Fields: fields})
			}
		}
	}
	for _, q := range before.Questions {
		if _, ok := is[q.Path.String()]; !ok {
			out = append(out, changeView{What: "removed", Kind: "question", Name: q.Path.String(), Label: v.label(q.Labels, "")})
		}
	}
	return append(out, v.compareLists(before, after)...)
}

func questionsOf(f *form.Form) map[string]form.Question {
	all := make(map[string]form.Question, len(f.Questions))
	for _, q := range f.Questions {
		all[q.Path.String()] = q
	}
	return all
}

func questionChanges(a, b form.Question) []fieldChange {
	var out []fieldChange
	add := func(field, before, after string) {
		if before != after {
			out = append(out, fieldChange{Field: field, Before: before, After: after})
		}
	}
	add("type", a.Written, b.Written)
	for _, pair := range []struct {
		field         string
		before, after form.Labels
	}{{"label", a.Labels, b.Labels}, {"hint", a.Hints, b.Hints}} {
		for _, tag := range tagsOf(pair.before, pair.after) {
			if pair.before[tag] != pair.after[tag] {
				out = append(out, fieldChange{Field: pair.field, Tag: tag, Before: pair.before[tag], After: pair.after[tag]})
			}
		}
	}
	add("relevant", a.Relevant, b.Relevant)
	add("required", a.Required, b.Required)
	add("constraint", a.Constraint, b.Constraint)
	add("calculation", a.Calculation, b.Calculation)
	add("default", a.Default, b.Default)
	add("appearance", a.Appearance, b.Appearance)
	add("filter", a.ChoiceFilter, b.ChoiceFilter)
	add("class", a.Class, b.Class)
	return out
}

func tagsOf(a, b form.Labels) []string {
	var tags []string
	for t := range a {
		tags = append(tags, t)
	}
	for t := range b {
		if _, ok := a[t]; !ok {
			tags = append(tags, t)
		}
	}
	return sorted(tags)
}

// compareLists lists choices that came, went or are worded anew.
func (v *voice) compareLists(before, after *form.Form) []changeView {
	var out []changeView
	names := map[string]bool{}
	for _, l := range slices.Concat(after.Lists, before.Lists) {
		if names[l.Name] {
			continue
		}
		names[l.Name] = true
		was, is := choicesOf(before.List(l.Name)), choicesOf(after.List(l.Name))
		for _, c := range inOrder(after.List(l.Name)) {
			name := strings.Join([]string{l.Name, c.Name}, ": ")
			old, ok := was[c.Name]
			if !ok {
				out = append(out, changeView{What: "added", Kind: "choice", Name: name, Label: v.label(c.Labels, "")})
				continue
			}
			change := changeView{What: "changed", Kind: "choice", Name: name, Label: v.label(c.Labels, "")}
			for _, tag := range tagsOf(old.Labels, c.Labels) {
				if old.Labels[tag] != c.Labels[tag] {
					change.Fields = append(change.Fields, fieldChange{"label", tag, old.Labels[tag], c.Labels[tag]})
				}
			}
			if len(change.Fields) > 0 {
				out = append(out, change)
			}
		}
		for _, c := range inOrder(before.List(l.Name)) {
			if _, ok := is[c.Name]; !ok {
				out = append(out, changeView{What: "removed", Kind: "choice", Name: l.Name + ": " + c.Name, Label: v.label(c.Labels, "")})
			}
		}
	}
	return out
}

func inOrder(l *form.List) []form.Choice {
	if l == nil {
		return nil
	}
	return l.Choices
}

func choicesOf(l *form.List) map[string]form.Choice {
	all := map[string]form.Choice{}
	for _, c := range inOrder(l) {
		all[c.Name] = c
	}
	return all
}

// testPage offers the draft to a phone or a browser.
func (s *site) testPage(a *ask) error {
	if a.form.Draft == nil {
		return fault.NotFound
	}
	return a.show("test", "forms", a.title("test", "form", a.form.Title), testView{})
}

type testView struct{ Token *tokenView }

// testDone makes a token that is given this form alone, and shows it once (invariant 2).
func (s *site) testDone(a *ask) error {
	if a.form.Draft == nil {
		return fault.NotFound
	}
	name, _ := a.say("test.device", "form", a.form.ID)
	made, token, _, err := s.desk.AddDevice(a.ctx, a.by, collect.Device{Project: a.project.ID, Name: name, Forms: []string{a.form.ID}, Draft: true})
	if err != nil {
		return err
	}
	address := s.address(a.r) + "/v1/test/" + token + "/projects/" + itoa(a.project.ID) + "/forms/" + at(a.form.ID)[1:] + "/draft"
	return a.show("test", "forms", a.title("test", "form", a.form.Title), testView{Token: s.tokenView(a, made, token, "", address)})
}
