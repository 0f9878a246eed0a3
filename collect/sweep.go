package collect

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	binDays     = 30             // after which a deleted record is gone for good
	sweptAtOnce = 200            // records in one transaction
	youngInARow = 2000           // records are in order of arrival: after as many that stay, the rest stay
	blobKept    = 24 * time.Hour // a file that no record names is kept at least as long after it came
	blobUnused  = time.Hour      // and must have been found unused twice, as long apart
)

// unused remembers blobs that a sweep found without a record.
type unused struct {
	lock  sync.Mutex
	since map[string]time.Time
}

// Sweep does what time asks for: retention, expired sessions and openings, forced entity backlogs, the bin, files that
// no record names. A server calls it every few minutes.
func (d *Desk) Sweep(ctx context.Context) (Swept, error) {
	var out Swept
	var err error
	if out.Records, err = d.sweepRecords(ctx); err != nil {
		return out, err
	}
	err = d.options.Store.Write(ctx, func(tx Tx) error {
		var err error
		if out.Sessions, err = tx.DropSessions(0, d.now()); err != nil {
			return err
		}
		out.Openings, err = d.sweepOpenings(tx)
		return err
	})
	if err != nil {
		return out, err
	}
	out.Backlog, err = written(ctx, d, func(tx Tx) (int, error) {
		old, err := tx.TakeOldBacklog(d.now().Add(-backlogForced))
		if err != nil {
			return 0, err
		}
		for _, b := range old {
			if err := d.applyWaiting(tx, b, d.now(), true); err != nil {
				return 0, err
			}
		}
		return len(old), nil
	})
	if err != nil {
		return out, err
	}
	out.Blobs, err = d.sweepBlobs(ctx)
	return out, err
}

// seenWithin is how long ago, before Patience, the time must last have been seen.
const seenWithin = 14 * 24 * time.Hour

// sureOfTime says whether the audit log saw this time come: an entry that is older than Patience, and not much older. A
// clock that has jumped years ahead has none such, nor has a machine that was switched off for long: both wait, and so
// that the wait ends, the log says daily that something does.
func (d *Desk) sureOfTime(ctx context.Context) (bool, error) {
	if d.options.Patience <= 0 {
		return true, nil
	}
	return written(ctx, d, func(tx Tx) (bool, error) {
		now, first := d.now(), true
		for q := (AuditQuery{Limit: 1000}); ; {
			links, err := tx.ListAudit(q)
			if err != nil {
				return false, err
			}
			for _, l := range links {
				if since := now.Sub(l.At); since >= d.options.Patience {
					if sure := since < d.options.Patience+seenWithin; sure || !first {
						return sure, nil
					}
					return false, tx.Append(d.entry(system, "sweep.wait", 0, ""))
				} else if since >= 0 && since < 24*time.Hour {
					first = false // said, or something else was
				}
				q.Before = l.Number
			}
			if len(links) < q.Limit {
				return false, nil
			}
		}
	})
}

// sweepRecords takes away for good what is past its project's retention, and what has lain in the bin long enough.
func (d *Desk) sweepRecords(ctx context.Context) (int, error) {
	projects, err := looked(ctx, d, func(tx Tx) ([]Project, error) { return tx.ListProjects() })
	if err != nil {
		return 0, err
	}
	total := 0
	sure := sync.OnceValues(func() (bool, error) { return d.sureOfTime(ctx) })
	for _, p := range projects {
		bin := d.now().AddDate(0, 0, -binDays)
		n, err := d.purge(ctx, sure, p, Query{Project: p.ID, Deleted: true}, "bin", func(r *Record) bool { return r.Updated.Before(bin) })
		total += n
		if err != nil {
			return total, err
		}
		if err := d.sweepQuarantine(ctx, sure, p, bin); err != nil {
			return total, err
		}
		if p.RetainDays <= 0 {
			continue
		}
		limit := d.now().AddDate(0, 0, -p.RetainDays)
		for _, q := range []Query{{Project: p.ID}, {Project: p.ID, Deleted: true}, {Project: p.ID, Drafts: true}} {
			n, err := d.purge(ctx, sure, p, q, "retention", func(r *Record) bool { return r.Received.Before(limit) })
			total += n
			if err != nil {
				return total, err
			}
		}
	}
	return total, nil
}

// sweepQuarantine lets bodies go that were settled long enough ago, and those past the project's retention: answers stand
// in them as in records.
func (d *Desk) sweepQuarantine(ctx context.Context, sure func() (bool, error), p Project, bin time.Time) error {
	over := func(q *Quarantined) bool {
		return !q.Settled.IsZero() && q.Settled.Before(bin) || p.RetainDays > 0 && q.At.Before(d.now().AddDate(0, 0, -p.RetainDays))
	}
	held, err := looked(ctx, d, func(tx Tx) ([]Quarantined, error) { return tx.ListQuarantined(p.ID) })
	if err != nil || !slices.ContainsFunc(held, func(q Quarantined) bool { return over(&q) }) {
		return err
	}
	if now, err := sure(); err != nil || !now {
		return err
	}
	return d.options.Store.Write(ctx, func(tx Tx) error {
		held, err := tx.ListQuarantined(p.ID)
		if err != nil {
			return err
		}
		for _, q := range held {
			if !over(&q) {
				continue
			}
			if err := tx.DropQuarantined(q.ID); err != nil {
				return err
			}
			e := d.entry(system, "quarantine.purge", p.ID, quarantineObject(q.ID))
			e.Detail = map[string]string{"form": q.Form, "reason": string(q.Reason)}
			if err := tx.Append(e); err != nil {
				return err
			}
		}
		return nil
	})
}

// purge takes records away for good; a mark that they were there stays, so that phones that send them again are refused.
func (d *Desk) purge(ctx context.Context, sure func() (bool, error), p Project, q Query, why string, over func(*Record) bool) (int, error) {
	total := 0
	for {
		gone, err := looked(ctx, d, func(tx Tx) ([]Record, error) {
			var out []Record
			young := 0
			for r, err := range tx.EachRecord(q) {
				if err != nil {
					return nil, err
				}
				if over(&r) {
					out, young = append(out, r), 0
				} else {
					young++
				}
				if len(out) == sweptAtOnce || young == youngInARow {
					break
				}
			}
			return out, nil
		})
		if err != nil || len(gone) == 0 {
			return total, err
		}
		if now, err := sure(); err != nil || !now {
			return total, err
		}
		err = d.options.Store.Write(ctx, func(tx Tx) error {
			for _, r := range gone {
				if err := tx.PurgeRecord(r.Seq); err != nil {
					return err
				}
				e := d.entry(system, "record.purge", p.ID, recordObject(r.Instance))
				e.Detail = map[string]string{"form": r.Form, "why": why}
				if err := tx.Append(e); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return total, err
		}
		total += len(gone)
		if len(gone) < sweptAtOnce {
			return total, nil
		}
	}
}

// sweepOpenings refuses what nobody has granted in a week.
func (d *Desk) sweepOpenings(tx Tx) (int, error) {
	projects, err := tx.ListProjects()
	if err != nil {
		return 0, err
	}
	n := 0
	for _, p := range projects {
		all, err := tx.ListOpenings(p.ID)
		if err != nil {
			return n, err
		}
		for _, o := range all {
			if o.Refused || !o.Granted.IsZero() || d.now().Sub(o.Asked) <= askedFor {
				continue
			}
			kept, sealed, err := tx.GetOpening(o.ID)
			if err != nil {
				return n, err
			}
			kept.Refused = true
			if err := tx.PutOpening(kept, sealed); err != nil {
				return n, err
			}
			if err := tx.Append(d.openingEntry(system, "opening.lapse", kept)); err != nil {
				return n, err
			}
			n++
		}
	}
	return n, nil
}

// sweepBlobs deletes files that no record, form or held body names: those of posts that broke off, and of records that
// are gone for good. A file is deleted only where two sweeps an hour apart found it unused.
func (d *Desk) sweepBlobs(ctx context.Context) (int, error) {
	used := map[string]bool{}
	err := d.options.Store.Read(ctx, func(tx Tx) error {
		for digest, err := range tx.Digests() {
			if err != nil {
				return err
			}
			used[digest] = true
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	now := d.now()
	var gone []string
	d.unused.lock.Lock()
	if d.unused.since == nil {
		d.unused.since = map[string]time.Time{}
	}
	found := map[string]bool{}
	for digest, err := range d.options.Blobs.All(ctx) {
		if err != nil {
			d.unused.lock.Unlock()
			return 0, err
		}
		if used[digest] || d.blobs.has(digest, blobKept) {
			continue
		}
		found[digest] = true
		if since, ok := d.unused.since[digest]; !ok {
			d.unused.since[digest] = now
		} else if now.Sub(since) >= blobUnused {
			gone = append(gone, strings.Clone(digest))
		}
	}
	for digest := range d.unused.since {
		if !found[digest] {
			delete(d.unused.since, digest)
		}
	}
	d.unused.lock.Unlock()
	for i, digest := range gone {
		if err := d.options.Blobs.Delete(ctx, digest); dropped(err) != nil {
			return i, err
		}
	}
	return len(gone), nil
}

// Swept counts what a sweep did.
type Swept struct{ Records, Sessions, Openings, Backlog, Blobs int }
