package collect

import (
	"context"
	"encoding/hex"
	"strconv"

	"waymark/trust/access"
)

// Stamp marks the state of what a query would give an actor: it changes with every record that comes, changes or goes,
// with the form's version, and with what the actor asks to see. Programs that have what bears the same mark need not
// read it again.
func (d *Desk) Stamp(ctx context.Context, by access.Actor, q Query) (string, error) {
	q.Limit, q.Skip, q.After, q.AfterRow, q.Where = 0, 0, 0, 0, ""
	r, err := d.prepare(ctx, by, q, wantsRecords)
	if err != nil {
		return "", err
	}
	b, err := looked(ctx, d, func(tx Tx) ([]byte, error) {
		n, err := tx.CountRecords(r.query)
		if err != nil {
			return nil, err
		}
		last, err := tx.LastUpdate(r.query)
		if err != nil {
			return nil, err
		}
		f, err := tx.GetForm(q.Project, q.Form)
		if err != nil {
			return nil, notThere(err, "form")
		}
		version := int64(0)
		if v := f.Current; v != nil && !q.Drafts {
			version = v.ID
		} else if v := f.Draft; v != nil {
			version = v.ID
		}
		b := strconv.AppendInt(nil, int64(n), 10)
		for _, x := range []int64{last.UnixMicro(), version, by.ID} {
			b = strconv.AppendInt(append(b, ' '), x, 10)
		}
		b = append(b, actorID(by)+" "+q.Table+" "+q.Opening+strconv.FormatBool(q.Restricted)...)
		return b, nil
	})
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(d.options.Keys.Mac("stamp", b)[:12]), nil
}
