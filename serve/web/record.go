package web

import (
	"errors"
	"strconv"
	"strings"

	"waymark/collect"
	"waymark/fault"
	"waymark/form"
	"waymark/serve/route"
	"waymark/trust/access"
)

const recordPath = "/projects/{project}/forms/{form}/records/{instance}"

func (s *site) recordRoutes() []route.Route {
	return []route.Route{
		s.get(recordPath, access.ReadRecords, s.record),
		s.get(recordPath+"/history", access.ReadRecords, s.history),
		s.get(recordPath+"/files/{name}", access.ReadRestricted, s.attachment),
		s.post(recordPath+"/review", access.ReviewRecords, s.review),
		s.post(recordPath+"/comment", access.ReviewRecords, s.comment),
		s.post(recordPath+"/flag", access.ReviewRecords, s.raise),
		s.post(recordPath+"/delete", access.DeleteRecords, s.deleteRecord),
		s.post(recordPath+"/restore", access.DeleteRecords, s.restoreRecord),
	}
}

// recordView is one record: what was answered, grouped as in the form, and what was decided of it.
type recordView struct {
	collect.Record
	Who      string
	Parts    []partView
	Issues   []issueView
	Flags    []flagLine
	Comments []commentView
	Reviews  []collect.Review
	Sealed   bool // an answer is sealed to the reader
	Open     bool // shown with restricted answers
	Opening  string
	Ready    string // an opening of the reader's that is open now and has not been used on this page
	Rights   recordRights
	Stage    string // "draft" or ""
}

// recordRights are what the reader may do with a record.
type recordRights struct{ Restricted, Edit, Review, Delete, Ask bool }

// partView is a group of answers, or one instance of a repeat.
type partView struct {
	Title   string
	Depth   int
	Number  int // of an instance of a repeat; 0: a group
	Answers []questionView
}

type questionView struct {
	Label  string
	Name   string
	Answer answerView
	File   string // the answer names a file that has arrived
}

type commentView struct {
	collect.Comment
	Who string
}

// restricted says whether the reader asked for restricted answers, and may have them. Asking is an act of its own,
// by a button: opening a record does not read what is protected.
func (a *ask) restricted() bool { return a.ticked("open") && a.may(access.ReadRestricted) }

func (s *site) record(a *ask) error {
	v, err := s.recordView(a)
	if err != nil {
		return err
	}
	return a.show("record", "records", a.title("record"), v)
}

func (s *site) recordView(a *ask) (recordView, error) {
	stage := collect.Stage(a.ticked("drafts"))
	instance := a.r.PathValue("instance")
	r, err := s.desk.Record(a.ctx, a.by, a.project.ID, a.form.ID, instance, stage)
	if err != nil {
		return recordView{}, err
	}
	v := recordView{Record: r, Reviews: []collect.Review{collect.Approved, collect.HasIssues, collect.Rejected, collect.Received}, Opening: a.value("opening"), Open: a.restricted(),
		Rights: recordRights{a.may(access.ReadRestricted), a.may(access.EditRecords), a.may(access.ReviewRecords), a.may(access.DeleteRecords), a.may(access.AskStrict)}}
	if stage == collect.Draft {
		v.Stage = "1"
	}
	if v.Opening == "" && v.Rights.Ask {
		if v.Ready, err = s.openingOf(a, r.Instance); err != nil {
			return v, err
		}
	}
	names := s.names(a)
	v.Who = names.of(r.Actor)
	for _, i := range r.Issues {
		v.Issues = append(v.Issues, issueView{Text: a.code(i.Code, i.Args), Soft: i.Severity == fault.Soft, At: i.Place.Field})
	}
	if v.Parts, v.Sealed, err = s.parts(a, r, stage, v.Opening); err != nil {
		return v, err
	}
	flags, err := s.desk.Flags(a.ctx, a.by, a.project.ID, a.form.ID, r.Instance)
	if err != nil {
		return v, err
	}
	for _, f := range flags {
		line := a.flagLine(f, names)
		line.Whole = true
		v.Flags = append(v.Flags, line)
	}
	comments, err := s.desk.Comments(a.ctx, a.by, a.project.ID, a.form.ID, r.Instance)
	if err != nil && !errors.Is(err, fault.Forbidden) {
		return v, err
	}
	for _, c := range comments {
		v.Comments = append(v.Comments, commentView{c, names.of(c.By)})
	}
	return v, nil
}

// openingOf finds an opening that the reader asked for, that holds now, and that a record lies in.
func (s *site) openingOf(a *ask, instance string) (string, error) {
	all, err := s.desk.Openings(a.ctx, a.by, a.project.ID)
	if err != nil {
		return "", err
	}
	for _, o := range all {
		if o.AskedBy == a.by.ID && o.Form == a.form.ID && (o.Instance == "" || o.Instance == instance) && !o.Refused && !o.Granted.IsZero() && s.options.Now().Before(o.Ends) {
			return o.ID, nil
		}
	}
	return "", nil
}

// parts reads the rows of a record and lays the answers out as the form asks them.
func (s *site) parts(a *ask, r collect.Record, stage collect.Stage, opening string) ([]partView, bool, error) {
	tables, err := s.desk.Tables(a.ctx, a.by, a.project.ID, a.form.ID, stage)
	if err != nil {
		return nil, false, err
	}
	groups := s.groups(a, r, stage)
	var out []partView
	sealed := false
	for _, t := range tables {
		q := collect.Query{Project: a.project.ID, Form: a.form.ID, Table: t.Name, Instance: r.Instance, Drafts: bool(stage), Deleted: r.Deleted, Restricted: a.restricted(), Opening: opening}
		for row, err := range s.desk.Rows(a.ctx, a.by, q) {
			if err != nil {
				return nil, false, err
			}
			shown := a.layOut(t, row, groups, r.Attachments)
			for _, p := range shown {
				for _, answer := range p.Answers {
					sealed = sealed || answer.Answer.Sealed
				}
			}
			out = append(out, shown...)
		}
	}
	return out, sealed, nil
}

// groups gives the labels of a form's groups and repeats, by path.
func (s *site) groups(a *ask, r collect.Record, stage collect.Stage) map[string]string {
	titles := map[string]string{}
	version, err := s.desk.Version(a.ctx, a.by, a.project.ID, a.form.ID, r.Version, stage)
	if err != nil {
		return titles
	}
	compiled, err := s.desk.Compiled(a.ctx, version)
	if err != nil {
		return titles
	}
	for _, g := range compiled.Groups {
		titles[g.Path.String()] = a.label(g.Labels, g.Path[len(g.Path)-1])
	}
	return titles
}

// layOut cuts a row into the groups of its form: a new part begins where the group around the answers changes.
func (a *ask) layOut(t collect.Table, row collect.Row, titles map[string]string, files []collect.Attachment) []partView {
	var parts []partView
	group := "\x00"
	for n, f := range t.Fields {
		if !f.Type.Answered() || hidden(f) || n >= len(row.Cells) || n > 0 && f.Path.String() == t.Fields[n-1].Path.String() {
			continue
		}
		around := f.Path[:max(len(f.Path)-1, 0)]
		if key := around.String(); key != group {
			group = key
			p := partView{Title: titles[key], Depth: len(around)}
			if len(t.Path) > 0 && key == t.Path.String() {
				p.Number = row.Position
			}
			parts = append(parts, p)
		}
		answer := a.answer(f, row.Cells[n])
		q := questionView{Label: a.question(f), Name: f.Path.String(), Answer: answer}
		for _, file := range files {
			if file.Digest != "" && file.Name == row.Cells[n].Text && isFile(f.Type) {
				q.File = file.Name
			}
		}
		last := &parts[len(parts)-1]
		last.Answers = append(last.Answers, q)
	}
	return parts
}

func isFile(t form.Type) bool {
	return t == form.Image || t == form.Audio || t == form.Video || t == form.File
}

func (a *ask) recordAddress(more ...any) string {
	return at(append([]any{"projects", a.project.ID, "forms", a.form.ID, "records", a.r.PathValue("instance")}, more...)...)
}

func (s *site) recordAgain(a *ask, err error) error {
	v, other := s.recordView(a)
	if other != nil {
		return other
	}
	return a.again("record", "records", a.title("record"), v, err)
}

func (s *site) review(a *ask) error {
	state := collect.Review(a.value("review"))
	known := false
	for _, r := range reviews {
		known = known || r == state
	}
	if !known {
		return fault.Invalid
	}
	if err := s.desk.SetReview(a.ctx, a.by, a.project.ID, a.form.ID, a.r.PathValue("instance"), state, a.value("comment")); err != nil {
		return s.recordAgain(a, err)
	}
	return a.see(a.recordAddress(), "reviewed")
}

func (s *site) comment(a *ask) error {
	if wrong := required(a, "text"); len(wrong) > 0 {
		return s.recordAgain(a, wrong)
	}
	if err := s.desk.AddComment(a.ctx, a.by, a.project.ID, a.form.ID, a.r.PathValue("instance"), a.value("text")); err != nil {
		return s.recordAgain(a, err)
	}
	return a.see(a.recordAddress(), "commented")
}

// raise notes a doubt of a person's own.
func (s *site) raise(a *ask) error {
	if wrong := required(a, "doubt"); len(wrong) > 0 {
		return s.recordAgain(a, wrong)
	}
	if err := s.desk.RaiseFlag(a.ctx, a.by, a.project.ID, a.form.ID, a.r.PathValue("instance"), a.value("doubt")); err != nil {
		return s.recordAgain(a, err)
	}
	return a.see(a.recordAddress(), "raised")
}

func (s *site) deleteRecord(a *ask) error {
	if err := s.desk.DeleteRecord(a.ctx, a.by, a.project.ID, a.form.ID, a.r.PathValue("instance")); err != nil {
		return s.recordAgain(a, err)
	}
	return a.see(at("projects", a.project.ID, "forms", a.form.ID, "records"), "deleted")
}

func (s *site) restoreRecord(a *ask) error {
	if err := s.desk.RestoreRecord(a.ctx, a.by, a.project.ID, a.form.ID, a.r.PathValue("instance")); err != nil {
		return err
	}
	return a.see(a.recordAddress(), "restored")
}

func (s *site) attachment(a *ask) error {
	file, r, err := s.desk.Attachment(a.ctx, a.by, a.project.ID, a.form.ID, a.r.PathValue("instance"), a.r.PathValue("name"), a.value("opening"))
	if err != nil {
		return err
	}
	defer r.Close()
	return a.download(file.Name, file.Type, r)
}

// historyView lists the versions of a record, and what differs between two where the reader may see the answers.
type historyView struct {
	Record   collect.Record
	Versions []versionLine
	Changes  []answerChange
	Compared bool
	Refused  bool // the answers may not be opened by this reader
	Opening  string
}

type versionLine struct {
	collect.RecordVersion
	Number int
	Who    string
	From   string // the version before it
}

func (s *site) history(a *ask) error {
	instance := a.r.PathValue("instance")
	r, err := s.desk.Record(a.ctx, a.by, a.project.ID, a.form.ID, instance, collect.Published)
	if err != nil {
		return err
	}
	versions, err := s.desk.RecordVersions(a.ctx, a.by, a.project.ID, a.form.ID, instance)
	if err != nil {
		return err
	}
	v := historyView{Record: r, Opening: a.value("opening")}
	names := s.names(a)
	sortVersions(versions)
	for n, one := range versions {
		line := versionLine{RecordVersion: one, Number: n + 1, Who: names.of(one.Actor)}
		if n > 0 {
			line.From = versions[n-1].Instance
		}
		v.Versions = append(v.Versions, line)
	}
	from, to := a.value("from"), a.value("to")
	if from != "" && to != "" {
		before, err := s.desk.RawRecord(a.ctx, a.by, a.project.ID, a.form.ID, instance, from, v.Opening)
		if err == nil {
			var after []byte
			if after, err = s.desk.RawRecord(a.ctx, a.by, a.project.ID, a.form.ID, instance, to, v.Opening); err == nil {
				v.Compared = true
				v.Changes = differences(before, after, s.dictionary(a, r))
			}
		}
		if errors.Is(err, fault.Forbidden) {
			v.Refused = true
		} else if err != nil {
			return err
		}
	}
	return a.show("history", "records", a.title("history"), v)
}

// dictionary words the questions and choices of a version of a form.
func (s *site) dictionary(a *ask, r collect.Record) dictionary {
	d := dictionary{labels: map[string]string{}, choices: map[string]map[string]string{}, many: map[string]bool{}}
	version, err := s.desk.Version(a.ctx, a.by, a.project.ID, a.form.ID, r.Version, collect.Published)
	if err != nil {
		return d
	}
	compiled, err := s.desk.Compiled(a.ctx, version)
	if err != nil {
		return d
	}
	for _, q := range compiled.Questions {
		path := q.Path.String()
		d.labels[path] = a.label(q.Labels, "")
		if name := "web.metadata." + q.Name(); q.Type == form.Metadata && a.Has(name) {
			d.labels[path] = a.text(name, nil)
		}
		d.many[path] = q.Type.Select() && q.Type != form.SelectOne
		if list := compiled.List(q.List); list != nil && q.Type.Select() {
			d.choices[path] = map[string]string{}
			for _, c := range list.Choices {
				d.choices[path][c.Name] = a.label(c.Labels, c.Name)
			}
		}
	}
	return d
}

// plainPath takes the positions of repeats out of a leaf's path: "person[2]/age" asks for the label of "person/age".
func plainPath(path string) string {
	parts := strings.Split(path, "/")
	for n, p := range parts {
		if at := strings.LastIndexByte(p, '['); at > 0 {
			if _, err := strconv.Atoi(strings.TrimSuffix(p[at+1:], "]")); err == nil {
				parts[n] = p[:at]
			}
		}
	}
	return strings.Join(parts, "/")
}
