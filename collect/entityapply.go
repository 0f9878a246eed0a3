package collect

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"waymark/fault"
	"waymark/form"
	"waymark/form/instance"
	"waymark/trust/access"
)

// Why an entity was not made or changed: the reason of a flag (FlagEntity).
const (
	entityNoList    = "no-list"   // the project has no such list
	entityNoID      = "no-id"     // the id is no UUID of version 4
	entityNoLabel   = "no-label"  //
	entityExists    = "exists"    // one of this id is there
	entityUnknown   = "unknown"   // none of this id is there
	entityDeleted   = "deleted"   //
	entityBase      = "base"      // no such base version
	entityNoBranch  = "no-branch" // a trunk version without a branch
	entityProperty  = "property"  // a name that no property may have
	longestProperty = 100         // bytes of a property's name
)

// change is what a record asks for of one entity.
type change struct {
	List   string            `json:"list"`
	ID     string            `json:"id"`
	Create bool              `json:"create,omitempty"`
	Update bool              `json:"update,omitempty"`
	Base   int               `json:"base,omitempty"`
	Trunk  int               `json:"trunk,omitempty"`
	Branch string            `json:"branch,omitempty"`
	Label  string            `json:"label,omitempty"`
	Data   map[string]string `json:"data,omitempty"`
	Source string            `json:"source,omitempty"` // instance id of the record
	Actor  string            `json:"actor,omitempty"`
	forced bool              // it has waited long enough
	wrong  string
}

// sealedEntity is what of an entity, or of a version of one, is kept sealed.
type sealedEntity struct {
	Label  string            `json:"label"`
	Data   map[string]string `json:"data"`
	Branch string            `json:"branch,omitempty"`
	Step   int               `json:"step,omitempty"` // of the branch: base version as the phone counts it
}

func (d *Desk) sealEntity(project int64, list, id string, s sealedEntity) ([]byte, error) {
	plain, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	return d.options.Keys.Seal(forEntity, bound(project, list, id), plain), nil
}

func (d *Desk) openSealed(project int64, list, id string, sealed []byte) (s sealedEntity, err error) {
	plain, err := d.options.Keys.Open(forEntity, bound(project, list, id), sealed)
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(plain, &s)
}

// openEntity gives an entity with its label and data.
func (d *Desk) openEntity(project int64, e Entity, sealed []byte) (Entity, error) {
	s, err := d.openSealed(project, e.List, e.ID, sealed)
	e.Label, e.Data = s.Label, s.Data
	return e, err
}

// changesOf reads what a record asks for of entities: a block entity in the meta block of the record or of an instance of a
// repeat (ODK entities specification, versions 2022.1 to 2025.1).
func changesOf(f *form.Form, in *instance.Instance) []change {
	if len(f.Entities) == 0 {
		return nil
	}
	var out []change
	var walk func(n *instance.Node, path form.Path)
	walk = func(n *instance.Node, path form.Path) {
		for _, c := range n.Children {
			if c.Name == "meta" {
				for _, e := range c.Children {
					if e.Name == "entity" {
						out = append(out, changeOf(f, e, n, path))
					}
				}
				continue
			}
			if len(c.Children) > 0 {
				walk(c, append(path[:len(path):len(path)], c.Name))
			}
		}
	}
	walk(in.Root, nil)
	return out
}

func changeOf(f *form.Form, e, scope *instance.Node, path form.Path) change {
	said := func(name string) string {
		s, _ := e.Attribute(name)
		return strings.TrimSpace(s)
	}
	c := change{List: said("dataset"), ID: strings.ToLower(strings.TrimPrefix(said("id"), "uuid:")), Create: truth(said("create")), Update: truth(said("update")),
		Branch: said("branchId"), Data: map[string]string{}}
	whole := func(name string) int {
		s := said(name)
		if s == "" {
			return 0
		}
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			c.wrong = entityBase
		}
		return n
	}
	c.Base, c.Trunk = whole("baseVersion"), whole("trunkVersion")
	if c.Trunk > 0 && c.Branch == "" {
		c.wrong = entityNoBranch
	}
	if label := e.Child("label"); label != nil {
		c.Label = strings.TrimSpace(label.Value())
	}
	for _, declared := range f.Entities {
		if declared.List != c.List || declared.Repeat.String() != path.String() {
			continue
		}
		for _, save := range declared.SaveTo {
			n := scope
			for _, name := range save.Question[min(len(path), len(save.Question)):] {
				if n != nil {
					n = n.Child(name)
				}
			}
			if n != nil {
				c.Data[save.Property] = n.Value()
			}
		}
	}
	if !isUUID4(c.ID) {
		c.wrong = entityNoID
	}
	return c
}

func truth(s string) bool {
	return s == "1" || strings.EqualFold(s, "true") || strings.EqualFold(s, "true()")
}

func isUUID4(s string) bool {
	if len(s) != 36 || s[14] != '4' || strings.IndexByte("89ab", s[19]) < 0 {
		return false
	}
	for i := range len(s) {
		switch i {
		case 8, 13, 18, 23:
			if s[i] != '-' {
				return false
			}
		default:
			if strings.IndexByte("0123456789abcdef", s[i]) < 0 {
				return false
			}
		}
	}
	return true
}

// applyEntities makes and changes the entities that a record calls for; what is wrong becomes a flag, never a refusal
// (invariant 5). A record that was edited makes what it has not made, and changes nothing twice.
func (d *Desk) applyEntities(tx Tx, a *arrival, r *Record) ([]Flag, error) {
	return d.applyChanges(tx, a.edition, a.in, r, a.actor, a.at, false)
}

func (d *Desk) applyChanges(tx Tx, e *edition, in *instance.Instance, r *Record, actor string, at time.Time, approved bool) ([]Flag, error) {
	var flags []Flag
	for _, c := range changesOf(e.form, in) {
		if !c.Create && !c.Update {
			continue
		}
		c.Source, c.Actor = r.Instance, actor
		if c.Label != "" && oneOf(c.List, e.unlabelled) && len(c.ID) >= 8 {
			c.Label = c.ID[:8]
		}
		if c.wrong == "" && c.Create && !c.Update && !approved {
			l, err := tx.GetList(r.Project, c.List)
			if err == nil && l.Approval && r.Review != Approved {
				continue // made when the record is approved
			}
			if err != nil && !errors.Is(err, fault.NotFound) {
				return nil, err
			}
		}
		wrong, err := d.applyChange(tx, r.Project, r.Seq, c, at)
		if err != nil {
			return nil, err
		}
		if wrong != "" {
			flags = append(flags, Flag{Code: FlagEntity, Args: map[string]any{"list": c.List, "reason": wrong}})
		}
	}
	return flags, nil
}

// applyChange makes or changes one entity, or lets the change wait. It says what is wrong by a word.
func (d *Desk) applyChange(tx Tx, project, seq int64, c change, at time.Time) (wrong string, err error) {
	if c.wrong != "" {
		return c.wrong, nil
	}
	list, err := tx.GetList(project, c.List)
	if errors.Is(err, fault.NotFound) {
		return entityNoList, nil
	}
	if err != nil {
		return "", err
	}
	if wrong := addProperties(&list, c.Data); wrong != "" {
		return wrong, nil
	}
	have, sealed, err := tx.GetEntity(project, c.List, c.ID)
	missing := errors.Is(err, fault.NotFound)
	if err != nil && !missing {
		return "", err
	}
	switch {
	case missing && c.Create:
		return d.createEntity(tx, list, c, at)
	case missing && c.Branch != "" && !c.forced:
		return "", d.wait(tx, project, seq, c, at)
	case missing && c.forced && c.Label != "":
		return d.createEntity(tx, list, c, at)
	case missing:
		return entityUnknown, nil
	case have.Deleted:
		return entityDeleted, nil
	case !c.Update:
		if have.Source == c.Source {
			return "", nil // made by this record
		}
		return d.madeBefore(tx, project, c)
	}
	if have, err = d.openEntity(project, have, sealed); err != nil {
		return "", err
	}
	return d.updateEntity(tx, list, have, seq, c, at)
}

// madeBefore says whether one of the entity's versions came from the same record.
func (d *Desk) madeBefore(tx Tx, project int64, c change) (string, error) {
	versions, _, err := tx.ListEntityVersions(project, c.List, c.ID)
	if slices.ContainsFunc(versions, func(v EntityVersion) bool { return v.Source == c.Source }) {
		return "", err
	}
	return entityExists, err
}

// addProperties takes up properties that the list does not have yet.
func addProperties(l *EntityList, data map[string]string) (wrong string) {
	for _, name := range slices.Sorted(maps.Keys(data)) {
		if !propertyName(name) {
			return entityProperty
		}
		if !slices.Contains(l.Properties, name) {
			l.Properties = append(l.Properties, name)
		}
	}
	return ""
}

// propertyName says whether a property may have a name: one of an XML element that the columns of the list do not have.
func propertyName(s string) bool {
	if s == "" || len(s) > longestProperty || s == "name" || s == "label" || strings.HasPrefix(s, "__") {
		return false
	}
	return form.IsName(s)
}

func (d *Desk) createEntity(tx Tx, l EntityList, c change, at time.Time) (wrong string, err error) {
	if c.Label == "" {
		return entityNoLabel, nil
	}
	e := Entity{ID: c.ID, List: c.List, Version: 1, Created: at, Updated: at, Source: c.Source}
	v := EntityVersion{Version: 1, Changed: slices.Sorted(maps.Keys(c.Data)), At: at, Actor: c.Actor, Source: c.Source}
	if err := d.keepEntity(tx, l, e, v, sealedEntity{Label: c.Label, Data: c.Data, Branch: c.Branch}, "entity.create"); err != nil {
		return "", err
	}
	return "", d.next(tx, l.Project, c.ID, c.Branch, 1, at)
}

// keepEntity writes an entity and its version, and notes that the list has changed.
func (d *Desk) keepEntity(tx Tx, l EntityList, e Entity, v EntityVersion, s sealedEntity, act string) error {
	sealed, err := d.sealEntity(l.Project, l.Name, e.ID, s)
	if err != nil {
		return err
	}
	e.Label, v.Label, e.Data, v.Data = "", "", nil, nil // a label may be a person's name: sealed with the rest
	if err := tx.PutEntity(l.Project, e, v, sealed); err != nil {
		return err
	}
	l.Updated, l.Hash = later(v.At, l.Updated), ""
	if err := tx.PutList(l); err != nil {
		return err
	}
	n := d.entry(system, act, l.Project, "entity:"+l.Name+"/"+e.ID)
	n.Actor = v.Actor
	n.Detail = map[string]string{"version": strconv.Itoa(e.Version)}
	if v.Conflict != "" {
		n.Detail["conflict"] = v.Conflict
	}
	return tx.Append(n)
}

// later gives a time that is after both, so that each change of a list has its own.
func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b.Add(time.Millisecond)
}

// wait keeps an update that came before the one it follows.
func (d *Desk) wait(tx Tx, project, seq int64, c change, at time.Time) error {
	plain, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return tx.AddBacklog(project, Backlog{Project: project, List: c.List, Entity: c.ID, Branch: c.Branch, Base: c.Base, Record: seq, At: at,
		Update: d.options.Keys.Seal(forBacklog, bound(project, c.List, c.ID), plain)})
}

// next applies what waited for a version of a branch.
func (d *Desk) next(tx Tx, project int64, entity, branch string, base int, at time.Time) error {
	if branch == "" {
		return nil
	}
	waiting, err := tx.TakeBacklog(project, entity, branch, base)
	if err != nil {
		return err
	}
	for _, b := range waiting {
		if err := d.applyWaiting(tx, b, at, false); err != nil {
			return err
		}
	}
	return nil
}

// applyWaiting applies an update that has waited; one that cannot be is flagged on its record.
func (d *Desk) applyWaiting(tx Tx, b Backlog, at time.Time, forced bool) error {
	plain, err := d.options.Keys.Open(forBacklog, bound(b.Project, b.List, b.Entity), b.Update)
	if err != nil {
		return err
	}
	var c change
	if err := json.Unmarshal(plain, &c); err != nil {
		return err
	}
	c.forced = forced
	wrong, err := d.applyChange(tx, b.Project, b.Record, c, at)
	if err != nil || wrong == "" {
		return err
	}
	for r, err := range tx.EachRecord(Query{Project: b.Project, After: b.Record - 1, Limit: 1}) {
		if err != nil {
			return err
		}
		if r.Seq != b.Record {
			break
		}
		if _, err := tx.AddFlag(Flag{Project: r.Project, Form: r.Form, Instance: r.Instance, Code: FlagEntity, Raised: at,
			Args: map[string]any{"list": c.List, "reason": wrong}}, nil); err != nil {
			return err
		}
		r.Flags++
		return tx.SetRecord(r)
	}
	return nil
}

// updateEntity changes an entity. On a base that is no longer the newest it is applied all the same, and marked: soft
// where other properties have changed since, hard where the same has.
func (d *Desk) updateEntity(tx Tx, l EntityList, have Entity, seq int64, c change, at time.Time) (wrong string, err error) {
	versions, sealed, err := tx.ListEntityVersions(l.Project, l.Name, have.ID)
	if err != nil {
		return "", err
	}
	if slices.ContainsFunc(versions, func(v EntityVersion) bool { return v.Source == c.Source && v.Actor == c.Actor && c.Source != "" }) {
		return "", nil // this record has changed it already
	}
	base := c.Base
	switch {
	case c.forced:
		base = have.Version
	case c.Branch != "":
		found, err := d.baseInBranch(l, have.ID, versions, sealed, c)
		if err != nil {
			return "", err
		}
		if found == 0 {
			return "", d.wait(tx, l.Project, seq, c, at)
		}
		base = found
	case base == 0:
		base = have.Version
	}
	if base > have.Version {
		return entityBase, nil
	}
	e := have
	e.Version, e.Updated, e.Source = have.Version+1, at, c.Source
	v := EntityVersion{Version: e.Version, Base: base, At: at, Actor: c.Actor, Source: c.Source}
	data := maps.Clone(have.Data)
	if data == nil {
		data = map[string]string{}
	}
	for name, value := range c.Data {
		if data[name] != value {
			v.Changed = append(v.Changed, name)
		}
		data[name] = value
	}
	label := have.Label
	if c.Label != "" && c.Label != label {
		label = c.Label
		v.Changed = append(v.Changed, "label")
	}
	slices.Sort(v.Changed)
	if base < have.Version {
		v.Conflict = "soft"
		for _, since := range versions {
			if since.Version <= base {
				continue
			}
			for _, name := range since.Changed {
				if slices.Contains(v.Changed, name) && !slices.Contains(v.Conflicting, name) {
					v.Conflict = "hard"
					v.Conflicting = append(v.Conflicting, name)
				}
			}
		}
	}
	if v.Conflict == "hard" || v.Conflict == "soft" && e.Conflict == "" {
		e.Conflict = v.Conflict
	}
	s := sealedEntity{Label: label, Data: data, Branch: c.Branch, Step: c.Base}
	if err := d.keepEntity(tx, l, e, v, s, "entity.update"); err != nil {
		return "", err
	}
	return "", d.next(tx, l.Project, e.ID, c.Branch, c.Base+1, at)
}

// baseInBranch finds the version that an offline update follows: the trunk for the first of its branch, the creation
// for one that was made offline, else the update of the branch before it; 0 where that has not arrived.
func (d *Desk) baseInBranch(l EntityList, id string, versions []EntityVersion, sealed [][]byte, c change) (int, error) {
	if c.Trunk > 0 && c.Base == c.Trunk {
		return c.Trunk, nil
	}
	for i, v := range versions {
		s, err := d.openSealed(l.Project, l.Name, id, sealed[i])
		if err != nil {
			return 0, err
		}
		made := c.Trunk == 0 && v.Version == 1 && c.Base <= 1
		if made || s.Branch == c.Branch && s.Step == c.Base-1 && v.Version > 1 {
			return v.Version, nil
		}
	}
	return 0, nil
}

// approveEntities makes the entities of approval lists that a record calls for, when it is approved.
func (d *Desk) approveEntities(tx Tx, by access.Actor, s *Stored) error {
	if s.Encrypted {
		return nil
	}
	e, err := d.editionIn(tx, s.VersionID)
	if err != nil {
		return err
	}
	if len(e.form.Entities) == 0 {
		return nil
	}
	sealed, err := tx.RecordBody(s.Seq, "")
	if err != nil {
		return err
	}
	raw, err := d.openBody(s.Project, s.Form, s.Current, sealed)
	if err != nil {
		return err
	}
	in, err := instance.Parse(raw, instance.Limits{})
	if err != nil {
		return err
	}
	flags, err := d.applyChanges(tx, e, in, &s.Record, actorID(by), d.now(), true)
	if err != nil {
		return err
	}
	more := slices.Clone(flags)
	if _, err := d.stillOpen(tx, &s.Record, &more); err != nil {
		return err
	}
	for _, f := range more {
		f.Project, f.Form, f.Instance, f.Raised = s.Project, s.Form, s.Instance, d.now()
		if _, err := tx.AddFlag(f, nil); err != nil {
			return err
		}
		s.Flags++
	}
	if len(more) == 0 {
		return nil
	}
	return tx.SetRecord(s.Record)
}
