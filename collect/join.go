package collect

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"waymark/fault"
	"waymark/trust/access"
)

// What a join could not do as it stood; soft.
const (
	CodeJoinedVersion fault.Code = "collect.joined-version" // form, version, name: under which the other is kept
	CodeJoinedKey     fault.Code = "collect.joined-key"     // form
	CodeJoinSelf      fault.Code = "collect.join-self"      //
)

// joining is one join: what theirs are called here.
type joining struct {
	here, there *Desk
	by          access.Actor
	done        Joined
	projects    map[int64]int64   // theirs to ours
	versions    map[int64]int64   // of forms
	actors      map[string]string // "device:4" there to "device:9" here
}

// Join takes over what another store has (from a backup or another laptop): projects by UID, forms and versions by
// hash, records by instance id. What differs goes to quarantine. It says what it did. It can be done again: what is
// here is not taken twice. Theirs stays as it is; its audit log and drafts stay there. Users come disabled, and devices
// without their tokens: keys of another server open nothing here.
func (d *Desk) Join(ctx context.Context, by access.Actor, other *Desk) (Joined, error) {
	if err := need(by, access.ManageServer, 0); err != nil {
		return Joined{}, err
	}
	if other == d || other == nil {
		return Joined{}, fault.Issue{Code: CodeJoinSelf}
	}
	j := &joining{here: d, there: other, by: by, projects: map[int64]int64{}, versions: map[int64]int64{}, actors: map[string]string{}}
	for _, step := range []func(context.Context) error{j.joinProjects, j.joinUsers, j.joinForms, j.joinRecords, j.joinHeld, j.joinEntities} {
		if err := step(ctx); err != nil {
			return j.done, err
		}
		for _, id := range j.projects {
			d.forget(id)
		}
	}
	e := d.entry(by, "server.join", 0, "")
	e.Detail = map[string]string{"records": strconv.Itoa(j.done.Records), "present": strconv.Itoa(j.done.Present), "quarantined": strconv.Itoa(j.done.Quarantined)}
	return j.done, d.Note(ctx, e)
}

func (j *joining) joinProjects(ctx context.Context) error {
	theirs, err := looked(ctx, j.there, func(tx Tx) ([]Project, error) { return tx.ListProjects() })
	if err != nil {
		return err
	}
	return j.here.options.Store.Write(ctx, func(tx Tx) error {
		j.done.Projects = 0
		ours, err := tx.ListProjects()
		if err != nil {
			return err
		}
		for _, p := range theirs {
			i := slices.IndexFunc(ours, func(o Project) bool { return o.UID == p.UID })
			if i >= 0 {
				j.projects[p.ID] = ours[i].ID
				continue
			}
			id, err := tx.AddProject(p)
			if err != nil {
				return err
			}
			j.projects[p.ID] = id
			j.done.Projects++
			if err := tx.Append(j.here.entry(j.by, "project.add", id, projectObject(id))); err != nil {
				return err
			}
		}
		return nil
	})
}

// joinUsers takes over accounts that are not here, disabled until an administrator here says otherwise, and devices, by
// which records name their senders.
func (j *joining) joinUsers(ctx context.Context) error {
	type people struct {
		users  []User
		hashes []string
		roles  []access.Role
	}
	theirs, err := looked(ctx, j.there, func(tx Tx) (people, error) {
		var p people
		var err error
		if p.users, err = tx.ListUsers(); err != nil {
			return p, err
		}
		for _, u := range p.users {
			_, hash, err := tx.FindUser(u.Email)
			if err != nil {
				return p, err
			}
			p.hashes = append(p.hashes, hash)
		}
		p.roles, err = tx.ListRoles()
		return p, err
	})
	if err != nil {
		return err
	}
	err = j.here.options.Store.Write(ctx, func(tx Tx) error {
		j.done.Users = 0
		ours, err := roleList(tx)
		if err != nil {
			return err
		}
		for _, r := range theirs.roles {
			if _, mixed := access.Mixed(r); mixed || slices.ContainsFunc(ours, func(o access.Role) bool { return o.Name == r.Name }) {
				continue
			}
			if err := tx.PutRole(r); err != nil {
				return err
			}
		}
		for i, u := range theirs.users {
			if have, _, err := tx.FindUser(u.Email); err == nil {
				j.actors["user:"+strconv.FormatInt(u.ID, 10)] = "user:" + strconv.FormatInt(have.ID, 10)
				continue
			} else if !errors.Is(err, fault.NotFound) {
				return err
			}
			now := u
			now.Disabled = true
			now.Grants = nil
			for _, g := range u.Grants {
				if g.Scope.Project != 0 {
					g.Scope.Project = j.projects[g.Scope.Project]
				}
				now.Grants = append(now.Grants, g)
			}
			id, err := tx.AddUser(now, theirs.hashes[i])
			if err != nil {
				return err
			}
			j.actors["user:"+strconv.FormatInt(u.ID, 10)] = "user:" + strconv.FormatInt(id, 10)
			j.done.Users++
			if err := tx.Append(j.here.entry(j.by, "user.add", 0, "user:"+strconv.FormatInt(id, 10))); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for there, here := range j.projects {
		if err := j.joinDevices(ctx, there, here); err != nil {
			return err
		}
	}
	return nil
}

func (j *joining) joinDevices(ctx context.Context, there, here int64) error {
	theirs, err := looked(ctx, j.there, func(tx Tx) ([]Device, error) { return tx.ListDevices(there) })
	if err != nil {
		return err
	}
	return j.here.options.Store.Write(ctx, func(tx Tx) error {
		ours, err := tx.ListDevices(here)
		if err != nil {
			return err
		}
		for _, v := range theirs {
			name := "device:" + strconv.FormatInt(v.ID, 10)
			i := slices.IndexFunc(ours, func(o Device) bool { return o.Name == v.Name && o.Created.Equal(v.Created) })
			if i >= 0 {
				j.actors[name] = "device:" + strconv.FormatInt(ours[i].ID, 10)
				continue
			}
			now := v
			now.Project, now.Revoked, now.Digest = here, true, false
			id, err := tx.AddDevice(now, j.here.mac("device", j.here.options.Keys.Token(48)), "")
			if err != nil {
				return err
			}
			j.actors[name] = "device:" + strconv.FormatInt(id, 10)
		}
		return nil
	})
}

// actor names a sender of theirs as it is named here.
func (j *joining) actor(name string) string {
	if here, ok := j.actors[name]; ok {
		return here
	}
	return name
}

func (j *joining) joinForms(ctx context.Context) error {
	for there, here := range j.projects {
		theirs, err := looked(ctx, j.there, func(tx Tx) ([]Form, error) { return tx.ListForms(there) })
		if err != nil {
			return err
		}
		for _, f := range theirs {
			if err := j.joinForm(ctx, f, here); err != nil {
				return err
			}
		}
	}
	return nil
}

func (j *joining) joinForm(ctx context.Context, f Form, here int64) error {
	type whole struct {
		versions []Version
		key      FormKey
	}
	theirs, err := looked(ctx, j.there, func(tx Tx) (whole, error) {
		var w whole
		list, err := tx.ListVersions(f.Project, f.ID)
		if err != nil {
			return w, err
		}
		for _, v := range slices.Backward(list) {
			one, err := tx.GetVersion(v.ID)
			if err != nil {
				return w, err
			}
			w.versions = append(w.versions, one)
		}
		w.key, err = tx.GetFormKey(f.Project, f.ID)
		return w, dropped(err)
	})
	if err != nil || len(theirs.versions) == 0 {
		return err
	}
	for i := range theirs.versions {
		for k, m := range theirs.versions[i].Media {
			if m.Digest == "" {
				continue
			}
			if theirs.versions[i].Media[k].Digest, err = j.copyBlob(ctx, m.Digest); err != nil {
				return err
			}
		}
	}
	var done Joined
	err = j.here.options.Store.Write(ctx, func(tx Tx) error {
		done = Joined{}
		have, err := tx.GetForm(here, f.ID)
		switch {
		case errors.Is(err, fault.NotFound):
			now := f
			now.Project = here
			if err := tx.PutForm(now); err != nil {
				return err
			}
			done.Forms++
		case err != nil:
			return err
		default:
			have.Encrypted = have.Encrypted || f.Encrypted
			if err := tx.PutForm(have); err != nil {
				return err
			}
		}
		if err := j.joinKey(tx, here, f.ID, theirs.key, &done); err != nil {
			return err
		}
		return j.joinVersions(tx, here, f.ID, theirs.versions, &done)
	})
	j.done.Forms += done.Forms
	j.done.Versions += done.Versions
	j.done.Issues = append(j.done.Issues, done.Issues...)
	return err
}

func (j *joining) joinKey(tx Tx, here int64, form string, key FormKey, done *Joined) error {
	if key.Public == "" {
		return nil
	}
	have, err := tx.GetFormKey(here, form)
	switch {
	case errors.Is(err, fault.NotFound):
		return tx.PutFormKey(here, form, key)
	case err == nil && have.Public != key.Public:
		done.Issues = append(done.Issues, fault.Issue{Code: CodeJoinedKey, Severity: fault.Soft, Args: map[string]any{"form": form}})
	}
	return err
}

// joinVersions takes over versions that are not here, the oldest first. One of a name that is taken here by other bytes
// is kept under a name of its own, so that its records can be read.
func (j *joining) joinVersions(tx Tx, here int64, form string, theirs []Version, done *Joined) error {
	ours, err := tx.ListVersions(here, form)
	if err != nil {
		return err
	}
	for _, v := range theirs {
		if i := slices.IndexFunc(ours, func(o Version) bool { return o.Hash == v.Hash }); i >= 0 {
			j.versions[v.ID] = ours[i].ID
			continue
		}
		now := v
		now.Project, now.By = here, j.actor(v.By)
		if slices.ContainsFunc(ours, func(o Version) bool { return o.Version == v.Version }) {
			now.Version = v.Version + "~" + v.Hash[:min(8, len(v.Hash))]
			done.Issues = append(done.Issues, fault.Issue{Code: CodeJoinedVersion, Severity: fault.Soft,
				Args: map[string]any{"form": form, "version": v.Version, "name": now.Version}})
		}
		id, err := tx.AddVersion(now)
		if err != nil {
			return err
		}
		now.ID = id
		e, _, err := newEdition(now)
		if err != nil {
			return err
		}
		if err := tx.SetSetting(orderSetting(id), e.order()); err != nil {
			return err
		}
		ours = append(ours, now)
		j.versions[v.ID] = id
		done.Versions++
		note := j.here.entry(j.by, "form.publish", here, formObject(form))
		note.Detail = map[string]string{"version": now.Version, "hash": v.Hash, "joined": "true"}
		if err := tx.Append(note); err != nil {
			return err
		}
	}
	return nil
}

// copyBlob seals a file of theirs with the keys of here.
func (j *joining) copyBlob(ctx context.Context, digest string) (string, error) {
	r, err := j.there.open(ctx, digest)
	if err != nil {
		return "", err
	}
	defer r.Close()
	now, _, _, err := j.here.keep(ctx, r)
	return now, err
}

// joinHeld takes over bodies that are held in quarantine there and not settled.
func (j *joining) joinHeld(ctx context.Context) error {
	type held struct {
		q     Quarantined
		files []File
	}
	for there, here := range j.projects {
		theirs, err := looked(ctx, j.there, func(tx Tx) ([]held, error) {
			all, err := tx.ListQuarantined(there)
			if err != nil {
				return nil, err
			}
			var out []held
			for _, q := range all {
				if !q.Settled.IsZero() {
					continue
				}
				q, files, err := tx.GetQuarantined(q.ID)
				if err != nil {
					return nil, err
				}
				out = append(out, held{q, files})
			}
			return out, nil
		})
		if err != nil {
			return err
		}
		for _, one := range theirs {
			one.q.Project, one.q.Actor = here, j.actor(one.q.Actor)
			if one.q.Digest, err = j.copyBlob(ctx, one.q.Digest); err != nil {
				return err
			}
			for i := range one.files {
				if one.files[i].Digest, err = j.copyBlob(ctx, one.files[i].Digest); err != nil {
					return err
				}
			}
			if err := j.hold(ctx, one.q, one.files); err != nil {
				return err
			}
		}
	}
	return nil
}

// hold keeps a body in quarantine here, once.
func (j *joining) hold(ctx context.Context, q Quarantined, files []File) error {
	added, err := written(ctx, j.here, func(tx Tx) (int, error) {
		have, err := tx.ListQuarantined(q.Project)
		if err != nil {
			return 0, err
		}
		if slices.ContainsFunc(have, func(h Quarantined) bool {
			return h.Digest == q.Digest && h.Reason == q.Reason && h.Instance == q.Instance
		}) {
			return 0, nil
		}
		id, err := tx.AddQuarantined(q, files)
		if err != nil {
			return 0, err
		}
		e := j.here.entry(j.by, "record.quarantine", q.Project, quarantineObject(id))
		e.Detail = map[string]string{"reason": string(q.Reason), "joined": "true"}
		return 1, tx.Append(e)
	})
	j.done.Quarantined += added
	return err
}

// Joined counts what a join did.
type Joined struct {
	Projects, Forms, Versions, Records, Present, Quarantined, Attachments, Entities, Users int
	Issues                                                                                 fault.Issues
}
