package records

import (
	"database/sql"
	"errors"
	"iter"
	"strings"

	"waymark/collect"
	"waymark/fault"
	"waymark/trust/audit"
)

const linkColumns = `number, at, actor, act, project, object, purpose, detail, hash`

func linkFields(l *audit.Link) []any {
	return []any{&l.Number, clock{&l.At}, &l.Actor, &l.Act, &l.Project, &l.Object, &l.Purpose, packed{&l.Detail}, &l.Hash}
}

// Append chains an entry. The head is read under the lock of the writer, once a transaction (invariant 3).
func (t *tx) Append(e audit.Entry) error {
	if !t.writes {
		return errReadOnly
	}
	if t.chain == nil {
		h, err := t.head()
		if err != nil {
			return err
		}
		t.chain = audit.NewChain(t.store.chainKey, h)
	}
	if len(e.Detail) == 0 {
		e.Detail = nil
	}
	before := t.chain.Head()
	l := t.chain.Next(e)
	detail := ""
	if l.Detail != nil {
		detail = pack(l.Detail)
	} else {
		detail = "null"
	}
	_, err := t.exec(`INSERT INTO audit (number, at, actor, act, project, object, purpose, detail, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		l.Number, stamp(l.At), l.Actor, l.Act, l.Project, l.Object, l.Purpose, detail, l.Hash)
	if err != nil {
		t.chain.Back(before)
	}
	return err
}

func (t *tx) head() (h audit.Head, err error) {
	err = t.one("head", []any{&h.Number, &h.Hash}, `SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1`)
	if errors.Is(err, fault.NotFound) {
		return audit.Head{}, nil
	}
	return h, err
}

// ListAudit gives entries, the newest first. Act is a beginning; Limit 0 gives a thousand.
func (t *tx) ListAudit(a collect.AuditQuery) ([]audit.Link, error) {
	q := new(question)
	q.add("SELECT " + linkColumns + " FROM audit WHERE TRUE")
	if a.Project != 0 {
		q.add(" AND project = ").with(a.Project)
	}
	if a.Actor != "" {
		q.add(" AND actor = ").with(a.Actor)
	}
	if a.Act != "" {
		like := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(a.Act) + "%"
		q.add(" AND act LIKE ").with(like).add(` ESCAPE '\'`)
	}
	if a.Object != "" {
		q.add(" AND object = ").with(a.Object)
	}
	if a.Before > 0 {
		q.add(" AND number < ").with(a.Before)
	}
	limit := a.Limit
	if limit <= 0 {
		limit = 1000
	}
	q.add(" ORDER BY number DESC LIMIT ").with(limit)
	return list(t, q.text.String(), q.args, func(rows *sql.Rows) (l audit.Link, err error) {
		return l, rows.Scan(linkFields(&l)...)
	})
}

func (t *tx) EachLink() iter.Seq2[audit.Link, error] {
	return func(yield func(audit.Link, error) bool) {
		for after := int64(0); ; {
			page, err := list(t, `SELECT `+linkColumns+` FROM audit WHERE number > $1 ORDER BY number LIMIT $2`, []any{after, pageSize}, func(rows *sql.Rows) (l audit.Link, err error) {
				return l, rows.Scan(linkFields(&l)...)
			})
			if err != nil {
				yield(audit.Link{}, err)
				return
			}
			for _, l := range page {
				if !yield(l, nil) {
					return
				}
				after = l.Number
			}
			if len(page) < pageSize {
				return
			}
		}
	}
}
