package collect

import (
	"context"
	"errors"
	"slices"

	"waymark/fault"
)

// joinEntities takes over lists and their entries. An entry that was changed on both sides is changed here once more,
// on the version that both had: what clashes is marked as any conflict is.
func (j *joining) joinEntities(ctx context.Context) error {
	for there, here := range j.projects {
		lists, err := looked(ctx, j.there, func(tx Tx) ([]EntityList, error) { return tx.ListLists(there) })
		if err != nil {
			return err
		}
		for _, l := range lists {
			if err := j.joinList(ctx, l, here); err != nil {
				return err
			}
		}
	}
	return nil
}

// theirEntity is an entry of theirs, opened.
type theirEntity struct {
	Entity
	versions []EntityVersion // the first first
	sealed   []sealedEntity
}

func (j *joining) joinList(ctx context.Context, l EntityList, here int64) error {
	entities, err := looked(ctx, j.there, func(tx Tx) ([]theirEntity, error) {
		var out []theirEntity
		for _, deleted := range []bool{false, true} {
			for s, err := range tx.EachEntity(l.Project, l.Name, deleted) {
				if err != nil {
					return nil, err
				}
				e := theirEntity{Entity: s.Entity}
				versions, sealed, err := tx.ListEntityVersions(l.Project, l.Name, s.ID)
				if err != nil {
					return nil, err
				}
				for i := range slices.Backward(versions) {
					plain, err := j.there.openSealed(l.Project, l.Name, s.ID, sealed[i])
					if err != nil {
						return nil, err
					}
					e.versions, e.sealed = append(e.versions, versions[i]), append(e.sealed, plain)
				}
				out = append(out, e)
			}
		}
		return out, nil
	})
	if err != nil {
		return err
	}
	added := 0
	err = j.here.options.Store.Write(ctx, func(tx Tx) error {
		added = 0
		have, err := tx.GetList(here, l.Name)
		if err != nil && !errors.Is(err, fault.NotFound) {
			return err
		}
		if err != nil {
			have = EntityList{Name: l.Name, Approval: l.Approval, Updated: l.Updated}
		}
		have.Project, have.Hash = here, ""
		for _, p := range l.Properties {
			if !slices.Contains(have.Properties, p) {
				have.Properties = append(have.Properties, p)
			}
		}
		have.Updated = later(j.here.now(), have.Updated)
		if err := tx.PutList(have); err != nil {
			return err
		}
		for _, e := range entities {
			n, err := j.joinEntity(tx, have, e)
			if err != nil {
				return err
			}
			added += n
		}
		return nil
	})
	j.done.Entities += added
	return err
}

// joinEntity takes over one entry, or its versions after those that are here.
func (j *joining) joinEntity(tx Tx, l EntityList, e theirEntity) (int, error) {
	d := j.here
	have, sealed, err := tx.GetEntity(l.Project, l.Name, e.ID)
	common := 0
	switch {
	case errors.Is(err, fault.NotFound):
	case err != nil:
		return 0, err
	default:
		if common, err = j.common(tx, l, e); err != nil {
			return 0, err
		}
		if common == len(e.versions) {
			return 0, nil // all of theirs is here
		}
		if common < have.Version || have.Deleted {
			return j.mergeEntity(tx, l, have, sealed, e, common)
		}
	}
	for i := common; i < len(e.versions); i++ {
		s, err := d.sealEntity(l.Project, l.Name, e.ID, e.sealed[i])
		if err != nil {
			return 0, err
		}
		now, v := e.Entity, e.versions[i]
		now.Label, v.Label, v.Actor = "", "", j.actor(v.Actor)
		if err := tx.PutEntity(l.Project, now, v, s); err != nil {
			return 0, err
		}
	}
	return 1, tx.Append(d.entry(j.by, "entity.join", l.Project, "entity:"+l.Name+"/"+e.ID))
}

// common counts the versions that both sides have: made at the same time from the same record.
func (j *joining) common(tx Tx, l EntityList, e theirEntity) (int, error) {
	ours, _, err := tx.ListEntityVersions(l.Project, l.Name, e.ID)
	if err != nil {
		return 0, err
	}
	n := 0
	for i, o := range slices.Backward(ours) {
		k := len(ours) - 1 - i
		if k >= len(e.versions) || !o.At.Equal(e.versions[k].At) || o.Source != e.versions[k].Source {
			break
		}
		n++
	}
	return n, nil
}

// mergeEntity changes an entry that both sides have changed: theirs is applied to the version they had in common.
func (j *joining) mergeEntity(tx Tx, l EntityList, have Entity, sealed []byte, e theirEntity, common int) (int, error) {
	if have.Deleted {
		return 0, nil
	}
	last := e.sealed[len(e.sealed)-1]
	have, err := j.here.openEntity(l.Project, have, sealed)
	if err != nil {
		return 0, err
	}
	changed := false
	c := change{List: l.Name, ID: e.ID, Update: true, Base: max(common, 1), Data: map[string]string{}, Actor: actorID(j.by)}
	for i := common; i < len(e.versions); i++ {
		for _, name := range e.versions[i].Changed {
			if name == "label" {
				c.Label = last.Label
				changed = changed || last.Label != have.Label
				continue
			}
			c.Data[name] = last.Data[name]
			changed = changed || last.Data[name] != have.Data[name]
		}
	}
	if !changed {
		return 0, nil
	}
	_, err = j.here.updateEntity(tx, l, have, 0, c, j.here.now())
	return 1, err
}
