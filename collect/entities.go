package collect

import (
	"context"
	"crypto/md5"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"waymark/fault"
	"waymark/form"
	"waymark/trust/access"
)

// What cannot be done with lists and their entities.
const (
	CodeListName    fault.Code = "collect.list-name"    // name
	CodeProperty    fault.Code = "collect.property"     // name
	CodeEntityLabel fault.Code = "collect.entity-label" //
	CodeEntityID    fault.Code = "collect.entity-id"    //
	CodeEntityTaken fault.Code = "collect.entity-taken" //
	CodeEntityBase  fault.Code = "collect.entity-base"  // version
)

func listObject(name string) string { return "list:" + name }

// EntityLists lists the lists of a project.
func (d *Desk) EntityLists(ctx context.Context, by access.Actor, project int64) ([]EntityList, error) {
	if err := need(by, access.ReadEntities, project); err != nil {
		return nil, err
	}
	lists, err := looked(ctx, d, func(tx Tx) ([]EntityList, error) { return tx.ListLists(project) })
	if err != nil {
		return nil, err
	}
	for i := range lists {
		if lists[i].Hash, err = d.listHash(ctx, lists[i]); err != nil {
			return nil, err
		}
	}
	return lists, nil
}

// listHash gives the md5 of a list as phones read it. It is worked out once after each change and kept.
func (d *Desk) listHash(ctx context.Context, l EntityList) (string, error) {
	if l.Hash != "" {
		return l.Hash, nil
	}
	h := md5.New()
	if err := d.writeList(ctx, l.Project, l.Name, h); err != nil {
		return "", err
	}
	sum := hex.EncodeToString(h.Sum(nil))
	err := d.options.Store.Write(ctx, func(tx Tx) error {
		now, err := tx.GetList(l.Project, l.Name)
		if err != nil || now.Hash != "" || !now.Updated.Equal(l.Updated) { // it has changed meanwhile
			return err
		}
		now.Hash = sum
		return tx.PutList(now)
	})
	return sum, err
}

// SetEntityList makes a list or changes its properties and whether its entities wait for approval. Properties are
// added, never taken away: records have them.
func (d *Desk) SetEntityList(ctx context.Context, by access.Actor, project int64, l EntityList) error {
	if err := need(by, access.EditEntities, project); err != nil {
		return err
	}
	if !form.IsName(strings.ReplaceAll(l.Name, ":", "_")) || len(l.Name) > longestProperty || strings.HasPrefix(l.Name, "__") || strings.Contains(l.Name, ".") {
		return fault.Issue{Code: CodeListName, Args: map[string]any{"name": l.Name}}
	}
	for _, p := range l.Properties {
		if !propertyName(p) {
			return fault.Issue{Code: CodeProperty, Args: map[string]any{"name": p}}
		}
	}
	defer d.forget(project)
	return d.options.Store.Write(ctx, func(tx Tx) error {
		if _, err := tx.GetProject(project); err != nil {
			return notThere(err, "project")
		}
		have, err := tx.GetList(project, l.Name)
		if err != nil && !errors.Is(err, fault.NotFound) {
			return err
		}
		now := have
		now.Project, now.Name, now.Approval, now.Updated, now.Hash = project, l.Name, l.Approval, later(d.now(), have.Updated), ""
		for _, p := range l.Properties {
			if !slices.Contains(now.Properties, p) {
				now.Properties = append(slices.Clone(now.Properties), p)
			}
		}
		if err := tx.PutList(now); err != nil {
			return err
		}
		return tx.Append(d.entry(by, "list.set", project, listObject(l.Name)))
	})
}

// declareLists makes the lists that a form's records add to, with the properties it names.
func (d *Desk) declareLists(tx Tx, by access.Actor, project int64, f *form.Form) error {
	for _, e := range f.Entities {
		if !form.IsName(e.List) {
			continue
		}
		l, err := tx.GetList(project, e.List)
		fresh := errors.Is(err, fault.NotFound)
		if err != nil && !fresh {
			return err
		}
		before := len(l.Properties)
		l.Project, l.Name = project, e.List
		for _, s := range e.SaveTo {
			if propertyName(s.Property) && !slices.Contains(l.Properties, s.Property) {
				l.Properties = append(l.Properties, s.Property)
			}
		}
		if !fresh && len(l.Properties) == before {
			continue
		}
		l.Updated, l.Hash = later(d.now(), l.Updated), ""
		if err := tx.PutList(l); err != nil {
			return err
		}
		if err := tx.Append(d.entry(by, "list.set", project, listObject(l.Name))); err != nil {
			return err
		}
	}
	return nil
}

// Entities lists the entities of a list, or those that were deleted.
func (d *Desk) Entities(ctx context.Context, by access.Actor, project int64, list string, deleted bool) ([]Entity, error) {
	if err := need(by, access.ReadEntities, project); err != nil {
		return nil, err
	}
	return looked(ctx, d, func(tx Tx) ([]Entity, error) {
		if _, err := tx.GetList(project, list); err != nil {
			return nil, notThere(err, "list")
		}
		var out []Entity
		for s, err := range tx.EachEntity(project, list, deleted) {
			if err != nil {
				return nil, err
			}
			e, err := d.openEntity(project, s.Entity, s.Sealed)
			if err != nil {
				return nil, err
			}
			out = append(out, e)
		}
		return out, nil
	})
}

// Entity gives an entity and its versions, newest first.
func (d *Desk) Entity(ctx context.Context, by access.Actor, project int64, list, id string) (Entity, []EntityVersion, error) {
	if err := need(by, access.ReadEntities, project); err != nil {
		return Entity{}, nil, err
	}
	type found struct {
		e        Entity
		versions []EntityVersion
	}
	got, err := looked(ctx, d, func(tx Tx) (found, error) {
		e, sealed, err := tx.GetEntity(project, list, id)
		if err != nil {
			return found{}, notThere(err, "entity")
		}
		if e, err = d.openEntity(project, e, sealed); err != nil {
			return found{}, err
		}
		versions, each, err := tx.ListEntityVersions(project, list, id)
		if err != nil {
			return found{}, err
		}
		for i := range versions {
			s, err := d.openSealed(project, list, id, each[i])
			if err != nil {
				return found{}, err
			}
			versions[i].Label, versions[i].Data = s.Label, s.Data
		}
		return found{e, versions}, nil
	})
	return got.e, got.versions, err
}

// PutEntity makes an entity (ID "" or one that is not there, base 0) or changes the version base of one; base 0 of one
// that is there is the newest. A base that is no longer the newest is a conflict.
func (d *Desk) PutEntity(ctx context.Context, by access.Actor, project int64, e Entity, base int) (Entity, error) {
	if err := need(by, access.EditEntities, project); err != nil {
		return Entity{}, err
	}
	if e.Label = strings.TrimSpace(e.Label); e.Label == "" || len(e.Label) > 1000 {
		return Entity{}, fault.Issue{Code: CodeEntityLabel}
	}
	if e.ID == "" {
		e.ID = d.options.Keys.UUID()
	}
	e.ID = strings.ToLower(strings.TrimPrefix(e.ID, "uuid:"))
	if !isUUID4(e.ID) {
		return Entity{}, fault.Issue{Code: CodeEntityID}
	}
	defer d.forget(project)
	return written(ctx, d, func(tx Tx) (Entity, error) {
		l, err := tx.GetList(project, e.List)
		if err != nil {
			return Entity{}, notThere(err, "list")
		}
		for name := range e.Data {
			if !slices.Contains(l.Properties, name) {
				return Entity{}, fault.Issue{Code: CodeProperty, Args: map[string]any{"name": name}}
			}
		}
		have, sealed, err := tx.GetEntity(project, e.List, e.ID)
		c := change{List: e.List, ID: e.ID, Base: base, Label: e.Label, Data: e.Data, Actor: actorID(by)}
		switch {
		case errors.Is(err, fault.NotFound) && base > 0:
			return Entity{}, missing("entity")
		case errors.Is(err, fault.NotFound):
			if c.Data == nil {
				c.Data = map[string]string{}
			}
			if _, err := d.createEntity(tx, l, c, d.now()); err != nil {
				return Entity{}, err
			}
		case err != nil:
			return Entity{}, err
		case have.Deleted:
			return Entity{}, fault.Issue{Code: CodeEntityTaken, Kind: fault.Conflict}
		case base > 0 && base != have.Version:
			return Entity{}, fault.Issue{Code: CodeEntityBase, Kind: fault.Conflict, Args: map[string]any{"version": strconv.Itoa(have.Version)}}
		default:
			if have, err = d.openEntity(project, have, sealed); err != nil {
				return Entity{}, err
			}
			if _, err := d.updateEntity(tx, l, have, 0, c, d.now()); err != nil {
				return Entity{}, err
			}
		}
		now, sealed, err := tx.GetEntity(project, e.List, e.ID)
		if err != nil {
			return Entity{}, err
		}
		return d.openEntity(project, now, sealed)
	})
}

// DeleteEntity takes an entity off the list; its versions stay.
func (d *Desk) DeleteEntity(ctx context.Context, by access.Actor, project int64, list, id string) error {
	return d.markEntity(ctx, by, project, list, id, "entity.delete", func(e *Entity) { e.Deleted = true })
}

// ResolveConflict says that staff have looked at an entity's conflict and leave it as it is now.
func (d *Desk) ResolveConflict(ctx context.Context, by access.Actor, project int64, list, id string) error {
	return d.markEntity(ctx, by, project, list, id, "entity.resolve", func(e *Entity) { e.Conflict = "" })
}

func (d *Desk) markEntity(ctx context.Context, by access.Actor, project int64, list, id, act string, mark func(*Entity)) error {
	if err := need(by, access.EditEntities, project); err != nil {
		return err
	}
	defer d.forget(project)
	return d.options.Store.Write(ctx, func(tx Tx) error {
		e, _, err := tx.GetEntity(project, list, id)
		if err != nil {
			return notThere(err, "entity")
		}
		versions, each, err := tx.ListEntityVersions(project, list, id)
		if err != nil {
			return err
		}
		if len(versions) == 0 {
			return missing("entity")
		}
		mark(&e)
		e.Updated = d.now()
		if err := tx.PutEntity(project, e, versions[0], each[0]); err != nil {
			return err
		}
		l, err := tx.GetList(project, list)
		if err != nil {
			return err
		}
		l.Updated, l.Hash = later(d.now(), l.Updated), ""
		if err := tx.PutList(l); err != nil {
			return err
		}
		return tx.Append(d.entry(by, act, project, "entity:"+list+"/"+id))
	})
}

// EntityCSV writes a list as phones read it: name, label, __version, properties. EntityLists and the media of a version
// give its md5.
func (d *Desk) EntityCSV(ctx context.Context, by access.Actor, project int64, list string, w io.Writer) error {
	if err := need(by, access.ReadEntities, project); err != nil {
		return err
	}
	return d.writeList(ctx, project, list, w)
}

func (d *Desk) writeList(ctx context.Context, project int64, list string, w io.Writer) error {
	return d.options.Store.Read(ctx, func(tx Tx) error {
		l, err := tx.GetList(project, list)
		if err != nil {
			return notThere(err, "list")
		}
		out := csv.NewWriter(w)
		if err := out.Write(append([]string{"name", "label", "__version"}, l.Properties...)); err != nil {
			return err
		}
		line := make([]string, 3+len(l.Properties))
		for s, err := range tx.EachEntity(project, list, false) {
			if err != nil {
				return err
			}
			e, err := d.openEntity(project, s.Entity, s.Sealed)
			if err != nil {
				return err
			}
			line[0], line[1], line[2] = e.ID, e.Label, strconv.Itoa(e.Version)
			for i, p := range l.Properties {
				line[3+i] = e.Data[p]
			}
			if err := out.Write(line); err != nil {
				return err
			}
		}
		out.Flush()
		return out.Error()
	})
}

// DeletedEntities says which of some entities were deleted, for phones that ask whether theirs are still there.
func (d *Desk) DeletedEntities(ctx context.Context, by access.Actor, project int64, list string, ids []string) (map[string]bool, error) {
	if err := need(by, access.ReadEntities, project); err != nil {
		return nil, err
	}
	return looked(ctx, d, func(tx Tx) (map[string]bool, error) {
		out := map[string]bool{}
		for _, id := range ids {
			e, _, err := tx.GetEntity(project, list, strings.ToLower(strings.TrimPrefix(id, "uuid:")))
			switch {
			case err == nil:
				out[id] = e.Deleted
			case !errors.Is(err, fault.NotFound):
				return nil, err
			}
		}
		return out, nil
	})
}

// backlogForced is how long an offline update waits for the one before it.
const backlogForced = 5 * 24 * time.Hour
