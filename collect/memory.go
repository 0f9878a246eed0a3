package collect

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"waymark/dataset"
	"waymark/fault"
	"waymark/form"
	"waymark/form/flatten"
	"waymark/form/instance"
	"waymark/form/xform"
)

// fresh is how long what is remembered of a project counts where another program changes the same database:
// a form closed elsewhere takes no more records after that time.
const fresh = 2 * time.Second

// memory is what a desk remembers of projects and form versions, so that a record costs one transaction.
type memory struct {
	lock     sync.Mutex
	projects map[int64]*standing
	editions map[int64]*edition
	sites    map[int64]*sites
	merged   map[mergedKey]*merged
	raised   map[raisedKey]*edition
}

// standing is a project as it was at a time.
type standing struct {
	at      time.Time
	project Project
	forms   map[string]Form
	devices map[int64]Device
	hooks   []Hook
	lists   map[string]EntityList
}

// edition is a version of a form, ready to take records apart.
type edition struct {
	id         int64
	project    int64
	formID     string
	version    string
	form       *form.Form
	layout     *flatten.Layout
	checker    *instance.Checker
	marks      marks
	strict     bool     // it has strict questions
	unlabelled []string // entity lists whose labels are made of strict answers
	published  bool
	since      time.Time // when it was published
}

// column is a place in a layout; table -1: none.
type column struct{ table, at int }

// marks are the columns of a layout that the desk reads for itself.
type marks struct {
	start, end column
	site, team column
	point      column   // where the interview was held
	files      []column // answers that are names of files
	numbers    []column // whole numbers that people answer, for digit preference
	answers    [][]int  // of each table: what people answer, for finding interviews given twice
	audit      bool     // the phone keeps a log beside the record
}

// forget drops what is remembered of a project's forms, devices and hooks.
func (d *Desk) forget(project int64) {
	m := &d.memory
	m.lock.Lock()
	defer m.lock.Unlock()
	delete(m.projects, project)
	for id, e := range m.editions {
		if e.project == project {
			delete(m.editions, id)
		}
	}
	for k := range m.merged {
		if k.project == project {
			delete(m.merged, k)
		}
	}
	for k, e := range m.raised {
		if e.project == project {
			delete(m.raised, k)
		}
	}
}

// standing gives a project as it is, or was two seconds ago.
func (d *Desk) standing(ctx context.Context, project int64) (*standing, error) {
	m := &d.memory
	m.lock.Lock()
	s := m.projects[project]
	m.lock.Unlock()
	if s != nil && time.Since(s.at) < fresh { // the machine's steady clock, whatever the desk's time is
		return s, nil
	}
	s, err := looked(ctx, d, func(tx Tx) (*standing, error) { return readStanding(tx, project) })
	if err != nil {
		return nil, err
	}
	s.at = time.Now()
	m.lock.Lock()
	defer m.lock.Unlock()
	if m.projects == nil {
		m.projects = map[int64]*standing{}
	}
	m.projects[project] = s
	return s, nil
}

func readStanding(tx Tx, project int64) (*standing, error) {
	s := &standing{forms: map[string]Form{}, devices: map[int64]Device{}, lists: map[string]EntityList{}}
	var err error
	if s.project, err = tx.GetProject(project); err != nil {
		return nil, err
	}
	forms, err := tx.ListForms(project)
	if err != nil {
		return nil, err
	}
	for _, f := range forms {
		if f.Current == nil && f.Draft == nil { // a store may leave them out of lists
			if f, err = tx.GetForm(project, f.ID); err != nil {
				return nil, err
			}
		}
		s.forms[f.ID] = f
	}
	devices, err := tx.ListDevices(project)
	if err != nil {
		return nil, err
	}
	for _, v := range devices {
		s.devices[v.ID] = v
	}
	if s.hooks, _, err = tx.ListHooks(project); err != nil {
		return nil, err
	}
	lists, err := tx.ListLists(project)
	for _, l := range lists {
		s.lists[l.Name] = l
	}
	return s, err
}

// raisedKey names a version as it is read beside the others, up to the newest.
type raisedKey struct{ version, newest int64 }

// raised gives a version with the classes that its questions have in any version of the form. Tables show them so, and
// a record must not be kept otherwise: one that names no version there is would be read by a newer one, and an edit of
// it could open what is strict (invariant 3).
func (d *Desk) raised(ctx context.Context, e *edition, newest int64) (*edition, error) {
	m, key := &d.memory, raisedKey{e.id, newest}
	m.lock.Lock()
	have := m.raised[key]
	m.lock.Unlock()
	if have != nil {
		return have, nil
	}
	all, err := d.mergedOf(ctx, e.project, e.formID, Published)
	if err != nil {
		return nil, err
	}
	out := e.withClasses(all.layout)
	m.lock.Lock()
	defer m.lock.Unlock()
	if m.raised == nil || len(m.raised) >= editionsKept {
		m.raised = map[raisedKey]*edition{}
	}
	m.raised[key] = out
	return out, nil
}

// withClasses gives a version with the higher of its own classes and those of a layout; itself where none is higher.
func (e *edition) withClasses(all *flatten.Layout) *edition {
	layout := *e.layout
	layout.Tables = slices.Clone(layout.Tables)
	higher := false
	for i := range layout.Tables {
		t := &layout.Tables[i]
		t.Columns = slices.Clone(t.Columns)
		k := all.TableOf(t.Repeat)
		if k < 0 {
			continue
		}
		class := map[string]dataset.Sensitivity{}
		for _, c := range all.Tables[k].Columns {
			class[c.Path.String()] = c.Class
		}
		for c := range t.Columns {
			if is, ok := class[t.Columns[c].Path.String()]; ok && is > t.Columns[c].Class {
				t.Columns[c].Class, higher = is, true
			}
		}
	}
	if !higher {
		return e
	}
	out, f := *e, *e.form
	f.Entities = slices.Clone(f.Entities)
	for i := range f.Entities {
		f.Entities[i].SaveTo = slices.Clone(f.Entities[i].SaveTo)
	}
	out.form, out.layout = &f, &layout
	out.unlabelled = slices.Clone(e.unlabelled)
	for i := range layout.Tables {
		out.strict = out.strict || layout.Tables[i].Has(dataset.Strict)
	}
	out.mark()
	out.keepFromLists()
	return &out
}

// edition gives a version ready to take records apart.
func (d *Desk) edition(ctx context.Context, id int64) (*edition, error) {
	if e := d.remembered(id); e != nil {
		return e, nil
	}
	return looked(ctx, d, func(tx Tx) (*edition, error) { return d.editionIn(tx, id) })
}

// editionIn is edition within a transaction.
func (d *Desk) editionIn(tx Tx, id int64) (*edition, error) {
	if e := d.remembered(id); e != nil {
		return e, nil
	}
	v, err := tx.GetVersion(id)
	if err != nil {
		return nil, err
	}
	e, err := d.remember(v)
	if err != nil {
		return nil, err
	}
	kept, err := tx.Setting(orderSetting(id))
	switch {
	case errors.Is(err, fault.NotFound):
		return e, nil // a draft
	case err != nil:
		return nil, err
	case !bytes.Equal(kept, e.order()):
		d.forget(v.Project)
		return nil, fault.Issue{Code: CodeOtherOrder, Kind: fault.Unavailable, Args: map[string]any{"form": v.Form, "version": v.Version}}
	}
	return e, nil
}

// CodeOtherOrder says that this program reads a version of a form in another order of columns than the one that kept its
// records, so that answers would stand under other questions: form, version.
const CodeOtherOrder fault.Code = "collect.other-order"

// orderSetting is the key of the setting that pins the order of a published version's columns, by which rows are packed.
func orderSetting(version int64) string { return "columns." + strconv.FormatInt(version, 10) }

// order is a digest of the tables and columns of a version, in order.
func (e *edition) order() []byte {
	h := sha256.New()
	for i := range e.layout.Tables {
		t := &e.layout.Tables[i]
		h.Write([]byte("\x01" + t.Repeat.String()))
		for k := range t.Columns {
			h.Write([]byte("\x00" + t.Columns[k].Path.String()))
		}
	}
	return h.Sum(nil)
}

func (d *Desk) remembered(id int64) *edition {
	d.memory.lock.Lock()
	defer d.memory.lock.Unlock()
	return d.memory.editions[id]
}

// editionsKept bounds the versions held ready.
const editionsKept = 512

func (d *Desk) remember(v Version) (*edition, error) {
	e, _, err := newEdition(v)
	if err != nil {
		return nil, err
	}
	m := &d.memory
	m.lock.Lock()
	defer m.lock.Unlock()
	if m.editions == nil || len(m.editions) >= editionsKept {
		m.editions = map[int64]*edition{}
	}
	m.editions[v.ID] = e
	return e, nil
}

// newEdition reads a version's bytes. What its words protect is reported.
func newEdition(v Version) (*edition, fault.Issues, error) {
	f, issues := xform.Decode(v.XML)
	if f == nil {
		return nil, issues, issues.Err()
	}
	issues = append(issues, protect(f)...)
	e := &edition{id: v.ID, project: v.Project, formID: v.Form, version: v.Version, form: f, layout: flatten.NewLayout(f),
		checker: instance.NewChecker(f), published: !v.Draft, since: v.Published}
	for i := range e.layout.Tables {
		e.strict = e.strict || e.layout.Tables[i].Has(dataset.Strict)
	}
	e.mark()
	return e, append(issues, e.keepFromLists()...), nil
}

// CodeListStrict says that a strict answer is not saved into a list, which phones carry: question, list. It is soft.
const CodeListStrict fault.Code = "collect.list-strict"

// keepFromLists takes strict answers out of what records save into entity lists: lists are read without the door
// (invariant 3). A label made of strict answers is left out too.
func (e *edition) keepFromLists() fault.Issues {
	var issues fault.Issues
	for i := range e.form.Entities {
		entity := &e.form.Entities[i]
		for t := range e.layout.Tables {
			for _, c := range e.layout.Tables[t].Columns {
				if c.Class != dataset.Strict {
					continue
				}
				before := len(entity.SaveTo)
				entity.SaveTo = slices.DeleteFunc(entity.SaveTo, func(s form.Save) bool { return s.Question.String() == c.Path.String() })
				named := mentions(entity.Label, c.Path)
				if named {
					e.unlabelled = append(e.unlabelled, entity.List)
				}
				if named || len(entity.SaveTo) < before {
					issues = append(issues, fault.Issue{Code: CodeListStrict, Severity: fault.Soft, Place: fault.Place{Field: c.Path.String()},
						Args: map[string]any{"question": c.Path.String(), "list": entity.List}})
				}
			}
		}
	}
	return issues
}

// mentions says whether an expression names a question: by its path, or as ${name}.
func mentions(expression string, path form.Path) bool {
	name := path[len(path)-1]
	if strings.Contains(expression, "${"+name+"}") {
		return true
	}
	for from := 0; ; {
		i := strings.Index(expression[from:], "/"+name)
		if i < 0 {
			return false
		}
		end := from + i + 1 + len(name)
		if end == len(expression) || !form.IsName("a"+expression[end:end+1]) {
			return true
		}
		from = end
	}
}

// siteNames and teamNames are the names of questions that say where a record belongs.
var (
	siteNames = []string{"site", "site_code", "fmp", "fmp_code"}
	teamNames = []string{"team", "team_code"}
)

// mark finds the columns that the desk reads for itself.
func (e *edition) mark() {
	none := column{table: -1}
	e.marks = marks{start: none, end: none, site: none, team: none, point: none}
	m := &e.marks
	m.answers = make([][]int, len(e.layout.Tables))
	kinds := map[string]form.Question{}
	for _, q := range e.form.Questions {
		kinds[q.Path.String()] = q
		m.audit = m.audit || q.Type == form.Audit
	}
	first := func(at *column, here column) {
		if at.table < 0 {
			*at = here
		}
	}
	for t := range e.layout.Tables {
		for k := range e.layout.Tables[t].Columns {
			c := &e.layout.Tables[t].Columns[k]
			here := column{t, k}
			q := kinds[c.Path.String()]
			name := c.Path[len(c.Path)-1]
			open := c.Class <= dataset.Internal
			switch c.Asked {
			case form.Image, form.Audio, form.Video, form.File:
				m.files = append(m.files, here)
			case form.Integer:
				m.numbers = append(m.numbers, here)
			case form.Geopoint:
				if t == 0 {
					first(&m.point, here)
				}
			case form.Metadata:
				switch q.Written {
				case "start":
					first(&m.start, here)
				case "end":
					first(&m.end, here)
				}
			}
			if t == 0 && open && oneOf(name, siteNames) {
				first(&m.site, here)
			}
			if t == 0 && open && oneOf(name, teamNames) {
				first(&m.team, here)
			}
			switch q.Type {
			case form.Acknowledge, form.Geopoint, form.Geotrace, form.Geoshape, form.Image, form.Audio, form.Video, form.File:
			default:
				if q.Type.Asked() {
					m.answers[t] = append(m.answers[t], k)
				}
			}
		}
	}
}

func oneOf(name string, list []string) bool {
	for _, n := range list {
		if n == name {
			return true
		}
	}
	return false
}
